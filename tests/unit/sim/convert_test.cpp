// Conversions. ConvertValue is held against the host's arithmetic; the executors against
// ConvertValue, bit for bit, for all bit patterns where there are no more than 65,536.
#include "sim/ops/convert.h"

#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {
namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

std::string RegisterOf(int bits, int n) {
  return (bits == 16 ? "%h" : bits == 32 ? "%r" : "%rd") + std::to_string(n);
}
void SetLanes(OpHarness& harness, int bits, int n, const std::array<u64, kLanes>& values) {
  std::array<u16, kLanes> h{};
  std::array<u32, kLanes> r{};
  for (std::size_t i = 0; i < kLanes; ++i) {
    h[i] = static_cast<u16>(values[i]);
    r[i] = static_cast<u32>(values[i]);
  }
  if (bits == 16) harness.Set(RegisterOf(bits, n), h);
  if (bits == 32) harness.Set(RegisterOf(bits, n), r);
  if (bits == 64) harness.Set(RegisterOf(bits, n), values);
}
std::array<u64, kLanes> GetLanes(const OpHarness& harness, int bits, int n) {
  std::array<u64, kLanes> values{};
  const auto h = harness.Get<u16>(RegisterOf(bits, n));
  const auto r = harness.Get<u32>(RegisterOf(bits, n));
  const auto d = harness.Get<u64>(RegisterOf(bits, n));
  for (std::size_t i = 0; i < kLanes; ++i) {
    values[i] = bits == 16 ? h[i] : bits == 32 ? r[i] : d[i];
  }
  return values;
}

// Bits of numbers of a type: edge values of integers, and floats of all magnitudes.
u64 SampleBits(Type type, std::mt19937_64& random) {
  const u64 bits = EdgeBits(random);
  if (type == Type::kF64 && (bits & 3) != 0) {
    return std::bit_cast<u64>(static_cast<double>(static_cast<s64>(bits)) /
                              static_cast<double>(1 + (random() & 7)));
  }
  if (type == Type::kF32 && (bits & 3) != 0) {
    return std::bit_cast<u32>(static_cast<float>(static_cast<s64>(bits) >> (random() & 63)) /
                              static_cast<float>(1 + (random() & 7)));
  }
  return bits;
}

struct Form {
  std::string text;  // of the instruction, less operands
  Conversion conversion;
};
// Runs the form on 128 samples for each instruction set and mask.
void CheckForm(const Form& form) {
  const Conversion& conversion = form.conversion;
  std::mt19937_64 random(17);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeConvert, isa);
    for (const Mask mask : kMasks) {
      harness.mask = mask;
      std::array<u64, kLanes> values{};
      for (u64& value : values) {
        value = SampleBits(conversion.from, random);
        if (conversion.from_bits < 64) value &= (u64{1} << conversion.from_bits) - 1;
      }
      SetLanes(harness, conversion.from_bits, 1, values);
      SetLanes(harness, conversion.to_bits, 2, {});
      ASSERT_EQ(harness.Run(form.text + " " + RegisterOf(conversion.to_bits, 2) + ", " +
                            RegisterOf(conversion.from_bits, 1) + ";"),
                "")
          << form.text;
      const auto results = GetLanes(harness, conversion.to_bits, 2);
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (mask >> i & 1) != 0;
        ASSERT_EQ(results[i], active ? ConvertValue(values[i], conversion) : 0)
            << form.text << " of " << std::hex << values[i] << " isa " << static_cast<int>(isa);
      }
    }
  }
}

constexpr Type kIntegers[] = {Type::kU8, Type::kU16, Type::kU32, Type::kU64,
                              Type::kS8, Type::kS16, Type::kS32, Type::kS64};
constexpr Type kFloats[] = {Type::kF16, Type::kBF16, Type::kF32, Type::kF64};
struct Mode {
  const char* name;
  ConvertRounding rounding;
};
constexpr Mode kModes[] = {{"n", ConvertRounding::kNearest},
                           {"z", ConvertRounding::kToZero},
                           {"m", ConvertRounding::kDown},
                           {"p", ConvertRounding::kUp}};
int OwnBits(Type type) { return std::max(16, BitsOf(type)); }
std::string Text(const std::string& modifiers, Type to, Type from) {
  return "cvt" + modifiers + "." + std::string(Name(to)) + "." + std::string(Name(from));
}
Conversion Of(Type to, Type from, ConvertRounding rounding = ConvertRounding::kNone) {
  Conversion conversion;
  conversion.to = to;
  conversion.from = from;
  conversion.to_bits = OwnBits(to);
  conversion.from_bits = OwnBits(from);
  conversion.rounding = rounding;
  return conversion;
}

