// The video instructions: vadd, vsub, vabsdiff, vmin, vmax, vshl, vshr, vmad and vset on a byte, a
// half or all of each operand, and their kin on two halves or four bytes at once. PTX ISA 9.0,
// "Video Instructions". One description for all of them; no instruction set has anything like it.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <memory>

#include "sim/machine.h"
#include "sim/ops/integer.h"

namespace caesar::sim {
namespace {

enum class What : std::uint8_t {
  kAdd,
  kSub,
  kDistance,
  kMin,
  kMax,
  kAverage,
  kShl,
  kShr,
  kMad,
  kSet
};
enum class Then : std::uint8_t { kMerge, kAdd, kMin, kMax };

// Where an element comes from: `bits` wide, from bit `at` on of the operands a and b, one behind
// the other.
struct Part {
  int at = 0, bits = 32;
};

struct Video {
  What what = What::kAdd;
  Then then = Then::kMerge;
  int elements = 1;
  Part a[4], b[4], d[4];
  bool written[4] = {true, true, true, true};
  bool signed_a = false, signed_b = false, signed_d = false;
  bool saturate = false, wrap = false;
  bool minus_product = false, minus_c = false, plus_one = false;  // vmad
  int scale = 0;
  std::string_view compare;
};

std::int64_t Extract(std::uint64_t from, const Part& part, bool is_signed) {
  const std::uint64_t top = from << (64 - part.at - part.bits);
  if (is_signed) return static_cast<std::int64_t>(top) >> (64 - part.bits);
  return static_cast<std::int64_t>(top >> (64 - part.bits));
}

std::int64_t Clamp(std::int64_t value, int bits, bool is_signed) {
  const std::int64_t most = (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
  return std::clamp(value, is_signed ? -most - 1 : std::int64_t{0}, most);
}

bool Holds(std::string_view compare, std::int64_t a, std::int64_t b) {
  if (compare == "eq") return a == b;
  if (compare == "ne") return a != b;
  if (compare == "lt") return a < b;
  if (compare == "le") return a <= b;
  return compare == "gt" ? a > b : a >= b;
}

std::int64_t Apply(const Video& video, std::int64_t a, std::int64_t b) {
  const std::int64_t distance = std::abs(a - b),
                     shift = video.wrap ? b & 31 : std::min<std::int64_t>(b, 32);
  switch (video.what) {
    case What::kAdd:
      return a + b;
    case What::kSub:
      return a - b;
    case What::kDistance:
      return distance;
    case What::kMin:
      return std::min(a, b);
    case What::kMax:
      return std::max(a, b);
    case What::kAverage:  // halves away from zero
      return (a + b + (a + b >= 0 ? 1 : 0)) >> 1;
    case What::kShl:
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << (shift & 63));
    case What::kShr:
      return a >> (shift & 63);
    case What::kSet:
      return Holds(video.compare, a, b) ? 1 : 0;
    case What::kMad:
      break;
  }
  return 0;
}

std::uint32_t MultiplyAdd(const Video& video, std::int64_t a, std::int64_t b, std::uint32_t c) {
  const bool is_signed = video.signed_a || video.signed_b || video.minus_product || video.minus_c;
  __extension__ using Wide = __int128;
  Wide sum = Wide{a} * b;
  if (video.minus_product) sum = -sum;
  if (video.minus_c) c = ~c;
  sum += is_signed ? Wide{static_cast<std::int32_t>(c)} : Wide{c};
  if (video.plus_one || video.minus_c) sum += 1;
  const Wide scaled_sum = sum >> video.scale;
  // Of an unsigned result the upper half of 64 bits is no sign.
  if (video.saturate && !is_signed) {
    return static_cast<std::uint32_t>(std::min<Wide>(scaled_sum, 0xFFFFFFFFU));
  }
  const auto scaled = static_cast<std::int64_t>(scaled_sum);
  return static_cast<std::uint32_t>(video.saturate ? Clamp(scaled, 32, true) : scaled);
}

std::uint32_t Accumulate(const Video& video, std::int64_t value, std::uint32_t c) {
  const std::int64_t other =
      video.signed_d ? std::int64_t{static_cast<std::int32_t>(c)} : std::int64_t{c};
  // Of the value its 32 bits count, as those of c do.
  const std::int64_t own = Extract(static_cast<std::uint64_t>(value), {0, 32}, video.signed_d);
  if (video.then == Then::kMin) return static_cast<std::uint32_t>(std::min(own, other));
  if (video.then == Then::kMax) return static_cast<std::uint32_t>(std::max(own, other));
  return static_cast<std::uint32_t>(value + other);
}

std::uint32_t Compute(const Video& video, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  // A scalar's operands are apart; packed ones may be selected from either.
  const std::uint64_t both = std::uint64_t{b} << 32 | a;
  const std::uint64_t from_a = video.elements == 1 ? a : both;
  const std::uint64_t from_b = video.elements == 1 ? b : both;
  std::uint32_t result = c;
  for (int i = 0; i < video.elements; ++i) {
    const std::int64_t x = Extract(from_a, video.a[i], video.signed_a);
    const std::int64_t y = Extract(from_b, video.b[i], video.signed_b);
    if (video.what == What::kMad) return MultiplyAdd(video, x, y, c);
    if (!video.written[i]) continue;
    const Part& to = video.d[i];
    std::int64_t value = Apply(video, x, y);
    if (video.saturate) value = Clamp(value, to.bits, video.signed_d);
    if (video.then != Then::kMerge) {
      result = Accumulate(video, value, result);
    } else {
      const std::uint64_t mask = ((std::uint64_t{1} << to.bits) - 1) << to.at;
      const std::uint64_t bits = static_cast<std::uint64_t>(value) << to.at & mask;
      result = static_cast<std::uint32_t>((result & ~mask) | bits);
    }
  }
  return result;
}

Step RunVideo(Warp& warp, const Op& op) {
  const auto& video = *static_cast<const Video*>(op.detail);
  const auto* a = warp.Lanes<std::uint32_t>(op.a);
  const auto* b = warp.Lanes<std::uint32_t>(op.b);
  const auto* c = warp.Lanes<std::uint32_t>(op.c);
  auto* d = warp.Lanes<std::uint32_t>(op.dst);
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    d[lane] = Compute(video, a[lane], b[lane], c[lane]);
  }
  return Step::kNext;
}

struct Named {
  std::string_view name;
  What what;
  bool scalar = true, packed = true;
};
constexpr Named kNames[] = {{"vadd", What::kAdd},
                            {"vsub", What::kSub},
                            {"vabsdiff", What::kDistance},
                            {"vmin", What::kMin},
                            {"vmax", What::kMax},
                            {"vavrg", What::kAverage, false, true},
                            {"vshl", What::kShl, true, false},
                            {"vshr", What::kShr, true, false},
                            {"vmad", What::kMad, true, false},
                            {"vset", What::kSet}};

// %r1.h10 as %r1 and h10.
std::string_view TakeSelector(ptx::Operand* operand) {
  const std::size_t dot = operand->name.rfind('.');
  if (operand->kind != ptx::Operand::Kind::kName || dot == std::string_view::npos) return {};
  const std::string_view selector = operand->name.substr(dot + 1);
  // Not that of %tid.x.
  if (selector.size() < 2 || selector.find_first_not_of("bh0123456789") != std::string_view::npos) {
    return {};
  }
  operand->name = operand->name.substr(0, dot);
  return selector;
}

// b0 to b3, h0, h1 of a scalar.
bool SelectScalar(std::string_view selector, Part* part) {
  if (selector.empty()) return true;
  if (selector.size() != 2) return false;
  const int bits = selector[0] == 'b' ? 8 : 16, number = selector[1] - '0';
  if ((selector[0] != 'b' && selector[0] != 'h') || number < 0 || number >= 32 / bits) return false;
  *part = {number * bits, bits};
  return true;
}

// h10, b3210: of elements from the last one to the first, the number of the element in a and b.
bool SelectPacked(std::string_view selector, int elements, int first, Part* parts) {
  const int bits = 32 / elements;
  for (int i = 0; i < elements; ++i) parts[i] = {(first + i) * bits, bits};
  if (selector.empty()) return true;
  if (selector.size() != static_cast<std::size_t>(elements) + 1 ||
      selector[0] != (elements == 2 ? 'h' : 'b')) {
    return false;
  }
  for (int i = 0; i < elements; ++i) {
    const int number = selector[selector.size() - 1 - static_cast<std::size_t>(i)] - '0';
    if (number < 0 || number >= 2 * elements) return false;
    parts[i].at = number * bits;
  }
  return true;
}

// h0, b20: the elements that are written; in descending order.
bool SelectMask(std::string_view selector, Video* video) {
  if (selector.empty()) return true;
  if (selector[0] != (video->elements == 2 ? 'h' : 'b') || selector.size() < 2) return false;
  std::fill(std::begin(video->written), std::end(video->written), false);
  for (const char digit : selector.substr(1)) {
    const int number = digit - '0';
    if (number < 0 || number >= video->elements) return false;
    video->written[number] = true;
  }
  return true;
}

bool Select(const std::array<std::string_view, 3>& selectors, Video* video) {
  if (video->elements == 1) {
    return SelectScalar(selectors[0], video->d) && SelectScalar(selectors[1], video->a) &&
           SelectScalar(selectors[2], video->b);
  }
  SelectPacked({}, video->elements, 0, video->d);
  return SelectMask(selectors[0], video) &&
         SelectPacked(selectors[1], video->elements, 0, video->a) &&
         SelectPacked(selectors[2], video->elements, video->elements, video->b);
}

// Types in the order of the instruction, u32 or s32; vset has none for d.
bool TakeTypes(Modifiers& modifiers, Video* video) {
  const auto take = [&](bool* is_signed) {
    const Type type = modifiers.TakeType();
    *is_signed = type == Type::kS32;
    return type == Type::kS32 || type == Type::kU32;
  };
  if (video->what != What::kSet && !take(&video->signed_d)) return false;
  return take(&video->signed_a) && take(&video->signed_b);
}

bool TakeRest(Modifiers& modifiers, Video* video) {
  const bool shift = video->what == What::kShl || video->what == What::kShr;
  if (video->what == What::kSet) {
    video->compare = modifiers.TakeAny({"eq", "ne", "lt", "le", "gt", "ge"});
    if (video->compare.empty()) return false;
  } else {
    video->saturate = modifiers.Take("sat");
  }
  if (video->what == What::kMad) {
    video->plus_one = modifiers.Take("po");
    video->scale = modifiers.Take("shr7") ? 7 : modifiers.Take("shr15") ? 15 : 0;
    return true;
  }
  if (shift) {
    const std::string_view mode = modifiers.TakeAny({"clamp", "wrap"});
    video->wrap = mode == "wrap";
    // PTX does not say how many bits a shifted value has before it is saturated.
    if (mode.empty() || video->signed_b || video->saturate) return false;
  }
  if (modifiers.Take("add")) video->then = Then::kAdd;
  if (video->elements == 1 && modifiers.Take("min")) video->then = Then::kMin;
  if (video->elements == 1 && modifiers.Take("max")) video->then = Then::kMax;
  return true;
}

}  // namespace

