caesar_test(sim_profile_test SOURCES occupancy_test.cpp place_test.cpp ptx_cubin_test.cpp DEPS sim_core)
