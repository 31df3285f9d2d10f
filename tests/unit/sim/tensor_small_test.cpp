// Matrix instructions on less than a byte, on bytes as floats, and the four products of m8n8k4.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

using Word = std::uint32_t;
using Lanes = std::array<Word, kLanes>;

std::string Vector(int first, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) text += (i > 0 ? ", %r" : "%r") + std::to_string(first + i);
  return text + "}";
}
Lanes SetRandom(OpHarness& harness, int number, std::mt19937& random) {
  Lanes lanes;
  for (Word& word : lanes) word = static_cast<Word>(random());
  harness.Set("%r" + std::to_string(number), lanes);
  return lanes;
}

// Lane l holds, of A, 32 bits of row l / 4; of B, 32 of column l / 4: those from 32 * (l % 4) on.
// The second register of A of 16 rows is 8 rows below; further ones are 128 bits behind.
TEST(TensorSmall, MmaCountsBits) {
  std::mt19937 random(7);
  for (const Isa isa : TestedIsas()) {
    for (const bool exclusive : {false, true}) {
      for (const auto& [m, k] : {std::pair{8, 128}, {16, 128}, {16, 256}}) {
        OpHarness harness(DecodeTensor, isa);
        const int rows = m / 8, depth = k / 128;
        std::vector<Lanes> a, b, c;
        for (int r = 0; r < rows * depth; ++r) a.push_back(SetRandom(harness, 10 + r, random));
        for (int r = 0; r < depth; ++r) b.push_back(SetRandom(harness, 20 + r, random));
        for (int r = 0; r < 2 * rows; ++r) c.push_back(SetRandom(harness, 30 + r, random));
        ASSERT_EQ(harness.Run("mma.sync.aligned.m" + std::to_string(m) + "n8k" + std::to_string(k) +
                              ".row.col.s32.b1.b1.s32." + (exclusive ? "xor" : "and") + ".popc " +
                              Vector(40, 2 * rows) + ", " + Vector(10, rows * depth) + ", " +
                              Vector(20, depth) + ", " + Vector(30, 2 * rows) + ";"),
                  "");
        for (int r = 0; r < 2 * rows; ++r) {
          const auto got = harness.Get<Word>("%r" + std::to_string(40 + r));
          for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const std::size_t row = lane / 4,
                              column = lane % 4 * 2 + static_cast<std::size_t>(r % 2);
            Word sum = c[static_cast<std::size_t>(r)][lane];
            for (std::size_t word = 0; word < static_cast<std::size_t>(k) / 32; ++word) {
              const auto block = static_cast<int>(word / 4) * rows + r / 2;
              const Word left = a[static_cast<std::size_t>(block)][row * 4 + word % 4];
              const Word right = b[word / 4][column * 4 + word % 4];
              sum += static_cast<Word>(std::popcount(exclusive ? left ^ right : left & right));
            }
            ASSERT_EQ(got[lane], sum) << m << " " << k << " lane " << lane << " register " << r;
          }
        }
      }
    }
  }
}

