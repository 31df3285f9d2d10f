// Executors: mma.sync and wmma.mma.
//
// Products are exact and summed one after the other in the accumulator's type, in order of k. The
// hardware adds several products at once with few more bits than a float has and truncates; its
// results differ from these by a few units in the last place of the largest term.
#include "sim/ops/float_std.h"
#include "sim/ops/tensor_forms.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_fma.h"
#include "sim/ops/half_lanes.h"
#include "sim/ops/tensor_sync.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

// Both formats of 8 bits are like f16 with less of it: e5m2 its upper byte, e4m3 with an exponent
// that is 8 less, no infinities, and one NaN.
inline void WidenBytes(const std::uint32_t* words, bool e4m3, float* to) {
  alignas(64) HalfBits halves[4 * kLanes];
  for (int i = 0; i < 4 * kLanes; ++i) {
    const std::uint32_t byte = words[i / 4] >> (8 * (i % 4)) & 0xFF;
    const std::uint32_t narrow = (byte & 0x80) << 8 | (byte & 0x7F) << 7;
    halves[i] = static_cast<HalfBits>(e4m3 ? narrow : byte << 8);
  }
  F16::Widen<4 * kLanes>(halves, to);
  if (!e4m3) return;
  for (int i = 0; i < 4 * kLanes; ++i) {
    const bool nan = (halves[i] & 0x3F80) == 0x3F80;
    to[i] = nan ? FromBits<float>(0x7FFFFFFFu) : to[i] * 256.0f;
  }
}

// One register of all lanes as elements, for the types of this sum.
inline void Elements(const Warp& warp, Type type, Slot slot, float* to) {
  const auto* words = Aligned(warp.Lanes<std::uint32_t>(slot));
  alignas(64) HalfBits halves[2 * kLanes];
  if (type == Type::kF16 || type == Type::kBF16) std::memcpy(halves, words, sizeof halves);
  if (type == Type::kF16) return F16::Widen<2 * kLanes>(halves, to);
  if (type == Type::kBF16) return BF16::Widen<2 * kLanes>(halves, to);
  if (type == Type::kE4M3 || type == Type::kE5M2) {
    return WidenBytes(words, type == Type::kE4M3, to);
  }
  // Of tf32 the hardware reads 10 bits of fraction.
  const std::uint32_t keep = type == Type::kTF32 ? 0xFFFFE000u : 0xFFFFFFFFu;
  for (int i = 0; i < kLanes; ++i) to[i] = FromBits<float>(words[i] & keep);
}

inline void Elements(const Warp& warp, Type type, Slot slot, std::int32_t* to) {
  const auto* words = Aligned(warp.Lanes<std::uint32_t>(slot));
  const bool whole = type == Type::kS32 || type == Type::kB1;
  const int bits = whole ? 32 : type == Type::kS4 || type == Type::kU4 ? 4 : 8;
  const bool is_signed = type == Type::kS8 || type == Type::kS4;
  for (int i = 0; i < kLanes; ++i) {
    for (int shift = 32 - bits; shift >= 0; shift -= bits) {
      const std::uint32_t top = words[i] << shift;
      const auto extended = static_cast<std::int32_t>(top) >> (32 - bits);
      *to++ = is_signed ? extended : static_cast<std::int32_t>(top >> (32 - bits));
    }
  }
}

inline void Elements(const Warp& warp, Type, Slot slot, double* to) {
  std::memcpy(to, warp.Lanes<double>(slot), sizeof(double) * kLanes);
}

template <class T>
inline void Gather(const Warp& warp, const Fragment& fragment, T* matrix) {
  alignas(64) T row[Fragment::kPerRegisterMax * kLanes];
  const std::uint16_t* index = fragment.index.data();
  const int count = fragment.per_register * kLanes;
  for (const Slot slot : fragment.slots) {
    Elements(warp, fragment.type, slot, row);
    for (int i = 0; i < count; ++i) matrix[index[i]] = row[i];
    index += count;
  }
}

inline void Put(Warp& warp, Type type, Slot slot, const float* row) {
  alignas(64) std::uint32_t words[kLanes];
  if (type == Type::kF16) {
    alignas(64) HalfBits halves[2 * kLanes];
    F16::Narrow<2 * kLanes>(row, halves);
    std::memcpy(words, halves, sizeof words);
  } else {
    for (int i = 0; i < kLanes; ++i) words[i] = ToBits(CanonicalNan(row[i]));
  }
  Blend(Aligned(warp.Lanes<std::uint32_t>(slot)), words, warp.active);
}
inline void Put(Warp& warp, Type, Slot slot, const std::int32_t* row) {
  Blend(Aligned(warp.Lanes<std::int32_t>(slot)), row, warp.active);
}
inline void Put(Warp& warp, Type, Slot slot, const double* row) {
  Blend(Aligned(warp.Lanes<double>(slot)), row, warp.active);
}

template <class T>
inline void Scatter(Warp& warp, const Fragment& fragment, const T* matrix) {
  alignas(64) T row[Fragment::kPerRegisterMax * kLanes];
  const std::uint16_t* index = fragment.index.data();
  const int count = fragment.per_register * kLanes;
  for (const Slot slot : fragment.slots) {
    for (int i = 0; i < count; ++i) row[i] = matrix[index[i]];
    Put(warp, fragment.type, slot, row);
    index += count;
  }
}

