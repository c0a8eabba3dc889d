# `cmake --install` and `find_package(qdcnn)`: one target a room (qdcnn::circuit, ...), and qdcnn::qdcnn for all of
# them. The same package is written into the build folder, so that -Dqdcnn_DIR=build works without installing.
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY QDCNN_ROOMS)
add_library(qdcnn_all INTERFACE)
add_library(qdcnn::qdcnn ALIAS qdcnn_all)
set_target_properties(qdcnn_all PROPERTIES EXPORT_NAME qdcnn)
# qdcnn_options among them: who links a library built under sanitizers links those too.
set_target_properties(qdcnn_options PROPERTIES EXPORT_NAME options)
set(targets qdcnn_all qdcnn_options)
foreach(room ${rooms})
  if(NOT room STREQUAL "cli")  # The command line is a program, no library.
    target_link_libraries(qdcnn_all INTERFACE qdcnn_${room})
    list(APPEND targets qdcnn_${room})
  endif()
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/qdcnn)
install(TARGETS ${targets} EXPORT qdcnn ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/qdcnn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT qdcnn NAMESPACE qdcnn:: FILE qdcnnTargets.cmake DESTINATION ${package_folder})
export(EXPORT qdcnn NAMESPACE qdcnn:: FILE ${CMAKE_BINARY_DIR}/qdcnnTargets.cmake)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/qdcnnConfig.cmake.in ${CMAKE_BINARY_DIR}/qdcnnConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/qdcnnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/qdcnnConfig.cmake ${CMAKE_BINARY_DIR}/qdcnnConfigVersion.cmake
        DESTINATION ${package_folder})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