// PTX ISA, "Matrix Fragments for mma.m8n8k4 with .f16 floating point type": the product of quad q
// is that of the lanes 4 q + 0..3 (rows or columns 0..3) and 16 above them (4..7).
struct Place {
  int row, column;
};
Place OfA(int lane, int i, bool by_columns) {
  return by_columns ? Place{i + (lane < 16 ? 0 : 4), lane % 4}
                    : Place{lane % 4 + (lane < 16 ? 0 : 4), i};
}
Place OfB(int lane, int i, bool by_columns) {
  return by_columns ? Place{i, lane % 4 + (lane < 16 ? 0 : 4)}
                    : Place{lane % 4, i + (lane < 16 ? 0 : 4)};
}
Place OfSum(int lane, int i, bool whole) {
  if (!whole) return {lane % 4 + (lane < 16 ? 0 : 4), i};
  return {(lane & 1) + (i & 2) + (lane < 16 ? 0 : 4), (i & 4) + (lane & 2) + (i & 1)};
}
int Entry(int quad, Place place, int salt) {
  return (place.row * 5 + place.column * 3 + quad * 2 + salt) % 7 - 3;
}
// Small whole numbers.
Word Half(int value) {
  if (value == 0) return 0;
  const int exponent = std::ilogb(std::abs(static_cast<double>(value)));
  const int fraction = (std::abs(value) << (10 - exponent)) & 0x3FF;
  return static_cast<Word>((value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | fraction);
}

void ExpectQuads(bool a_columns, bool b_columns, bool whole_c, bool whole_d, Isa isa) {
  OpHarness harness(DecodeTensor, isa);
  const auto quad = [](int lane) { return lane / 4 % 4; };
  const auto set = [&](int number, int elements, bool whole, const auto& value) {
    for (int r = 0; r < elements / (whole ? 1 : 2); ++r) {
      Lanes lanes{};
      for (int lane = 0; lane < kLanes; ++lane) {
        Word& word = lanes[static_cast<std::size_t>(lane)];
        word = whole ? std::bit_cast<Word>(static_cast<float>(value(lane, r)))
                     : Half(value(lane, 2 * r)) | Half(value(lane, 2 * r + 1)) << 16;
      }
      harness.Set("%r" + std::to_string(number + r), lanes);
    }
  };
  set(10, 4, false, [&](int l, int i) { return Entry(quad(l), OfA(l, i, a_columns), 1); });
  set(20, 4, false, [&](int l, int i) { return Entry(quad(l), OfB(l, i, b_columns), 2); });
  set(30, 8, whole_c, [&](int l, int i) { return Entry(quad(l), OfSum(l, i, whole_c), 3); });
  const std::string text = std::string("mma.sync.aligned.m8n8k4.") + (a_columns ? "col" : "row") +
                           (b_columns ? ".col." : ".row.") + (whole_d ? "f32" : "f16") +
                           ".f16.f16." + (whole_c ? "f32 " : "f16 ") + Vector(40, whole_d ? 8 : 4) +
                           ", " + Vector(10, 2) + ", " + Vector(20, 2) + ", " +
                           Vector(30, whole_c ? 8 : 4) + ";";
  ASSERT_EQ(harness.Run(text), "") << text;
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int i = 0; i < 8; ++i) {
      const Place place = OfSum(lane, i, whole_d);
      int sum = Entry(quad(lane), place, 3);
      for (int k = 0; k < 4; ++k) {
        sum += Entry(quad(lane), {place.row, k}, 1) * Entry(quad(lane), {k, place.column}, 2);
      }
      const auto got = harness.Get<Word>("%r" + std::to_string(40 + (whole_d ? i : i / 2)));
      const Word word = got[static_cast<std::size_t>(lane)];
      if (whole_d) {
        ASSERT_EQ(std::bit_cast<float>(word), static_cast<float>(sum)) << text << lane << " " << i;
      } else {
        ASSERT_EQ(word >> (i % 2 * 16) & 0xFFFF, Half(sum)) << text << lane << " " << i;
      }
    }
  }
}

