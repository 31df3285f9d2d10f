#include "sim/decode.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "sim/function_binder.h"
#include "sim/machine.h"

namespace caesar::sim {
namespace {

// A guard that an instruction of several operations overwrites is read from a copy.
Step CopyPredicate(Warp& warp, const Op& op) {
  Mask& copy = warp.Predicate(op.dst);
  copy = (copy & ~warp.active) | (warp.Predicate(op.a) & warp.active);
  return Step::kNext;
}

bool EndsLane(const ptx::Instruction& instruction) {
  const std::string_view opcode = instruction.opcode;
  return instruction.guard.empty() &&
         (opcode == "bra" || opcode == "brx" || opcode == "ret" || opcode == "exit");
}

// Whether lanes may run past the last instruction: PTX lets a body end without ret.
bool RunsOff(const ptx::Function& source) {
  if (source.body.empty() || !EndsLane(source.body.back())) return true;
  return std::any_of(source.labels.begin(), source.labels.end(), [&](const ptx::Label& label) {
    return label.instruction >= source.body.size();
  });
}

class BodyDecoder {
 public:
  BodyDecoder(BodyPlan& plan, Function& function, Trace* trace)
      : plan_(plan), function_(function), trace_(trace), binder_(plan, function, trace) {}

  // The pc of each instruction, and of the end of the body.
  Result<std::vector<std::uint32_t>> Run() {
    const ptx::Function& source = plan_.source;
    std::vector<std::uint32_t> pcs;
    pcs.reserve(source.body.size() + 1);
    function_.ops.reserve(source.body.size() + 1);
    for (std::size_t i = 0; i < source.body.size(); ++i) {
      pcs.push_back(static_cast<std::uint32_t>(function_.ops.size()));
      const int scope = i < source.instruction_scopes.size() ? source.instruction_scopes[i] : 0;
      TRY(Placed(source.body[i], Instruction(source.body[i], scope)));
    }
    pcs.push_back(static_cast<std::uint32_t>(function_.ops.size()));
    if (RunsOff(source)) {
      ptx::Instruction end;
      end.opcode = "ret";
      end.line = source.body.empty() ? source.line : source.body.back().line;
      end.location = source.body.empty() ? -1 : source.body.back().location;
      TRY(Placed(end, Instruction(end, 0)));
    }
    TRY(binder_.Finish());
    return pcs;
  }

 private:
  Status Instruction(const ptx::Instruction& instruction, int scope) {
    if (trace_ != nullptr) {
      trace_->instructions.push_back({static_cast<std::uint32_t>(trace_->accesses.size()),
                                      !instruction.guard.empty(), !EndsLane(instruction)});
    }
    binder_.Begin(instruction, scope);
    const Decode decode = plan_.module.family_of(instruction.opcode);
    if (decode == nullptr)
      return NotSimulated(instruction, "the simulated GPU does not know this instruction");
    auto guard = TRY(binder_.Guard());
    const Op last = TRY(decode(binder_));
    std::vector<Op>& ops = binder_.emitted();
    ops.push_back(last);
    if (ops.size() > 1 && guard.slot != kNoSlot && binder_.Writes(guard.slot)) {
      Op copy;
      copy.run = CopyPredicate;
      copy.dst = binder_.Scratch(Type::kPred);
      copy.a = std::exchange(guard.slot, copy.dst);
      Append(copy, instruction);
    }
    for (Op& op : ops) {
      op.guard = guard.slot;
      op.guard_negated = guard.negated;
      Append(op, instruction);
    }
    return {};
  }

  void Append(Op op, const ptx::Instruction& instruction) {
    if (op.op_class == OpClass::kOther) op.op_class = ClassOf(instruction);
    function_.ops.push_back(op);
    function_.lines.push_back(instruction.line);
    function_.locations.push_back(instruction.location);
  }

  Status Placed(const ptx::Instruction& instruction, Status status) const {
    if (status.ok()) return status;
    Error error = std::move(status).error();
    const std::string place = PlaceOf(plan_.module.source, instruction.location);
    if (!place.empty()) error.message += Format(" ({})", place);
    return error;
  }

