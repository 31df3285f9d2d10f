// Loops over a warp's lanes, for executors of floating-point operations. Include behind
// sim/isa_begin.h.
//
// A destination slot may be a source slot, but slots never overlap in part, so that lane i of a
// result depends on lane i of the sources alone: the loops say `ivdep`.
#pragma once

#include "sim/ops/float_std.h"

namespace caesar::sim::CAESAR_SIM_ISA {

inline constexpr std::uint32_t kLaneBit[kLanes] = {
    1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
    1u << 8,  1u << 9,  1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
    1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21, 1u << 22, 1u << 23,
    1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31};

template <class T>
T* Aligned(T* slot) {
  return static_cast<T*>(__builtin_assume_aligned(slot, 64));
}

// Writes `result` to the active lanes. kWide: elements of one lane (2: f32x2, f16x2 as halves).
// Masks rather than a choice: without blend instructions g++ makes 32 branches of that.
template <int kWide = 1, class T>
void Blend(T* dst, const T* result, Mask active) {
  constexpr std::size_t kBytes = sizeof(T) * kWide;
  if (active == kAllLanes) {
    std::memcpy(dst, result, kBytes * kLanes);
    return;
  }
  using Word = std::conditional_t<kBytes == 2, std::uint16_t,
                                  std::conditional_t<kBytes == 4, std::uint32_t, std::uint64_t>>;
  static_assert(sizeof(Word) == kBytes);
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) {
    Word old, value;
    std::memcpy(&old, dst + i * kWide, kBytes);
    std::memcpy(&value, result + i * kWide, kBytes);
    const auto change = static_cast<Word>((active & kLaneBit[i]) != 0 ? -1 : 0);
    value = static_cast<Word>(old ^ ((old ^ value) & change));
    std::memcpy(dst + i * kWide, &value, kBytes);
  }
}

// Sets the rounding mode of this thread for its lifetime. The compiler does not know that
// arithmetic depends on it: operands must come from memory, and results go to memory that the
// compiler thinks others see (Publish), while it lives.
class DirectedRounding {
 public:
  explicit DirectedRounding(unsigned rounding) : saved_(_mm_getcsr()) {
    _mm_setcsr((saved_ & ~0x6000u) | ((rounding & 3u) << 13));
    asm volatile("" ::: "memory");
  }
  ~DirectedRounding() {
    asm volatile("" ::: "memory");
    _mm_setcsr(saved_);
  }
  DirectedRounding(const DirectedRounding&) = delete;
  DirectedRounding& operator=(const DirectedRounding&) = delete;
  static void Publish(const void* results) { asm volatile("" ::"r"(results) : "memory"); }

 private:
  unsigned saved_;
};

template <class F, class T>
inline auto Call(T a, T b, T c) {
  if constexpr (F::kInputs == 1) {
    return F::Do(a);
  } else if constexpr (F::kInputs == 2) {
    return F::Do(a, b);
  } else {
    return F::Do(a, b, c);
  }
}

// Carries out F, a struct with `T` (of the elements), `kInputs`, `kWide`, `kDirected` and
// `static T Do(T...)`, lane by lane.
template <class F>
Step Elementwise(Warp& warp, const Op& op) {
  using T = typename F::T;
  constexpr int kCount = kLanes * F::kWide;
  const T* a = Aligned(warp.Lanes<T>(op.a));
  const T* b = F::kInputs > 1 ? Aligned(warp.Lanes<T>(op.b)) : a;
  const T* c = F::kInputs > 2 ? Aligned(warp.Lanes<T>(op.c)) : a;
  T* dst = Aligned(warp.Lanes<T>(op.dst));
  const auto loop = [&](T* out) {
#pragma GCC ivdep
    for (int i = 0; i < kCount; ++i) out[i] = Call<F>(a[i], b[i], c[i]);
  };
  if constexpr (F::kDirected) {
    alignas(64) T result[kCount];
    {
      const DirectedRounding mode(op.flags);
      DirectedRounding::Publish(result);
      loop(result);
      DirectedRounding::Publish(result);
    }
    Blend<F::kWide>(dst, result, warp.active);
  } else if (warp.active == kAllLanes) {
    loop(dst);
  } else {
    alignas(64) T result[kCount];
    loop(result);
    Blend<F::kWide>(dst, result, warp.active);
  }
  return Step::kNext;
}

// --- Bits of floats

template <class T>
using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
template <class T>
inline constexpr Bits<T> kSignBit = Bits<T>{1} << (sizeof(T) * 8 - 1);
template <class T>
inline constexpr Bits<T> kInfinityBits = sizeof(T) == 8 ? Bits<T>(0x7FF0'0000'0000'0000u)
                                                        : Bits<T>(0x7F80'0000u);
// What the hardware makes of an invalid operation or of a NaN among the operands. For f64 it keeps
// the payload of a NaN operand; here every NaN that arithmetic returns is the same.
template <class T>
inline constexpr Bits<T> kNanBits = sizeof(T) == 8 ? Bits<T>(0xFFF8'0000'0000'0000u)
                                                   : Bits<T>(0x7FFF'FFFFu);

template <class T>
inline Bits<T> ToBits(T value) {
  return std::bit_cast<Bits<T>>(value);
}
template <class T>
inline T FromBits(Bits<T> bits) {
  return std::bit_cast<T>(bits);
}

// condition ? x : y. Where several conditions nest, g++ makes paths of them and computes a mask for
// each; bits leave it nothing to think about.
template <class T>
inline T Select(bool condition, T x, T y) {
  const Bits<T> mask = Bits<T>{0} - Bits<T>{condition};
  return FromBits<T>((ToBits(x) & mask) | (ToBits(y) & ~mask));
}

// .ftz: a subnormal becomes zero of its sign.
template <class T>
inline T Flush(T value) {
  const Bits<T> bits = ToBits(value);
  return FromBits<T>((bits & kInfinityBits<T>) != 0 ? bits : bits & kSignBit<T>);
}

template <class T>
inline T CanonicalNan(T value) {
  return value == value ? value : FromBits<T>(kNanBits<T>);
}

// .sat: into [0, 1]; NaN and -0 become +0.
template <class T>
inline T Saturate(T value) {
  const T low = value > T{0} ? value : T{0};
  return low < T{1} ? low : T{1};
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
