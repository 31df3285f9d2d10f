// Deterministic inputs: only integers and exact floating-point steps, so that every machine makes
// the same bytes.
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "corpus.h"

namespace corpus {
namespace {

// splitmix64 (Steele, Lea, Flood 2014), seeded by the case's name.
class Random {
 public:
  explicit Random(const std::string& name) {
    for (const char c : name) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  std::uint64_t Bits() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  int Below(int n) { return static_cast<int>((Bits() >> 32) % static_cast<std::uint64_t>(n)); }
  double Uniform() { return std::ldexp(static_cast<double>(Bits() >> 40), -23) - 1.0; }
  // The sum of twelve uniform numbers: close to normal, and exact in a double.
  double Normal() {
    std::int64_t sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<std::int64_t>(Bits() >> 44);
    return std::ldexp(static_cast<double>(sum), -20) - 6.0;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

// A floating-point format as its widths; everything below is computed from them.
struct Format {
  int exponent_bits;
  int fraction_bits;
};

Format FormatOf(Type type) {
  if (type == Type::kF16) return {5, 10};
  if (type == Type::kBf16) return {8, 7};
  if (type == Type::kF32) return {8, 23};
  if (type == Type::kF64) return {11, 52};
  throw std::runtime_error("not a floating-point type");
}

// Rounds toward zero; beyond the range, infinity.
std::uint64_t Encode(double value, Format f) {
  const std::uint64_t sign = std::signbit(value) ? 1 : 0;
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  int exponent = 0;
  std::frexp(value, &exponent);
  std::uint64_t magnitude = 0;
  if (value == 0.0) {
    magnitude = 0;
  } else if (exponent - 1 > bias) {
    magnitude = ((std::uint64_t{1} << f.exponent_bits) - 1) << f.fraction_bits;
  } else if (exponent - 1 < 1 - bias) {
    magnitude =
        static_cast<std::uint64_t>(std::ldexp(std::fabs(value), bias - 1 + f.fraction_bits));
  } else {
    const auto digits =
        static_cast<std::uint64_t>(std::ldexp(std::fabs(value), f.fraction_bits + 1 - exponent));
    magnitude = (static_cast<std::uint64_t>(exponent - 2 + bias) << f.fraction_bits) + digits;
  }
  return sign << (f.exponent_bits + f.fraction_bits) | magnitude;
}

std::uint64_t FloatEdge(Random& random, Format f) {
  const std::uint64_t one_ulp = 1;
  const std::uint64_t infinity = ((std::uint64_t{1} << f.exponent_bits) - 1) << f.fraction_bits;
  const std::uint64_t normal = std::uint64_t{1} << f.fraction_bits;
  const std::uint64_t one = Encode(1.0, f);
  const std::uint64_t edges[] = {0,
                                 one_ulp,
                                 normal - 1,
                                 normal,
                                 normal + 1,
                                 infinity - 1,
                                 infinity,
                                 infinity | normal >> 1,  // a quiet NaN
                                 infinity | one_ulp,      // a signalling NaN
                                 one,
                                 one + 1,
                                 one - 1,
                                 Encode(0.5, f),
                                 Encode(1.5, f),
                                 Encode(2.5, f),
                                 Encode(3.0, f),
                                 Encode(std::ldexp(1.0, f.fraction_bits) - 0.5, f),
                                 Encode(std::ldexp(1.0, f.fraction_bits), f),
                                 Encode(127.5, f),
                                 Encode(255.5, f),
                                 Encode(32767.5, f),
                                 Encode(65535.5, f),
                                 Encode(2147483648.0, f),
                                 Encode(2147483520.0, f),
                                 Encode(4294967296.0, f),
                                 Encode(9223372036854775808.0, f),
                                 Encode(18446744073709551616.0, f)};
  const int count = static_cast<int>(sizeof(edges) / sizeof(edges[0]));
  const std::uint64_t sign = random.Bits() >> 63;
  return edges[random.Below(count)] | sign << (f.exponent_bits + f.fraction_bits);
}

std::uint64_t FloatValue(Random& random, const std::string& kind, Format f) {
  if (kind == "bits") return random.Bits();
  if (kind == "edges") return FloatEdge(random, f);
  if (kind == "uniform") return Encode(random.Uniform(), f);
  if (kind == "normal") return Encode(random.Normal(), f);
  if (kind == "integers") return Encode(random.Below(17) - 8, f);
  const int choice = random.Below(8);
  if (kind == "mixed") {
    if (choice < 2) return FloatEdge(random, f);
    if (choice < 4) return random.Bits();
    return Encode(std::ldexp(random.Normal(), choice < 6 ? 0 : random.Below(41) - 20), f);
  }
  if (choice == 0) return FloatEdge(random, f);
  if (kind == "tiny") {
    const std::uint64_t wide = std::uint64_t{1} << (f.fraction_bits + 2);
    const std::uint64_t sign = random.Bits() >> 63;
    return random.Bits() % wide | sign << (f.exponent_bits + f.fraction_bits);
  }
  if (kind == "floatlike") return Encode(std::ldexp(random.Normal(), random.Below(290) - 156), f);
  if (kind == "halflike") return Encode(std::ldexp(random.Normal(), random.Below(46) - 28), f);
  throw std::runtime_error("unknown kind of numbers \"" + kind + "\"");
}

std::uint64_t IntegerValue(Random& random, const std::string& kind, std::size_t bytes) {
  if (kind == "bits") return random.Bits();
  const std::uint64_t top = std::uint64_t{1} << (8 * bytes - 1);
  const std::uint64_t edges[] = {0,
                                 1,
                                 2,
                                 ~std::uint64_t{0},
                                 ~std::uint64_t{1},
                                 top,
                                 top - 1,
                                 top + 1,
                                 31,
                                 32,
                                 33,
                                 0x80,
                                 0xff,
                                 0x7fff,
                                 0xffff,
                                 0x5555555555555555u};
  const int choice = random.Below(4);
  if (kind == "edges" || (kind == "mixed" && choice == 0)) return edges[random.Below(16)];
  if (kind == "mixed") return choice == 1 ? random.Bits() % 64 : random.Bits();
  throw std::runtime_error("unknown kind of integers \"" + kind + "\"");
}

bool IsFloat(Type type) {
  return type == Type::kF16 || type == Type::kBf16 || type == Type::kF32 || type == Type::kF64;
}

}  // namespace

std::vector<unsigned char> FillInput(const Case& c) {
  Random random(c.name);
  const std::size_t bytes = BytesOf(c.fill_type);
  std::vector<unsigned char> input(c.in_bytes);
  for (std::size_t at = 0; at + bytes <= input.size(); at += bytes) {
    const std::uint64_t value = IsFloat(c.fill_type)
                                    ? FloatValue(random, c.fill_kind, FormatOf(c.fill_type))
                                    : IntegerValue(random, c.fill_kind, bytes);
    std::memcpy(&input[at], &value, bytes);  // little-endian, as the GPU
  }
  return input;
}

}  // namespace corpus
