// f16 and bf16 arithmetic and comparisons: exact results in long double, rounded once.
#include <cmath>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

using Half = std::uint16_t;

struct Format {
  const char* name;
  int digits;    // of the significand, the leading one included
  int smallest;  // exponent of the smallest normal number
  int largest;   // of the largest one
};
constexpr Format kF16 = {"f16", 11, -14, 15}, kBF16 = {"bf16", 8, -126, 127};

double Value(const Format& f, Half bits) {
  const int fraction_bits = f.digits - 1;
  const int exponent = (bits & 0x7FFF) >> fraction_bits;
  const int fraction = bits & ((1 << fraction_bits) - 1);
  double value = 0;
  if (exponent == f.largest - f.smallest + 2) {
    value = fraction != 0 ? NAN : INFINITY;
  } else if (exponent == 0) {
    value = std::ldexp(fraction, f.smallest - fraction_bits);
  } else {
    value = std::ldexp(fraction + (1 << fraction_bits), f.smallest - fraction_bits + exponent - 1);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

// To nearest even. The value is exact.
Half Round(const Format& f, long double exact) {
  if (std::isnan(exact)) return 0x7FFF;
  const Half sign = std::signbit(exact) ? 0x8000 : 0;
  const long double magnitude = std::fabs(exact);
  const int fraction_bits = f.digits - 1;
  const auto infinity = static_cast<Half>((f.largest - f.smallest + 2) << fraction_bits);
  if (std::isinf(magnitude)) return sign | infinity;
  if (magnitude == 0) return sign;
  const int exponent = std::max(std::ilogb(magnitude), f.smallest);
  const long double units = std::nearbyint(std::ldexp(magnitude, fraction_bits - exponent));
  const long bits =
      static_cast<long>(units) + (static_cast<long>(exponent - f.smallest) << fraction_bits);
  return static_cast<Half>(sign | std::min(bits, static_cast<long>(infinity)));
}

// a * b + c as a long double: where 64 digits don't hold it, what is lost only says on which side
// of a point between two halves it lies, so a bit is put in its place.
long double FusedExact(double a, double b, double c) {
  const long double product = static_cast<long double>(a) * b;  // exact: 22 digits
  const long double sum = product + c;
  if (!std::isfinite(sum)) return sum;
  const long double rest = sum - product;
  const long double error = (product - (sum - rest)) + (static_cast<long double>(c) - rest);
  if (error == 0) return sum;
  return std::nextafter(sum, error > 0 ? INFINITY : -INFINITY);
}

std::vector<Half> Edges(const Format& f) {
  std::vector<Half> edges = {0, 0x8000, 1, 0x8001, 0x7FFF, 0xFFFF, 0x7FC1};
  const int fraction_bits = f.digits - 1;
  for (const int exponent :
       {0, 1, 2, (f.largest - f.smallest + 1) / 2, 1 - f.smallest, f.largest - f.smallest,
        f.largest - f.smallest + 1, f.largest - f.smallest + 2}) {
    for (const int fraction : {0, 1, (1 << fraction_bits) - 1, 1 << (fraction_bits - 1)}) {
      edges.push_back(static_cast<Half>(exponent << fraction_bits | fraction));
      edges.push_back(static_cast<Half>(0x8000 | exponent << fraction_bits | fraction));
    }
  }
  return edges;
}

std::vector<std::array<Half, 3>> Inputs(const Format& f) {
  auto inputs = Pairs(Edges(f));
  Sequence random;
  for (int i = 0; i < 6000; ++i) {
    const std::uint64_t bits = random.Next();
    inputs.push_back(
        {static_cast<Half>(bits), static_cast<Half>(bits >> 16), static_cast<Half>(bits >> 32)});
  }
  return inputs;
}

long double Exact(const std::string& op, double a, double b, double c) {
  if (op == "add") return static_cast<long double>(a) + b;
  if (op == "sub") return static_cast<long double>(a) - b;
  if (op == "mul") return static_cast<long double>(a) * b;
  return FusedExact(a, b, c);
}

// bf16 sums span more than 64 digits: FusedExact's care is needed there, too.
Half Expected(const Format& f, const std::string& op, Half a, Half b, Half c) {
  const double x = Value(f, a), y = Value(f, b);
  if (op == "add") return Round(f, FusedExact(x, 1, y));
  if (op == "sub") return Round(f, FusedExact(x, 1, -y));
  if (op == "mul") return Round(f, Exact(op, x, y, 0));
  return Round(f, FusedExact(x, y, Value(f, c)));
}

using Change = std::function<Half(Half)>;

// The scalar form and the packed one, both halves.
void ExpectBoth(const Format& f, const std::string& body, int inputs,
                const std::function<Half(Half, Half, Half)>& expected) {
  const auto operands = [&](const std::string& prefix) {
    std::string text;
    for (int i = 0; i <= inputs; ++i) text += (i == 0 ? " " : ", ") + prefix + std::to_string(i);
    return text + ";";
  };
  const auto all = Inputs(f);
  ExpectLanes<Half>(DecodeHalf, "%h", body + "." + f.name + operands("%h"), all, expected);
  std::vector<std::array<std::uint32_t, 3>> packed;
  for (std::size_t i = 0; i < all.size(); i += 2) {
    std::array<std::uint32_t, 3> both{};
    for (std::size_t j = 0; j < 3; ++j) {
      both[j] = all[i][j] | std::uint32_t{all[(i + 1) % all.size()][j]} << 16;
    }
    packed.push_back(both);
  }
  const auto half = [](std::uint32_t pair, int which) { return static_cast<Half>(pair >> which); };
  ExpectLanes<std::uint32_t>(
      DecodeHalf, "%r", body + "." + f.name + "x2" + operands("%r"), packed,
      [&](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
        const std::uint32_t low = expected(half(a, 0), half(b, 0), half(c, 0));
        const std::uint32_t high = expected(half(a, 16), half(b, 16), half(c, 16));
        return low | high << 16;
      });
}

TEST(Half, RoundsOnce) {
  for (const Format& f : {kF16, kBF16}) {
    for (const std::string op : {"add.rn", "sub", "mul.rn", "fma.rn"}) {
      const std::string name = op.substr(0, 3);
      ExpectBoth(f, op, name == "fma" ? 3 : 2,
                 [&](Half a, Half b, Half c) { return Expected(f, name, a, b, c); });
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Half, FlushesSaturatesAndClamps) {
  const Format& f = kF16;
  const auto flush = [](Half h) { return (h & 0x7C00) == 0 ? static_cast<Half>(h & 0x8000) : h; };
  ExpectBoth(f, "mul.ftz", 2, [&](Half a, Half b, Half c) {
    return flush(Expected(f, "mul", flush(a), flush(b), c));
  });
  ExpectBoth(f, "add.sat", 2, [&](Half a, Half b, Half c) {
    const Half sum = Expected(f, "add", a, b, c);
    return static_cast<Half>(sum > 0x7C00 ? 0 : std::min<Half>(sum, 0x3C00));
  });
  for (const Format& g : {kF16, kBF16}) {
    ExpectBoth(g, "fma.rn.relu", 3, [&](Half a, Half b, Half c) {
      const Half sum = Expected(g, "fma", a, b, c);
      return static_cast<Half>((sum & 0x8000) != 0 ? 0 : sum);
    });
  }
}

TEST(Half, SignsMinAndMax) {
  for (const Format& f : {kF16, kBF16}) {
    ExpectBoth(f, "neg", 1, [](Half a, Half, Half) { return static_cast<Half>(a ^ 0x8000); });
    ExpectBoth(f, "abs", 1, [](Half a, Half, Half) { return static_cast<Half>(a & 0x7FFF); });
    for (const int kind : {0, 1, 2, 3}) {
      const bool nan = kind % 2 == 1, max = kind >= 2;
      const auto best = [&](Half a, Half b) -> Half {
        const double x = Value(f, a), y = Value(f, b);
        if (std::isnan(x) && std::isnan(y)) return 0x7FFF;
        if (std::isnan(x) || std::isnan(y)) return nan ? 0x7FFF : (std::isnan(x) ? b : a);
        if (x == y) return std::signbit(x) == max ? b : a;
        return (x > y) == max ? a : b;
      };
      const std::string op = std::string(max ? "max" : "min") + (nan ? ".NaN" : "");
      ExpectBoth(f, op, 2, [&](Half a, Half b, Half) { return best(a, b); });
      ExpectBoth(f, op, 3, [&](Half a, Half b, Half c) { return best(best(a, b), c); });
      ExpectBoth(f, op + ".xorsign.abs", 2, [&](Half a, Half b, Half) {
        const Half magnitude = best(a & 0x7FFF, b & 0x7FFF);
        return static_cast<Half>(magnitude == 0x7FFF ? magnitude : magnitude ^ ((a ^ b) & 0x8000));
      });
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Half, Approximations) {
  const auto near = [](const Format& f, double want) { return Round(f, want); };
  for (const Format& f : {kF16, kBF16}) {
    const std::string ex2 = f.digits == 8 ? "ex2.approx.ftz" : "ex2.approx";
    for (const Isa isa : TestedIsas()) {
      OpHarness harness(DecodeHalf, isa);
      for (std::uint32_t first = 0; first < 0x10000; first += 37 * kLanes) {
        std::array<Half, kLanes> x{};
        for (std::uint32_t i = 0; i < kLanes; ++i) x[i] = static_cast<Half>(first + 37 * i);
        harness.Set("%h1", x);
        ASSERT_EQ(
            harness.Run(ex2 + "." + f.name + " %h0, %h1;\ntanh.approx." + f.name + " %h2, %h1;"),
            "");
        const auto power = harness.Get<Half>("%h0"), tanh = harness.Get<Half>("%h2");
        for (std::uint32_t i = 0; i < kLanes; ++i) {
          const double v = Value(f, x[i]);
          Half want = near(f, std::exp2(v));
          if (f.digits == 8 && want < 0x80) want = 0;  // .ftz
          // A result beside a point between two halves may fall to the other side.
          ASSERT_LE(std::abs(int{power[i]} - int{want}), 1) << f.name << " ex2 of " << v;
          ASSERT_LE(std::abs(int{tanh[i]} - int{near(f, std::tanh(v))}), 1) << f.name << v;
        }
      }
    }
  }
}

TEST(Half, Comparisons) {
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeHalf, isa);
    const auto edges = Edges(kF16);
    std::array<std::uint32_t, kLanes> a{}, b{};
    std::array<Half, kLanes> a_low{}, b_low{};
    Mask low_less = 0, high_less = 0, low_geu = 0;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Half x[2] = {edges[i % edges.size()], edges[(i * 5 + 1) % edges.size()]};
      const Half y[2] = {edges[(i * 3 + 2) % edges.size()], edges[(i * 7) % edges.size()]};
      a[i] = x[0] | std::uint32_t{x[1]} << 16;
      b[i] = y[0] | std::uint32_t{y[1]} << 16;
      a_low[i] = x[0];
      b_low[i] = y[0];
      if (Value(kF16, x[0]) < Value(kF16, y[0])) low_less |= Mask{1} << i;
      if (Value(kF16, x[1]) < Value(kF16, y[1])) high_less |= Mask{1} << i;
      if (!(Value(kF16, x[0]) < Value(kF16, y[0]))) low_geu |= Mask{1} << i;
    }
    harness.Set("%r1", a);
    harness.Set("%r2", b);
    harness.Set("%h1", a_low);
    harness.Set("%h2", b_low);
    const Mask c = 0x0FF00FF0;
    harness.SetPredicate("%p9", c);
    ASSERT_EQ(harness.Run("setp.lt.f16x2 %p0|%p1, %r1, %r2;\n"
                          "setp.geu.or.f16 %p2|%p3, %h1, %h2, %p9;\n"
                          "set.lt.f16x2.f16x2 %r3, %r1, %r2;\n"
                          "set.lt.u32.f16x2 %r4, %r1, %r2;\n"
                          "set.lt.u16.f16 %h3, %h1, %h2;"),
              "");
    EXPECT_EQ(harness.GetPredicate("%p0"), low_less);
    EXPECT_EQ(harness.GetPredicate("%p1"), high_less);
    EXPECT_EQ(harness.GetPredicate("%p2"), low_geu | c);
    EXPECT_EQ(harness.GetPredicate("%p3"), ~low_geu | c);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool low = (low_less >> i & 1) != 0, high = (high_less >> i & 1) != 0;
      EXPECT_EQ(harness.Get<std::uint32_t>("%r3")[i],
                (low ? 0x3C00u : 0u) | (high ? 0x3C000000u : 0u));
      EXPECT_EQ(harness.Get<std::uint32_t>("%r4")[i],
                (low ? 0xFFFFu : 0u) | (high ? 0xFFFF0000u : 0u));
      EXPECT_EQ(harness.Get<Half>("%h3")[i], low ? 0xFFFF : 0);
    }
  }
}

TEST(Half, ComparisonsOfBf16) {
  const auto edges = Edges(kBF16);
  for (const Isa isa : TestedIsas()) {
    OpHarness harness(DecodeHalf, isa);
    std::array<Half, kLanes> a{}, b{};
    for (std::size_t i = 0; i < kLanes; ++i) {
      a[i] = edges[i % edges.size()];
      b[i] = edges[(i * 5 + 1) % edges.size()];
    }
    harness.Set("%h1", a);
    harness.Set("%h2", b);
    ASSERT_EQ(harness.Run("setp.lt.bf16 %p0|%p1, %h1, %h2;\nset.geu.bf16.bf16 %h3, %h1, %h2;"), "");
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool less = Value(kBF16, a[i]) < Value(kBF16, b[i]);
      EXPECT_EQ(harness.GetPredicate("%p0") >> i & 1, less ? 1u : 0u);
      EXPECT_EQ(harness.GetPredicate("%p1") >> i & 1, less ? 0u : 1u);
      EXPECT_EQ(harness.Get<Half>("%h3")[i], less ? 0 : 0x3F80);
    }
  }
}

TEST(Half, RefusesWhatDoesNotExist) {
  for (const std::string body :
       {"add.rz.f16 %h0, %h1, %h2;", "add.sat.bf16 %h0, %h1, %h2;", "fma.f16 %h0, %h1, %h2, %h3;",
        "fma.rn.sat.relu.f16 %h0, %h1, %h2, %h3;", "ex2.f16 %h0, %h1;",
        "setp.lt.f16x2 %p0, %r1, %r2;", "add.f32.f16 %f0, %h1, %f2;"}) {
    OpHarness harness(DecodeHalf, Isa::kPortable);
    EXPECT_NE(harness.Run(body), "") << body;
  }
}

}  // namespace
}  // namespace caesar::sim