TEST(Convert, IntegersInAllRegisters) {
  for (const Type to : kIntegers) {
    for (const Type from : kIntegers) {
      for (const int to_bits : {16, 32, 64}) {
        for (const int from_bits : {16, 32, 64}) {
          if (to_bits < BitsOf(to) || from_bits < BitsOf(from)) continue;
          for (const bool sat : {false, true}) {
            Conversion conversion = Of(to, from);
            conversion.to_bits = to_bits;
            conversion.from_bits = from_bits;
            conversion.sat = sat;
            CheckForm({Text(sat ? ".sat" : "", to, from), conversion});
          }
        }
      }
    }
  }
}
TEST(Convert, IntegersAndFloats) {
  for (const Type integer : kIntegers) {
    for (const Type floating : kFloats) {
      for (const Mode& mode : kModes) {
        CheckForm({Text(std::string(".r") + mode.name, floating, integer),
                   Of(floating, integer, mode.rounding)});
        Conversion whole = Of(integer, floating, mode.rounding);
        whole.integral = true;
        CheckForm({Text(std::string(".r") + mode.name + "i", integer, floating), whole});
      }
    }
  }
}
TEST(Convert, FloatsAndFloats) {
  for (const Type to : kFloats) {
    for (const Type from : kFloats) {
      const bool widens =
          to == from || to == Type::kF64 || (to == Type::kF32 && from != Type::kF64);
      if (widens) CheckForm({Text("", to, from), Of(to, from)});
      for (const Mode& mode : kModes) {
        if (!widens) {
          CheckForm({Text(std::string(".r") + mode.name, to, from), Of(to, from, mode.rounding)});
        } else if (to == from) {
          Conversion whole = Of(to, from, mode.rounding);
          whole.integral = true;
          CheckForm({Text(std::string(".r") + mode.name + "i", to, from), whole});
        }
      }
    }
  }
}
TEST(Convert, Modifiers) {
  Conversion sat = Of(Type::kF32, Type::kF32);
  sat.sat = true;
  CheckForm({"cvt.sat.f32.f32", sat});
  sat.ftz = true;
  CheckForm({"cvt.ftz.sat.f32.f32", sat});
  Conversion flush = Of(Type::kS32, Type::kF32, ConvertRounding::kUp);
  flush.integral = flush.ftz = true;
  CheckForm({"cvt.rpi.ftz.s32.f32", flush});
  flush.rounding = ConvertRounding::kToZero;
  CheckForm({"cvt.rzi.ftz.s32.f32", flush});
  Conversion narrow = Of(Type::kF16, Type::kF32, ConvertRounding::kNearest);
  narrow.ftz = true;
  CheckForm({"cvt.rn.ftz.f16.f32", narrow});
  narrow = Of(Type::kF32, Type::kF64, ConvertRounding::kNearest);
  narrow.ftz = true;
  CheckForm({"cvt.rn.ftz.f32.f64", narrow});
  narrow = Of(Type::kBF16, Type::kF32, ConvertRounding::kNearest);
  narrow.relu = true;
  CheckForm({"cvt.rn.relu.bf16.f32", narrow});
  narrow.satfinite = true;
  CheckForm({"cvt.rn.relu.satfinite.bf16.f32", narrow});
  for (const auto& [name, rounding] : {std::pair{".rna", ConvertRounding::kNearestAway},
                                       {".rn", ConvertRounding::kNearest},
                                       {".rz", ConvertRounding::kToZero}}) {
    CheckForm({Text(name, Type::kTF32, Type::kF32), Of(Type::kTF32, Type::kF32, rounding)});
  }
}

