#include "unit/sim/toy_family.h"

#include "sim/machine.h"

namespace caesar::sim {
namespace {

template <class T, class F>
Step ForActive(Warp& warp, const Op& op, const F& function) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if ((warp.active >> lane & 1U) != 0) warp.Lanes<T>(op.dst)[lane] = function(lane);
  }
  return Step::kNext;
}

template <class T>
Step Mov(Warp& warp, const Op& op) {
  return ForActive<T>(warp, op, [&](int lane) { return warp.Lanes<T>(op.a)[lane]; });
}
Step MovPredicate(Warp& warp, const Op& op) {
  Mask& to = warp.Predicate(op.dst);
  to = (to & ~warp.active) | (warp.Predicate(op.a) & warp.active);
  return Step::kNext;
}
template <class T>
Step Add(Warp& warp, const Op& op) {
  return ForActive<T>(warp, op, [&](int lane) {
    return static_cast<T>(warp.Lanes<T>(op.a)[lane] + warp.Lanes<T>(op.b)[lane]);
  });
}
Step SetLess(Warp& warp, const Op& op) {
  Mask less = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto* a = warp.Lanes<std::uint32_t>(op.a);
    const auto* b = warp.Lanes<std::uint32_t>(op.b);
    less |= (a[lane] < b[lane] ? Mask{1} : Mask{0}) << lane;
  }
  Mask& to = warp.Predicate(op.dst);
  to = (to & ~warp.active) | (less & warp.active);
  return Step::kNext;
}
Step Jump(Warp& warp, const Op& op) {
  warp.pc = op.target;
  return Step::kJump;
}
Step Nothing(Warp&, const Op&) { return Step::kNext; }

Result<Op> DecodeToy(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::string_view opcode = instruction.opcode;
  const auto& operands = instruction.operands;
  Modifiers modifiers(instruction);
  const bool param = modifiers.Take("param");
  const bool less = modifiers.Take("lt");
  modifiers.Take("uni");
  const Type type = modifiers.TakeType();
  TRY(modifiers.Done());
  Op op;
  const auto mov = [&] {
    if (type == Type::kPred) return MovPredicate;
    return BitsOf(type) == 64   ? Mov<std::uint64_t>
           : BitsOf(type) == 16 ? Mov<std::uint16_t>
                                : Mov<std::uint32_t>;
  };
  if (opcode == "bra") {
    op.run = Jump;
    op.target = TRY(binder.Label(operands[0].name));
    return op;
  }
  if (opcode == "call") {
    for (const ptx::Operand& operand : operands) {
      if (operand.kind == ptx::Operand::Kind::kName) op.detail = TRY(binder.Callee(operand.name));
    }
    op.run = Nothing;
    return op;
  }
  if (opcode == "ret" || opcode == "exit") {
    op.run = Nothing;
    return op;
  }
  if (opcode == "ld" && param) {
    const auto address = TRY(binder.AddressOf(operands[1]));
    const std::uint32_t offset = TRY(binder.ParamOffset(address.variable->name));
    const Type to = binder.RegisterType(operands[0]);
    op.a =
        TRY(binder.KernelParameter(offset + static_cast<std::uint64_t>(address.offset), type, to));
    op.dst = TRY(binder.Destination(operands[0], to));
    op.run = BitsOf(to) == 64   ? Mov<std::uint64_t>
             : BitsOf(to) == 16 ? Mov<std::uint16_t>
                                : Mov<std::uint32_t>;
    return op;
  }
  if (opcode == "st") {
    const auto address = TRY(binder.AddressOf(operands[0]));
    op.a = address.base;
    op.immediate = address.offset;
    op.flags = address.narrow ? 1 : 0;
    op.b = TRY(binder.Source(operands[1], type));
    op.run = Nothing;
    return op;
  }
  op.a = TRY(binder.Source(operands[1], type));
  if (opcode == "mov") {
    op.run = mov();
  } else if (opcode == "add") {
    op.b = TRY(binder.Source(operands[2], type));
    op.run = BitsOf(type) == 64 ? Add<std::uint64_t> : Add<std::uint32_t>;
  } else if (opcode == "setp" && less) {
    op.b = TRY(binder.Source(operands[2], type));
    op.dst = TRY(binder.Destination(operands[0], Type::kPred));
    op.run = SetLess;
    return op;
  } else if (opcode == "twice") {  // dst = a; then dst = dst + b
    op.b = TRY(binder.Source(operands[2], type));
    op.dst = TRY(binder.Destination(operands[0], type));
    Op first = op;
    first.run = type == Type::kPred ? MovPredicate : Mov<std::uint32_t>;
    binder.Emit(first);
    op.run = type == Type::kPred ? MovPredicate : Add<std::uint32_t>;
    op.a = type == Type::kPred ? op.b : op.dst;
    return op;
  } else if (opcode == "scratch") {  // dst = a + b through two scratch slots
    op.b = TRY(binder.Source(operands[2], type));
    Op first = op, second = op;
    first.dst = binder.Scratch(type);
    second.a = op.b;
    second.dst = binder.Scratch(type);
    first.run = second.run = Mov<std::uint32_t>;
    binder.Emit(first);
    binder.Emit(second);
    op.a = first.dst;
    op.b = second.dst;
    op.run = Add<std::uint32_t>;
  } else {
    return NotSimulated(instruction);
  }
  op.dst = TRY(binder.Destination(operands[0], type));
  return op;
}

}  // namespace

Decode ToyFamily(std::string_view opcode) {
  for (const char* known :
       {"mov", "add", "setp", "bra", "call", "ret", "exit", "ld", "st", "twice", "scratch"}) {
    if (opcode == known) return DecodeToy;
  }
  return nullptr;
}

}  // namespace caesar::sim
