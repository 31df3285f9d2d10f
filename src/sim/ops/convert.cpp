// Decodes cvt and cvt.pack. Conversions that have no executor of their own run through
// ConvertValue, lane by lane.
#include "sim/ops/convert.h"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "sim/machine.h"

namespace caesar::sim {
namespace {

std::uint64_t ReadLane(const Warp& warp, Slot slot, int bits, int lane) {
  const auto i = static_cast<std::size_t>(lane);
  if (bits == 16) return warp.Lanes<std::uint16_t>(slot)[i];
  return bits == 32 ? warp.Lanes<std::uint32_t>(slot)[i] : warp.Lanes<std::uint64_t>(slot)[i];
}
void WriteLane(Warp& warp, Slot slot, int bits, int lane, std::uint64_t value) {
  const auto i = static_cast<std::size_t>(lane);
  if (bits == 16) {
    warp.Lanes<std::uint16_t>(slot)[i] = static_cast<std::uint16_t>(value);
  } else if (bits == 32) {
    warp.Lanes<std::uint32_t>(slot)[i] = static_cast<std::uint32_t>(value);
  } else {
    warp.Lanes<std::uint64_t>(slot)[i] = value;
  }
}

Step ConvertEach(Warp& warp, const Op& op) {
  const auto& conversion = *static_cast<const Conversion*>(op.detail);
  for (int lane = 0; lane < kLanes; ++lane) {
    if ((warp.active >> lane & 1) == 0) continue;
    const std::uint64_t bits = ReadLane(warp, op.a, conversion.from_bits, lane);
    WriteLane(warp, op.dst, conversion.to_bits, lane, ConvertValue(bits, conversion));
  }
  return Step::kNext;
}

Step ConvertPacked(Warp& warp, const Op& op) {
  const auto& packed = *static_cast<const PackedConversion*>(op.detail);
  const Conversion& element = packed.element;
  for (int lane = 0; lane < kLanes; ++lane) {
    if ((warp.active >> lane & 1) == 0) continue;
    std::uint64_t high = ReadLane(warp, op.a, element.from_bits, lane), low = high;
    if (packed.two_sources) {
      low = ReadLane(warp, op.b, element.from_bits, lane);
    } else {
      high >>= packed.from_width;
      low &= (std::uint64_t{1} << packed.from_width) - 1;
    }
    WriteLane(warp, op.dst, element.to_bits, lane,
              ConvertValue(high, element) << packed.to_width | ConvertValue(low, element));
  }
  return Step::kNext;
}

// cvt.pack: a and b, saturated to `width` bits, below the low bits of c (b lowest).
struct Pack {
  int width = 0;
  bool is_signed = false, has_c = false;
};
Step PackIntegers(Warp& warp, const Op& op) {
  const auto& pack = *static_cast<const Pack*>(op.detail);
  const std::int64_t high = (std::int64_t{1} << (pack.width - (pack.is_signed ? 1 : 0))) - 1;
  const std::int64_t low = pack.is_signed ? -high - 1 : 0;
  const std::uint32_t mask = (std::uint32_t{1} << pack.width) - 1;
  const auto saturated = [&](std::int32_t value) {
    const std::int64_t inside = value < low ? low : value > high ? high : value;
    return static_cast<std::uint32_t>(inside) & mask;
  };
  for (std::size_t i = 0; i < kLanes; ++i) {
    if ((warp.active >> i & 1) == 0) continue;
    const std::uint32_t above = pack.has_c ? warp.Lanes<std::uint32_t>(op.c)[i] : 0;
    const std::uint32_t pair = saturated(warp.Lanes<std::int32_t>(op.a)[i]) << pack.width |
                               saturated(warp.Lanes<std::int32_t>(op.b)[i]);
    warp.Lanes<std::uint32_t>(op.dst)[i] =
        pack.width == 16 ? pair : above << (2 * pack.width) | pair;
  }
  return Step::kNext;
}

Result<Op> DecodePack(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  modifiers.Take("pack");
  const bool sat = modifiers.Take("sat");
  const std::string_view to = modifiers.Next().value_or("");
  const bool from = modifiers.Take("s32");
  Pack pack;
  pack.has_c = modifiers.Take("b32");
  TRY(modifiers.Done());
  for (const auto& [name, width] : {std::pair{"2", 2}, {"4", 4}, {"8", 8}, {"16", 16}}) {
    if (to.size() > 1 && to.substr(1) == name) pack.width = width;
  }
  pack.is_signed = to.substr(0, 1) == "s";
  const bool known = pack.width != 0 && (pack.is_signed || to.front() == 'u');
  const std::size_t operands = pack.has_c ? 4 : 3;
  if (!sat || !from || !known || pack.has_c != (pack.width != 16) ||
      instruction.operands.size() != operands) {
    return NotSimulated(instruction, "no such form");
  }
  Op op;
  op.op_class = OpClass::kConvert;
  op.run = &PackIntegers;
  op.dst = TRY(binder.Destination(instruction.operands[0], Type::kB32));
  op.a = TRY(binder.Source(instruction.operands[1], Type::kS32));
  op.b = TRY(binder.Source(instruction.operands[2], Type::kS32));
  if (pack.has_c) op.c = TRY(binder.Source(instruction.operands[3], Type::kB32));
  op.detail = binder.Keep(std::make_shared<const Pack>(pack));
  return op;
}

// --- Types

// The element of a packed type; kNone: it is none.
Type ElementOf(Type type) {
  if (type == Type::kF16x2) return Type::kF16;
  if (type == Type::kBF16x2) return Type::kBF16;
  if (type == Type::kE4M3x2) return Type::kE4M3;
  return type == Type::kE5M2x2 ? Type::kE5M2 : Type::kNone;
}
bool IsFp8(Type type) { return type == Type::kE4M3 || type == Type::kE5M2; }
bool IsScalarFloat(Type type) {
  return type == Type::kF16 || type == Type::kBF16 || type == Type::kF32 || type == Type::kF64;
}
bool IsScalarInteger(Type type) { return type >= Type::kU8 && type <= Type::kS64; }
static_assert(Type::kU8 < Type::kU64 && Type::kU64 < Type::kS8 && Type::kS8 < Type::kS64);

// Without loss: f16 and bf16 hold different numbers.
bool Widens(Type from, Type to) {
  return to == from || (to == Type::kF64) || (to == Type::kF32 && from != Type::kF64);
}

struct RoundingName {
  std::string_view name;
  ConvertRounding rounding;
  bool integral;
};
constexpr RoundingName kRoundings[] = {
    {"rn", ConvertRounding::kNearest, false},     {"rz", ConvertRounding::kToZero, false},
    {"rm", ConvertRounding::kDown, false},        {"rp", ConvertRounding::kUp, false},
    {"rni", ConvertRounding::kNearest, true},     {"rzi", ConvertRounding::kToZero, true},
    {"rmi", ConvertRounding::kDown, true},        {"rpi", ConvertRounding::kUp, true},
    {"rna", ConvertRounding::kNearestAway, false}};

// The modifiers, as they stand; `to` and `from` may be packed.
struct Request {
  Conversion conversion;
  Type to = Type::kNone, from = Type::kNone;
};
Result<Request> ReadModifiers(const ptx::Instruction& instruction) {
  Modifiers modifiers(instruction);
  Request request;
  Conversion& conversion = request.conversion;
  for (const RoundingName& row : kRoundings) {
    if (!modifiers.Take(row.name)) continue;
    conversion.rounding = row.rounding;
    conversion.integral = row.integral;
    break;
  }
  conversion.ftz = modifiers.Take("ftz");
  conversion.sat = modifiers.Take("sat");
  conversion.relu = modifiers.Take("relu");
  conversion.satfinite = modifiers.Take("satfinite");
  request.to = modifiers.TakeType();
  request.from = modifiers.TakeType();
  TRY(modifiers.Done());
  return request;
}

// What PTX allows of one element, so that nothing unforeseen is accepted.
bool Allowed(const Conversion& conversion) {
  const Type from = conversion.from, to = conversion.to;
  const bool rounds = conversion.rounding != ConvertRounding::kNone;
  const bool away = conversion.rounding == ConvertRounding::kNearestAway;
  const bool float_from = IsScalarFloat(from), float_to = IsScalarFloat(to);
  if (conversion.ftz && from != Type::kF32 && to != Type::kF32) return false;
  if (conversion.relu || conversion.satfinite) {
    // Conversions to narrow formats alone.
    if (conversion.sat || from != Type::kF32 ||
        (to != Type::kF16 && to != Type::kBF16 && to != Type::kTF32)) {
      return false;
    }
  }
  if (to == Type::kTF32) {
    return from == Type::kF32 && rounds && !conversion.integral && !conversion.sat &&
           !conversion.ftz && conversion.rounding != ConvertRounding::kDown &&
           conversion.rounding != ConvertRounding::kUp;
  }
  if (away || !(float_from || IsScalarInteger(from)) || !(float_to || IsScalarInteger(to))) {
    return false;
  }
  if (!float_to) return float_from ? rounds && conversion.integral : !rounds;
  if (!float_from) return rounds && !conversion.integral;
  if (Widens(from, to)) return !rounds || (conversion.integral && from == to);
  return rounds && !conversion.integral;
}

// --- Operands

// Integers may be in registers wider than their type. Constants have the type's own width.
struct Bound {
  Slot slot = kNoSlot;
  int bits = 0;
};
Result<Bound> BindNumber(Binder& binder, const ptx::Operand& operand, Type type, bool writes) {
  const Type declared = binder.RegisterType(operand);
  const int own = BitsOf(type) < 16 ? 16 : BitsOf(type);
  const int width = declared == Type::kNone ? own : std::max(BitsOf(declared), 16);
  const bool fits = IsScalarInteger(type) ? width >= BitsOf(type) : width == own;
  if (!fits || width > 64 || declared == Type::kPred) {
    return NotSimulated(binder.instruction(), "a register of this width");
  }
  Type as = declared == Type::kNone ? type : declared;
  if (as == Type::kU8) as = Type::kU16;
  if (as == Type::kS8) as = Type::kS16;
  if (as == Type::kTF32) as = Type::kB32;
  return Bound{writes ? TRY(binder.Destination(operand, as)) : TRY(binder.Source(operand, as)),
               width};
}

// .ftz changes nothing where a subnormal f32 becomes 0 anyway.
void DropIdleFlush(Conversion& conversion) {
  const bool nearest_or_zero = conversion.rounding == ConvertRounding::kNearest ||
                               conversion.rounding == ConvertRounding::kToZero;
  const bool from_f32 = conversion.from == Type::kF32;
  if (from_f32 && nearest_or_zero &&
      (IsScalarInteger(conversion.to) || conversion.to == Type::kF16)) {
    conversion.ftz = false;
  }
  if (conversion.to == Type::kF32 && conversion.from == Type::kF16) conversion.ftz = false;
  // Of the integers, only 0 is subnormal.
  if (IsScalarInteger(conversion.from)) conversion.ftz = false;
}

Result<Op> DecodeScalar(Binder& binder, Conversion conversion) {
  const ptx::Instruction& instruction = binder.instruction();
  if (!Allowed(conversion) || instruction.operands.size() != 2) {
    return NotSimulated(instruction, "no such form");
  }
  const Bound to = TRY(BindNumber(binder, instruction.operands[0], conversion.to, true));
  const Bound from = TRY(BindNumber(binder, instruction.operands[1], conversion.from, false));
  conversion.to_bits = to.bits;
  conversion.from_bits = from.bits;
  DropIdleFlush(conversion);
  Op op;
  op.op_class = OpClass::kConvert;
  op.dst = to.slot;
  op.a = from.slot;
  op.run = CAESAR_SIM_PICK(binder.isa(), ConvertHandler)(conversion);
  if (op.run == nullptr) {
    op.run = &ConvertEach;
    op.detail = binder.Keep(std::make_shared<const Conversion>(conversion));
  }
  return op;
}

Type BitsTypeOf(int bits) { return bits == 16 ? Type::kB16 : Type::kB32; }

// What PTX allows of packed conversions.
bool Allowed(const PackedConversion& packed) {
  const Conversion& element = packed.element;
  const Type from = element.from, to = element.to;
  const bool nearest = element.rounding == ConvertRounding::kNearest && !element.integral;
  const bool zero = element.rounding == ConvertRounding::kToZero && !element.integral;
  if (element.sat || element.ftz) return false;
  if (IsFp8(to)) return nearest && element.satfinite && (from == Type::kF32 || from == Type::kF16);
  if (IsFp8(from)) return to == Type::kF16 && nearest && !element.satfinite;
  return from == Type::kF32 && (nearest || zero);
}

Result<Op> DecodePacked(Binder& binder, const Request& request) {
  const ptx::Instruction& instruction = binder.instruction();
  PackedConversion packed;
  packed.element = request.conversion;
  packed.element.to = ElementOf(request.to);
  packed.two_sources = request.from == Type::kF32;
  packed.element.from = packed.two_sources ? Type::kF32 : ElementOf(request.from);
  packed.from_width = BitsOf(packed.element.from);
  packed.to_width = BitsOf(packed.element.to);
  packed.element.from_bits = packed.from_width * (packed.two_sources ? 1 : 2);
  packed.element.to_bits = packed.to_width * 2;
  const std::size_t operands = packed.two_sources ? 3 : 2;
  if (packed.element.to == Type::kNone || packed.element.from == Type::kNone || !Allowed(packed) ||
      instruction.operands.size() != operands) {
    return NotSimulated(instruction, "no such form");
  }
  Op op;
  op.op_class = OpClass::kConvert;
  op.dst = TRY(binder.Destination(instruction.operands[0], BitsTypeOf(packed.element.to_bits)));
  const Type source = packed.two_sources ? Type::kF32 : BitsTypeOf(packed.element.from_bits);
  op.a = TRY(binder.Source(instruction.operands[1], source));
  if (packed.two_sources) op.b = TRY(binder.Source(instruction.operands[2], source));
  op.run = CAESAR_SIM_PICK(binder.isa(), PackedConvertHandler)(packed);
  if (op.run == nullptr) {
    op.run = &ConvertPacked;
    op.detail = binder.Keep(std::make_shared<const PackedConversion>(packed));
  }
  return op;
}

}  // namespace

Result<Op> DecodeConvert(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  if (!instruction.modifiers.empty() && instruction.modifiers[0] == "pack") {
    return DecodePack(binder);
  }
  const Request request = TRY(ReadModifiers(instruction));
  if (ElementOf(request.to) != Type::kNone) return DecodePacked(binder, request);
  Conversion conversion = request.conversion;
  conversion.to = request.to;
  conversion.from = request.from;
  return DecodeScalar(binder, conversion);
}

}  // namespace caesar::sim
