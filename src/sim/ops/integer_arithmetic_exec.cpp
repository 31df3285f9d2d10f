// Sums, differences, quotients, minima and maxima of integers.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct Add {
  template <class T>
  static T Do(T a, T b) {
    return Sum(a, b);
  }
};
struct Sub {
  template <class T>
  static T Do(T a, T b) {
    return Difference(a, b);
  }
};
struct AddSat {
  static std::int32_t Do(std::int32_t a, std::int32_t b) {
    return SaturateS32(std::int64_t{a} + b);
  }
};
struct SubSat {
  static std::int32_t Do(std::int32_t a, std::int32_t b) {
    return SaturateS32(std::int64_t{a} - b);
  }
};
struct Neg {
  template <class T>
  static T Do(T a) {
    return Difference(T{0}, a);
  }
};
struct Abs {
  template <class T>
  static T Do(T a) {
    return a < 0 ? Difference(T{0}, a) : a;
  }
};
struct Min {
  template <class T>
  static T Do(T a, T b) {
    return a < b ? a : b;
  }
};
struct Max {
  template <class T>
  static T Do(T a, T b) {
    return a > b ? a : b;
  }
};
template <class F>
struct Relu {
  template <class T>
  static T Do(T a, T b) {
    return Max::Do(F::template Do<T>(a, b), T{0});
  }
};
// Two 16-bit values in a 32-bit register.
template <class F, class T>
struct Pair {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b) {
    const T low = F::template Do<T>(static_cast<T>(a), static_cast<T>(b));
    const T high = F::template Do<T>(static_cast<T>(a >> 16), static_cast<T>(b >> 16));
    return std::uint32_t{static_cast<std::uint16_t>(low)} |
           std::uint32_t{static_cast<std::uint16_t>(high)} << 16;
  }
};
struct Sad {
  template <class T>
  static T Do(T a, T b, T c) {
    return Sum(c, a < b ? Difference(b, a) : Difference(a, b));
  }
};

// The distances of bytes or halves of type T: each in its place, or all of them added to c.
template <class T, bool kAdd>
struct PackedDistance {
  static std::uint32_t Do(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    constexpr int kBits = 8 * sizeof(T);
    std::uint32_t packed = 0;
    for (int at = 0; at < 32; at += kBits) {
      const int x = static_cast<T>(a >> at), y = static_cast<T>(b >> at);
      const auto distance = static_cast<std::uint32_t>(x < y ? y - x : x - y);
      packed |= distance << at;
      c += distance;
    }
    return kAdd ? c : packed;
  }
};

// By zero PTX leaves the result open; the hardware's routines end in all ones for quotient and
// remainder alike. The lowest value by -1 overflows to itself, remainder 0.
template <class T>
bool Overflows(T a, T b) {
  if constexpr (kSignedLane<T>) return a == std::numeric_limits<T>::min() && b == -1;
  return false;
}
struct Div {
  template <class T>
  static T Do(T a, T b) {
    if (b == 0) return static_cast<T>(~T{0});
    return Overflows(a, b) ? a : static_cast<T>(a / b);
  }
};
struct Rem {
  template <class T>
  static T Do(T a, T b) {
    if (b == 0) return static_cast<T>(~T{0});
    return Overflows(a, b) ? T{0} : static_cast<T>(a % b);
  }
};

// Without .add the third source has no effect: all elements are written.
template <class U, class S>
void PutDistances(IntegerForms& forms, std::string_view of_unsigned, std::string_view unsigned_sum,
                  std::string_view of_signed, std::string_view signed_sum) {
  using u32 = std::uint32_t;
  Put<PackedDistance<U, false>, u32, u32, u32, u32>(forms, of_unsigned, Type::kU32);
  Put<PackedDistance<U, true>, u32, u32, u32, u32>(forms, unsigned_sum, Type::kU32);
  Put<PackedDistance<S, false>, u32, u32, u32, u32>(forms, of_signed, Type::kS32);
  Put<PackedDistance<S, true>, u32, u32, u32, u32>(forms, signed_sum, Type::kS32);
}

}  // namespace

void AddArithmetic(IntegerForms& forms) {
  using u16 = std::uint16_t;
  using s16 = std::int16_t;
  using u32 = std::uint32_t;
  using s32 = std::int32_t;
  using s64 = std::int64_t;
  PutBinaryAll<Add>(forms, "add");
  PutBinaryAll<Sub>(forms, "sub");
  PutBinary<AddSat, s32>(forms, "add.sat");
  PutBinary<SubSat, s32>(forms, "sub.sat");
  PutUnary<Neg, s16, s32, s64>(forms, "neg");
  PutUnary<Abs, s16, s32, s64>(forms, "abs");
  PutBinaryAll<Min>(forms, "min");
  PutBinaryAll<Max>(forms, "max");
  PutBinary<Relu<Min>, s32>(forms, "min.relu");
  PutBinary<Relu<Max>, s32>(forms, "max.relu");
  Put<Pair<Add, u16>, u32, u32, u32>(forms, "add", Type::kU16x2);
  Put<Pair<Add, s16>, u32, u32, u32>(forms, "add", Type::kS16x2);
  Put<Pair<Min, u16>, u32, u32, u32>(forms, "min", Type::kU16x2);
  Put<Pair<Min, s16>, u32, u32, u32>(forms, "min", Type::kS16x2);
  Put<Pair<Max, u16>, u32, u32, u32>(forms, "max", Type::kU16x2);
  Put<Pair<Max, s16>, u32, u32, u32>(forms, "max", Type::kS16x2);
  Put<Pair<Relu<Min>, s16>, u32, u32, u32>(forms, "min.relu", Type::kS16x2);
  Put<Pair<Relu<Max>, s16>, u32, u32, u32>(forms, "max.relu", Type::kS16x2);
  PutTernaryAll<Sad>(forms, "sad");
  PutDistances<std::uint8_t, std::int8_t>(forms, "vabsdiff4.u32.u32", "vabsdiff4.u32.u32.add",
                                          "vabsdiff4.u32.s32", "vabsdiff4.u32.s32.add");
  PutDistances<std::uint16_t, std::int16_t>(forms, "vabsdiff2.u32.u32", "vabsdiff2.u32.u32.add",
                                            "vabsdiff2.u32.s32", "vabsdiff2.u32.s32.add");
  PutBinaryAll<Div>(forms, "div");
  PutBinaryAll<Rem>(forms, "rem");
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
