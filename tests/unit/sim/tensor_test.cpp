// Matrix instructions against products of the host; fragments laid out as the PTX document says.
#include <cmath>
#include <cstring>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

using Word = std::uint32_t;
using Half = std::uint16_t;

// Small integers, exact in every type.
int Entry(int row, int column, int salt) { return (row * 7 + column * 3 + salt * 5) % 8 - 3; }

Half ToHalf(int value) {
  if (value == 0) return 0;
  const int magnitude = std::abs(value), exponent = std::ilogb(static_cast<double>(magnitude));
  const int fraction = (magnitude << (10 - exponent)) & 0x3FF;
  return static_cast<Half>((value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | fraction);
}
Half ToBrain(int value) {
  return static_cast<Half>(std::bit_cast<Word>(static_cast<float>(value)) >> 16);
}
Word FloatBits(int value) { return std::bit_cast<Word>(static_cast<float>(value)); }

// The upper byte of an f16 is an e5m2; e4m3 has an exponent that is 8 less. Three digits suffice.
Word ToByte(int value, bool e4m3) {
  const Word half = ToHalf(value);
  if (!e4m3 || value == 0) return half >> 8;
  return (half >> 8 & 0x80) | (((half & 0x7FFF) >> 7) - 64);
}

Word Encode(const std::string& type, int value) {
  if (type == "e4m3" || type == "e5m2") return ToByte(value, type == "e4m3");
  if (type == "s4" || type == "u4") return static_cast<Word>(value) & 0xF;
  if (type == "f16") return ToHalf(value);
  if (type == "bf16") return ToBrain(value);
  if (type == "s8" || type == "u8") return static_cast<std::uint8_t>(value);
  if (type == "s32") return static_cast<Word>(value);
  return FloatBits(value);
}
int BitsOfName(const std::string& type) {
  if (type == "f16" || type == "bf16") return 16;
  if (type == "s4" || type == "u4") return 4;
  return type == "s8" || type == "u8" || type == "e4m3" || type == "e5m2" ? 8 : 32;
}

struct Case {
  int m, k;
  std::string d, a, b, c;
};

std::string Vector(int first, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) text += (i > 0 ? ", %r" : "%r") + std::to_string(first + i);
  return text + "}";
}

// Where element j of register r of a lane lies: PTX ISA, "Matrix Fragments for mma".
void Expect(const Case& test, Isa isa) {
  OpHarness harness(DecodeTensor, isa);
  const int per = 32 / BitsOfName(test.a), per_c = 32 / BitsOfName(test.c),
            per_d = 32 / BitsOfName(test.d);
  const int a_count = test.m * test.k / (32 * per), b_count = test.k * 8 / (32 * per),
            c_count = test.m * 8 / (32 * per_c), d_count = test.m * 8 / (32 * per_d);
  const int unsigned_a = test.a == "u8" || test.a == "u4" ? 3 : 0;
  const auto set = [&](int number, const std::function<Word(int, int)>& element, int elements,
                       const std::string& type) {
    std::array<Word, kLanes> lanes{};
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int j = 0; j < elements; ++j) {
        lanes[static_cast<std::size_t>(lane)] |= element(lane, j) << (j * BitsOfName(type));
      }
    }
    harness.Set("%r" + std::to_string(number), lanes);
  };
  for (int r = 0; r < a_count; ++r) {
    set(
        10 + r,
        [&](int lane, int j) {
          const int row = lane / 4 + (test.m == 16 && r % 2 == 1 ? 8 : 0);
          const int column = lane % 4 * per + j + 4 * per * (test.m == 16 ? r / 2 : r);
          return Encode(test.a, Entry(row, column, 1) + unsigned_a);
        },
        per, test.a);
  }
  for (int r = 0; r < b_count; ++r) {
    set(
        20 + r,
        [&](int lane, int j) {
          return Encode(test.b, Entry(lane % 4 * per + j + 4 * per * r, lane / 4, 2));
        },
        per, test.b);
  }
  const auto place = [](int lane, int element, int* row, int* column) {
    *row = lane / 4 + 8 * (element / 2);
    *column = lane % 4 * 2 + element % 2;
  };
  for (int r = 0; r < c_count; ++r) {
    set(
        30 + r,
        [&](int lane, int j) {
          int row = 0, column = 0;
          place(lane, r * per_c + j, &row, &column);
          return Encode(test.c, Entry(row, column, 3));
        },
        per_c, test.c);
  }
  const std::string text =
      "mma.sync.aligned.m" + std::to_string(test.m) + "n8k" + std::to_string(test.k) + ".row.col." +
      test.d + "." + test.a + "." + test.b + "." + test.c + " " + Vector(40, d_count) + ", " +
      Vector(10, a_count) + ", " + Vector(20, b_count) + ", " + Vector(30, c_count) + ";";
  ASSERT_EQ(harness.Run(text), "") << text;
  for (int r = 0; r < d_count; ++r) {
    const auto got = harness.Get<Word>("%r" + std::to_string(40 + r));
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int j = 0; j < per_d; ++j) {
        int row = 0, column = 0;
        place(lane, r * per_d + j, &row, &column);
        int sum = Entry(row, column, 3);
        for (int k = 0; k < test.k; ++k) {
          sum += (Entry(row, k, 1) + unsigned_a) * Entry(k, column, 2);
        }
        const Word mask = per_d == 2 ? 0xFFFF : 0xFFFFFFFF;
        ASSERT_EQ(got[static_cast<std::size_t>(lane)] >> (j * 16 * (per_d - 1)) & mask,
                  Encode(test.d, sum))
            << text << " row " << row << " column " << column;
      }
    }
  }
}

