#!/usr/bin/env bash
# Installs what the project needs from Debian packages, and nothing that is there already.
# Usage: tools/install_dependencies.sh [--tests] [--torch]
#   --tests: also what the tests and benchmarks need
#   --torch: also PyTorch for tools/measure_gpu.py on a CPU (606 MB installed); for a GPU take it from pytorch.org
set -euo pipefail

packages=(cmake ninja-build g++ git ccache libboost-dev libboost-program-options-dev libyaml-cpp-dev libfmt-dev
          libspdlog-dev nlohmann-json3-dev libssl-dev libsqlite3-dev libtbb-dev libonnx-dev libprotobuf-dev)
for option in "$@"; do
  case $option in
    --tests)
      packages+=(clang libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev libopenmpi-dev openmpi-bin python3 python3-jsonschema python3-onnx
                 python3-yaml)
      ;;
    --torch) packages+=(python3-torch python3-yaml) ;;
    *)
      echo "unknown option '$option'; known: --tests --torch" >&2
      exit 2
      ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "These Debian packages are missing, and neither root nor sudo is available: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
