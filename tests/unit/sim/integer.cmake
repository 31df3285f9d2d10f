caesar_test(sim_integer_test
  SOURCES integer_arithmetic_test.cpp integer_bits_test.cpp integer_move_test.cpp integer_video_test.cpp
  DEPS sim_op_harness sim_ops_integer)
caesar_test(sim_convert_test SOURCES convert_test.cpp DEPS sim_op_harness sim_ops_convert)
