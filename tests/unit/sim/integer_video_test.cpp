// Video instructions against arithmetic of the host.
#include <algorithm>
#include <functional>

#include "unit/sim/lanes_check.h"

namespace caesar::sim {
namespace {

using U32 = std::uint32_t;
using S32 = std::int32_t;
using S64 = std::int64_t;
using Expected = std::function<U32(U32 a, U32 b, U32 c)>;

// d is %r0; a, b and c are %r1, %r2 and %r3.
void Check(const std::string& text, const Expected& expected) {
  std::mt19937_64 random(99);
  for (const Isa isa : Isas()) {
    OpHarness harness(DecodeInteger, isa);
    for (std::size_t round = 0; round < 16; ++round) {
      harness.mask = kMasks[round % std::size(kMasks)];
      std::array<std::array<U32, kLanes>, 4> values;
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = EdgeValues<U32>(random);
        harness.Set(Register<U32>(static_cast<int>(i)), values[i]);
      }
      ASSERT_EQ(harness.Run(text), "") << text;
      const auto got = harness.Get<U32>("%r0");
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (harness.mask >> i & 1) != 0;
        const U32 a = values[1][i], b = values[2][i], c = values[3][i];
        ASSERT_EQ(got[i], active ? expected(a, b, c) : values[0][i])
            << text << " of " << a << ", " << b << ", " << c;
      }
    }
  }
}

S64 Signed(U32 value) { return static_cast<S32>(value); }
U32 Low(S64 value) { return static_cast<U32>(value); }
S64 SByte(U32 value, int number) { return static_cast<std::int8_t>(value >> (8 * number)); }
S64 SHalf(U32 value, int number) { return static_cast<std::int16_t>(value >> (16 * number)); }
S64 UByte(U32 value, int number) { return value >> (8 * number) & 0xFF; }
S64 UHalf(U32 value, int number) { return value >> (16 * number) & 0xFFFF; }

TEST(IntegerVideo, ScalarsOfPartsOfTheirOperands) {
  Check("vadd.s32.s32.s32 %r0, %r1, %r2;", [](U32 a, U32 b, U32) { return a + b; });
  Check("vadd.s32.s32.s32.sat %r0, %r1, %r2;", [](U32 a, U32 b, U32) {
    return Low(std::clamp<S64>(Signed(a) + Signed(b), INT32_MIN, INT32_MAX));
  });
  Check("vsub.u32.u32.u32.sat %r0, %r1.b3, %r2.h1;",
        [](U32 a, U32 b, U32) { return Low(std::max<S64>(UByte(a, 3) - UHalf(b, 1), 0)); });
  Check("vabsdiff.u32.s32.u32.add %r0, %r1.h0, %r2.b1, %r3;",
        [](U32 a, U32 b, U32 c) { return Low(std::abs(SHalf(a, 0) - UByte(b, 1))) + c; });
  Check("vmin.s32.s32.u32 %r0, %r1, %r2;",
        [](U32 a, U32 b, U32) { return Low(std::min<S64>(Signed(a), b)); });
  Check("vmax.s32.s32.s32.min %r0, %r1.b0, %r2.b2, %r3;", [](U32 a, U32 b, U32 c) {
    return Low(std::min(std::max(SByte(a, 0), SByte(b, 2)), Signed(c)));
  });
  Check("vadd.u32.u32.u32.max %r0, %r1.h0, %r2.h0, %r3;",
        [](U32 a, U32 b, U32 c) { return std::max(Low(UHalf(a, 0) + UHalf(b, 0)), c); });
  Check("vadd.s32.s32.s32.sat %r0.b2, %r1, %r2, %r3;", [](U32 a, U32 b, U32 c) {
    const S64 sum = std::clamp<S64>(Signed(a) + Signed(b), -128, 127);
    return (c & 0xFF00FFFF) | (Low(sum) & 0xFF) << 16;
  });
  Check("vsub.u32.u32.u32 %r0.h1, %r1, %r2, %r3;",
        [](U32 a, U32 b, U32 c) { return (c & 0xFFFF) | (a - b) << 16; });
}

