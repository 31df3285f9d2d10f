// Branches, calls, exits and barriers.
#include <bit>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "sim/barriers.h"
#include "sim/binder.h"
#include "sim/calls.h"
#include "sim/device_library.h"
#include "sim/ops/control_stack.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

Step RunBranch(Warp& warp, const Op& op) { return Branch(warp, op.target); }
Step RunReturn(Warp& warp, const Op&) { return Return(warp); }
Step RunExit(Warp& warp, const Op&) { return ExitLanes(warp); }
Step RunNothing(Warp&, const Op&) { return Step::kNext; }
Step RunCall(Warp& warp, const Op& op) {
  return Call(warp, *static_cast<const CallSite*>(op.detail));
}
Step RunTrap(Warp& warp, const Op&) {
  return warp.Report(FindingKind::kTrap, warp.active, "trap: the program ended itself");
}

// brx.idx: each lane jumps to the target that its index names.
Step RunTable(Warp& warp, const Op& op) {
  const auto& targets = *static_cast<const std::vector<std::uint32_t>*>(op.detail);
  std::uint32_t index[kLanes];
  std::memcpy(index, warp.registers + op.a, sizeof index);
  const Mask lanes = warp.active;
  const std::uint32_t first = index[LowestLane(lanes)];
  for (Mask rest = lanes; rest != 0; rest &= rest - 1) {
    if (index[LowestLane(rest)] >= targets.size()) {
      return warp.Report(FindingKind::kIllegalInstruction, rest & (~rest + 1),
                         "brx.idx beyond its table of targets");
    }
  }
  LeaveInactive(warp);
  Mask same = 0;
  for (Mask rest = lanes; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (targets[index[lane]] == targets[first]) {
      same |= Mask{1} << lane;
    } else {
      warp.splits.push_back({targets[index[lane]], Mask{1} << lane, warp.frame, {}, warp.turn});
    }
  }
  warp.split_lanes = same;
  warp.pc = targets[first];
  return Step::kSplit;
}

Result<Op> Expect(Binder& binder, Modifiers& modifiers, std::size_t operands, Op op) {
  TRY(modifiers.Done());
  if (binder.instruction().operands.size() != operands) {
    return NotSimulated(binder.instruction(), "an unknown form");
  }
  op.op_class = OpClass::kControl;
  return op;
}

Result<Op> DecodeBranch(Binder& binder, Modifiers& modifiers) {
  modifiers.Take("uni");
  Op op = TRY(Expect(binder, modifiers, 1, {}));
  op.run = RunBranch;
  op.target = TRY(binder.Label(binder.instruction().operands[0].name));
  return op;
}

Result<Op> DecodeTable(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  if (!modifiers.Take("idx")) return NotSimulated(instruction, "an unknown form");
  modifiers.Take("uni");
  Op op = TRY(Expect(binder, modifiers, 2, {}));
  op.run = RunTable;
  op.a = TRY(binder.Source(instruction.operands[0], Type::kU32));
  auto targets = std::make_shared<std::vector<std::uint32_t>>();
  for (const ptx::BranchTargets& list : binder.function().branch_targets) {
    if (list.name != instruction.operands[1].name) continue;
    targets->clear();
    for (const std::string_view label : list.labels) targets->push_back(TRY(binder.Label(label)));
  }
  if (targets->empty()) return NotSimulated(instruction, "no such .branchtargets");
  op.detail = binder.Keep(std::move(targets));
  return op;
}

Status ParamOffsets(Binder& binder, const ptx::Operand& list, std::vector<std::uint32_t>* offsets) {
  for (const ptx::Operand& part : list.parts) {
    if (part.kind != ptx::Operand::Kind::kName) {
      return NotSimulated(binder.instruction(), "an argument that is no .param variable");
    }
    offsets->push_back(TRY(binder.ParamOffset(part.name)));
  }
  return {};
}

Status SetCallee(Binder& binder, const ptx::Operand& operand, CallSite* site) {
  const ptx::Instruction& instruction = binder.instruction();
  const ptx::Function* callee = binder.module().Find(operand.name);
  if (callee == nullptr) {
    site->pointer = TRY(binder.Source(operand, Type::kB64));
    binder.NoteDependence();
    return {};
  }
  if (!callee->defined) {
    site->library = FindDeviceFunction(operand.name);
    if (site->library == nullptr) return NotSimulated(instruction, "this function has no body");
    if (UsesHeap(site->library)) binder.NoteDependence();
    return {};
  }
  site->callee = TRY(binder.Callee(operand.name));
  return {};
}

// call{.uni} (results), function, (arguments), prototype;
Result<Op> DecodeCall(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  modifiers.Take("uni");
  TRY(modifiers.Done());
  const auto& operands = instruction.operands;
  auto site = std::make_shared<CallSite>();
  std::size_t at = 0;
  const auto is_list = [&] {
    return at < operands.size() && operands[at].kind == ptx::Operand::Kind::kList;
  };
  if (is_list()) TRY(ParamOffsets(binder, operands[at++], &site->results));
  if (at >= operands.size() || operands[at].kind != ptx::Operand::Kind::kName) {
    return NotSimulated(instruction, "an unknown form");
  }
  TRY(SetCallee(binder, operands[at++], site.get()));
  if (is_list()) TRY(ParamOffsets(binder, operands[at++], &site->arguments));
  // What follows is the prototype of an indirect call: the function itself says what it takes.
  if (operands.size() - at > 1) return NotSimulated(instruction, "an unknown form");
  Op op;
  op.run = RunCall;
  op.op_class = OpClass::kControl;
  op.detail = binder.Keep(std::move(site));
  return op;
}