TEST(Tensor, MmaMultipliesAsTheHostDoes) {
  for (const Isa isa : TestedIsas()) {
    for (const Case& test :
         {Case{16, 16, "f32", "f16", "f16", "f32"}, Case{16, 8, "f32", "f16", "f16", "f32"},
          Case{16, 16, "f16", "f16", "f16", "f16"}, Case{16, 16, "f32", "bf16", "bf16", "f32"},
          Case{16, 8, "f32", "bf16", "bf16", "f32"}, Case{16, 4, "f32", "tf32", "tf32", "f32"},
          Case{16, 8, "f32", "tf32", "tf32", "f32"}, Case{16, 16, "s32", "s8", "s8", "s32"},
          Case{16, 32, "s32", "u8", "s8", "s32"}, Case{8, 16, "s32", "s8", "s8", "s32"},
          Case{16, 32, "f32", "e4m3", "e4m3", "f32"}, Case{16, 16, "f32", "e5m2", "e4m3", "f32"},
          Case{16, 32, "f16", "e4m3", "e5m2", "f16"}, Case{16, 16, "f16", "e5m2", "e5m2", "f16"},
          Case{8, 32, "s32", "s4", "s4", "s32"}, Case{16, 32, "s32", "u4", "s4", "s32"},
          Case{16, 64, "s32", "s4", "s4", "s32"}}) {
      Expect(test, isa);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Tensor, MmaOfDoubles) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeTensor, isa);
    std::array<double, kLanes> a{}, b{}, c[2]{};
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto l = static_cast<std::size_t>(lane);
      a[l] = Entry(lane / 4, lane % 4, 1) / 3.0;
      b[l] = Entry(lane % 4, lane / 4, 2) / 7.0;
      for (int i = 0; i < 2; ++i) c[i][l] = Entry(lane / 4, lane % 4 * 2 + i, 3) / 5.0;
    }
    harness.Set("%d1", a);
    harness.Set("%d2", b);
    harness.Set("%d3", c[0]);
    harness.Set("%d4", c[1]);
    ASSERT_EQ(harness.Run("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 "
                          "{%d5, %d6}, {%d1}, {%d2}, {%d3, %d4};"),
              "");
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int i = 0; i < 2; ++i) {
        double sum = Entry(lane / 4, lane % 4 * 2 + i, 3) / 5.0;
        for (int k = 0; k < 4; ++k) {
          sum = std::fma(Entry(lane / 4, k, 1) / 3.0, Entry(k, lane % 4 * 2 + i, 2) / 7.0, sum);
        }
        EXPECT_EQ(harness.Get<double>(i == 0 ? "%d5" : "%d6")[static_cast<std::size_t>(lane)], sum);
      }
    }
  }
}

// One sum beyond each end of s32, or modulo 2^32.
TEST(Tensor, MmaOfBytesSaturates) {
  struct Row {
    Word a;
    std::int32_t c, saturated, wrapped;
  };
  for (const Isa isa : TestedIsas()) {
    for (const Row& row :
         {Row{0x7F7F7F7F, INT32_MAX - 5, INT32_MAX, INT32_MIN + 16 * 127 * 127 - 6},
          Row{0x80808080, INT32_MIN + 5, INT32_MIN, INT32_MAX - 16 * 128 * 127 + 6}}) {
      OpHarness harness(DecodeTensor, isa);
      harness.SetAll<Word>("%r1", row.a);
      harness.SetAll<Word>("%r2", 0x7F7F7F7F);
      harness.SetAll<std::int32_t>("%r3", row.c);
      const std::string mma = "mma.sync.aligned.m8n8k16.row.col", types = ".s32.s8.s8.s32 ",
                        from = ", {%r1}, {%r2}, {%r3, %r3};\n";
      ASSERT_EQ(harness.Run(mma + ".satfinite" + types + "{%r4, %r5}" + from +  //
                            mma + types + "{%r6, %r7}" + from),
                "");
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        EXPECT_EQ(harness.Get<std::int32_t>("%r5")[lane], row.saturated);
        EXPECT_EQ(harness.Get<std::int32_t>("%r6")[lane], row.wrapped);
      }
    }
  }
}

