caesar_test(sim_property_test
  SOURCES sched_property_test.cpp random_program.cpp random_program_ptx.cpp random_program_host.cpp
  DEPS sim_families)
