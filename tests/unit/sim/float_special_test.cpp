// Approximations: within a few units in the last place, special values exactly, and the same bits
// on all instruction sets.
#include <cmath>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

// In units of the last place of `want` (of the smallest normal number where that is larger).
double UlpError(float got, double want) {
  if (std::isnan(want)) return std::isnan(got) ? 0 : INFINITY;
  const float nearest = static_cast<float>(want);
  if (std::isinf(nearest) || nearest == 0) return got == nearest ? 0 : INFINITY;
  const double ulp = std::ldexp(1.0, std::max(std::ilogb(want), -126) - 23);
  return std::abs(double{got} - want) / ulp;
}

void ExpectClose(const std::string& op, double (*exact)(double), float low, float high,
                 double ulps) {
  std::array<float, kLanes> results[2];
  const int steps = 300;
  for (int i = 0; i < steps; ++i) {
    std::array<float, kLanes> x{};
    for (int lane = 0; lane < kLanes; ++lane) {
      const double t = (i * double{kLanes} + lane) / (steps * double{kLanes});
      x[static_cast<std::size_t>(lane)] = static_cast<float>(low + t * (double{high} - low));
    }
    std::size_t which = 0;
    for (const Isa isa : TestedIsas()) {
      static OpHarness harnesses[2] = {OpHarness(DecodeFloat, Isa::kPortable),
                                       OpHarness(DecodeFloat, BestIsa())};
      OpHarness& harness = harnesses[isa == Isa::kAvx2];
      harness.Set("%f1", x);
      ASSERT_EQ(harness.Run(op + " %f0, %f1;"), "");
      results[which] = harness.Get<float>("%f0");
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        ASSERT_LE(UlpError(results[which][lane], exact(double{x[lane]})), ulps)
            << op << " of " << x[lane] << " is " << results[which][lane];
        ASSERT_EQ(std::bit_cast<std::uint32_t>(results[which][lane]),
                  std::bit_cast<std::uint32_t>(results[0][lane]));
      }
      ++which;
    }
  }
}

TEST(FloatSpecial, AreWithinAFewUnits) {
  ExpectClose(
      "ex2.approx.f32", [](double x) { return std::exp2(x); }, -150, 129, 1.5);
  ExpectClose(
      "ex2.approx.f32", [](double x) { return std::exp2(x); }, -1, 1, 1.5);
  ExpectClose(
      "lg2.approx.f32", [](double x) { return std::log2(x); }, 0.5, 2, 4);
  ExpectClose(
      "lg2.approx.f32", [](double x) { return std::log2(x); }, 0, 1e30f, 2);
  ExpectClose(
      "lg2.approx.f32", [](double x) { return std::log2(x); }, 0, 1e-38f, 2);
  ExpectClose(
      "sin.approx.f32", [](double x) { return std::sin(x); }, -10, 10, 1);
  ExpectClose(
      "cos.approx.f32", [](double x) { return std::cos(x); }, -1000, 1000, 1);
  ExpectClose(
      "sin.approx.f32", [](double x) { return std::sin(x); }, -1e9f, 1e9f, 1);
  ExpectClose(
      "tanh.approx.f32", [](double x) { return std::tanh(x); }, -12, 12, 1);
  ExpectClose(
      "tanh.approx.f32", [](double x) { return std::tanh(x); }, -0.001f, 0.001f, 1);
  ExpectClose(
      "rcp.approx.f32", [](double x) { return 1 / x; }, -5, 5, 1);
  ExpectClose(
      "sqrt.approx.f32", [](double x) { return std::sqrt(x); }, 0, 5, 1);
  ExpectClose(
      "rsqrt.approx.f32", [](double x) { return 1 / std::sqrt(x); }, 0, 5, 1.6);
}

void ExpectSpecials(const std::string& op,
                    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& table) {
  for (const auto& [from, to] : table) {
    ExpectLanes<std::uint32_t>(DecodeFloat, "%f", op + " %f0, %f1;", {{from, 0, 0}},
                               [&](std::uint32_t, std::uint32_t, std::uint32_t) { return to; });
  }
}

