// f32, f64 and f32x2 arithmetic against the host's, in all rounding modes.
#include <cfenv>
#include <cmath>
#include <limits>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

template <class T>
T Host(const std::string& op, T a, T b, T c) {
  volatile T x = a, y = b, result = 0;  // computed where it stands, in the mode that is set
  if (op == "add") result = x + y;
  if (op == "sub") result = x - y;
  if (op == "mul") result = x * y;
  if (op == "div") result = x / y;
  if (op == "fma" || op == "mad") result = std::fma(a, b, c);
  if (op == "rcp") result = T{1} / x;
  if (op == "sqrt") result = std::sqrt(static_cast<T>(x));
  return result;
}

int ModeOf(const std::string& rounding) {
  if (rounding == ".rz") return FE_TOWARDZERO;
  if (rounding == ".rm") return FE_DOWNWARD;
  return rounding == ".rp" ? FE_UPWARD : FE_TONEAREST;
}

template <class T>
T Rounded(const std::string& op, const std::string& rounding, T a, T b, T c) {
  std::fesetround(ModeOf(rounding));
  const T result = Host(op, a, b, c);
  std::fesetround(FE_TONEAREST);
  return result;
}

std::string Operands(const std::string& op, const std::string& prefix) {
  const int inputs = op == "fma" || op == "mad" ? 3 : (op == "rcp" || op == "sqrt" ? 1 : 2);
  std::string text;
  for (int i = 0; i <= inputs; ++i) text += (i == 0 ? " " : ", ") + prefix + std::to_string(i);
  return text + ";";
}