// vadd{2, 4}.dtype.atype.btype{.sat}{.op} d{.select}, a{.select}, b{.select}{, c}.
Result<Op> DecodeVideo(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  std::string_view opcode = instruction.opcode;
  auto video = std::make_shared<Video>();
  if (opcode.ends_with('2') || opcode.ends_with('4')) {
    video->elements = opcode.back() - '0';
    opcode.remove_suffix(1);
  }
  const auto* name = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const Named& row) { return row.name == opcode; });
  if (name == std::end(kNames) || !(video->elements == 1 ? name->scalar : name->packed)) {
    return NotSimulated(instruction);
  }
  video->what = name->what;
  Modifiers modifiers(instruction);
  const bool known = TakeTypes(modifiers, video.get()) && TakeRest(modifiers, video.get());
  TRY(modifiers.Done());
  const std::size_t count = instruction.operands.size();
  std::vector<ptx::Operand> operands = instruction.operands;
  operands.resize(4);
  std::array<std::string_view, 3> selectors;
  for (std::size_t i = 0; i < 3; ++i) selectors[i] = TakeSelector(&operands[i]);
  // The third source: of everything but a plain scalar.
  const bool three = video->elements > 1 || video->what == What::kMad ||
                     video->then != Then::kMerge || !selectors[0].empty();
  if (!known || !Select(selectors, video.get()) || count != (three ? 4U : 3U) ||
      (video->what == What::kMad && !selectors[0].empty())) {
    return NotSimulated(instruction, "no such form");
  }
  if (video->what == What::kMad) {
    video->minus_product = operands[1].minus != operands[2].minus;
    video->minus_c = operands[3].minus;
    for (ptx::Operand& operand : operands) operand.minus = false;
    if (video->plus_one && (video->minus_product || video->minus_c)) {
      return NotSimulated(instruction, "no such form");
    }
  }
  Op op;
  op.run = RunVideo;
  op.op_class = OpClass::kInteger;
  op.a = TRY(binder.Source(operands[1], Type::kB32));
  op.b = TRY(binder.Source(operands[2], Type::kB32));
  op.c = three ? TRY(binder.Source(operands[3], Type::kB32)) : binder.Constant(0, Type::kB32);
  op.dst = TRY(binder.Destination(operands[0], Type::kB32));
  op.detail = binder.Keep(std::move(video));
  return op;
}

}  // namespace caesar::sim
