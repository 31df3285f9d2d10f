// Conversions between numbers: what is asked for, and the one definition of what comes out. The
// executors of common conversions (convert_exec.cpp) agree with it bit for bit.
#pragma once

#include <cstdint>

#include "sim/binder.h"
#include "sim/program.h"

namespace caesar::sim {

enum class ConvertRounding : std::uint8_t {
  kNone,        // the conversion is exact, or wraps
  kNearest,     // .rn, .rni: ties to even
  kToZero,      // .rz, .rzi
  kDown,        // .rm, .rmi
  kUp,          // .rp, .rpi
  kNearestAway  // .rna
};

struct Conversion {
  Type from = Type::kNone, to = Type::kNone;  // of one element: no packed types
  // Of the slots: 16, 32 or 64. Integers may live in wider registers: read from the low bits,
  // sign- or zero-extended when written.
  int from_bits = 0, to_bits = 0;
  ConvertRounding rounding = ConvertRounding::kNone;
  bool integral = false;   // float to float, rounded to a whole number
  bool sat = false;        // integers: into the type's range; floats: into [0, 1]
  bool relu = false;       // negative numbers become 0
  bool satfinite = false;  // what is too large becomes the largest finite number
  bool ftz = false;        // subnormal f32 operands and results become 0
};

// `bits`: a slot's lane, zero-extended. The result likewise, `to_bits` wide.
std::uint64_t ConvertValue(std::uint64_t bits, const Conversion& conversion);

// Two elements into one register: from two registers (a is the upper half) or from a packed one.
struct PackedConversion {
  Conversion element;
  int from_width = 0, to_width = 0;  // of an element, in bits
  bool two_sources = false;
};

#define CAESAR_SIM_CONVERT_EXECUTORS                    \
  /* null: there is none, ConvertValue does it */       \
  Handler ConvertHandler(const Conversion& conversion); \
  Handler PackedConvertHandler(const PackedConversion& conversion);

namespace avx2 {
CAESAR_SIM_CONVERT_EXECUTORS
}
namespace portable {
CAESAR_SIM_CONVERT_EXECUTORS
}

}  // namespace caesar::sim
