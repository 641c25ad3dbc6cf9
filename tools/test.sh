#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests: release, address and undefined-behaviour sanitizers,
# thread sanitizer (the parallel parts), and clang (the parts that pin results).
# Usage: tools/test.sh [release|asan|tsan|clang]…     without arguments: all of them
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh --tests
jobs=$(nproc)

build() {  # preset, targets (none: all)
  local preset=$1
  shift
  echo "== $preset: build" >&2
  cmake --preset "$preset" -G Ninja -DTERASTAL_BUILD_TESTS=ON >/dev/null
  cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

run() {  # preset, ctest options
  local preset=$1
  shift
  echo "== $preset: test" >&2
  ctest --preset "$preset" -j "$jobs" --progress "$@"
}

for configuration in "${@:-all}"; do
  case $configuration in
    all) "$0" release asan tsan clang ;;
    release) build release && run release ;;
    asan) build asan && run asan ;;
    tsan)
      # The parts that run threads.
      build tsan terastal_experiment_tests
      build-tsan/bin/terastal_experiment_tests --gtest_brief=1
      ;;
    clang)
      # The parts that pin results: digests and finish times equal those of g++.
      build clang terastal_cli terastal_oracle_tests
      build-clang/bin/terastal_oracle_tests --gtest_brief=1
      ;;
    *)
      echo "unknown configuration '$configuration'; known: release asan tsan clang" >&2
      exit 2
      ;;
  esac
done
