// Initial values of module variables: = 7, = {1, 2}, = {{0f3F800000}, {}}, = {generic(f), x+8}.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "sim/ptx/reader.h"

namespace caesar::sim::ptx {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 26> kTypes = {
    {{"b8", 1},      {"u8", 1},        {"s8", 1},     {"b16", 2},   {"u16", 2},   {"s16", 2},
     {"f16", 2},     {"bf16", 2},      {"b32", 4},    {"u32", 4},   {"s32", 4},   {"f32", 4},
     {"tf32", 4},    {"f16x2", 4},     {"bf16x2", 4}, {"u16x2", 4}, {"s16x2", 4}, {"b64", 8},
     {"u64", 8},     {"s64", 8},       {"f64", 8},    {"b128", 16}, {"pred", 0},  {"texref", 0},
     {"surfref", 0}, {"samplerref", 0}}};

class Initializer {
 public:
  Initializer(Reader& in, std::vector<std::uint64_t>& dimensions, Variable& variable)
      : in_(in),
        dimensions_(dimensions),
        variable_(variable),
        bytes_(static_cast<std::uint64_t>(BytesOfType(variable.type))),
        is_float_(variable.type == "f32" || variable.type == "f64") {}

  bool Read() {
    if (bytes_ == 0 || bytes_ > 8) return in_.Fail("a type that has initial values");
    if (!in_.At('{')) return dimensions_.empty() ? Element(0) : in_.Fail("{");
    std::uint64_t count = 0;
    if (!Level(0, 0, count)) return false;
    if (!dimensions_.empty() && dimensions_[0] == 0) dimensions_[0] = count;
    return true;
  }

 private:
  // Elements of one { } at nesting level `level`.
  std::uint64_t Stride(std::size_t level) const {
    std::uint64_t stride = 1;
    for (std::size_t i = level + 1; i < dimensions_.size(); ++i) stride *= dimensions_[i];
    return stride;
  }

  // { ... }: elements, or nested braces, from element `first` on. `count`: how many rows it has.
  // As in C, one { } may also list the elements of the levels below it flat.
  bool Level(std::size_t level, std::uint64_t first, std::uint64_t& count) {
    if (level >= static_cast<std::size_t>(Limits::kInitializerDepth)) {
      return in_.Fail("braces nested less deeply");
    }
    if (level >= std::max<std::size_t>(dimensions_.size(), 1)) return in_.Fail("a value");
    const std::uint64_t stride = Stride(level);
    const std::uint64_t rows = dimensions_.empty() ? 1 : dimensions_[level];
    const bool open_ended = rows == 0 && level == 0 && !dimensions_.empty();
    const std::uint64_t end =
        open_ended ? std::numeric_limits<std::uint64_t>::max() : first + rows * stride;
    if (!in_.Expect('{')) return false;
    std::uint64_t at = first;
    while (!in_.At('}')) {
      // Tables of numbers may be most of a module.
      if (in_.AtKind(TokenKind::kNumber)) {
        const auto store = [&](std::uint64_t value) {
          return Store(at++, FromInteger(static_cast<std::int64_t>(value)));
        };
        if (!in_.ReadListed(end - at, store)) return false;
        if (in_.At('}')) break;
      }
      if (at >= end) return in_.Fail("no more values than the variable has elements");
      if (in_.At('{')) {
        if ((at - first) % stride != 0) return in_.Fail("a value");
        std::uint64_t inner = 0;
        if (!Level(level + 1, at, inner)) return false;
        at += stride;
      } else {
        if (!Element(at++)) return false;
      }
      if (!in_.Accept(',')) break;
    }
    count = (at - first + stride - 1) / stride;
    return in_.Expect('}');
  }

