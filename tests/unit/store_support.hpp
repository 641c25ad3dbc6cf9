#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator> // istreambuf_iterator
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h> // access, getpid

#include "terastal/core/random.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal::test {

/// A folder of its own for each test, removed at the end.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    // In memory where there is such a place: a disk takes milliseconds to make a commit durable.
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = ::access(memory.c_str(), W_OK) == 0;
    folder_ = (usable ? memory : std::filesystem::temp_directory_path()) /
              ("terastal_store_" + std::to_string(::getpid()) + '_' + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~StoreTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

/// A sweep of scenario × load × policy × seed with two metrics.
inline SweepIdentity small_identity(std::uint64_t seeds = 10) {
  SweepIdentity identity;
  identity.name = "small";
  identity.document = R"({"sweep":"small","axes":{"scenario":["a","b"]}})";
  identity.inputs = {{"a.yaml", "aa"}, {"b.yaml", "bb"}};
  identity.axes = {"scenario", "load", "policy", "seed"};
  identity.axis_values = {{"a", "b"}, {"0.8", "1.2"}, {"edf", "terastal:variants=false,theta=0.9", "fcfs"}, {}};
  for (std::uint64_t s = 1; s <= seeds; ++s) identity.axis_values[3].push_back(std::to_string(s));
  identity.metrics = {"miss_rate", "energy_mj"};
  identity.cells = 12 * seeds;
  identity.version = "1";
  return identity;
}

/// The values of a cell on the axes: its number in mixed radix, the last axis fastest.
inline std::vector<std::string> values_of(const SweepIdentity& identity, CellIndex cell) {
  std::vector<std::string> values(identity.axes.size());
  for (std::size_t a = values.size(); a-- > 0;) {
    const auto& texts = identity.axis_values[a];
    values[a] = texts[cell % texts.size()];
    cell /= texts.size();
  }
  return values;
}

/// Results that are a function of the cell alone: two tasks and their sum, a metric that is sometimes absent.
inline CellResult result_of(CellIndex cell) {
  RandomStream random(cell, 0, Purpose::sample);
  CellResult result;
  result.cell = cell;
  if (cell % 17 == 16) {
    result.error = "cell " + std::to_string(cell) + " cannot run";
    return result;
  }
  result.digest = random.bits();
  for (const char* task : {"", "vision", "audio"}) {
    CellRow row{task, 100, 90 + cell % 10, cell % 7, 10 - cell % 10, {}};
    row.values.emplace_back(random.uniform());
    row.values.push_back(cell % 3 == 0 ? std::nullopt : std::optional(random.uniform() * 1e6));
    result.rows.push_back(std::move(row));
  }
  return result;
}

inline void add_cells(ResultStore& store, const SweepIdentity& identity, const std::vector<CellIndex>& cells) {
  for (const CellIndex cell : cells) store.add(values_of(identity, cell), result_of(cell));
}

[[nodiscard]] inline std::vector<CellIndex> numbers(CellIndex from, CellIndex to) {
  std::vector<CellIndex> cells;
  for (CellIndex c = from; c < to; ++c) cells.push_back(c);
  return cells;
}

/// A store with cells of the small sweep. \returns its digest.
inline std::string make_store(const std::string& path, const SweepIdentity& identity,
                              const std::vector<CellIndex>& cells) {
  {
    ResultStore store(path, identity);
    add_cells(store, identity, cells);
    store.commit();
  }
  return store_digest(path);
}

[[nodiscard]] inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What an Error of type E says; fails when there is none.
template <typename E, typename F>
[[nodiscard]] std::string message_of(F&& act) {
  try {
    act();
  } catch (const E& e) {
    return e.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

} // namespace terastal::test