TEST(IntegerVideo, Shifts) {
  Check("vshl.u32.u32.u32.clamp %r0, %r1, %r2;",
        [](U32 a, U32 b, U32) { return b > 31 ? 0 : a << b; });
  Check("vshl.s32.s32.u32.wrap.add %r0, %r1.b1, %r2, %r3;",
        [](U32 a, U32 b, U32 c) { return (Low(SByte(a, 1)) << (b & 31)) + c; });
  Check("vshr.s32.s32.u32.clamp %r0, %r1, %r2.b0;",
        [](U32 a, U32 b, U32) { return Low(Signed(a) >> std::min<S64>(UByte(b, 0), 32)); });
  Check("vshr.u32.u32.u32.wrap %r0, %r1, %r2;", [](U32 a, U32 b, U32) { return a >> (b & 31); });
}

TEST(IntegerVideo, MultipliesAndAdds) {
  Check("vmad.u32.u32.u32 %r0, %r1.h1, %r2.b0, %r3;",
        [](U32 a, U32 b, U32 c) { return Low(UHalf(a, 1) * UByte(b, 0)) + c; });
  Check("vmad.s32.s32.s32.sat.shr7 %r0, %r1.h0, -%r2.h1, %r3;", [](U32 a, U32 b, U32 c) {
    const S64 sum = (-(SHalf(a, 0) * SHalf(b, 1)) + Signed(c)) >> 7;
    return Low(std::clamp<S64>(sum, INT32_MIN, INT32_MAX));
  });
  Check("vmad.u32.u32.u32.po.shr15 %r0, %r1.h0, %r2.h0, %r3;",
        [](U32 a, U32 b, U32 c) { return Low((UHalf(a, 0) * UHalf(b, 0) + S64{c} + 1) >> 15); });
  Check("vmad.u32.u32.u32.sat %r0, %r1, %r2, %r3;", [](U32 a, U32 b, U32 c) {
    const std::uint64_t sum = std::uint64_t{a} * b + c;
    return sum > UINT32_MAX ? UINT32_MAX : static_cast<U32>(sum);
  });
  Check("vmad.s32.s32.s32 %r0, %r1, %r2, -%r3;", [](U32 a, U32 b, U32 c) { return a * b - c; });
}

TEST(IntegerVideo, Comparisons) {
  Check("vset.s32.u32.lt %r0, %r1, %r2;",
        [](U32 a, U32 b, U32) { return U32{Signed(a) < S64{b}}; });
  Check("vset.u32.u32.ge.add %r0, %r1.b1, %r2.b1, %r3;",
        [](U32 a, U32 b, U32 c) { return c + U32{UByte(a, 1) >= UByte(b, 1)}; });
  Check("vset4.u32.u32.ne %r0, %r1, %r2, %r3;", [](U32 a, U32 b, U32) {
    U32 result = 0;
    for (int i = 0; i < 4; ++i) result |= U32{UByte(a, i) != UByte(b, i)} << (8 * i);
    return result;
  });
}

