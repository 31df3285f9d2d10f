// setp, set and testp of f32 and f64.
#include <cmath>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

bool Holds(const std::string& name, double a, double b) {
  const bool unordered = std::isnan(a) || std::isnan(b);
  if (name == "num") return !unordered;
  if (name == "nan") return unordered;
  if (unordered) return name.size() == 3;
  const std::string relation = name.substr(0, 2);
  if (relation == "eq") return a == b;
  if (relation == "ne") return a != b;
  if (relation == "lt") return a < b;
  if (relation == "le") return a <= b;
  return relation == "gt" ? a > b : a >= b;
}
const char* const kNames[] = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                              "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};

template <class T, class B>
void ExpectSetp(const std::string& type, const std::string& prefix, const std::vector<B>& edges) {
  const auto pairs = Pairs(edges);
  for (const Isa isa : TestedIsas()) {
    for (const std::string name : kNames) {
      OpHarness harness(DecodeFloat, isa);
      harness.mask = 0xFFFF7FFE;
      for (std::size_t first = 0; first < pairs.size(); first += kLanes) {
        std::array<B, kLanes> a, b;
        Mask holds = 0;
        for (std::size_t i = 0; i < kLanes; ++i) {
          a[i] = pairs[(first + i) % pairs.size()][0];
          b[i] = pairs[(first + i) % pairs.size()][1];
          if (Holds(name, double{std::bit_cast<T>(a[i])}, double{std::bit_cast<T>(b[i])})) {
            holds |= Mask{1} << i;
          }
        }
        const Mask c = 0xF0F0A5A5, old = 0x12345678, active = harness.mask;
        const auto merged = [&](Mask value) { return (value & active) | (old & ~active); };
        harness.Set(prefix + "1", a);
        harness.Set(prefix + "2", b);
        harness.SetPredicate("%p3", c);
        for (const char* p : {"%p0", "%p1", "%p4", "%p5", "%p6"}) harness.SetPredicate(p, old);
        const std::string ab = prefix + "1, " + prefix + "2";
        ASSERT_EQ(harness.Run("setp." + name + type + " %p0|%p1, " + ab + ";\n" +  //
                              "setp." + name + ".and" + type + " %p4|%p5, " + ab + ", !%p3;\n" +
                              "setp." + name + ".xor" + type + " %p6, " + ab + ", %p3;"),
                  "");
        ASSERT_EQ(harness.GetPredicate("%p0"), merged(holds)) << name << type << first;
        ASSERT_EQ(harness.GetPredicate("%p1"), merged(~holds)) << name;
        ASSERT_EQ(harness.GetPredicate("%p4"), merged(holds & ~c)) << name;
        ASSERT_EQ(harness.GetPredicate("%p5"), merged(~holds & ~c)) << name;
        ASSERT_EQ(harness.GetPredicate("%p6"), merged(holds ^ c)) << name;
      }
    }
  }
}

TEST(FloatCompare, SetpF32) { ExpectSetp<float>(".f32", "%f", FloatEdges()); }
TEST(FloatCompare, SetpF64) { ExpectSetp<double>(".f64", "%d", DoubleEdges()); }

TEST(FloatCompare, Set) {
  using U = std::uint32_t;
  for (const std::string name : kNames) {
    const auto holds = [&](U a, U b, bool ftz) {
      const float x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
      return Holds(name, double{ftz ? Flushed(x) : x}, double{ftz ? Flushed(y) : y});
    };
    ExpectLanes<U>(DecodeFloat, "%f", "set." + name + ".f32.f32 %f0, %f1, %f2;",
                   Pairs(FloatEdges()),
                   [&](U a, U b, U) { return holds(a, b, false) ? 0x3F800000u : 0u; });
    ExpectLanes<U>(DecodeFloat, "%f", "set." + name + ".ftz.u32.f32 %f0, %f1, %f2;",
                   Pairs(FloatEdges()),
                   [&](U a, U b, U) { return holds(a, b, true) ? 0xFFFFFFFFu : 0u; });
    if (HasFatalFailure()) return;
  }
}

TEST(FloatCompare, SetToHalf) {
  using U = std::uint32_t;
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeFloat, isa);
    std::array<U, kLanes> a{}, b{};
    for (std::size_t i = 0; i < kLanes; ++i) {
      a[i] = FloatEdges()[i % FloatEdges().size()];
      b[i] = FloatEdges()[i * 5 % FloatEdges().size()];
    }
    harness.Set("%f1", a);
    harness.Set("%f2", b);
    ASSERT_EQ(harness.Run("set.leu.f16.f32 %h0, %f1, %f2;\nsetp.lt.ftz.f32 %p0, %f1, %f2;"), "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      const float x = std::bit_cast<float>(a[i]), y = std::bit_cast<float>(b[i]);
      EXPECT_EQ(harness.Get<std::uint16_t>("%h0")[i], x > y ? 0 : 0x3C00) << x << " " << y;
      EXPECT_EQ(harness.GetPredicate("%p0") >> i & 1, Flushed(x) < Flushed(y) ? 1u : 0u)
          << x << " " << y;
    }
  }
}

TEST(FloatCompare, TestpOfDoubles) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeFloat, isa);
    std::array<std::uint64_t, kLanes> a{};
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = DoubleEdges()[i % DoubleEdges().size()];
    harness.Set("%d1", a);
    const auto expect = [&](const std::string& name, bool (*is)(double)) {
      Mask mask = 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        mask |= is(std::bit_cast<double>(a[i])) ? Mask{1} << i : 0;
      }
      EXPECT_EQ(harness.Run("testp." + name + ".f64 %p0, %d1;"), "");
      EXPECT_EQ(harness.GetPredicate("%p0"), mask) << name;
    };
    expect("finite", [](double x) { return std::isfinite(x); });
    expect("infinite", [](double x) { return std::isinf(x); });
    expect("number", [](double x) { return !std::isnan(x); });
    expect("notanumber", [](double x) { return std::isnan(x); });
    expect("normal", [](double x) { return std::isnormal(x) || x == 0; });
    expect("subnormal", [](double x) { return std::fpclassify(x) == FP_SUBNORMAL; });
  }
}

TEST(FloatCompare, Testp) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeFloat, isa);
    std::array<std::uint32_t, kLanes> a{};
    for (std::size_t i = 0; i < kLanes; ++i) a[i] = FloatEdges()[i % FloatEdges().size()];
    harness.Set("%f1", a);
    const auto expect = [&](const std::string& name, bool (*is)(float)) {
      Mask mask = 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        mask |= is(std::bit_cast<float>(a[i])) ? Mask{1} << i : 0;
      }
      EXPECT_EQ(harness.Run("testp." + name + ".f32 %p0, %f1;"), "");
      EXPECT_EQ(harness.GetPredicate("%p0"), mask) << name;
    };
    expect("finite", [](float x) { return std::isfinite(x); });
    expect("infinite", [](float x) { return std::isinf(x); });
    expect("number", [](float x) { return !std::isnan(x); });
    expect("notanumber", [](float x) { return std::isnan(x); });
    expect("normal", [](float x) { return std::isnormal(x) || x == 0; });
    expect("subnormal", [](float x) { return std::fpclassify(x) == FP_SUBNORMAL; });
  }
}

}  // namespace
}  // namespace caesar::sim
