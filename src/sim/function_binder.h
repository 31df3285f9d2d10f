// The binder of one function: hands out slots of its frame. A function is decoded twice. The first
// pass, with a slot for every register, notes which instruction reads and writes what and at which
// pc it begins; the second has the final slots and knows all labels.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/binder.h"
#include "sim/frame_layout.h"
#include "sim/module.h"
#include "sim/names.h"
#include "sim/presets.h"
#include "sim/slots.h"

namespace caesar::sim {

// What both passes share.
struct BodyPlan {
  LoadedModule& module;
  const ptx::Function& source;
  Names names;
  std::vector<std::uint32_t> variable_offsets;  // of source.variables: .param and .local
  SharedLayout shared;
  SlotPlan registers;
  std::vector<std::uint32_t> pcs;  // of each instruction; empty in the first pass
};

class FunctionBinder final : public Binder {
 public:
  // `trace`: what to note, null in the second pass.
  FunctionBinder(BodyPlan& plan, Function& function, Trace* trace);

  void Begin(const ptx::Instruction& instruction, int scope);
  // The instruction's operations so far.
  std::vector<Op>& emitted() { return emitted_; }
  // Whether the instruction that was begun last writes this predicate.
  bool Writes(Slot predicate) const;
  Result<PredicateSource> Guard();
  // Moves what was handed out into the function: presets and the frame's size.
  Status Finish();

  Isa isa() const override { return plan_.module.isa; }
  const ptx::Module& module() const override { return plan_.module.source; }
  const ptx::Function& function() const override { return plan_.source; }
  const ptx::Instruction& instruction() const override { return *instruction_; }
  Result<Slot> Source(const ptx::Operand& operand, Type type) override;
  Type RegisterType(const ptx::Operand& operand) const override;
  Result<Slot> Destination(const ptx::Operand& operand, Type type) override;
  Result<PredicateSource> SourcePredicate(const ptx::Operand& operand) override;
  Slot Carry() override;
  Slot StackPointer() override;
  Slot Constant(std::uint64_t value, Type type) override;
  Slot Scratch(Type type) override;
  Result<Address> AddressOf(const ptx::Operand& operand) override;
  Result<std::uint32_t> ParamOffset(std::string_view name) override;
  Result<Slot> KernelParameter(std::uint64_t offset, Type from, Type to) override;
  Result<std::uint32_t> Label(std::string_view name) override;
  Result<const Function*> Callee(std::string_view name) override;
  const Slot* KeepSlots(std::vector<Slot> slots) override;
  const void* Keep(std::shared_ptr<const void> detail) override;
  void Emit(Op op) override { emitted_.push_back(op); }
  void NoteDependence() override { function_.uses_atomics_or_fences = true; }

 private:
  Error Wrong(std::string_view why) const { return NotSimulated(*instruction_, why); }
  Slot Register(std::size_t index, bool write);
  Result<Slot> FittingRegister(const ptx::Operand& operand, std::size_t index, Type type,
                               bool write);
  Result<Slot> Immediate(const ptx::Operand& operand, Type type);
  // A name that is no register: special register, variable, parameter, function.
  Result<Slot> NamedValue(const ptx::Operand& operand, Type type);
  struct Declared {
    const ptx::Variable* variable = nullptr;
    std::size_t index = 0;  // in source.variables, where it is one of them
  };
  Declared FindVariable(std::string_view name, Names::Entity entity) const;
  // Where a variable lies, plus `addend`, in a slot as wide as `type`.
  Result<Slot> VariableAddress(const Declared& declared, std::int64_t addend, Type type);
  void NoteCallee(const Function* callee);
  Slot Fresh(Type type);

  BodyPlan& plan_;
  Function& function_;
  Trace* trace_;
  const ptx::Instruction* instruction_ = nullptr;
  int scope_ = 0;
  std::vector<Op> emitted_;
  std::vector<Slot> written_predicates_;
  Slot end_;  // of the frame so far
  Presets presets_;
  Slot carry_ = kNoSlot;
  struct Pool {
    std::vector<Slot> slots;
    std::size_t used = 0;  // by the current instruction
  };
  std::unordered_map<std::uint32_t, Pool> scratch_;  // by bytes of a slot
  std::unordered_map<std::uint32_t, Slot> sinks_;    // by bytes of a slot
};

}  // namespace caesar::sim
