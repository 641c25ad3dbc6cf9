/// Files that are no store, not this sweep's, or broken.
#include <sqlite3.h>

#include "terastal/core/error.hpp"
#include "terastal/sweep/query.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;
using StoreFiles = StoreTest;

void execute(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

/// Reads all that a file holds.
void read_all(const std::string& path) {
  const StoredResults results(path);
  (void)results.counts();
  results.for_each({}, [](const StoreRow&) {});
}

std::string opening_error(const std::string& path, const SweepIdentity& identity = small_identity()) {
  return message_of<InputError>([&] { ResultStore(path, identity); });
}
std::string reading_error(const std::string& path) {
  return message_of<InputError>([&] { read_all(path); });
}

TEST_F(StoreFiles, OtherSweepsAreNamed) {
  make_store(path("s"), small_identity(), {1});
  const std::string bytes = read_bytes(path("s"));
  const auto error_with = [&](const auto& change) {
    SweepIdentity other = small_identity();
    change(other);
    const std::string text = opening_error(path("s"), other);
    const std::string start = path("s") + ": error: holds the results of another sweep: ";
    const std::string end = ". Write to another file, or delete this one";
    EXPECT_EQ(text.rfind(start, 0), 0U) << text;
    EXPECT_EQ(text.substr(text.size() - end.size()), end);
    return text.substr(start.size(), text.size() - start.size() - end.size());
  };
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.name = "big"; }), "name 'small' there, 'big' here");
  EXPECT_EQ(error_with([](SweepIdentity& i) {
              i.name = "big";
              i.version = "2";
            }),
            "name 'small' there, 'big' here; version '1' there, '2' here");
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.document = R"({"sweep":"small","axes":{},"set":1})"; }),
            "other documents (axes, set)");
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.inputs[1].sha256 = "cc"; }), "input files that differ: b.yaml");
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.metrics = {"miss_rate"}; }),
            "metrics 'miss_rate, energy_mj' there, 'miss_rate' here");
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.axes[1] = "speed"; }),
            "axes 'scenario, load, policy, seed' there, 'scenario, speed, policy, seed' here");
  EXPECT_EQ(error_with([](SweepIdentity& i) { i.axis_values[0][0] = "c"; }), "other values on the axes");
  SweepIdentity newer = small_identity();
  newer.version = "2";
  EXPECT_EQ(opening_error(path("s"), newer), path("s") +
                                                 ": error: holds the results of another version of the program: "
                                                 "version '1' there, '2' here. Write to another file, or delete "
                                                 "this one");
  EXPECT_EQ(read_bytes(path("s")), bytes);
}

TEST_F(StoreFiles, OtherPlacesOfTheSameInputsAreFine) {
  make_store(path("s"), small_identity(), {1});
  SweepIdentity moved = small_identity();
  moved.inputs[0].path = "/elsewhere/a.yaml";
  EXPECT_NO_THROW(ResultStore(path("s"), moved));
}

TEST_F(StoreFiles, FilesOfOthersAreLeftAlone) {
  const std::string text(5000, 'x');
  write_bytes(path("notes.txt"), text);
  EXPECT_EQ(opening_error(path("notes.txt")),
            path("notes.txt") + ": error: is not a results store (not an SQLite file)");
  EXPECT_EQ(reading_error(path("notes.txt")),
            path("notes.txt") + ": error: is not a results store (not an SQLite file)");
  EXPECT_EQ(read_bytes(path("notes.txt")), text);

  execute(path("other.db"), "CREATE TABLE mine(x)");
  const std::string bytes = read_bytes(path("other.db"));
  EXPECT_EQ(opening_error(path("other.db")),
            path("other.db") + ": error: is not a results store (an SQLite file of another program)");
  EXPECT_EQ(read_bytes(path("other.db")), bytes);
}

TEST_F(StoreFiles, NewerTables) {
  make_store(path("s"), small_identity(), {1});
  execute(path("s"), "PRAGMA user_version = 2");
  const std::string expected = path("s") + ": error: has tables of version 2, this program knows version 1; use the "
                                           "program that wrote it, or a newer one";
  EXPECT_EQ(opening_error(path("s")), expected);
  EXPECT_EQ(reading_error(path("s")), expected);
}

TEST_F(StoreFiles, AnEmptyFileIsWhatAProgramKilledAtOnceLeaves) {
  write_bytes(path("s"), "");
  EXPECT_EQ(reading_error(path("s")), path("s") + ": error: is empty: no sweep has stored anything in it yet");
  EXPECT_EQ(make_store(path("s"), small_identity(), {1, 2}), make_store(path("t"), small_identity(), {1, 2}));
}

TEST_F(StoreFiles, FilesThatAreNotThere) {
  EXPECT_EQ(reading_error(path("nowhere")), path("nowhere") + ": error: there is no such file");
  EXPECT_EQ(reading_error(folder_.string()), folder_.string() + ": error: is not a file");
  EXPECT_FALSE(std::filesystem::exists(path("nowhere")));
}

