#include "problem/dtype.h"

#include <array>
#include <limits>

#include "base/check.h"

namespace caesar {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::string_view c_type;
  std::int64_t bytes;
  bool is_float;
  double largest;  // of a float type
  IntegerRange exact;
};

template <class T>
constexpr IntegerRange RangeOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

constexpr IntegerRange UpTo(int bits) {
  return {-(std::int64_t{1} << bits), std::int64_t{1} << bits};
}

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

constexpr std::array kRows = {
    Row{DType::kF32, "f32", "float", 4, true, std::numeric_limits<float>::max(), UpTo(24)},
    Row{DType::kF64, "f64", "double", 8, true, std::numeric_limits<double>::max(), UpTo(53)},
    Row{DType::kF16, "f16", "__half", 2, true, 65504.0, UpTo(11)},
    Row{DType::kBf16, "bf16", "__nv_bfloat16", 2, true, 0x1.fep127, UpTo(8)},
    Row{DType::kI8, "i8", "int8_t", 1, false, 0, RangeOf<std::int8_t>()},
    Row{DType::kI16, "i16", "int16_t", 2, false, 0, RangeOf<std::int16_t>()},
    Row{DType::kI32, "i32", "int32_t", 4, false, 0, RangeOf<std::int32_t>()},
    Row{DType::kI64, "i64", "int64_t", 8, false, 0, RangeOf<std::int64_t>()},
    Row{DType::kU8, "u8", "uint8_t", 1, false, 0, RangeOf<std::uint8_t>()},
    Row{DType::kU16, "u16", "uint16_t", 2, false, 0, RangeOf<std::uint16_t>()},
    Row{DType::kU32, "u32", "uint32_t", 4, false, 0, RangeOf<std::uint32_t>()},
    Row{DType::kU64, "u64", "uint64_t", 8, false, 0, IntegerRange{0, kInt64Max}},
    Row{DType::kBool, "bool", "bool", 1, false, 0, IntegerRange{0, 1}},
};

const Row& RowOf(DType dtype) {
  for (const Row& row : kRows) {
    if (row.dtype == dtype) return row;
  }
  CHECK(false);
}

}  // namespace

std::string_view Name(DType dtype) { return RowOf(dtype).name; }
std::string_view CType(DType dtype) { return RowOf(dtype).c_type; }
std::int64_t SizeOf(DType dtype) { return RowOf(dtype).bytes; }
bool IsFloat(DType dtype) { return RowOf(dtype).is_float; }
IntegerRange ExactIntegers(DType dtype) { return RowOf(dtype).exact; }
double LargestFinite(DType dtype) { return RowOf(dtype).largest; }

std::optional<DType> DTypeOf(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

std::vector<std::string> DTypeNames() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.name);
  return names;
}

}  // namespace caesar
