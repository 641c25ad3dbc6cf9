// Every broken file in tests/cli/bad_input/cases, with its complete expected message beside it.
//
// `NAME.yaml` is read as the kind of document that NAME starts with: `platform_`, `network_`, `scenario_`, `override_`
// (a scenario with the overrides of `NAME.overrides`, one a line), else as any kind. `NAME.expected` holds the
// text of the error. After a change of messages, TERASTAL_UPDATE_EXPECTED=1 rewrites those files; read the difference.

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(TERASTAL_SOURCE_DIR) / "tests/cli/bad_input/cases";

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Makes the folder of the cases the current one, so that messages hold short paths.
class InCases {
 public:
  InCases() : before_(fs::current_path()) { fs::current_path(kCases); }
  ~InCases() { fs::current_path(before_); }
  InCases(const InCases&) = delete;
  InCases& operator=(const InCases&) = delete;

 private:
  fs::path before_;
};

std::vector<Override> read_overrides(const fs::path& path) {
  std::vector<Override> overrides;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    overrides.push_back({line.substr(0, equals), line.substr(equals + 1)});
  }
  return overrides;
}

/// What the loader says about a file; empty when it is content.
std::string error_of(const std::string& file) {
  try {
    const std::string kind = file.substr(0, file.find('_'));
    if (kind == "platform") {
      (void)load_platform(file);
    } else if (kind == "network") {
      (void)load_network(file);
    } else if (kind == "scenario") {
      (void)load_scenario(file);
    } else if (kind == "override") {
      (void)load_scenario(file, read_overrides(fs::path(file).replace_extension("overrides")));
    } else {
      (void)validate_file(file);
    }
  } catch (const InputError& error) {
    return error.what() + std::string("\n");
  }
  return {};
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class BadInput : public ::testing::TestWithParam<std::string> {};

TEST_P(BadInput, GivesExactlyTheExpectedMessages) {
  const InCases here;
  const std::string message = error_of(GetParam() + ".yaml");
  EXPECT_FALSE(message.empty()) << "the file was accepted";
  const fs::path expected = GetParam() + ".expected";
  if (std::getenv("TERASTAL_UPDATE_EXPECTED") != nullptr) std::ofstream(expected) << message;
  EXPECT_EQ(message, read_text(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, BadInput, ::testing::ValuesIn(case_names()),
                         [](const auto& parameter) { return parameter.param; });

/// Files that are better made than kept.
class BadInputMade : public ::testing::Test {
 protected:
  /// What the loader says about a file with this text.
  std::string error_of_text(const std::string& text) {
    folder_.write("made.yaml", text);
    return error_of("made.yaml");
  }

  static std::string lines(std::size_t count, const std::string& line) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += line;
    return text;
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(BadInputMade, MissingFile) {
  EXPECT_EQ(error_of("nowhere.yaml"), "nowhere.yaml: error: cannot read the file: no such file\n");
}

TEST_F(BadInputMade, Directory) {
  fs::create_directory("folder.yaml");
  EXPECT_EQ(error_of("folder.yaml"), "folder.yaml: error: cannot read the file: it is a directory\n");
}

TEST_F(BadInputMade, UnreadableFile) {
  folder_.write("locked.yaml", "platform: p\n");
  fs::permissions("locked.yaml", fs::perms::none);
  // Root reads everything: be somebody else for a moment.
  const uid_t user = geteuid();
  constexpr uid_t kNobody = 65534;
  if (user == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const std::string error = error_of("locked.yaml");
  ASSERT_EQ(seteuid(user), 0);
  EXPECT_EQ(error, "locked.yaml: error: cannot read the file: permission denied\n");
}

TEST_F(BadInputMade, BinaryFile) {
  EXPECT_EQ(error_of_text("platform: p\nname: \xff\xfe\n"),
            "made.yaml:2:7: error: this is no UTF-8 text (is it a binary file?)\n");
  EXPECT_EQ(error_of_text(std::string("platform: \xC3\xA9\0x\n", 15)),
            "made.yaml:1:12: error: a NUL byte in a text file (is it a binary file?)\n");
}

TEST_F(BadInputMade, InvalidUtf8InEveryForm) {
  const std::string tail = ": error: this is no UTF-8 text (is it a binary file?)\n";
  EXPECT_EQ(error_of_text("a: \xC0\xAF\n"), "made.yaml:1:4" + tail);         // overlong
  EXPECT_EQ(error_of_text("a: \xED\xA0\x80\n"), "made.yaml:1:4" + tail);     // surrogate
  EXPECT_EQ(error_of_text("a: \xF5\x80\x80\x80\n"), "made.yaml:1:4" + tail); // beyond U+10FFFF
  EXPECT_EQ(error_of_text("a: \xE2\x82"), "made.yaml:1:4" + tail);           // cut off
  EXPECT_EQ(error_of_text("a: \x80\n"), "made.yaml:1:4" + tail);             // starts within
  EXPECT_EQ(error_of_text("a: " + std::string(40, '\x90') + " and more text\n"),
            "made.yaml:1:4" + tail); // a run of them
}

TEST_F(BadInputMade, TooLargeFile) {
  folder_.write("huge.yaml", "platform: p\n");
  fs::resize_file("huge.yaml", (64U << 20U) + 1); // sparse
  EXPECT_EQ(error_of("huge.yaml"), "huge.yaml: error: cannot read the file: it is larger than 64 MiB\n");
}

TEST_F(BadInputMade, EndlessFile) {
  try {
    (void)validate_file("/dev/zero");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "/dev/zero: error: cannot read the file: it is larger than 64 MiB");
  }
}

TEST_F(BadInputMade, TenMegabytesOfGarbageAreRefused) {
  EXPECT_EQ(error_of_text(std::string(10'000'000, 'x')),
            "made.yaml:1:1: error: expected a map with the keys of a platform, a network, a scenario, a sweep or "
            "a reproduction, got 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'\n");
  EXPECT_EQ(error_of_text(std::string(10'000'000, '[')), "made.yaml:1:33: error: nested deeper than 64 levels\n");
  EXPECT_EQ(error_of_text(std::string(10'000'000, '{')), "made.yaml:1:64: error: nested deeper than 64 levels\n");
  EXPECT_EQ(error_of_text(lines(3'000'000, "- ")), "made.yaml:1:129: error: nested deeper than 64 levels\n");
  EXPECT_EQ(error_of_text(lines(2'000'000, "- x\n")),
            "made.yaml:200000:3: error: the document has more than 200000 values (aliases expanded); put large tables "
            "into CSV files\n");
}

TEST_F(BadInputMade, ManyErrorsAreCutAndCounted) {
  folder_.write("table.csv", "layer,gpu_ms\n" + lines(5'000, "a,x\n"));
  const std::string message = error_of_text("network: n\nlayers: table.csv\n");
  EXPECT_EQ(
      message.substr(0, message.find('\n')),
      "table.csv:2:3: error: expected a latency in ms > 0, or an empty cell where 'gpu' cannot run the layer, got 'x'");
  const std::string tail = "error: too many errors: 8999 more are not shown\n";
  ASSERT_GT(message.size(), tail.size());
  EXPECT_EQ(message.substr(message.size() - tail.size()), tail);
}

TEST_F(BadInputMade, ManyKeysAreReadInReasonableTime) {
  std::string text = "platform: p\n";
  for (int i = 0; i < 90'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const std::string message = error_of_text(text);
  EXPECT_EQ(message.substr(0, message.find("; allowed")),
            "made.yaml:1:1: error: missing key 'types': expected a map of "
            "accelerator types (at least 1)\nmade.yaml:1:1: error: "
            "missing key 'accelerators': expected a list of accelerators "
            "(at least 1)\nmade.yaml:2:1: error: unknown key 'key0' for a "
            "platform");
}

TEST_F(BadInputMade, OverridesThatAreNoText) {
  folder_.write("s.yaml", "scenario: s\n");
  try {
    (void)load_scenario("s.yaml", {{"horizon", "\xff"}});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("error: the value is no UTF-8 text"), std::string::npos);
  }
}

} // namespace
} // namespace terastal
