# The entry points over a fake of what loads modules and runs grids (runtime_fake.cpp).
caesar_test(sim_runtime_test
  SOURCES runtime_launch_test.cpp runtime_memory_test.cpp runtime_stream_test.cpp runtime_graph_test.cpp
          runtime_graph_more_test.cpp runtime_pool_test.cpp
          runtime_device_test.cpp runtime_fake.cpp
  DEPS sim_exports)
target_compile_definitions(sim_runtime_test PRIVATE
  CAESAR_SIM_EXPORTS="${PROJECT_SOURCE_DIR}/src/sim/runtime/exports.list")

# The entry points over the real thing, as objects of CUDA 12 and 13 use them.
caesar_test(sim_runtime_toolkits_test SOURCES runtime_toolkits_test.cpp DEPS sim_exports sim_families)
target_compile_definitions(sim_runtime_toolkits_test PRIVATE CAESAR_SIM_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data")
