// What atomic operations make of an element: of the old value, the operand, and of cas the second
// operand. By the bits of the element.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace caesar::sim::atomic {

struct B128 {
  std::uint64_t low = 0, high = 0;
  bool operator==(const B128&) const = default;
};

template <class U>
using Apply = U (*)(U old, U b, U c);

template <class U>
U Exchange(U, U b, U) {
  return b;
}
// cas d, [a], b, c: c is stored if [a] equals b.
template <class U>
U CompareAndSwap(U old, U b, U c) {
  return old == b ? c : old;
}
template <class U>
U And(U old, U b, U) {
  return old & b;
}
template <class U>
U Or(U old, U b, U) {
  return old | b;
}
template <class U>
U Xor(U old, U b, U) {
  return old ^ b;
}
template <class U>
U Add(U old, U b, U) {
  return static_cast<U>(old + b);
}
inline std::uint32_t Increment(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  return old >= b ? 0 : old + 1;
}
inline std::uint32_t Decrement(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  return old == 0 || old > b ? b : old - 1;
}
template <class U, class T>
U Min(U old, U b, U) {
  return static_cast<U>(std::min(static_cast<T>(old), static_cast<T>(b)));
}
template <class U, class T>
U Max(U old, U b, U) {
  return static_cast<U>(std::max(static_cast<T>(old), static_cast<T>(b)));
}

inline std::uint32_t AddF32(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  const float sum = std::bit_cast<float>(old) + std::bit_cast<float>(b);
  return std::isnan(sum) ? 0x7FFFFFFF : std::bit_cast<std::uint32_t>(sum);
}
inline std::uint32_t Flush(std::uint32_t bits) {
  return (bits & 0x7F800000) == 0 ? bits & 0x80000000 : bits;
}
// On global memory "atom.add.f32 flushes subnormal inputs and results to sign-preserving zero".
inline std::uint32_t AddF32Flushed(std::uint32_t old, std::uint32_t b, std::uint32_t c) {
  return Flush(AddF32(Flush(old), Flush(b), c));
}
inline std::uint64_t AddF64(std::uint64_t old, std::uint64_t b, std::uint64_t) {
  const double sum = std::bit_cast<double>(old) + std::bit_cast<double>(b);
  return std::isnan(sum) ? 0x7FFFFFFFFFFFFFFF : std::bit_cast<std::uint64_t>(sum);
}

// float holds twice the digits of a half and two more, so rounding its sum once more is right.
inline float WidenF16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t magnitude = bits & 0x7FFF;
  if (magnitude >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (magnitude << 13));
  // Scaled by 2^-112 as a float, which is exact for subnormals too.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}
inline std::uint16_t NarrowF16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return 0x7FFF;
  if (magnitude >= 0x477FF000) return static_cast<std::uint16_t>(sign | 0x7C00);  // >= 65520
  if (magnitude < 0x38800000) {
    // Subnormal: the unit in the last place is 2^-24.
    const float units = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24F);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(units));
  }
  const std::uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}
inline float WidenBF16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
inline std::uint16_t NarrowBF16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return 0x7FFF;
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
inline std::uint16_t AddF16(std::uint16_t old, std::uint16_t b, std::uint16_t) {
  return NarrowF16(WidenF16(old) + WidenF16(b));
}
inline std::uint16_t AddBF16(std::uint16_t old, std::uint16_t b, std::uint16_t) {
  return NarrowBF16(WidenBF16(old) + WidenBF16(b));
}
// As min and max do: the number if the other is none, and -0 is less than +0. Both formats order
// their bits as sign and magnitude; kInfinity ends the numbers.
template <std::uint16_t kInfinity, bool kMax>
std::uint16_t Extremum(std::uint16_t old, std::uint16_t b, std::uint16_t) {
  const auto is_nan = [](std::uint16_t bits) { return (bits & 0x7FFF) > kInfinity; };
  if (is_nan(old)) return is_nan(b) ? std::uint16_t{0x7FFF} : b;
  if (is_nan(b)) return old;
  const auto key = [](std::uint16_t bits) { return (bits & 0x8000) != 0 ? ~int{bits} : int{bits}; };
  return (key(old) < key(b)) == kMax ? b : old;
}
inline constexpr std::uint16_t kInfinityF16 = 0x7C00, kInfinityBF16 = 0x7F80;

template <Apply<std::uint16_t> kHalf>
std::uint32_t Twice(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  const auto half = [&](int shift) {
    return static_cast<std::uint32_t>(kHalf(static_cast<std::uint16_t>(old >> shift),
                                            static_cast<std::uint16_t>(b >> shift), 0))
           << shift;
  };
  return half(16) | half(0);
}

}  // namespace caesar::sim::atomic