TEST(Tensor, MatricesToAndFromSharedMemory) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeTensor, isa);
    std::array<Word, kLanes> rows{}, out{};
    for (Word i = 0; i < kLanes; ++i) {
      rows[i] = i * 16;
      out[i] = 1024 + i * 16;
    }
    harness.Set("%r1", rows);
    harness.Set("%r2", out);
    for (Word i = 0; i < 32; ++i) {
      std::array<Word, kLanes> value{};
      for (Word lane = 0; lane < kLanes; ++lane) {
        value[lane] = (i * 64 + lane * 2) | (i * 64 + lane * 2 + 1) << 16;
      }
      if (i < 4) harness.Set("%r" + std::to_string(20 + i), value);
    }
    ASSERT_EQ(harness.Run("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%r1], {%r20,%r21,%r22,%r23};\n"
                          "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4,%r5,%r6,%r7}, [%r1];\n"
                          "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r8,%r9}, [%r1+256];\n"
                          "movmatrix.sync.aligned.m8n8.trans.b16 %r10, %r22;\n"
                          "stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%r2], {%r20};\n"
                          "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r11}, [%r2];"),
              "");
    ASSERT_EQ(harness.last_step, Step::kNext);
    for (Word lane = 0; lane < kLanes; ++lane) {
      for (Word m = 0; m < 4; ++m) {
        EXPECT_EQ(harness.Get<Word>("%r" + std::to_string(4 + m))[lane],
                  harness.Get<Word>("%r" + std::to_string(20 + m))[lane]);
      }
      const auto transposed = [&](Word m) {
        const Word row = lane / 4, column = lane % 4 * 2;
        return (m * 64 + column * 8 + row) | (m * 64 + (column + 1) * 8 + row) << 16;
      };
      EXPECT_EQ(harness.Get<Word>("%r8")[lane], transposed(2));
      EXPECT_EQ(harness.Get<Word>("%r9")[lane], transposed(3));
      EXPECT_EQ(harness.Get<Word>("%r10")[lane], transposed(2));
      EXPECT_EQ(harness.Get<Word>("%r11")[lane], transposed(0));
    }
  }
}

// Loads, multiplies and stores through memory: fragments' layouts are nobody's business.
struct WmmaCase {
  int m, n, k, a_registers, b_registers, c_registers;
  std::string type, sum;
};

void ExpectWmma(const WmmaCase& test, bool a_columns, bool b_columns, bool d_columns, Isa isa) {
  OpHarness harness(DecodeTensor, isa);
  const int bytes = BitsOfName(test.type) / 8, sum_bytes = BitsOfName(test.sum) / 8;
  const auto fill = [&](std::uint64_t base, int rows, int columns, bool by_columns, int stride,
                        const std::string& type, int size, int salt) {
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        const Word bits = Encode(type, Entry(i, j, salt));
        const int at = by_columns ? j * stride + i : i * stride + j;
        std::memcpy(harness.arena().Host(base + static_cast<std::uint64_t>(at * size)), &bits,
                    static_cast<std::size_t>(size));
      }
    }
  };
  constexpr int kStride = 48;
  const std::uint64_t a = harness.arena().Allocate(16384, "a"),
                      b = harness.arena().Allocate(16384, "b"),
                      c = harness.arena().Allocate(16384, "c"),
                      d = harness.arena().Allocate(16384, "d");
  fill(a, test.m, test.k, a_columns, kStride, test.type, bytes, 1);
  fill(b, test.k, test.n, b_columns, kStride, test.type, bytes, 2);
  fill(c, test.m, test.n, false, kStride, test.sum, sum_bytes, 3);
  harness.SetAll("%rd1", a);
  harness.SetAll("%rd2", b);
  harness.SetAll("%rd3", c);
  harness.SetAll("%rd4", d);
  harness.SetAll<Word>("%r1", kStride);
  const std::string shape =
      ".m" + std::to_string(test.m) + "n" + std::to_string(test.n) + "k" + std::to_string(test.k);
  const auto order = [](bool columns) { return std::string(columns ? ".col" : ".row"); };
  const std::string types =
      test.type == "f16" ? "." + test.sum + "." + test.sum
                         : "." + test.sum + "." + test.type + "." + test.type + "." + test.sum;
  const std::string from_a = Vector(10, test.a_registers), from_b = Vector(20, test.b_registers),
                    from_c = Vector(30, test.c_registers), to_d = Vector(40, test.c_registers);
  ASSERT_EQ(harness.Run("wmma.load.a.sync.aligned" + order(a_columns) + shape + ".global." +
                        test.type + " " + from_a + ", [%rd1], %r1;\n" +  //
                        "wmma.load.b.sync.aligned" + order(b_columns) + shape + "." + test.type +
                        " " + from_b + ", [%rd2], %r1;\n" +  //
                        "wmma.load.c.sync.aligned.row" + shape + ".global." + test.sum + " " +
                        from_c + ", [%rd3], %r1;\n" +  //
                        "wmma.mma.sync.aligned" + order(a_columns) + order(b_columns) + shape +
                        types + " " + to_d + ", " + from_a + ", " + from_b + ", " + from_c + ";\n" +
                        "wmma.store.d.sync.aligned" + order(d_columns) + shape + ".global." +
                        test.sum + " [%rd4], " + to_d + ", %r1;"),
            "")
      << shape << types;
  ASSERT_EQ(harness.last_step, Step::kNext);
  for (int i = 0; i < test.m; ++i) {
    for (int j = 0; j < test.n; ++j) {
      int sum = Entry(i, j, 3);
      for (int k = 0; k < test.k; ++k) sum += Entry(i, k, 1) * Entry(k, j, 2);
      Word got = 0;
      const int at = d_columns ? j * kStride + i : i * kStride + j;
      std::memcpy(&got, harness.arena().Host(d + static_cast<std::uint64_t>(at * sum_bytes)),
                  static_cast<std::size_t>(sum_bytes));
      ASSERT_EQ(got, Encode(test.sum, sum)) << shape << types << " " << i << " " << j;
    }
  }
}

