// Included last in a source of executors, see sim/isa.h. No guard: it acts on what follows.
#ifndef CAESAR_SIM_ISA
#error "compile this source with caesar_sim_executors() (cmake): it defines CAESAR_SIM_ISA"
#endif
#if CAESAR_SIM_ISA_IS_AVX2
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,popcnt,lzcnt")
#endif