TEST(TensorSmall, FourProductsOfQuads) {
  for (const Isa isa : TestedIsas()) {
    for (int orders = 0; orders < 4; ++orders) {
      for (const auto& [c, d] : {std::pair{true, true}, {false, true}, {false, false}}) {
        ExpectQuads((orders & 1) != 0, (orders & 2) != 0, c, d, isa);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// By the definition of the formats: sign, exponent, fraction.
double Value(Word byte, bool e4m3) {
  const int bits = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15;
  const int magnitude = static_cast<int>(byte & 0x7F), exponent = magnitude >> bits;
  const int fraction = magnitude & ((1 << bits) - 1);
  const double sign = (byte & 0x80) != 0 ? -1.0 : 1.0;
  if (e4m3 ? magnitude == 0x7F : exponent == 31 && fraction != 0) return NAN;
  if (!e4m3 && exponent == 31) return sign * INFINITY;
  const int hidden = exponent == 0 ? 0 : 1 << bits;
  return sign * std::ldexp(hidden + fraction, std::max(exponent, 1) - bias - bits);
}

// Row g of A has the byte in its first column; B is 1 in the first row.
TEST(TensorSmall, EveryByteIsTheNumberThatItSays) {
  for (const Isa isa : TestedIsas()) {
    for (const bool e4m3 : {false, true}) {
      const std::string type = e4m3 ? "e4m3" : "e5m2";
      OpHarness harness(DecodeTensor, isa);
      Lanes ones{};
      for (std::size_t group = 0; group < 8; ++group) ones[group * 4] = e4m3 ? 0x38 : 0x3C;
      harness.Set("%r2", ones);
      for (Word first = 0; first < 256; first += 8) {
        Lanes bytes{};
        for (Word group = 0; group < 8; ++group) bytes[group * 4] = first + group;
        harness.Set("%r1", bytes);
        ASSERT_EQ(harness.Run("mma.sync.aligned.m16n8k16.row.col.f32." + type + "." + type +
                              ".f32 {%f0, %f1, %f2, %f3}, {%r1, %r3}, {%r2}, "
                              "{%f4, %f5, %f6, %f7};"),
                  "");
        for (Word group = 0; group < 8; ++group) {
          const double expected = Value(first + group, e4m3);
          const float got = harness.Get<float>("%f0")[group * 4];
          if (std::isnan(expected)) {
            EXPECT_TRUE(std::isnan(got)) << type << " " << first + group;
          } else {
            EXPECT_EQ(static_cast<double>(got), expected) << type << " " << first + group;
          }
        }
      }
    }
  }
}

TEST(TensorSmall, MmaOfNibblesSaturates) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeTensor, isa);
    harness.SetAll<Word>("%r1", 0x88888888);
    harness.SetAll<std::int32_t>("%r3", INT32_MAX - 5);
    const std::string mma = "mma.sync.aligned.m8n8k32.row.col",
                      from = ", {%r1}, {%r1}, {%r3, %r3};";
    ASSERT_EQ(harness.Run(mma + ".satfinite.s32.s4.s4.s32 {%r4, %r5}" + from + mma +
                          ".s32.u4.s4.s32 {%r6, %r7}" + from),
              "");
    EXPECT_EQ(harness.Get<std::int32_t>("%r5")[9], INT32_MAX);
    EXPECT_EQ(harness.Get<std::int32_t>("%r7")[9], INT32_MAX - 5 - 32 * 64);
  }
}

// wmma through memory: A by rows, B by columns, packed.
void ExpectPacked(const std::string& type, int bits, const std::string& logic, Isa isa) {
  OpHarness harness(DecodeTensor, isa);
  std::mt19937 random(11);
  const int depth = 128 / bits, stride_words = 6;
  const std::uint64_t a = harness.arena().Allocate(1024, "a"),
                      b = harness.arena().Allocate(1024, "b"),
                      d = harness.arena().Allocate(1024, "d");
  for (const std::uint64_t base : {a, b}) {
    for (std::uint64_t i = 0; i < 8 * stride_words; ++i) {
      const auto word = static_cast<Word>(random());
      std::memcpy(harness.arena().Host(base + 4 * i), &word, sizeof word);
    }
  }
  const auto element = [&](std::uint64_t base, int line, int k) {
    Word word = 0;
    std::memcpy(&word, harness.arena().Host(base) + 4 * (line * stride_words + k * bits / 32), 4);
    const Word low = word >> (k * bits % 32) & ((1U << bits) - 1);
    const bool negative = type == "s4" && low >= 8;
    return static_cast<int>(low) - (negative ? 16 : 0);
  };
  harness.SetAll("%rd1", a);
  harness.SetAll("%rd2", b);
  harness.SetAll("%rd4", d);
  harness.SetAll<Word>("%r1", static_cast<Word>(stride_words * 32 / bits));
  harness.SetAll<Word>("%r2", 8);
  harness.SetAll<Word>("%r12", 5);
  const std::string shape = ".m8n8k" + std::to_string(depth);
  ASSERT_EQ(harness.Run("wmma.load.a.sync.aligned.row" + shape + ".global." + type +
                        " {%r10}, [%rd1], %r1; wmma.load.b.sync.aligned.col" + shape + "." + type +
                        " {%r11}, [%rd2], %r1; wmma.mma" + logic + ".sync.aligned.row.col" + shape +
                        ".s32." + type + "." + type +
                        ".s32 {%r14, %r15}, {%r10}, {%r11}, "
                        "{%r12, %r12}; wmma.store.d.sync.aligned.row" +
                        shape + ".global.s32 [%rd4], {%r14, %r15}, %r2;"),
            "");
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) {
      int sum = 5, got = 0;
      for (int k = 0; k < depth; ++k) {
        const int left = element(a, i, k), right = element(b, j, k);
        sum += logic == ".xor.popc" ? left ^ right : left * right;
      }
      std::memcpy(&got, harness.arena().Host(d) + 4 * (i * 8 + j), sizeof got);
      ASSERT_EQ(got, sum) << type << logic << " " << i << " " << j;
    }
  }
}

TEST(TensorSmall, WmmaOfPackedElements) {
  for (const Isa isa : TestedIsas()) {
    ExpectPacked("s4", 4, "", isa);
    ExpectPacked("u4", 4, "", isa);
    ExpectPacked("b1", 1, ".xor.popc", isa);
    ExpectPacked("b1", 1, ".and.popc", isa);
  }
}

}  // namespace
}  // namespace caesar::sim
