caesar_test(sim_profile_test
  SOURCES activity_test.cpp cost_model_test.cpp occupancy_test.cpp place_test.cpp profile_run_test.cpp profile_test.cpp ptx_cubin_test.cpp
  DEPS sim_profile sim_families)