TEST_F(StoreFiles, PlacesThatCannotBeWritten) {
  const auto error_of = [&](const std::string& file) {
    return message_of<Error>([&] { ResultStore(file, small_identity()); });
  };
  EXPECT_EQ(error_of(path("missing/s")),
            "cannot write '" + path("missing/s") + "': '" + path("missing") + "' is not a folder; make it first");
  write_bytes(path("file"), "x");
  EXPECT_EQ(error_of(path("file/s")),
            "cannot write '" + path("file/s") + "': '" + path("file") + "' is not a folder; make it first");
  EXPECT_EQ(error_of(folder_.string()), "cannot write '" + folder_.string() + "': it is not a file; use another name");
  // What SQLite takes for something else: the results would be gone in the end.
  EXPECT_EQ(error_of(":memory:"), "cannot write ':memory:': SQLite does not take that for a file; use './:memory:'");
  EXPECT_EQ(error_of(""), "cannot write results: the name of their file is empty");
  // A folder in which nobody can make a file, root included.
  const std::string text = error_of("/proc/self/s");
  EXPECT_EQ(text.rfind("cannot write '/proc/self/s.lock': ", 0), 0U) << text;
}

TEST_F(StoreFiles, EveryTruncationIsNoticed) {
  make_store(path("s"), small_identity(50), numbers(0, 600));
  const std::string bytes = read_bytes(path("s"));
  ASSERT_GT(bytes.size(), 50'000U);
  RandomStream random(2, 0, Purpose::sample);
  for (int round = 0; round < 40; ++round) {
    write_bytes(path("t"), bytes.substr(0, 1 + random.below(bytes.size() - 1)));
    EXPECT_THROW(read_all(path("t")), InputError) << "round " << round;
    EXPECT_THROW(ResultStore(path("t"), small_identity(50)), InputError) << "round " << round;
  }
}

TEST_F(StoreFiles, OverwrittenBytesAreNoticedOrDoNoHarm) {
  const std::string digest = make_store(path("s"), small_identity(50), numbers(0, 600));
  const std::string bytes = read_bytes(path("s"));
  RandomStream random(3, 0, Purpose::sample);
  int noticed = 0;
  for (int round = 0; round < 100; ++round) {
    std::string broken = bytes;
    const std::size_t size = 1 + random.below(round % 2 == 0 ? 8 : 4096);
    const std::size_t from = random.below(broken.size() - size);
    for (std::size_t i = from; i < from + size; ++i) broken[i] = static_cast<char>(random.below(256));
    write_bytes(path("t"), broken);
    try {
      // What is not noticed lies where nothing is kept, or in what no result depends on.
      EXPECT_EQ(store_digest(path("t")), digest) << "round " << round << ", " << size << " bytes from " << from;
    } catch (const InputError&) {
      ++noticed;
    }
    std::filesystem::remove(path("t"));
  }
  EXPECT_GT(noticed, 60);
}

TEST_F(StoreFiles, ChangedNumbersAreNoticed) {
  make_store(path("s"), small_identity(), {1, 2, 3});
  execute(path("s"), "UPDATE results SET miss_rate = 0 WHERE cell = 2 AND task = ''");
  const std::string text = path("s") + ": error: is corrupt (cell 2 does not fit its checksum). Take a copy of it from "
                                       "before, or delete it and run the sweep again; 'sqlite3 FILE .recover' may save "
                                       "parts";
  EXPECT_EQ(opening_error(path("s")), text);
  EXPECT_EQ(reading_error(path("s")), text);
}

TEST_F(StoreFiles, MissingTablesAreNoticed) {
  make_store(path("s"), small_identity(), {1});
  execute(path("s"), "DROP VIEW joined; DROP TABLE results");
  const std::string start = path("s") + ": error: is corrupt (no such table: results). ";
  EXPECT_EQ(opening_error(path("s")).rfind(start, 0), 0U) << opening_error(path("s"));
  EXPECT_EQ(reading_error(path("s")).rfind(start, 0), 0U) << reading_error(path("s"));
}

TEST_F(StoreFiles, ChangedWordsAboutTheSweepAreNoticed) {
  make_store(path("s"), small_identity(), {1});
  execute(path("s"), "UPDATE sweep SET value = 'x' WHERE key = 'name'");
  EXPECT_NE(reading_error(path("s")).find("is corrupt (what it says of its sweep was changed)"), std::string::npos);
}

TEST_F(StoreFiles, OtherProgramsMayReadMeanwhile) {
  make_store(path("s"), small_identity(), {1});
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path("s").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN; SELECT count(*) FROM cells", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_NO_THROW(read_all(path("s")));
  sqlite3_close(other);
}

} // namespace
} // namespace terastal