// The comparisons above would hold without executors, slowly.
TEST(Convert, CommonFormsHaveExecutors) {
  for (const Isa isa : Isas()) {
    const auto has = [&](Conversion conversion, bool integral = false) {
      conversion.integral = integral;
      return CAESAR_SIM_PICK(isa, ConvertHandler)(conversion) != nullptr;
    };
    const ConvertRounding nearest = ConvertRounding::kNearest, zero = ConvertRounding::kToZero;
    EXPECT_TRUE(has(Of(Type::kS64, Type::kS32)));
    EXPECT_TRUE(has(Of(Type::kU32, Type::kU8)));
    EXPECT_TRUE(has(Of(Type::kF32, Type::kF16)));
    EXPECT_TRUE(has(Of(Type::kF32, Type::kBF16)));
    EXPECT_TRUE(has(Of(Type::kF16, Type::kF32, nearest)));
    EXPECT_TRUE(has(Of(Type::kBF16, Type::kF32, nearest)));
    EXPECT_TRUE(has(Of(Type::kF32, Type::kS32, nearest)));
    EXPECT_TRUE(has(Of(Type::kF32, Type::kU8, nearest)));
    EXPECT_TRUE(has(Of(Type::kF64, Type::kF32)));
    EXPECT_TRUE(has(Of(Type::kS32, Type::kF32, zero), true));
    EXPECT_TRUE(has(Of(Type::kF32, Type::kF32, nearest), true));
  }
}

// --- ConvertValue against the host

template <class T>
u64 BitsOfValue(T value) {
  if constexpr (sizeof(T) == 8)
    return std::bit_cast<u64>(value);
  else
    return std::bit_cast<u32>(value);
}
class HostRounding {
 public:
  explicit HostRounding(int mode) { std::fesetround(mode); }
  ~HostRounding() { std::fesetround(FE_TONEAREST); }
};
constexpr int kHostModes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

TEST(ConvertValue, RoundsAsTheHostDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 4000; ++i) {
    const u64 bits = i % 2 == 0 ? SampleBits(Type::kF64, random) : random();
    for (std::size_t m = 0; m < 4; ++m) {
      volatile double value = std::bit_cast<double>(bits);
      volatile s64 integer = static_cast<s64>(bits);
      // Volatile, so that nothing moves across the change of mode.
      volatile float narrow = 0, from_integer = 0;
      volatile double whole = 0, wide_from_integer = 0;
      {
        const HostRounding mode(kHostModes[m]);
        narrow = static_cast<float>(value);
        whole = std::nearbyint(value);
        from_integer = static_cast<float>(integer);
        wide_from_integer = static_cast<double>(integer);
      }
      const ConvertRounding rounding = kModes[m].rounding;
      EXPECT_EQ(ConvertValue(bits, Of(Type::kF32, Type::kS64, rounding)),
                BitsOfValue<float>(from_integer));
      EXPECT_EQ(ConvertValue(bits, Of(Type::kF64, Type::kS64, rounding)),
                BitsOfValue<double>(wide_from_integer));
      if (std::isnan(value)) continue;
      EXPECT_EQ(ConvertValue(bits, Of(Type::kF32, Type::kF64, rounding)),
                BitsOfValue<float>(narrow));
      Conversion to_integer = Of(Type::kS64, Type::kF64, rounding);
      to_integer.integral = true;
      const double limit = 9223372036854775808.0;
      const s64 wanted = whole >= limit   ? std::numeric_limits<s64>::max()
                         : whole < -limit ? std::numeric_limits<s64>::min()
                                          : static_cast<s64>(whole);
      EXPECT_EQ(static_cast<s64>(ConvertValue(bits, to_integer)), wanted) << value;
    }
  }
}

// The value of a pattern by definition: sign, exponent and fraction.
double Meaning(u32 bits, int exponent_bits, int fraction_bits, bool finite) {
  const u32 magnitude = bits & ((1u << (exponent_bits + fraction_bits)) - 1);
  const u32 exponent = magnitude >> fraction_bits, top = (1u << exponent_bits) - 1;
  const u32 fraction = magnitude & ((1u << fraction_bits) - 1);
  const double sign = magnitude != bits ? -1.0 : 1.0;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  if (exponent == top && !finite) return fraction != 0 ? std::nan("") : sign * INFINITY;
  if (finite && magnitude == (1u << (exponent_bits + fraction_bits)) - 1) return std::nan("");
  const double mantissa = fraction + (exponent != 0 ? 1u << fraction_bits : 0u);
  return sign * std::ldexp(mantissa,
                           static_cast<int>(exponent == 0 ? 1 : exponent) - bias - fraction_bits);
}
struct Small {
  Type type;
  int exponent_bits, fraction_bits;
  bool finite;
};
constexpr Small kSmall[] = {{Type::kF16, 5, 10, false},
                            {Type::kBF16, 8, 7, false},
                            {Type::kE4M3, 4, 3, true},
                            {Type::kE5M2, 5, 2, false}};