// The tables of PTX ISA for these instructions.
TEST(FloatSpecial, SpecialValues) {
  constexpr std::uint32_t kInf = 0x7F800000, kMinusInf = 0xFF800000, kNan = 0x7FFFFFFF,
                          kOne = 0x3F800000, kTiny = 1, kMinusTiny = 0x80000001,
                          kMinusZero = 0x80000000;
  ExpectSpecials("ex2.approx.ftz.f32", {{kMinusInf, 0},
                                        {kMinusTiny, kOne},
                                        {kMinusZero, kOne},
                                        {0, kOne},
                                        {kTiny, kOne},
                                        {kInf, kInf},
                                        {kNan, kNan},
                                        {0xC3000000, 0}});
  ExpectSpecials("lg2.approx.ftz.f32", {{kMinusInf, kNan},
                                        {kMinusTiny, kMinusInf},
                                        {kMinusZero, kMinusInf},
                                        {0, kMinusInf},
                                        {kTiny, kMinusInf},
                                        {kInf, kInf},
                                        {kNan, kNan},
                                        {kOne, 0}});
  ExpectSpecials("lg2.approx.f32", {{kTiny, 0xC3150000}, {kMinusTiny, kNan}});
  ExpectSpecials("sin.approx.f32",
                 {{kMinusInf, kNan}, {kMinusZero, kMinusZero}, {0, 0}, {kInf, kNan}, {kNan, kNan}});
  ExpectSpecials("cos.approx.ftz.f32",
                 {{kMinusInf, kNan}, {kMinusTiny, kOne}, {0, kOne}, {kNan, kNan}});
  ExpectSpecials(
      "tanh.approx.f32",
      {{kMinusInf, 0xBF800000}, {kMinusZero, kMinusZero}, {0, 0}, {kInf, kOne}, {kNan, kNan}});
  ExpectSpecials(
      "rcp.approx.ftz.f32",
      {{kMinusInf, kMinusZero}, {kMinusTiny, kMinusInf}, {kTiny, kInf}, {kInf, 0}, {kNan, kNan}});
  ExpectSpecials("rsqrt.approx.f32",
                 {{kMinusInf, kNan}, {kMinusZero, kMinusInf}, {0, kInf}, {kInf, 0}, {kNan, kNan}});
  ExpectSpecials("sqrt.approx.ftz.f32", {{kMinusInf, kNan},
                                         {kMinusTiny, kMinusZero},
                                         {kMinusZero, kMinusZero},
                                         {kTiny, 0},
                                         {kInf, kInf}});
}

TEST(FloatSpecial, DivApproxLosesLargeDivisors) {
  const auto expect = [](const std::string& op, float a, float b, float want) {
    ExpectLanes<std::uint32_t>(
        DecodeFloat, "%f", op + " %f0, %f1, %f2;",
        {{std::bit_cast<std::uint32_t>(a), std::bit_cast<std::uint32_t>(b), 0}},
        [&](std::uint32_t, std::uint32_t, std::uint32_t) { return Canonical(want); });
  };
  expect("div.approx.f32", 6, 2, 3);
  expect("div.approx.f32", 0x1p127f, 0x1.8p126f, 0);
  expect("div.approx.f32", INFINITY, 0x1.8p126f, NAN);
  expect("div.full.f32", 0x1p127f, 0x1p126f, 2);
  expect("div.full.ftz.f32", 0x1p-130f, 1, 0);
}

TEST(FloatSpecial, DoubleApproximationsHaveNoLowBits) {
  using U = std::uint64_t;
  for (const bool root : {false, true}) {
    ExpectLanes<U>(DecodeFloat, "%d",
                   std::string(root ? "rsqrt" : "rcp") + ".approx.ftz.f64 %d0, %d1;",
                   {{0x3FF0000000000000, 0, 0},
                    {0x4010000000000000, 0, 0},
                    {0, 0, 0},
                    {1, 0, 0},
                    {0x7FF0000000000000, 0, 0},
                    {0xFFF8000000000001, 0, 0}},
                   [&](U a, U, U) -> U {
                     if (a <= 1) return 0x7FF0000000000000;
                     if (a == 0x7FF0000000000000) return 0;
                     if (a > 0x7FF0000000000000) return 0xFFF8000000000000;
                     if (a == 0x3FF0000000000000) return a;
                     return root ? 0x3FE0000000000000 : 0x3FD0000000000000;
                   });
  }
}

}  // namespace
}  // namespace caesar::sim
