// The fills whose content is the same on every device: kind, type, parameters and key of each, with
// the line of tests/golden/elementwise.txt that holds its hash. Host and GPU are tested against the
// same file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/format.h"
#include "device/device.h"
#include "problem/problem.h"

namespace caesar {

struct ElementwiseCase {
  DType dtype = DType::kF32;
  Fill fill;
  std::int64_t row = 1;
  std::int64_t elements = 0;
  bool patched = false;  // a near-duplicate: the last three blocks of four are of another key

  element::FillOrder Order() const {
    element::FillOrder order =
        FillOrderOf(fill, {0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL}, row, elements);
    if (!patched) return order;
    order.patch = {0x0F1E2D3C4B5A6978ULL, 0x8796A5B4C3D2E1F0ULL};
    order.patch_first = 1022;
    order.patch_last = 1025;
    return order;
  }
  // "f32 normal(0, 1) 4099 0123456789abcdef", the last word being JudgeDevice::Hash of the filled
  // tensor.
  std::string Line(std::uint64_t hash) const {
    return Format("{} {} {}{} {:016x}", Name(dtype), Describe(fill), elements,
                  patched ? " patched" : "", hash);
  }
};

// Every kind of fill in every type that can hold it. 4099 elements are no multiple of a vector's
// width; the rows of one-hot have 41 elements, and the last row fewer (a problem has only whole
// ones; the generator must not care).
inline std::vector<ElementwiseCase> ElementwiseCases() {
  constexpr std::int64_t kRow = 41;
  std::vector<ElementwiseCase> cases;
  const auto add = [&](DType dtype, Fill::Kind kind, double a, double b,
                       std::int64_t elements = 4099) {
    cases.push_back({dtype, Fill{kind, a, b}, kRow, elements});
  };
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kF16, DType::kBf16}) {
    add(dtype, Fill::Kind::kNormal, 0, 1);
    add(dtype, Fill::Kind::kNormal, -3.5, 0.125);
    add(dtype, Fill::Kind::kUniform, 0, 1);
    add(dtype, Fill::Kind::kUniform, -2.5, 1e3);
    add(dtype, Fill::Kind::kMixedScale, -6, 4);
  }
  for (const DType dtype :
       {DType::kF32, DType::kF64, DType::kF16, DType::kBf16, DType::kI8, DType::kI16, DType::kI32,
        DType::kI64, DType::kU8, DType::kU16, DType::kU32, DType::kU64, DType::kBool}) {
    const bool is_bool = dtype == DType::kBool;
    const bool is_unsigned = is_bool || dtype == DType::kU8 || dtype == DType::kU16 ||
                             dtype == DType::kU32 || dtype == DType::kU64;
    add(dtype, Fill::Kind::kIntegers, is_unsigned ? 0 : -100, is_bool ? 1 : 100);
    add(dtype, Fill::Kind::kConstant, 1, 0);
    add(dtype, Fill::Kind::kOneHot, 1, 0);
    add(dtype, Fill::Kind::kRamp, 0, 1, is_bool ? 2 : 100);
    add(dtype, Fill::Kind::kPermutation, 0, 0, is_bool ? 2 : 127);
  }
  for (const DType dtype : {DType::kI64, DType::kU64}) {
    add(dtype, Fill::Kind::kIntegers, dtype == DType::kI64 ? -1e15 : 0, 1e15);
    add(dtype, Fill::Kind::kPermutation, 0, 0);
  }
  add(DType::kI32, Fill::Kind::kIntegers, -2147483648.0, 2147483647.0);
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBf16}) {
    cases.push_back({dtype, Fill{Fill::Kind::kNormal, 0, 1}, kRow, 4099, true});
  }
  cases.push_back({DType::kI16, Fill{Fill::Kind::kIntegers, -100, 100}, kRow, 4099, true});
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kF16, DType::kBf16})
    add(dtype, Fill::Kind::kRowScale, -6, 4);
  cases.push_back({DType::kF32, Fill{Fill::Kind::kRowScale, -6, 4}, kRow, 4099, true});
  add(DType::kF32, Fill::Kind::kMixedScale, -45, 37);  // subnormals, and near the largest
  return cases;
}

}  // namespace caesar