TEST(ConvertValue, AllSmallFloatsMeanWhatTheyShould) {
  for (const Small& small : kSmall) {
    const u32 patterns = 1u << (1 + small.exponent_bits + small.fraction_bits);
    for (u32 bits = 0; bits < patterns; ++bits) {
      const double value = Meaning(bits, small.exponent_bits, small.fraction_bits, small.finite);
      const u64 f32 = ConvertValue(bits, Of(Type::kF32, small.type));
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(std::bit_cast<float>(static_cast<u32>(f32))));
        continue;
      }
      ASSERT_EQ(f32, BitsOfValue(static_cast<float>(value))) << bits;
      ASSERT_EQ(ConvertValue(bits, Of(Type::kF64, small.type)), BitsOfValue(value)) << bits;
      // And back, exactly; the midpoint to the next one goes to the even one.
      ASSERT_EQ(ConvertValue(f32, Of(small.type, Type::kF32, ConvertRounding::kNearest)),
                small.finite || !std::isinf(value)
                    ? bits
                    : f32 >> 31 << (small.exponent_bits + small.fraction_bits) |
                          (bits & (patterns / 2 - 1)));
      const double next = Meaning(bits + 1, small.exponent_bits, small.fraction_bits, small.finite);
      if ((bits + 1) % (patterns / 2) == 0 || !std::isfinite(next) || !std::isfinite(value))
        continue;
      const u64 middle = BitsOfValue((value + next) / 2);
      const auto to = [&](ConvertRounding rounding) {
        return ConvertValue(middle, Of(small.type, Type::kF64, rounding));
      };
      const bool negative = value < 0 || std::signbit(value);
      ASSERT_EQ(to(ConvertRounding::kNearest), bits + (bits & 1));
      ASSERT_EQ(to(ConvertRounding::kToZero), bits);
      ASSERT_EQ(to(ConvertRounding::kUp), negative ? bits : bits + 1);
      ASSERT_EQ(to(ConvertRounding::kDown), negative ? bits + 1 : bits);
    }
  }
}

// Every pattern, in all lanes, both instruction sets.
TEST(Convert, AllHalvesToF32) {
  for (const Small& small : {kSmall[0], kSmall[1]}) {
    for (const Isa isa : Isas()) {
      OpHarness harness(DecodeConvert, isa);
      // Sixteen instructions a run, on registers 0 to 15.
      const std::string text = Text("", Type::kF32, small.type);
      std::string body;
      for (int k = 0; k < 16; ++k)
        body += text + " " + RegisterOf(32, k) + ", " + RegisterOf(16, k) + ";";
      for (u64 first = 0; first < 65536; first += 512) {
        for (int k = 0; k < 16; ++k) {
          std::array<u64, kLanes> values{};
          for (u64 i = 0; i < kLanes; ++i) values[i] = first + static_cast<u64>(k) * kLanes + i;
          SetLanes(harness, 16, k, values);
        }
        ASSERT_EQ(harness.Run(body), "");
        for (int k = 0; k < 16; ++k) {
          const auto results = GetLanes(harness, 32, k);
          for (u64 i = 0; i < kLanes; ++i) {
            const u64 bits = first + static_cast<u64>(k) * kLanes + i;
            ASSERT_EQ(results[i], ConvertValue(bits, Of(Type::kF32, small.type))) << bits;
          }
        }
      }
    }
  }
}

// --- Special values and packed forms, by hand

