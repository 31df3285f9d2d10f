// What does not depend on the kind of an operand: registers, scratch, labels, callees.
#include <algorithm>

#include "base/format.h"
#include "sim/function_binder.h"

namespace caesar::sim {

using Kind = Names::Entity::Kind;

FunctionBinder::FunctionBinder(BodyPlan& plan, Function& function, Trace* trace)
    : plan_(plan),
      function_(function),
      trace_(trace),
      // The slots of the first pass only have to differ.
      end_(trace == nullptr ? plan.registers.bytes
                            : static_cast<Slot>(plan.names.register_count()) * 512),
      presets_(end_) {}

void FunctionBinder::Begin(const ptx::Instruction& instruction, int scope) {
  instruction_ = &instruction;
  scope_ = scope;
  emitted_.clear();
  written_predicates_.clear();
  for (auto& [bytes, pool] : scratch_) pool.used = 0;
}

bool FunctionBinder::Writes(Slot predicate) const {
  return std::find(written_predicates_.begin(), written_predicates_.end(), predicate) !=
         written_predicates_.end();
}

Result<Binder::PredicateSource> FunctionBinder::Guard() {
  if (instruction_->guard.empty()) return PredicateSource{};
  ptx::Operand operand;
  operand.kind = ptx::Operand::Kind::kName;
  operand.name = instruction_->guard;
  PredicateSource source = TRY(SourcePredicate(operand));
  source.negated = instruction_->guard_negated;
  return source;
}

Status FunctionBinder::Finish() {
  // Slots are offsets of 32 bits; a frame must fit into a cache to be of use, let alone into this.
  constexpr std::uint32_t kFrameBytesMax = 256U << 20;
  if (end_ > kFrameBytesMax) {
    return Error{
        ErrorCode::kBadInput,
        Format("not simulated: {} needs {} bytes of registers for a warp", function_.name, end_),
        {}};
  }
  function_.preset = presets_.Take();
  for (const std::uint32_t reg : plan_.registers.zeroed) {
    const Type type = plan_.names.register_type(reg);
    SlotValue zero;
    zero.slot = plan_.registers.slots[reg];
    zero.kind = SlotValue::Kind::kZero;
    zero.bytes =
        type == Type::kPred ? std::uint8_t{0} : static_cast<std::uint8_t>(SlotBytes(type) / kLanes);
    function_.preset.push_back(zero);
  }
  if (carry_ != kNoSlot) {
    SlotValue zero;
    zero.slot = carry_;
    zero.kind = SlotValue::Kind::kZero;
    zero.bytes = 0;
    function_.preset.push_back(zero);
  }
  if (function_.stack_pointer != kNoSlot) {
    // A slot of its own, as it is written.
    SlotValue top;
    top.slot = function_.stack_pointer;
    top.kind = SlotValue::Kind::kSpecial;
    top.bytes = 8;
    top.special = SlotValue::Special::kLocalBase;
    top.value = function_.local_bytes;
    function_.preset.push_back(top);
  }
  function_.register_bytes = (end_ + 63) / 64 * 64;
  return {};
}

Slot FunctionBinder::Register(std::size_t index, bool write) {
  if (trace_ == nullptr) return plan_.registers.slots[index];
  trace_->accesses.push_back({static_cast<std::uint32_t>(index), write});
  return static_cast<Slot>(index) * 512;
}

Slot FunctionBinder::Fresh(Type type) {
  const Slot slot = end_;
  end_ += std::max(SlotBytes(type), 64U);
  return slot;
}

Slot FunctionBinder::Carry() {
  if (carry_ == kNoSlot) carry_ = Fresh(Type::kPred);
  return carry_;
}

Slot FunctionBinder::StackPointer() {
  if (function_.stack_pointer == kNoSlot) function_.stack_pointer = Fresh(Type::kB64);
  return function_.stack_pointer;
}

Slot FunctionBinder::Scratch(Type type) {
  Pool& pool = scratch_[SlotBytes(type)];
  if (pool.used == pool.slots.size()) pool.slots.push_back(Fresh(type));
  return pool.slots[pool.used++];
}

Result<std::uint32_t> FunctionBinder::Label(std::string_view name) {
  const Names::Entity label = plan_.names.Find(name, scope_);
  if (label.kind != Kind::kLabel) return Wrong(Format("no label {} is seen here", name));
  if (trace_ != nullptr) {
    trace_->jumps.emplace_back(static_cast<std::uint32_t>(trace_->instructions.size() - 1),
                               static_cast<std::uint32_t>(label.index));
    return std::uint32_t{0};
  }
  if (label.index >= plan_.pcs.size()) return Wrong(Format("label {} stands nowhere", name));
  return plan_.pcs[label.index];
}

Result<const Function*> FunctionBinder::Callee(std::string_view name) {
  const Function* callee = plan_.module.Declare(name);
  if (callee == nullptr) return Wrong(Format("no function {} is declared", name));
  NoteCallee(callee);
  return callee;
}

void FunctionBinder::NoteCallee(const Function* callee) {
  auto& callees = function_.callees;
  if (std::find(callees.begin(), callees.end(), callee) == callees.end()) {
    callees.push_back(callee);
  }
}

const Slot* FunctionBinder::KeepSlots(std::vector<Slot> slots) {
  auto kept = std::make_unique<Slot[]>(slots.size());
  std::copy(slots.begin(), slots.end(), kept.get());
  return function_.slot_pool.emplace_back(std::move(kept)).get();
}

const void* FunctionBinder::Keep(std::shared_ptr<const void> detail) {
  return function_.details.emplace_back(std::move(detail)).get();
}

}  // namespace caesar::sim
