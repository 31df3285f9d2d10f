caesar_test(sim_float_test SOURCES float_arith_test.cpp float_fma_test.cpp float_compare_test.cpp float_special_test.cpp
  DEPS sim_op_harness sim_ops_float)
caesar_test(sim_half_test SOURCES half_test.cpp DEPS sim_op_harness sim_ops_half)
caesar_test(sim_tensor_test SOURCES tensor_test.cpp tensor_small_test.cpp DEPS sim_op_harness sim_ops_tensor)
