// Slots for operands: registers, immediates, special registers, addresses.
#include <bit>

#include "base/format.h"
#include "sim/function_binder.h"

namespace caesar::sim {
namespace {

using Kind = Names::Entity::Kind;
using OperandKind = ptx::Operand::Kind;

std::uint64_t Truncate(std::uint64_t value, int bits) {
  return bits >= 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
}

std::uint8_t LaneBytes(Type type) {
  return type == Type::kPred ? std::uint8_t{0}
                             : static_cast<std::uint8_t>(SlotBytes(type) / kLanes);
}

}  // namespace

Type FunctionBinder::RegisterType(const ptx::Operand& operand) const {
  if (operand.kind != OperandKind::kName && operand.kind != OperandKind::kAddress) {
    return Type::kNone;
  }
  const Names::Entity entity = plan_.names.Find(operand.name, scope_);
  return entity.kind == Kind::kRegister ? plan_.names.register_type(entity.index) : Type::kNone;
}

Result<Slot> FunctionBinder::FittingRegister(const ptx::Operand& operand, std::size_t index,
                                             Type type, bool write) {
  const Type declared = plan_.names.register_type(index);
  if (SlotBytes(declared) != SlotBytes(type)) {
    return Wrong(Format("register {} of type .{} where a .{} is needed", operand.name,
                        Name(declared), Name(type)));
  }
  if (operand.integer != 0) return Wrong(Format("an offset from register {}", operand.name));
  return Register(index, write);
}

Result<Slot> FunctionBinder::Source(const ptx::Operand& operand, Type type) {
  if (operand.negated) return Wrong(Format("operand !{}", operand.name));
  if (operand.minus) return Wrong(Format("operand -{}", operand.name));
  if (operand.kind == OperandKind::kInteger || operand.kind == OperandKind::kFloat) {
    return Immediate(operand, type);
  }
  if (operand.kind != OperandKind::kName) return Wrong("an operand of this kind");
  const Names::Entity entity = plan_.names.Find(operand.name, scope_);
  if (entity.kind == Kind::kRegister) return FittingRegister(operand, entity.index, type, false);
  return NamedValue(operand, type);
}

Result<Slot> FunctionBinder::Destination(const ptx::Operand& operand, Type type) {
  if (operand.kind == OperandKind::kSink) {
    const auto [found, fresh] = sinks_.try_emplace(SlotBytes(type), kNoSlot);
    if (fresh) found->second = Fresh(type);
    return found->second;
  }
  const Names::Entity entity =
      operand.kind == OperandKind::kName ? plan_.names.Find(operand.name, scope_) : Names::Entity{};
  if (entity.kind != Kind::kRegister || operand.negated || operand.minus) {
    return Wrong(Format("a destination that is no register{}{}", operand.name.empty() ? "" : ": ",
                        operand.name));
  }
  const Slot slot = TRY(FittingRegister(operand, entity.index, type, true));
  if (type == Type::kPred) written_predicates_.push_back(slot);
  return slot;
}

Result<Binder::PredicateSource> FunctionBinder::SourcePredicate(const ptx::Operand& operand) {
  PredicateSource source;
  source.negated = operand.negated;
  ptx::Operand plain = operand;
  plain.negated = false;
  source.slot = TRY(Source(plain, Type::kPred));
  return source;
}

// Integers are cut to the type's width. A pattern of 32 or 64 bits is taken as it is where the
// width is the same, and converted between f32 and f64.
Result<Slot> FunctionBinder::Immediate(const ptx::Operand& operand, Type type) {
  if (operand.kind == OperandKind::kInteger) {
    // f32 and f64 want 0f..., 0d... or 1.5: ptxas refuses integers, and would not say what they
    // mean.
    if (type == Type::kF32 || type == Type::kF64) {
      return Wrong(Format("integer {} as a .{}", operand.integer, Name(type)));
    }
    return Constant(static_cast<std::uint64_t>(operand.integer), type);
  }
  const int bits = BitsOf(type);
  if (bits == operand.float_bytes * 8) return Constant(operand.bits, type);
  if (type == Type::kF32 || type == Type::kB32) {
    const auto narrow = static_cast<float>(std::bit_cast<double>(operand.bits));
    return Constant(std::bit_cast<std::uint32_t>(narrow), type);
  }
  if (type == Type::kF64) {
    const auto pattern = static_cast<std::uint32_t>(operand.bits);
    const auto wide = static_cast<double>(std::bit_cast<float>(pattern));
    return Constant(std::bit_cast<std::uint64_t>(wide), type);
  }
  return Wrong(Format("a floating-point number as a .{}", Name(type)));
}

Slot FunctionBinder::Constant(std::uint64_t value, Type type) {
  SlotValue constant;
  constant.bytes = LaneBytes(type);
  constant.value = type == Type::kPred ? (value != 0 ? 1 : 0) : Truncate(value, BitsOf(type));
  return presets_.SlotOf(constant);
}

Result<Slot> FunctionBinder::NamedValue(const ptx::Operand& operand, Type type) {
  const Names::Entity entity = plan_.names.Find(operand.name, scope_);
  const Declared declared = FindVariable(operand.name, entity);
  if (declared.variable != nullptr) return VariableAddress(declared, operand.integer, type);
  if (operand.name == "WARP_SZ") return Constant(kLanes, type);
  if (const auto address = plan_.module.AddressOfFunction(operand.name)) {
    if (BitsOf(type) != 64 || operand.integer != 0) {
      return Wrong(Format("the address of function {} as a .{}", operand.name, Name(type)));
    }
    TRY(Callee(operand.name));
    return Constant(*address, type);
  }
  const SpecialRegister* special = FindSpecialRegister(operand.name);
  if (special == nullptr) {
    return Wrong(Format("{} {}",
                        IsClock(operand.name)           ? "a clock as an operand:"
                        : operand.name.starts_with('%') ? "unknown register"
                                                        : "unknown name",
                        operand.name));
  }
  // Old code reads the low half of %tid.x and of %gridid.
  const int bits = BitsOf(type);
  if ((special->bits == 1) != (type == Type::kPred) || bits > special->bits) {
    return Wrong(Format("{} as a .{}", operand.name, Name(type)));
  }
  if (special->special == SlotValue::Special::kReservedSharedOffset) {
    function_.uses_reserved_shared = true;
  }
  SlotValue value;
  value.kind = SlotValue::Kind::kSpecial;
  value.bytes = LaneBytes(type);
  value.special = special->special;
  value.value = special->value;
  return presets_.SlotOf(value);
}

FunctionBinder::Declared FunctionBinder::FindVariable(std::string_view name,
                                                      Names::Entity entity) const {
  if (entity.kind == Kind::kVariable) {
    return {&plan_.source.variables[entity.index], entity.index};
  }
  if (entity.kind == Kind::kParameter) return {&plan_.source.parameters[entity.index], 0};
  if (entity.kind == Kind::kResult) return {&plan_.source.results[entity.index], 0};
  if (entity.kind == Kind::kLabel) return {};
  const auto found = plan_.module.variable_index.find(name);
  if (found == plan_.module.variable_index.end()) return {};
  return {&plan_.module.source.variables[found->second], 0};
}

Result<Slot> FunctionBinder::VariableAddress(const Declared& declared, std::int64_t addend,
                                             Type type) {
  const ptx::Variable& variable = *declared.variable;
  const auto more = static_cast<std::uint64_t>(addend);
  const int bits = BitsOf(type);
  if (bits != 64 && bits != 32) {
    return Wrong(Format("the address of {} as a .{}", variable.name, Name(type)));
  }
  SlotValue value;
  value.kind = SlotValue::Kind::kSpecial;
  value.bytes = LaneBytes(type);
  switch (variable.space) {
    case ptx::StateSpace::kShared:
      if (variable.external) {
        value.special = SlotValue::Special::kDynamicSharedOffset;
        value.value = more;
        return presets_.SlotOf(value);
      }
      return Constant(TRY(plan_.shared.OffsetOf(variable)) + more, type);
    case ptx::StateSpace::kLocal:
      value.special = SlotValue::Special::kLocalBase;
      value.value = plan_.variable_offsets[declared.index] + more;
      return presets_.SlotOf(value);
    case ptx::StateSpace::kParam:
      return Constant(TRY(ParamOffset(variable.name)) + more, type);
    case ptx::StateSpace::kGlobal:
    case ptx::StateSpace::kConst: {
      const GlobalVariable* global = plan_.module.FindVariable(variable.name);
      if (global == nullptr || global->address == 0) {
        return Wrong(Format("{} is defined in another module", variable.name));
      }
      if (bits != 64) return Wrong(Format("the address of {} in 32 bits", variable.name));
      return Constant(global->address + more, type);
    }
    case ptx::StateSpace::kNone:
    case ptx::StateSpace::kReg:
      break;
  }
  return Wrong(Format("the address of {}", variable.name));
}

Result<Binder::Address> FunctionBinder::AddressOf(const ptx::Operand& operand) {
  if (operand.kind != OperandKind::kAddress || operand.negated || operand.minus) {
    return Wrong("an operand that is no address");
  }
  Address address;
  address.offset = operand.integer;
  if (operand.name.empty()) {
    address.base = Constant(0, Type::kB64);
    return address;
  }
  const Names::Entity entity = plan_.names.Find(operand.name, scope_);
  if (entity.kind == Kind::kRegister) {
    const int bits = BitsOf(plan_.names.register_type(entity.index));
    if (bits != 32 && bits != 64) {
      return Wrong(Format("register {} of {} bits as an address", operand.name, bits));
    }
    address.narrow = bits == 32;
    address.base = Register(entity.index, false);
    return address;
  }
  const Declared declared = FindVariable(operand.name, entity);
  if (declared.variable == nullptr)
    return Wrong(Format("no variable {} is seen here", operand.name));
  address.variable = declared.variable;
  if (declared.variable->space != ptx::StateSpace::kParam) {
    address.base = TRY(VariableAddress(declared, 0, Type::kB64));
  }
  return address;
}

Result<std::uint32_t> FunctionBinder::ParamOffset(std::string_view name) {
  const Names::Entity entity = plan_.names.Find(name, scope_);
  if (entity.kind == Kind::kParameter) return function_.parameters[entity.index].offset;
  if (entity.kind == Kind::kResult) return function_.results[entity.index].offset;
  if (entity.kind == Kind::kVariable &&
      plan_.source.variables[entity.index].space == ptx::StateSpace::kParam) {
    return plan_.variable_offsets[entity.index];
  }
  return Wrong(Format("no parameter {} is seen here", name));
}

Result<Slot> FunctionBinder::KernelParameter(std::uint64_t offset, Type from, Type to) {
  const auto bytes = static_cast<std::uint64_t>(BitsOf(from)) / 8;
  if (!function_.kernel || bytes == 0 || bytes > 8 || BitsOf(to) > 64 ||
      BitsOf(to) < BitsOf(from)) {
    return Wrong(Format("a parameter of type .{} as a .{}", Name(from), Name(to)));
  }
  if (offset > function_.param_bytes || bytes > function_.param_bytes - offset) {
    return Wrong(Format("reads parameters at offset {} of {}", offset, function_.param_bytes));
  }
  SlotValue value;
  value.kind = SlotValue::Kind::kParameter;
  value.bytes = LaneBytes(to);
  value.source_bytes = static_cast<std::uint8_t>(bytes);
  value.sign_extended = IsSigned(from);
  value.value = offset;
  return presets_.SlotOf(value);
}

}  // namespace caesar::sim