TEST(Tensor, WmmaThroughMemory) {
  for (const Isa isa : TestedIsas()) {
    for (const WmmaCase& test :
         {WmmaCase{16, 16, 16, 8, 8, 8, "f16", "f32"}, WmmaCase{16, 16, 16, 8, 8, 4, "f16", "f16"},
          WmmaCase{32, 8, 16, 8, 8, 8, "f16", "f32"}, WmmaCase{8, 32, 16, 8, 8, 4, "f16", "f16"},
          WmmaCase{16, 16, 16, 4, 4, 8, "bf16", "f32"}, WmmaCase{32, 8, 16, 8, 2, 8, "bf16", "f32"},
          WmmaCase{8, 32, 16, 1, 4, 8, "s8", "s32"}, WmmaCase{16, 16, 16, 2, 2, 8, "s8", "s32"},
          WmmaCase{16, 16, 8, 4, 4, 8, "tf32", "f32"}}) {
      for (int orders = 0; orders < 8; ++orders) {
        ExpectWmma(test, (orders & 1) != 0, (orders & 2) != 0, (orders & 4) != 0, isa);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Tensor, AccessesAreChecked) {
  OpHarness harness(DecodeTensor, Isa::kPortable);
  harness.SetAll<Word>("%r1", OpHarness::kSharedBytes);
  ASSERT_EQ(harness.Run("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r4}, [%r1];"), "");
  EXPECT_EQ(harness.last_step, Step::kFault);
}

TEST(Tensor, WaitsForTheWholeWarp) {
  OpHarness harness(DecodeTensor, Isa::kPortable);
  harness.mask = 0xFFFF;
  ASSERT_EQ(harness.Run("movmatrix.sync.aligned.m8n8.trans.b16 %r10, %r22;"), "");
  EXPECT_EQ(harness.last_step, Step::kWait);
}

TEST(Tensor, RefusesWhatIsNotSimulated) {
  for (const std::string body :
       {"mma.sync.aligned.m16n8k8.col.col.f32.f16.f16.f32 {%r1,%r2,%r3,%r4}, {%r5,%r6}, {%r7}, "
        "{%r1,%r2,%r3,%r4};",
        "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32 {%r1,%r2}, {%r3}, {%r4}, {%r5,%r6};",
        "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.s8.f32 {%r1,%r2,%r3,%r4}, {%r5,%r6,%r7,%r8}, "
        "{%r9,%r10}, {%r1,%r2,%r3,%r4};",
        "mma.sync.aligned.m16n8k32.row.col.f16.e4m3.e4m3.f32 {%r1,%r2}, {%r5,%r6,%r7,%r8}, "
        "{%r9,%r10}, {%r1,%r2,%r3,%r4};",
        "mma.sp.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%r1,%r2,%r3,%r4}, {%r5,%r6}, "
        "{%r7,%r8}, {%r1,%r2,%r3,%r4}, %r9, 0;",
        "ldmatrix.sync.aligned.m16n16.x1.trans.shared.b8 {%r1,%r2}, [%r3];"}) {
    OpHarness harness(DecodeTensor, Isa::kPortable);
    EXPECT_NE(harness.Run(body).find("not simulated"), std::string::npos) << body;
  }
}

}  // namespace
}  // namespace caesar::sim
