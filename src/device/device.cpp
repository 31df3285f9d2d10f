#include "device/device.h"

namespace caesar {

std::uint64_t PoisonPattern(DType dtype, std::uint64_t random) {
  const auto repeat16 = [](std::uint64_t bits) {
    return bits | bits << 16 | bits << 32 | bits << 48;
  };
  const auto repeat32 = [](std::uint64_t bits) { return bits | bits << 32; };
  // Of a NaN, in so many bits: neither all zeros nor all ones, which are the NaNs that arithmetic
  // gives.
  const auto payload = [&](int bits) { return 1 + random % ((1ULL << bits) - 2); };
  switch (dtype) {
    case DType::kF64:
      return 0x7FF8000000000000ULL | payload(51);
    case DType::kF32:
      return repeat32(0x7FC00000ULL | payload(22));
    case DType::kF16:
      return repeat16(0x7E00ULL | payload(9));
    case DType::kBf16:
      return repeat16(0x7FC0ULL | payload(6));
    case DType::kI64:
    case DType::kU64:
      return random;
    case DType::kI32:
    case DType::kU32:
      return repeat32(random & 0xFFFFFFFFULL);
    case DType::kI16:
    case DType::kU16:
      return repeat16(random & 0xFFFFULL);
    case DType::kI8:
    case DType::kU8:
      return repeat16((random & 0xFFULL) * 0x0101ULL);
    case DType::kBool:
      return repeat16((2 + random % 254) * 0x0101ULL);  // neither false nor true
  }
  return random;
}

element::FillOrder FillOrderOf(const Fill& fill, const element::Key& key, std::int64_t row,
                               std::int64_t elements) {
  static_assert(static_cast<int>(Fill::Kind::kMixedScale) == element::kMixedScale);
  static_assert(static_cast<int>(Fill::Kind::kRowScale) == element::kRowScale);
  static_assert(static_cast<int>(Fill::Kind::kOneHot) == element::kOneHot);
  element::FillOrder order;
  order.kind = static_cast<int>(fill.kind);
  order.a = fill.a;
  order.b = fill.b;
  order.key = key;
  order.row = row;
  order.elements = elements;
  return order;
}

}  // namespace caesar