TEST(FloatArithmetic, F32RoundsAsTheHostDoes) {
  for (const std::string op : {"add", "sub", "mul", "fma", "mad", "div", "rcp", "sqrt"}) {
    for (const std::string rounding : {".rn", ".rz", ".rm", ".rp"}) {
      for (const std::string ftz : {"", ".ftz"}) {
        ExpectLanes<std::uint32_t>(
            DecodeFloat, "%f", op + rounding + ftz + ".f32" + Operands(op, "%f"),
            Pairs(FloatEdges()), [&](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
              const bool flush = !ftz.empty();
              const auto load = [&](std::uint32_t bits) {
                const float value = std::bit_cast<float>(bits);
                return flush ? Flushed(value) : value;
              };
              const float result = Rounded(op, rounding, load(a), load(b), load(c));
              return Canonical(flush ? Flushed(result) : result);
            });
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(FloatArithmetic, F64RoundsAsTheHostDoes) {
  for (const std::string op : {"add", "sub", "mul", "fma", "div", "rcp", "sqrt"}) {
    for (const std::string rounding : {".rn", ".rz", ".rm", ".rp"}) {
      ExpectLanes<std::uint64_t>(
          DecodeFloat, "%d", op + rounding + ".f64" + Operands(op, "%d"), Pairs(DoubleEdges()),
          [&](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
            return Canonical(Rounded(op, rounding, std::bit_cast<double>(a),
                                     std::bit_cast<double>(b), std::bit_cast<double>(c)));
          });
      if (HasFatalFailure()) return;
    }
  }
}

TEST(FloatArithmetic, SaturatesToZeroAndOne) {
  for (const std::string op : {"add", "mul", "fma"}) {
    ExpectLanes<std::uint32_t>(
        DecodeFloat, "%f", op + ".rn.sat.f32" + Operands(op, "%f"), Pairs(FloatEdges()),
        [&](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
          const float result =
              Host(op, std::bit_cast<float>(a), std::bit_cast<float>(b), std::bit_cast<float>(c));
          if (!(result > 0)) return 0u;
          return std::bit_cast<std::uint32_t>(result < 1 ? result : 1.0f);
        });
    if (HasFatalFailure()) return;
  }
}

TEST(FloatArithmetic, PairsOfFloats) {
  ExpectLanes<std::uint64_t>(
      DecodeFloat, "%rd", "fma.rn.f32x2 %rd0, %rd1, %rd2, %rd3;", Pairs(DoubleEdges()),
      [](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
        std::uint64_t result = 0;
        for (const int shift : {0, 32}) {
          const auto part = [&](std::uint64_t bits) {
            return std::bit_cast<float>(static_cast<std::uint32_t>(bits >> shift));
          };
          result |= std::uint64_t{Canonical(std::fma(part(a), part(b), part(c)))} << shift;
        }
        return result;
      });
}

TEST(FloatArithmetic, SignsAreBits) {
  const auto pairs = Pairs(FloatEdges());
  using U = std::uint32_t;
  ExpectLanes<U>(DecodeFloat, "%f", "neg.f32 %f0, %f1;", pairs,
                 [](U a, U, U) { return a ^ 0x80000000u; });
  ExpectLanes<U>(DecodeFloat, "%f", "abs.f32 %f0, %f1;", pairs,
                 [](U a, U, U) { return a & 0x7FFFFFFFu; });
  ExpectLanes<U>(DecodeFloat, "%f", "abs.ftz.f32 %f0, %f1;", pairs,
                 [](U a, U, U) { return (a & 0x7F800000u) == 0 ? 0u : a & 0x7FFFFFFFu; });
  ExpectLanes<U>(DecodeFloat, "%f", "copysign.f32 %f0, %f1, %f2;", pairs,
                 [](U a, U b, U) { return (a & 0x80000000u) | (b & 0x7FFFFFFFu); });
}

// Of PTX ISA, "min": -0 < +0, a NaN loses, both NaN: canonical.
template <class T>
T Best(bool max, bool nan, T a, T b) {
  if (std::isnan(a) || std::isnan(b)) {
    if (nan) return std::numeric_limits<T>::quiet_NaN();
    return std::isnan(a) ? b : a;
  }
  if (a == b) return std::signbit(a) == max ? b : a;
  return (a < b) == max ? b : a;
}

TEST(FloatArithmetic, MinAndMax) {
  using U = std::uint32_t;
  for (const bool max : {false, true}) {
    for (const bool nan : {false, true}) {
      const std::string op = std::string(max ? "max" : "min") + (nan ? ".NaN" : "");
      const auto of = [](U bits) { return std::bit_cast<float>(bits); };
      ExpectLanes<U>(DecodeFloat, "%f", op + ".f32 %f0, %f1, %f2;", Pairs(FloatEdges()),
                     [&](U a, U b, U) { return Canonical(Best(max, nan, of(a), of(b))); });
      ExpectLanes<U>(DecodeFloat, "%f", op + ".f32 %f0, %f1, %f2, %f3;", Pairs(FloatEdges()),
                     [&](U a, U b, U c) {
                       return Canonical(Best(max, nan, Best(max, nan, of(a), of(b)), of(c)));
                     });
      ExpectLanes<U>(DecodeFloat, "%f", op + ".xorsign.abs.f32 %f0, %f1, %f2;", Pairs(FloatEdges()),
                     [&](U a, U b, U) {
                       const U best =
                           Canonical(Best(max, nan, of(a & 0x7FFFFFFFu), of(b & 0x7FFFFFFFu)));
                       return best == 0x7FFFFFFFu ? best : best ^ ((a ^ b) & 0x80000000u);
                     });
    }
  }
}

TEST(FloatArithmetic, MinAndMaxFlush) {
  using U = std::uint32_t;
  const auto load = [](U bits) { return Flushed(std::bit_cast<float>(bits)); };
  for (const bool max : {false, true}) {
    for (const bool nan : {false, true}) {
      ExpectLanes<U>(
          DecodeFloat, "%f",
          std::string(max ? "max" : "min") + ".ftz" + (nan ? ".NaN" : "") + ".f32 %f0, %f1, %f2;",
          Pairs(FloatEdges()),
          [&](U a, U b, U) { return Canonical(Best(max, nan, load(a), load(b))); });
    }
  }
}

TEST(FloatArithmetic, MinAndMaxOfDoubles) {
  using U = std::uint64_t;
  for (const bool max : {false, true}) {
    ExpectLanes<U>(
        DecodeFloat, "%d", std::string(max ? "max" : "min") + ".f64 %d0, %d1, %d2;",
        Pairs(DoubleEdges()), [&](U a, U b, U) {
          return Canonical(Best(max, false, std::bit_cast<double>(a), std::bit_cast<double>(b)));
        });
  }
}

TEST(FloatArithmetic, RefusesWhatDoesNotExist) {
  for (const std::string body : {"add.rn.ftz.f64 %d0, %d1, %d2;", "fma.f32 %f0, %f1, %f2, %f3;",
                                 "ex2.f32 %f0, %f1;", "div.approx.f64 %d0, %d1, %d2;",
                                 "sqrt.approx.f64 %d0, %d1;", "add.rn.bogus.f32 %f0, %f1, %f2;",
                                 "max.sat.f32 %f0, %f1, %f2;", "min.NaN.f64 %d0, %d1, %d2;"}) {
    OpHarness harness(DecodeFloat, Isa::kPortable);
    EXPECT_NE(harness.Run(body).find("not simulated"), std::string::npos) << body;
  }
}

}  // namespace
}  // namespace caesar::sim
