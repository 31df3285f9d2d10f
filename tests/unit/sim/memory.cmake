caesar_test(sim_memory_test SOURCES arena_test.cpp findings_test.cpp shared_memory_test.cpp memory_traffic_test.cpp memory_test.cpp memory_atomic_test.cpp
  DEPS sim_op_harness sim_ops_memory)
caesar_test(sim_async_test SOURCES async_test.cpp async_remote_test.cpp DEPS sim_op_harness sim_ops_async sim_ops_memory)