u64 One(const std::string& text, int to_bits, int from_bits, u64 value) {
  OpHarness harness(DecodeConvert, BestIsa());
  std::array<u64, kLanes> values;
  values.fill(value);
  SetLanes(harness, from_bits, 1, values);
  EXPECT_EQ(
      harness.Run(text + " " + RegisterOf(to_bits, 2) + ", " + RegisterOf(from_bits, 1) + ";"), "");
  return GetLanes(harness, to_bits, 2)[31];
}
TEST(Convert, NanAndInfinity) {
  const u64 nan32 = 0x7FC0'0000, nan64 = 0x7FF8'0000'0000'0000, inf32 = 0x7F80'0000;
  EXPECT_EQ(One("cvt.rzi.s32.f32", 32, 32, nan32), 0u);
  EXPECT_EQ(One("cvt.rzi.u32.f32", 32, 32, nan32), 0u);
  EXPECT_EQ(One("cvt.rzi.s64.f32", 64, 32, nan32), u64{1} << 63);
  EXPECT_EQ(One("cvt.rzi.u64.f64", 64, 64, nan64), u64{1} << 63);
  EXPECT_EQ(One("cvt.rzi.s32.f64", 32, 64, nan64), 0x8000'0000u);
  EXPECT_EQ(One("cvt.rzi.s32.f32", 32, 32, inf32), 0x7FFF'FFFFu);
  EXPECT_EQ(One("cvt.rzi.u32.f32", 32, 32, 0xBF80'0000), 0u);
  EXPECT_EQ(One("cvt.rzi.u32.f32", 32, 32, 0x4F80'0000), 0xFFFF'FFFFu);
  EXPECT_EQ(One("cvt.rn.f16.f32", 16, 32, 0xFFC0'0000), 0x7FFFu);
  EXPECT_EQ(One("cvt.rn.f16.f32", 16, 32, 0x477F'F000), 0x7C00u);  // 65520
  EXPECT_EQ(One("cvt.rz.f16.f32", 16, 32, 0x477F'F000), 0x7BFFu);
  EXPECT_EQ(One("cvt.rn.satfinite.f16.f32", 16, 32, inf32), 0x7BFFu);
  EXPECT_EQ(One("cvt.rna.tf32.f32", 32, 32, 0x3F80'1000), 0x3F80'2000u);
  EXPECT_EQ(One("cvt.rn.tf32.f32", 32, 32, 0x3F80'1000), 0x3F80'0000u);
  EXPECT_EQ(One("cvt.sat.u8.s32", 16, 32, 300), 255u);
  EXPECT_EQ(One("cvt.s32.s8", 32, 16, 0x1280), 0xFFFF'FF80u);
  EXPECT_EQ(One("cvt.rni.f32.f32", 32, 32, 0xBE80'0000), 0x8000'0000u);  // -0.25
}

TEST(Convert, PackedFloats) {
  std::mt19937_64 random(4);
  struct PackedForm {
    const char* text;
    Type element;
    bool satfinite, relu;
    ConvertRounding rounding;
  };
  const PackedForm forms[] = {
      {"cvt.rn.f16x2.f32", Type::kF16, false, false, ConvertRounding::kNearest},
      {"cvt.rz.f16x2.f32", Type::kF16, false, false, ConvertRounding::kToZero},
      {"cvt.rn.relu.bf16x2.f32", Type::kBF16, false, true, ConvertRounding::kNearest},
      {"cvt.rn.bf16x2.f32", Type::kBF16, false, false, ConvertRounding::kNearest},
      {"cvt.rn.satfinite.e4m3x2.f32", Type::kE4M3, true, false, ConvertRounding::kNearest},
      {"cvt.rn.satfinite.relu.e5m2x2.f32", Type::kE5M2, true, true, ConvertRounding::kNearest}};
  for (const Isa isa : Isas()) {
    for (const PackedForm& form : forms) {
      OpHarness harness(DecodeConvert, isa);
      Conversion conversion = Of(form.element, Type::kF32, form.rounding);
      conversion.satfinite = form.satfinite;
      conversion.relu = form.relu;
      std::array<u64, kLanes> a{}, b{};
      for (std::size_t i = 0; i < kLanes; ++i) {
        a[i] = SampleBits(Type::kF32, random) & 0xFFFF'FFFF;
        b[i] = SampleBits(Type::kF32, random) & 0xFFFF'FFFF;
      }
      SetLanes(harness, 32, 1, a);
      SetLanes(harness, 32, 2, b);
      const int width = BitsOf(form.element);
      ASSERT_EQ(
          harness.Run(std::string(form.text) + " " + RegisterOf(2 * width, 3) + ", %r1, %r2;"), "");
      const auto results = GetLanes(harness, 2 * width, 3);
      for (std::size_t i = 0; i < kLanes; ++i) {
        EXPECT_EQ(results[i],
                  ConvertValue(a[i], conversion) << width | ConvertValue(b[i], conversion))
            << form.text;
      }
    }
  }
}
TEST(Convert, EightBitFloats) {
  const auto e4m3 = [](float value) {
    Conversion conversion = Of(Type::kE4M3, Type::kF32, ConvertRounding::kNearest);
    conversion.satfinite = true;
    return ConvertValue(std::bit_cast<u32>(value), conversion);
  };
  EXPECT_EQ(e4m3(448.0f), 0x7Eu);
  EXPECT_EQ(e4m3(1e9f), 0x7Eu);
  EXPECT_EQ(e4m3(-INFINITY), 0xFEu);
  EXPECT_EQ(e4m3(std::nanf("")), 0x7Fu);
  EXPECT_EQ(e4m3(1.0f), 0x38u);
  EXPECT_EQ(e4m3(0.001953125f), 0x01u);
  // All pairs of equal patterns to halves and back.
  for (const char* type : {"e4m3x2", "e5m2x2"}) {
    for (const bool relu : {false, true}) {
      OpHarness harness(DecodeConvert, BestIsa());
      for (u64 first = 0; first < 256; first += kLanes) {
        std::array<u64, kLanes> values{};
        for (u64 i = 0; i < kLanes; ++i) values[i] = (first + i) * 0x0101;
        SetLanes(harness, 16, 1, values);
        const std::string name = type, clip = relu ? ".relu" : "";
        ASSERT_EQ(harness.Run("cvt.rn" + clip + ".f16x2." + name + " %r1, %h1;" +
                              "cvt.rn.satfinite." + name + ".f16x2 %h2, %r1;"),
                  "");
        const auto back = GetLanes(harness, 16, 2);
        for (u64 i = 0; i < kLanes; ++i) {
          const u64 bits = first + i, magnitude = bits & 0x7F;
          const bool wide = name == "e5m2x2";
          u64 wanted = wide && magnitude == 0x7C ? (bits & 0x80) | 0x7B : bits;  // no infinity
          if (magnitude > (wide ? 0x7Cu : 0x7Eu))
            wanted = 0x7F;
          else if (relu && bits >= 0x80)
            wanted = 0;
          EXPECT_EQ(back[i], wanted * 0x0101) << name << " " << bits;
        }
      }
    }
  }
}

TEST(Convert, PackedIntegers) {
  OpHarness harness(DecodeConvert, BestIsa());
  harness.SetAll<s32>("%r1", -5);
  harness.SetAll<s32>("%r2", 100000);
  harness.SetAll<u32>("%r3", 0x1234'5678);
  ASSERT_EQ(harness.Run("cvt.pack.sat.u16.s32 %r4, %r1, %r2; cvt.pack.sat.s16.s32 %r5, %r1, %r2;"
                        "cvt.pack.sat.u8.s32.b32 %r6, %r1, %r2, %r3;"
                        "cvt.pack.sat.s4.s32.b32 %r7, %r1, %r2, %r3;"
                        "cvt.pack.sat.s2.s32.b32 %r8, %r1, %r2, %r3;"),
            "");
  EXPECT_EQ(harness.Get<u32>("%r4")[0], 0x0000'FFFFu);
  EXPECT_EQ(harness.Get<u32>("%r5")[0], 0xFFFB'7FFFu);
  EXPECT_EQ(harness.Get<u32>("%r6")[0], 0x5678'00FFu);
  EXPECT_EQ(harness.Get<u32>("%r7")[0], 0x3456'78B7u);
  EXPECT_EQ(harness.Get<u32>("%r8")[0], 0x2345'6789u);
}

TEST(Convert, UnknownFormsAreRefused) {
  OpHarness harness(DecodeConvert, Isa::kPortable);
  for (const char* text :
       {"cvt.f16.f32 %h1, %r1;", "cvt.rn.f32.f16 %r1, %h1;", "cvt.s32.f32 %r1, %r2;",
        "cvt.rn.s32.f32 %r1, %r2;", "cvt.rni.f32.s32 %r1, %r2;", "cvt.f32.s32 %r1, %r2;",
        "cvt.rs.f16x2.f32 %r1, %r2, %r3, %r4;", "cvt.rn.e4m3x2.f32 %h1, %r1, %r2;",
        "cvt.rn.rz.f16.f32 %h1, %r1;", "cvt.rna.f16.f32 %h1, %r1;", "cvt.u32.u16 %r1, %h1, %h2;",
        "cvt.ftz.u32.u16 %r1, %h1;", "cvt.u32.u64 %r1, %r2;", "cvt.f64.f32 %rd1, %rd2;",
        "cvt.b32.u32 %r1, %r2;", "cvt.pack.u16.s32 %r1, %r2, %r3;", "cvt.relu.u32.u16 %r1, %h1;",
        "cvt.rn.satfinite.e2m1x2.f32 %h1, %r1, %r2;", "cvt.pack.sat.u8.s32 %r1, %r2, %r3;"}) {
    EXPECT_NE(harness.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