TEST(IntegerVideo, HalvesSideBySide) {
  Check("vadd2.s32.s32.s32.sat %r0, %r1, %r2, %r3;", [](U32 a, U32 b, U32) {
    U32 result = 0;
    for (int i = 0; i < 2; ++i) {
      const S64 sum = std::clamp<S64>(SHalf(a, i) + SHalf(b, i), -32768, 32767);
      result |= (Low(sum) & 0xFFFF) << (16 * i);
    }
    return result;
  });
  Check("vavrg2.s32.s32.s32 %r0.h1, %r1, %r2, %r3;", [](U32 a, U32 b, U32 c) {
    // Halves away from zero.
    const S64 sum = SHalf(a, 1) + SHalf(b, 1);
    const S64 half = sum >= 0 ? (sum + 1) / 2 : -((-sum + 1) / 2);
    return (c & 0xFFFF) | Low(half) << 16;
  });
  // 0 and 1 are a's, 2 and 3 b's.
  Check("vsub2.u32.u32.s32.add %r0, %r1.h31, %r2.h02, %r3;", [](U32 a, U32 b, U32 c) {
    const S64 low = UHalf(a, 1) - SHalf(b, 0), high = UHalf(b, 1) - SHalf(a, 0);
    return c + Low(low) + Low(high);
  });
  Check("vabsdiff2.u32.s32.s32 %r0.h10, %r1.h01, %r2, %r3;", [](U32 a, U32 b, U32) {
    const S64 low = std::abs(SHalf(a, 1) - SHalf(b, 0)), high = std::abs(SHalf(a, 0) - SHalf(b, 1));
    return (Low(low) & 0xFFFF) | Low(high) << 16;
  });
}

TEST(IntegerVideo, BytesSideBySide) {
  Check("vmax4.s32.s32.s32 %r0, %r1, %r2, %r3;", [](U32 a, U32 b, U32) {
    U32 result = 0;
    for (int i = 0; i < 4; ++i) {
      result |= (Low(std::max(SByte(a, i), SByte(b, i))) & 0xFF) << (8 * i);
    }
    return result;
  });
  Check("vsub4.u32.u32.u32.sat %r0.b20, %r1, %r2, %r3;", [](U32 a, U32 b, U32 c) {
    U32 result = c & 0xFF00FF00;
    for (const int i : {0, 2}) {
      result |= Low(std::max<S64>(UByte(a, i) - UByte(b, i), 0)) << (8 * i);
    }
    return result;
  });
  Check("vmin4.u32.u32.u32.add %r0, %r1.b7610, %r2, %r3;", [](U32 a, U32 b, U32 c) {
    const S64 from[] = {UByte(a, 0), UByte(a, 1), UByte(b, 2), UByte(b, 3)};
    for (int i = 0; i < 4; ++i) c += Low(std::min(from[i], UByte(b, i)));
    return c;
  });
  Check("vadd4.s32.s32.u32 %r0, %r1, %r2, %r3;", [](U32 a, U32 b, U32) {
    U32 result = 0;
    for (int i = 0; i < 4; ++i) result |= (Low(SByte(a, i) + UByte(b, i)) & 0xFF) << (8 * i);
    return result;
  });
}

TEST(IntegerVideo, RefusesWhatDoesNotExist) {
  OpHarness harness(DecodeInteger, Isa::kPortable);
  for (const char* text :
       {"vadd.s32.s32 %r0, %r1, %r2;", "vadd.s64.s32.s32 %r0, %r1, %r2;",
        "vadd.s32.s32.s32 %r0, %r1.b4, %r2;", "vadd.s32.s32.s32 %r0, %r1.h2, %r2;",
        "vadd2.s32.s32.s32 %r0, %r1.h4, %r2, %r3;", "vadd2.s32.s32.s32.min %r0, %r1, %r2, %r3;",
        "vadd4.s32.s32.s32 %r0.h1, %r1, %r2, %r3;", "vadd4.s32.s32.s32 %r0, %r1.b32100, %r2, %r3;",
        "vshl.u32.u32.u32 %r0, %r1, %r2;", "vset.u32.u32 %r0, %r1, %r2;",
        "vadd.s32.s32.s32 %r0, %r1;", "vadd.s32.s32.s32 %r0, %r1, %r2, %r3;",
        "vmad.s32.s32.s32.po %r0, %r1, -%r2, %r3;", "vadd.s32.s32.s32 %r0, -%r1, %r2;",
        "vavrg.s32.s32.s32 %r0, %r1, %r2;"}) {
    EXPECT_NE(harness.Run(text), "") << text;
  }
}

}  // namespace
}  // namespace caesar::sim
