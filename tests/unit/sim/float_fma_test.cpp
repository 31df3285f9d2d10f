// Fused multiply-add without FMA instructions: millions of values against std::fma, bit for bit.
#include <cmath>

#include "unit/sim/float_values.h"

namespace caesar::sim {
namespace {

// One operation on one warp: a, b, c and the result lie one after the other.
template <class T>
class Fma {
 public:
  Fma(Isa isa, Type type) {
    FloatForm form;
    form.op = FloatOp::kFma;
    form.type = type;
    op_.run = CAESAR_SIM_PICK(isa, FloatArithmetic)(form);
    constexpr Slot kBytes = sizeof(T) * kLanes;
    op_.a = 0;
    op_.b = kBytes;
    op_.c = 2 * kBytes;
    op_.dst = 3 * kBytes;
    warp_.registers = reinterpret_cast<std::byte*>(&rows_);
    warp_.active = kAllLanes;
  }
  void Run() { op_.run(warp_, op_); }
  struct alignas(64) Rows {
    T a[kLanes], b[kLanes], c[kLanes], result[kLanes];
  };
  Rows& rows() { return rows_; }

 private:
  Rows rows_{};
  Warp warp_;
  Op op_;
};

// Uniform bits, exponents near one another, and sums that cancel.
template <class T, class B>
void Fill(Sequence& random, int kind, typename Fma<T>::Rows& rows) {
  constexpr int kDigits = sizeof(T) == 8 ? 52 : 23;
  constexpr B kBias = sizeof(T) == 8 ? 1023 : 127;
  const auto next = [&] { return static_cast<B>(random.Next()); };
  const auto near = [&](B spread) {
    const B fraction = next() & ((B{1} << kDigits) - 1) & (next() | next());
    const B exponent = kBias - spread / 2 + next() % spread;
    return std::bit_cast<T>(fraction | exponent << kDigits | next() << (sizeof(T) * 8 - 1));
  };
  for (int i = 0; i < kLanes; ++i) {
    if (kind == 0) {
      rows.a[i] = std::bit_cast<T>(next());
      rows.b[i] = std::bit_cast<T>(next());
      rows.c[i] = std::bit_cast<T>(next());
    } else {
      rows.a[i] = near(kBias / 2);
      rows.b[i] = near(20);
      rows.c[i] = kind == 1 ? near(60) : -rows.a[i] * rows.b[i];
      if (kind == 3) rows.c[i] = std::nextafter(rows.c[i], T{0}) * T(0x1p-20);
    }
  }
}

template <class T, class B>
void ExpectExact(Type type, int warps) {
  for (const Isa isa : TestedIsas()) {
    Fma<T> fma(isa, type);
    Sequence random;
    for (int i = 0; i < warps; ++i) {
      Fill<T, B>(random, i % 4, fma.rows());
      fma.Run();
      const auto& rows = fma.rows();
      for (int lane = 0; lane < kLanes; ++lane) {
        ASSERT_EQ(std::bit_cast<B>(rows.result[lane]),
                  Canonical(std::fma(rows.a[lane], rows.b[lane], rows.c[lane])))
            << std::hexfloat << rows.a[lane] << " * " << rows.b[lane] << " + " << rows.c[lane];
      }
    }
  }
}

TEST(FloatFma, F32IsExact) { ExpectExact<float, std::uint32_t>(Type::kF32, 100000); }
TEST(FloatFma, F64IsExact) { ExpectExact<double, std::uint64_t>(Type::kF64, 40000); }

TEST(FloatFma, AllTriplesOfEdges) {
  for (const Isa isa : TestedIsas()) {
    Fma<float> fma(isa, Type::kF32);
    const auto& edges = FloatEdges();
    for (const std::uint32_t a : edges) {
      for (const std::uint32_t b : edges) {
        for (std::size_t i = 0; i < kLanes; ++i) {
          fma.rows().a[i] = std::bit_cast<float>(a);
          fma.rows().b[i] = std::bit_cast<float>(b);
          fma.rows().c[i] = std::bit_cast<float>(edges[i % edges.size()]);
        }
        fma.Run();
        for (std::size_t i = 0; i < kLanes; ++i) {
          ASSERT_EQ(std::bit_cast<std::uint32_t>(fma.rows().result[i]),
                    Canonical(std::fma(fma.rows().a[i], fma.rows().b[i], fma.rows().c[i])));
        }
      }
    }
  }
}

}  // namespace
}  // namespace caesar::sim
