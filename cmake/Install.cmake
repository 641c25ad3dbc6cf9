# Install tree and CMake package: find_package(terastal) gives terastal::terastal and terastal::core.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/terastal)
install(TARGETS terastal_core terastal EXPORT terastal_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/terastal DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY configs workloads DESTINATION ${CMAKE_INSTALL_DATADIR}/terastal)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT terastal_targets FILE terastalTargets.cmake NAMESPACE terastal:: DESTINATION ${package_dir})
configure_package_config_file(cmake/terastalConfig.cmake.in ${PROJECT_BINARY_DIR}/terastalConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/terastalConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/terastalConfig.cmake ${PROJECT_BINARY_DIR}/terastalConfigVersion.cmake
        DESTINATION ${package_dir})
