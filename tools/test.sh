#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests: release, address and undefined-behaviour sanitizers,
# thread sanitizer (the parallel parts), and clang (the parts that pin results).
# Usage: tools/test.sh [release|asan|tsan|clang]…     without arguments: all of them
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh --tests
jobs=$(nproc)

build() {  # preset, targets…
  local preset=$1
  shift
  echo "== $preset: build" >&2
  cmake --preset "$preset" -G Ninja -DTERASTAL_BUILD_TESTS=ON >/dev/null
  cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

run() {  # preset, ctest options…
  local preset=$1
  shift
  echo "== $preset: test" >&2
  ctest --preset "$preset" -j "$jobs" "$@"
}

for preset in "${@:-release asan tsan clang}"; do
  for p in $preset; do
    case $p in
      release) build release; run release ;;
      asan) build asan; run asan -LE slow ;;
      tsan) build tsan; run tsan -L threads ;;
      clang) build clang; run clang -L results ;;
      *) echo "unknown configuration '$p'" >&2; exit 2 ;;
    esac
  done
done
