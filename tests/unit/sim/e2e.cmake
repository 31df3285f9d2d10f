caesar_test(sim_factory_test SOURCES factory_test.cpp DEPS sim_device sim_exports)
