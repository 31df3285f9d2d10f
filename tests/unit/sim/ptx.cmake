caesar_test(sim_ptx_test
  SOURCES ptx_statement_test.cpp ptx_declaration_test.cpp ptx_error_test.cpp ptx_location_test.cpp
    ptx_modules_test.cpp ptx_fatbin_test.cpp
  DEPS sim_ptx)
target_compile_definitions(sim_ptx_test PRIVATE CAESAR_SIM_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
