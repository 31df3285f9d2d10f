// What the decoder of floating-point instructions asks of their executors.
#pragma once

#include <cstdint>

#include "sim/binder.h"
#include "sim/isa.h"
#include "sim/program.h"

namespace caesar::sim {

enum class FloatOp : std::uint8_t {
  kAdd,
  kSub,
  kMul,
  kFma,
  kDiv,
  kDivApprox,
  kRcp,
  kSqrt,
  kRsqrt,
  kAbs,
  kNeg,
  kCopysign,
  kMin,
  kMax,
  kEx2,
  kLg2,
  kSin,
  kCos,
  kTanh,
  kRcpHigh,   // rcp.approx.ftz.f64
  kRsqrtHigh  // rsqrt.approx.ftz.f64
};

struct FloatForm {
  FloatOp op = FloatOp::kAdd;
  Type type = Type::kF32;
  bool ftz = false, sat = false;
  bool directed = false;                             // not .rn: Op::flags says which, see Rounding
  bool nan = false, xorsign = false, three = false;  // min, max
  bool abs = false;
};

// Op::flags of a directed operation: the bits of MXCSR.RC.
enum Rounding : std::uint8_t { kNearest = 0, kDown = 1, kUp = 2, kToZero = 3 };

// The relations that have executors; all others are one of these with operands exchanged or the
// result complemented.
enum class Relation : std::uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kNumbers };

// Op::flags of a comparison.
enum CompareFlags : std::uint8_t {
  kComplement = 1,
  kBoolAnd = 2,
  kBoolOr = 4,
  kBoolXor = 6,
  kBoolMask = 6,
  kNegatedC = 8,
  kUpperHalf = 16  // setp of f16x2: the second predicate is the upper half's
};

enum class TestClass : std::uint8_t {
  kFinite,
  kInfinite,
  kNumber,
  kNotANumber,
  kNormal,
  kSubnormal
};

// Null: there is no such form.
#define CAESAR_SIM_FLOAT_EXECUTORS                                        \
  Handler FloatArithmetic(const FloatForm& form);                         \
  Handler FloatMinMax(const FloatForm& form);                             \
  Handler FloatSpecial(const FloatForm& form);                            \
  Handler FloatSetp(Relation relation, Type type, bool ftz);              \
  Handler FloatSet(Relation relation, Type type, bool ftz, int dst_bits); \
  Handler FloatTest(TestClass test, Type type);
namespace avx2 {
CAESAR_SIM_FLOAT_EXECUTORS
}
namespace portable {
CAESAR_SIM_FLOAT_EXECUTORS
}
#undef CAESAR_SIM_FLOAT_EXECUTORS

}  // namespace caesar::sim