// Modulo 2^32.
inline std::int32_t MultiplyAdd(std::int32_t a, std::int32_t b, std::int32_t c) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a * b) +
                                   static_cast<std::uint32_t>(c));
}
template <int kColumns>
inline void Multiply(int rows, int depth, const std::int32_t* a, const std::int32_t* b,
                     std::int32_t* sums) {
  for (int i = 0; i < rows; ++i) {
    std::int32_t row[kColumns];
    std::memcpy(row, sums + i * kColumns, sizeof row);
    for (int k = 0; k < depth; ++k) {
      const std::int32_t factor = a[i * depth + k];
      for (int j = 0; j < kColumns; ++j) row[j] = MultiplyAdd(factor, b[k * kColumns + j], row[j]);
    }
    std::memcpy(sums + i * kColumns, row, sizeof row);
  }
}

template <int kColumns>
inline void Multiply(int rows, int depth, const double* a, const double* b, double* sums) {
  for (int i = 0; i < rows; ++i) {
    for (int k = 0; k < depth; ++k) {
      const double factors[2] = {a[i * depth + k], a[i * depth + k]};
      for (int j = 0; j < kColumns; j += 2) {
        double* sum = sums + i * kColumns + j;
        FmaNearestOfTwo(factors, b + k * kColumns + j, sum, sum);
      }
    }
  }
}

// The same for floats, in vectors of eight.
template <int kColumns>
inline void Multiply(int rows, int depth, const float* a, const float* b, float* sums) {
  using Eight = float __attribute__((vector_size(32)));
  constexpr int kVectors = kColumns / 8;
  for (int i = 0; i < rows; ++i) {
    Eight row[kVectors];
    std::memcpy(row, sums + i * kColumns, sizeof row);
    for (int k = 0; k < depth; ++k) {
      const Eight factor = a[i * depth + k] - Eight{};
      Eight terms[kVectors];
      std::memcpy(terms, b + k * kColumns, sizeof terms);
      for (int v = 0; v < kVectors; ++v) row[v] += factor * terms[v];
    }
    std::memcpy(sums + i * kColumns, row, sizeof row);
  }
}

// Of words of bits: how many bits both have, or just one of them.
Step MultiplyBits(Warp& warp, const Op& op) {
  constexpr int kColumns = 8;
  if (!WholeWarp(warp)) return Step::kWait;
  const auto& of = *static_cast<const Multiplication*>(op.detail);
  alignas(64) std::int32_t a[Fragment::kElementsMax], b[Fragment::kElementsMax],
      sums[Fragment::kElementsMax];
  Gather(warp, of.a, a);
  Gather(warp, of.b, b);
  Gather(warp, of.c, sums);
  const int depth = of.a.columns;
  for (int i = 0; i < of.a.rows * kColumns; ++i) {
    int count = 0;
    for (int k = 0; k < depth; ++k) {
      const std::int32_t left = a[i / kColumns * depth + k], right = b[k * kColumns + i % kColumns];
      count += __builtin_popcount(
          static_cast<std::uint32_t>(of.exclusive ? left ^ right : left & right));
    }
    sums[i] = MultiplyAdd(1, count, sums[i]);
  }
  Scatter(warp, of.d, sums);
  return Step::kNext;
}

template <class T, int kColumns>
Step MultiplyMatrices(Warp& warp, const Op& op) {
  if (!WholeWarp(warp)) return Step::kWait;
  const auto& of = *static_cast<const Multiplication*>(op.detail);
  alignas(64) T a[Fragment::kElementsMax], b[Fragment::kElementsMax], sums[Fragment::kElementsMax];
  Gather(warp, of.a, a);
  Gather(warp, of.b, b);
  Gather(warp, of.c, sums);
  const int rows = of.a.rows, depth = of.a.columns;
  if constexpr (std::is_same_v<T, std::int32_t>) {
    if (of.saturate) {
      alignas(64) T products[Fragment::kElementsMax] = {};
      Multiply<kColumns>(rows, depth, a, b, products);
      for (int i = 0; i < rows * kColumns; ++i) {
        const std::int64_t sum = std::int64_t{sums[i]} + products[i];
        const std::int64_t low = sum < INT32_MIN ? INT32_MIN : sum;
        sums[i] = static_cast<T>(low > INT32_MAX ? INT32_MAX : low);
      }
      Scatter(warp, of.d, sums);
      return Step::kNext;
    }
  }
  for (int i = 0; i < of.matrices; ++i) {
    Multiply<kColumns>(rows, depth, a + i * rows * depth, b + i * depth * kColumns,
                       sums + i * rows * kColumns);
  }
  Scatter(warp, of.d, sums);
  return Step::kNext;
}

}  // namespace

Handler MultiplyHandler(const Multiplication& operation) {
  const int columns = operation.b.columns;
  if (operation.a.type == Type::kB1) return MultiplyBits;
  if (operation.c.type == Type::kF64) return MultiplyMatrices<double, 8>;
  if (operation.c.type == Type::kS32) {
    if (columns == 8) return MultiplyMatrices<std::int32_t, 8>;
    return columns == 16 ? MultiplyMatrices<std::int32_t, 16> : MultiplyMatrices<std::int32_t, 32>;
  }
  if (columns == 8) return MultiplyMatrices<float, 8>;
  return columns == 16 ? MultiplyMatrices<float, 16> : MultiplyMatrices<float, 32>;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
