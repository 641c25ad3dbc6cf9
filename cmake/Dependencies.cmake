# Finds what Debian packages provide. A missing one stops the configuration with the package to install.

function(terastal_require name package)
  find_package(${name} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "${name} not found. Install it with: apt-get install ${package}")
  endif()
  set(${name}_FOUND ${${name}_FOUND} PARENT_SCOPE)
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
terastal_require(Threads libc6-dev)
terastal_require(Boost "libboost-dev libboost-program-options-dev" 1.74 COMPONENTS program_options)
terastal_require(yaml-cpp libyaml-cpp-dev)
terastal_require(fmt libfmt-dev)
terastal_require(spdlog libspdlog-dev)
terastal_require(nlohmann_json nlohmann-json3-dev)
terastal_require(OpenSSL libssl-dev COMPONENTS Crypto)
terastal_require(SQLite3 libsqlite3-dev)
terastal_require(TBB libtbb-dev)

# yaml-cpp 0.7 calls its target `yaml-cpp`, 0.8 `yaml-cpp::yaml-cpp`.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# ONNX is optional: without it, `terastal import onnx` says that it was built without.
set(TERASTAL_HAS_ONNX OFF)
if(TERASTAL_WITH_ONNX)
  find_package(Protobuf QUIET) # the target that ONNX's refer to
  find_package(ONNX QUIET CONFIG)
  if(Protobuf_FOUND AND ONNX_FOUND)
    set(TERASTAL_HAS_ONNX ON)
  else()
    message(STATUS "ONNX not found: models cannot be imported. Install it with: apt-get install libonnx-dev libprotobuf-dev")
  endif()
endif()

# MPI is optional: without it, `terastal sweep` under mpirun says that it was built without. Only a module is linked with
# it, and only with its C interface.
set(TERASTAL_HAS_MPI OFF)
if(TERASTAL_WITH_MPI)
  set(MPI_CXX_SKIP_MPICXX ON)
  find_package(MPI QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND)
    set(TERASTAL_HAS_MPI ON)
  else()
    message(STATUS "MPI not found: sweeps run on one machine at a time. Install it with: apt-get install libopenmpi-dev openmpi-bin")
  endif()
endif()
