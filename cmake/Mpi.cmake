# The module that connects the ranks of a sweep, loaded by the program when mpirun or srun started it. The program itself
# does not depend on MPI.
add_library(terastal_mpi MODULE ${PROJECT_SOURCE_DIR}/src/sweep/mpi_module.cpp)
add_dependencies(terastal_mpi terastal_version)
target_link_libraries(terastal_mpi PRIVATE terastal_core terastal_warnings MPI::MPI_CXX)
target_include_directories(terastal_mpi PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
set_target_properties(terastal_mpi PROPERTIES
  PREFIX "" OUTPUT_NAME terastal_mpi SUFFIX .so CXX_VISIBILITY_PRESET hidden
  LIBRARY_OUTPUT_DIRECTORY $<IF:$<BOOL:${CMAKE_RUNTIME_OUTPUT_DIRECTORY}>,${CMAKE_RUNTIME_OUTPUT_DIRECTORY},${PROJECT_BINARY_DIR}/apps/terastal>)
if(TERASTAL_INSTALL)
  install(TARGETS terastal_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/terastal)
endif()
