#!/usr/bin/env bash
# From a fresh Debian 12 to the paper's comparison: installs what is missing, builds build/bin/terastal, and compares FCFS,
# EDF, DREAM and Terastal on the paper's workloads.
# Usage: tools/quickstart.sh [options for `terastal compare`, e.g. --replications 20]
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh
echo "Building …" >&2
cmake --preset release -G Ninja -DTERASTAL_BUILD_TESTS=OFF -DTERASTAL_BUILD_BENCH=OFF >/dev/null
cmake --build --preset release --target terastal_cli >&2

papers=workloads/papers/terastal
build/bin/terastal compare \
  "$papers/multi_camera_heavy_6k.yaml" "$papers/multi_camera_light_4k.yaml" "$papers/multi_camera_heavy_4k.yaml" \
  "$papers/ar_social_4k.yaml" "$papers/ar_social_6k.yaml" \
  "$papers/ar_gaming_light_4k.yaml" "$papers/ar_gaming_heavy_6k.yaml" \
  --policies fcfs,edf,dream,dream:alpha=0,terastal "$@"
