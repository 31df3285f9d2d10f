# caesar_module(NAME SOURCES a.cpp ... DEPS base ...): the static library caesar_NAME of the folder src/NAME.
function(caesar_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_LIBRARIES" ${ARGN})
  add_library(caesar_${name} STATIC ${ARG_SOURCES})
  target_include_directories(caesar_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(caesar_${name} PUBLIC caesar_settings)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(caesar_${name} PUBLIC caesar_${dep})
  endforeach()
  target_link_libraries(caesar_${name} PRIVATE ${ARG_PRIVATE_LIBRARIES})
endfunction()

# caesar_test(NAME SOURCES a_test.cpp ... DEPS module ... [LABELS label ...] [TIMEOUT seconds] [LAUNCHER program]): one
# GoogleTest program, one ctest entry, run by the launcher if there is one. A program that skips all its tests shows as
# "Skipped"; see test_main.cpp for the label gpu.
function(caesar_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT;LAUNCHER" "SOURCES;DEPS;LABELS;PRIVATE_LIBRARIES" ${ARGN})
  if(NOT TARGET caesar_test_main)
    add_library(caesar_test_main STATIC ${PROJECT_SOURCE_DIR}/cmake/test_main.cpp)
    target_link_libraries(caesar_test_main PUBLIC caesar_settings GTest::gtest)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE caesar_settings caesar_test_main ${ARG_PRIVATE_LIBRARIES})
  # Most of a test's code runs once: optimising it takes longer than it saves. What it tests is compiled as ever.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(${name} PRIVATE caesar_${dep})
  endforeach()
  add_test(NAME ${name} COMMAND ${ARG_LAUNCHER} $<TARGET_FILE:${name}>)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77)
  if("gpu" IN_LIST ARG_LABELS)
    # The CUDA driver maps memory where AddressSanitizer keeps its shadow's gap.
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "CAESAR_GPU_TEST=1;ASAN_OPTIONS=protect_shadow_gap=0")
  endif()
endfunction()
