# Runs single instructions; for the tests of every family: DEPS sim_op_harness sim_ops_FAMILY.
add_library(caesar_sim_op_harness STATIC op_harness.cpp)
target_include_directories(caesar_sim_op_harness PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(caesar_sim_op_harness PUBLIC caesar_settings caesar_sim_decode)

caesar_test(sim_decode_test SOURCES names_test.cpp modifiers_test.cpp decode_test.cpp module_test.cpp slots_test.cpp toy_family.cpp DEPS sim_op_harness)
caesar_test(sim_families_test SOURCES families_test.cpp DEPS sim_families)
