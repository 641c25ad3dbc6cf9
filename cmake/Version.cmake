# Version, commit, compiler and build type for provenance, in a generated header that only src/ sees.
find_package(Git QUIET)
set(terastal_version_header ${PROJECT_BINARY_DIR}/generated/terastal_version.hpp)
add_custom_target(terastal_version
  COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D TEMPLATE=${PROJECT_SOURCE_DIR}/src/version.hpp.in
          -D OUTPUT=${terastal_version_header} -D "GIT=${GIT_EXECUTABLE}" -D PROJECT_VERSION=${PROJECT_VERSION}
          -D CMAKE_CXX_COMPILER_ID=${CMAKE_CXX_COMPILER_ID} -D CMAKE_CXX_COMPILER_VERSION=${CMAKE_CXX_COMPILER_VERSION}
          -D "CMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}" -P ${PROJECT_SOURCE_DIR}/cmake/write_version.cmake
  BYPRODUCTS ${terastal_version_header}
  COMMENT "Looking at the version"
  VERBATIM)
add_dependencies(terastal terastal_version)
target_include_directories(terastal PRIVATE ${PROJECT_BINARY_DIR}/generated)