Result<Op> DecodePlain(Binder& binder, Modifiers& modifiers, Handler run, std::size_t operands) {
  Op op = TRY(Expect(binder, modifiers, operands, {}));
  op.run = run;
  return op;
}

// Hints and what only matters to other kernels or tools.
Result<Op> DecodeIgnored(Binder& binder, Modifiers& modifiers) {
  const std::string_view opcode = binder.instruction().opcode;
  std::size_t operands = 0;
  if (opcode == "griddepcontrol") {
    if (modifiers.TakeAny({"launch_dependents", "wait"}).empty()) {
      return NotSimulated(binder.instruction(), "an unknown form");
    }
  } else if (opcode == "pmevent") {
    operands = 1;
    modifiers.Take("mask");
  }
  return DecodePlain(binder, modifiers, RunNothing, operands);
}

Result<Op> DecodeClusterBarrier(Binder& binder, Modifiers& modifiers) {
  const std::string_view what = modifiers.TakeAny({"arrive", "wait"});
  if (what.empty()) return NotSimulated(binder.instruction(), "an unknown form");
  const bool relaxed = modifiers.TakeAny({"release", "relaxed", "acquire"}) == "relaxed";
  modifiers.Take("aligned");
  Op op = TRY(Expect(binder, modifiers, 0, {}));
  if (relaxed) op.flags |= kRelaxedArrival;
  op.run = what == "arrive" ? ArriveAtCluster : WaitForCluster;
  op.op_class = OpClass::kBarrier;
  return op;
}

BarrierKind KindOf(std::string_view reduction) {
  if (reduction == "popc") return BarrierKind::kPopc;
  return reduction == "and" ? BarrierKind::kAnd : BarrierKind::kOr;
}

// bar.sync a{, b}; bar.arrive a, b; bar.red.op dst, a{, b}, c; barrier{.cta} is not .aligned unless
// it says so.
Result<Op> DecodeBlockBarrier(Binder& binder, Modifiers& modifiers, bool aligned) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  modifiers.Take("cta");
  auto form = std::make_shared<BarrierForm>();
  form->aligned = modifiers.Take("aligned") || aligned;
  const std::string_view what = modifiers.TakeAny({"sync", "arrive", "red"});
  std::size_t first = 0, last = operands.size();
  Op op;
  op.run = ArriveAtBarrier;
  op.op_class = OpClass::kBarrier;
  if (what == "red") {
    const std::string_view reduction = modifiers.TakeAny({"popc", "and", "or"});
    if (reduction.empty() || operands.size() < 3) {
      return NotSimulated(instruction, "an unknown form");
    }
    form->kind = KindOf(reduction);
    const bool counts = form->kind == BarrierKind::kPopc;
    if (counts && !modifiers.Take("u32")) return NotSimulated(instruction, "an unknown form");
    if (!counts && !modifiers.Take("pred")) return NotSimulated(instruction, "an unknown form");
    op.dst = TRY(binder.Destination(operands[0], counts ? Type::kU32 : Type::kPred));
    const auto predicate = TRY(binder.SourcePredicate(operands[last - 1]));
    op.c = predicate.slot;
    form->predicate_negated = predicate.negated;
    first = 1;
    --last;
  } else {
    form->kind = what == "arrive" ? BarrierKind::kArrive : BarrierKind::kSync;
  }
  TRY(modifiers.Done());
  const std::size_t count = last - first;
  if (what.empty() || count < 1 || count > 2 || (what == "arrive" && count != 2)) {
    return NotSimulated(instruction, "an unknown form");
  }
  op.a = TRY(binder.Source(operands[first], Type::kU32));
  if (count == 2) op.b = TRY(binder.Source(operands[first + 1], Type::kU32));
  op.detail = binder.Keep(std::move(form));
  return op;
}

}  // namespace

Result<Op> DecodeControl(Binder& binder) {
  const std::string_view opcode = binder.instruction().opcode;
  Modifiers modifiers(binder.instruction());
  if (opcode == "bra") return DecodeBranch(binder, modifiers);
  if (opcode == "brx") return DecodeTable(binder, modifiers);
  if (opcode == "call") return DecodeCall(binder, modifiers);
  if (opcode == "ret") {
    modifiers.Take("uni");
    return DecodePlain(binder, modifiers, RunReturn, 0);
  }
  if (opcode == "exit") return DecodePlain(binder, modifiers, RunExit, 0);
  if (opcode == "trap" || opcode == "brkpt") return DecodePlain(binder, modifiers, RunTrap, 0);
  if (opcode == "griddepcontrol" || opcode == "pmevent") return DecodeIgnored(binder, modifiers);
  if (opcode == "bar" || opcode == "barrier") {
    if (opcode == "bar" && modifiers.Take("warp")) return DecodeWarp(binder);
    if (modifiers.Take("cluster")) return DecodeClusterBarrier(binder, modifiers);
    return DecodeBlockBarrier(binder, modifiers, opcode == "bar");
  }
  if (opcode == "alloca" || opcode == "stacksave" || opcode == "stackrestore") {
    return DecodeStack(binder);
  }
  return NotSimulated(binder.instruction());
}

}  // namespace caesar::sim
