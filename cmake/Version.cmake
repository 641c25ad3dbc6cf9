# Version, commit, compiler and build type for provenance, in a generated header that only src/ sees.
find_package(Git QUIET)
set(TERASTAL_GIT_COMMIT "unknown")
if(GIT_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
                  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE git_commit RESULT_VARIABLE git_failed
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT git_failed)
    set(TERASTAL_GIT_COMMIT ${git_commit})
  endif()
endif()
configure_file(${PROJECT_SOURCE_DIR}/src/version.hpp.in ${PROJECT_BINARY_DIR}/generated/terastal_version.hpp @ONLY)
target_include_directories(terastal PRIVATE ${PROJECT_BINARY_DIR}/generated)
