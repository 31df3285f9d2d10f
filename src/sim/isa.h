// Which vector instructions the executors use. Their sources (sim/ops/*_exec.cpp) are compiled
// twice, into the namespaces `avx2` and `portable`, and chosen between at run time.
//
// In such a source: include everything first, then "sim/isa_begin.h", then write all code inside
// `namespace caesar::sim::CAESAR_SIM_ISA { ... }`. isa_begin.h switches the compiler to AVX2 by a
// pragma rather than by a flag, so that inline functions of headers, which the linker keeps once
// for the whole program, stay free of AVX2. tests hold that the portable path runs on a machine
// without.
#pragma once

#include <cstdint>

namespace caesar::sim {

enum class Isa : std::uint8_t { kPortable, kAvx2 };

// kAvx2 where the processor has AVX2, FMA and F16C, unless CAESAR_SIM_ISA=portable.
Isa BestIsa();

}  // namespace caesar::sim

// The function of that name for an Isa: CAESAR_SIM_PICK(isa, IntegerHandler)(op, type).
#define CAESAR_SIM_PICK(isa, function)                                \
  ((isa) == ::caesar::sim::Isa::kAvx2 ? ::caesar::sim::avx2::function \
                                      : ::caesar::sim::portable::function)
