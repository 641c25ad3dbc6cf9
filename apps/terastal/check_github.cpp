#include "check_github.hpp"

#include <cerrno>
#include <cstdlib> // getenv
#include <cstring> // strerror
#include <filesystem>
#include <fstream>
#include <iostream>

namespace terastal::cli {
namespace {

constexpr std::size_t kMostSummary = 1'000'000; // GitHub takes 1 MiB for one step

/// Empty without it.
std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string{} : std::string(text);
}

/// Appends to the file that GitHub shows as the job's summary.
void append_summary(const GateReport& report) {
  const std::string path = environment("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::error_code ignored;
  const bool there = std::filesystem::is_regular_file(path, ignored);
  const auto size = there ? std::filesystem::file_size(path, ignored) : 0;
  if (size >= kMostSummary) return;
  std::ofstream file(path, std::ios::app);
  write_github_summary(file, report, kMostSummary - static_cast<std::size_t>(size));
  file.flush();
  if (!file)
    std::cerr << "terastal: warning: cannot write the summary to " << path << ": " << std::strerror(errno) << '\n';
}

} // namespace

void tell_github(const Arguments& arguments, GateReport report) {
  if (!arguments.has("github") && environment("GITHUB_ACTIONS") != "true") return;
  report.workspace = environment("GITHUB_WORKSPACE");
  write_github_annotations(std::cerr, report);
  append_summary(report);
}

} // namespace terastal::cli