  BodyPlan& plan_;
  Function& function_;
  Trace* trace_;
  FunctionBinder binder_;
};

std::uint32_t DynamicAlignment(const ptx::Module& module, const ptx::Function& source) {
  std::uint64_t alignment = 16;
  const auto look = [&](const std::vector<ptx::Variable>& variables) {
    for (const ptx::Variable& variable : variables) {
      if (variable.space == ptx::StateSpace::kShared && variable.external) {
        alignment = std::max(alignment, std::min<std::uint64_t>(variable.alignment, 1 << 16));
      }
    }
  };
  look(module.variables);
  look(source.variables);
  return static_cast<std::uint32_t>(alignment);
}

}  // namespace

Status DecodeFunction(LoadedModule& module, Function& function, std::vector<Slot>* registers) {
  const ptx::Function& source = *function.source;
  Function draft;
  draft.name = function.name;
  draft.source = &source;
  draft.kernel = function.kernel;
  draft.param_bytes = function.param_bytes;
  draft.results = function.results;
  draft.parameters = function.parameters;
  Names names = TRY(Names::Make(source));
  std::vector<std::uint32_t> offsets = TRY(LayOutVariables(source, draft));
  draft.shared_alignment = DynamicAlignment(module.source, source);
  Function first = {};
  first.kernel = draft.kernel;
  first.param_bytes = draft.param_bytes;
  first.results = draft.results;
  first.parameters = draft.parameters;

  BodyPlan plan{module,
                source,
                std::move(names),
                std::move(offsets),
                SharedLayout(module.pinned_shared, source, draft),
                {},
                {}};
  Trace trace;
  std::vector<std::uint32_t> pcs = TRY(BodyDecoder(plan, first, &trace).Run());
  std::vector<Type> types(plan.names.register_count());
  for (std::size_t i = 0; i < types.size(); ++i) types[i] = plan.names.register_type(i);
  plan.registers = PlanSlots(trace, types, module.share_slots);
  plan.pcs = pcs;
  if (TRY(BodyDecoder(plan, draft, nullptr).Run()) != pcs) {
    return Error{ErrorCode::kInternal,
                 Format("{} was decoded to different operations the second time", source.name),
                 {}};
  }
  draft.calls_indirectly =
      std::any_of(source.body.begin(), source.body.end(), [&](const ptx::Instruction& instruction) {
        if (instruction.opcode != "call") return false;
        return std::none_of(instruction.operands.begin(), instruction.operands.end(),
                            [&](const ptx::Operand& operand) {
                              return operand.kind == ptx::Operand::Kind::kName &&
                                     operand.name.size() != 0 &&
                                     module.function_index.count(operand.name) != 0;
                            });
      });
  draft.decoded = true;
  if (registers != nullptr) *registers = plan.registers.slots;
  function = std::move(draft);
  return {};
}

std::string PlaceOf(const ptx::Module& module, int location) {
  // The chain is as deep as the compiler inlines; a text may claim anything.
  constexpr int kDepthMax = 1000;
  const auto at = [&](int index) -> const ptx::Location* {
    return index >= 0 && static_cast<std::size_t>(index) < module.locations.size()
               ? &module.locations[static_cast<std::size_t>(index)]
               : nullptr;
  };
  const auto text = [&](const ptx::Location& place) {
    const bool known =
        place.file >= 0 && static_cast<std::size_t>(place.file) < module.files.size();
    if (!known) return std::string();
    // Without folders, as diagnostics call it.
    const std::string_view file = module.files[static_cast<std::size_t>(place.file)];
    return Format("{}:{}", file.substr(file.rfind('/') + 1), place.line);
  };
  const ptx::Location* inner = at(location);
  if (inner == nullptr) return {};
  const ptx::Location* outer = inner;
  for (int depth = 0; depth < kDepthMax; ++depth) {
    const ptx::Location* next = at(outer->inlined_at);
    if (next == nullptr) break;
    outer = next;
  }
  if (outer == inner || text(*outer) == text(*inner)) return text(*inner);
  return Format("{}, inlined at {}", text(*inner), text(*outer));
}

}  // namespace caesar::sim