  bool Store(std::uint64_t index, std::uint64_t value) {
    const std::uint64_t offset = index * bytes_;  // fits: ReadVariables limits the variable's size
    auto& initial = variable_.initial;
    if (offset >= Limits::kInitialBytes) return in_.ChargeInitial(offset);
    if (offset + bytes_ > initial.size()) {
      if (!in_.ChargeInitial(offset + bytes_ - initial.size())) return false;
      initial.resize(offset + bytes_);
    }
    for (std::uint64_t i = 0; i < bytes_; ++i) {
      initial[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return true;
  }

  bool Element(std::uint64_t index) {
    if (in_.AtKind(TokenKind::kIdentifier) && in_.token().text != "WARP_SZ") {
      return Address(index, ~std::uint64_t{0});
    }
    const int line = in_.token().line;
    Operand value;
    // A call of a mask, 0xff(name), looks like a number with a list behind it.
    if (in_.At('(')) {
      value.kind = Operand::Kind::kInteger;
      if (!ReadExpression(in_, value.integer)) return false;
    } else if (!ReadOperand(in_, value)) {
      return false;
    }
    if (value.kind == Operand::Kind::kInteger && in_.Accept('(')) {
      return Address(index, static_cast<std::uint64_t>(value.integer)) && in_.Expect(')');
    }
    if (value.kind == Operand::Kind::kInteger) return Store(index, FromInteger(value.integer));
    if (value.kind == Operand::Kind::kFloat && is_float_) return Store(index, FromFloat(value));
    return in_.FailWith(line, Format("expected an initial value of type .{}", variable_.type));
  }

  std::uint64_t FromInteger(std::int64_t value) const {
    if (!is_float_) return static_cast<std::uint64_t>(value);
    if (bytes_ == 4) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
    return std::bit_cast<std::uint64_t>(static_cast<double>(value));
  }

  std::uint64_t FromFloat(const Operand& value) const {
    if (value.float_bytes == bytes_) return value.bits;
    if (bytes_ == 8) {
      const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(value.bits));
      return std::bit_cast<std::uint64_t>(static_cast<double>(single));
    }
    return std::bit_cast<std::uint32_t>(Narrow(std::bit_cast<double>(value.bits)));
  }

  // Beyond the range of float: infinity, as IEEE 754 rounds; the conversion alone would be
  // undefined in C++.
  static float Narrow(double value) {
    constexpr double kMax = 0x1.ffffffp127;  // the first that rounds away from the largest float
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (value >= kMax) return kInfinity;
    if (value <= -kMax) return -kInfinity;
    return static_cast<float>(value);
  }

  // name, name+8, generic(name), generic(name)+8.
  bool Address(std::uint64_t index, std::uint64_t mask) {
    if (is_float_) return in_.Fail("a number");
    Variable::Reference reference;
    reference.offset = index * bytes_;
    reference.bytes = static_cast<std::uint8_t>(bytes_);
    reference.mask = mask;
    if (!in_.Charge() || !in_.ReadName(reference.name, "a name")) return false;
    if (reference.name == "generic" && in_.Accept('(')) {
      reference.generic = true;
      if (!in_.ReadName(reference.name, "a name")) return false;
      if (!Addend(reference.addend) || !in_.Expect(')')) return false;
    }
    if (!Addend(reference.addend)) return false;
    variable_.references.push_back(reference);
    return Store(index, 0);
  }

  bool Addend(std::int64_t& addend) {
    return (!in_.At('+') && !in_.At('-')) || ReadExpressionRest(in_, addend);
  }

  Reader& in_;
  std::vector<std::uint64_t>& dimensions_;
  Variable& variable_;
  std::uint64_t bytes_;
  bool is_float_;
};

}  // namespace

int BytesOfType(std::string_view type) {
  for (const auto& [name, bytes] : kTypes) {
    if (name == type) return bytes;
  }
  return -1;
}

bool ReadInitializer(Reader& in, std::vector<std::uint64_t>& dimensions, Variable& variable) {
  return Initializer(in, dimensions, variable).Read();
}

}  // namespace caesar::sim::ptx
