// The types of PTX: names and widths, in one table.
#include <algorithm>
#include <iterator>

#include "sim/binder.h"

namespace caesar::sim {
namespace {

enum class Nature : std::uint8_t { kBits, kUnsigned, kSigned, kFloat };
struct Row {
  std::string_view name;
  std::uint8_t bits;
  Nature nature;
};
using enum Nature;

// In the order of Type.
constexpr Row kTypes[] = {
    {"", 0, kBits},         {"pred", 1, kBits},     {"b8", 8, kBits},
    {"b16", 16, kBits},     {"b32", 32, kBits},     {"b64", 64, kBits},
    {"b128", 128, kBits},   {"u8", 8, kUnsigned},   {"u16", 16, kUnsigned},
    {"u32", 32, kUnsigned}, {"u64", 64, kUnsigned}, {"s8", 8, kSigned},
    {"s16", 16, kSigned},   {"s32", 32, kSigned},   {"s64", 64, kSigned},
    {"f16", 16, kFloat},    {"f16x2", 32, kFloat},  {"bf16", 16, kFloat},
    {"bf16x2", 32, kFloat}, {"tf32", 32, kFloat},   {"f32", 32, kFloat},
    {"f32x2", 64, kFloat},  {"f64", 64, kFloat},    {"u16x2", 32, kUnsigned},
    {"s16x2", 32, kSigned}, {"e4m3", 8, kFloat},    {"e5m2", 8, kFloat},
    {"e4m3x2", 16, kFloat}, {"e5m2x2", 16, kFloat}, {"s4", 4, kSigned},
    {"u4", 4, kUnsigned},   {"b1", 1, kBits},
};
static_assert(std::size(kTypes) == static_cast<std::size_t>(Type::kB1) + 1);

const Row& RowOf(Type type) { return kTypes[static_cast<std::size_t>(type)]; }

}  // namespace

std::optional<Type> TypeOf(std::string_view name) {
  // Long names are modifiers of other kinds; the table is short enough for a walk.
  if (name.size() < 2 || name.size() > 6) return std::nullopt;
  const auto* found = std::find_if(std::begin(kTypes) + 1, std::end(kTypes), [&](const Row& row) {
    return row.name.front() == name.front() && row.name.back() == name.back() && row.name == name;
  });
  if (found == std::end(kTypes)) return std::nullopt;
  return static_cast<Type>(found - std::begin(kTypes));
}
std::string_view Name(Type type) { return RowOf(type).name; }
int BitsOf(Type type) { return RowOf(type).bits; }
bool IsFloat(Type type) { return RowOf(type).nature == kFloat; }
bool IsSigned(Type type) { return RowOf(type).nature == kSigned; }

}  // namespace caesar::sim
