// What the decoder of half-precision instructions asks of their executors.
#pragma once

#include "sim/ops/float_forms.h"

namespace caesar::sim {

// Op::flags of arithmetic on halves.
enum HalfFlags : std::uint8_t { kHalfFtz = 1, kHalfSat = 2, kHalfRelu = 4 };

// Null: there is no such form. Of a FloatForm: op, type, nan, xorsign, abs and three.
#define CAESAR_SIM_HALF_EXECUTORS                 \
  Handler HalfArithmetic(const FloatForm& form);  \
  Handler HalfSetp(Relation relation, Type type); \
  Handler HalfSet(Relation relation, Type type, int dst_bits);
namespace avx2 {
CAESAR_SIM_HALF_EXECUTORS
}
namespace portable {
CAESAR_SIM_HALF_EXECUTORS
}
#undef CAESAR_SIM_HALF_EXECUTORS

}  // namespace caesar::sim
