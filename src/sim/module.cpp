#include "sim/module.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/decode.h"
#include "sim/ptx/parser.h"

namespace caesar::sim {
namespace {

bool IsGlobal(const ptx::Variable& variable) {
  return variable.space == ptx::StateSpace::kGlobal || variable.space == ptx::StateSpace::kConst;
}

Error BadModule(std::string message) { return {ErrorCode::kBadInput, std::move(message), {}}; }

void Index(LoadedModule& module) {
  for (std::size_t i = 0; i < module.source.variables.size(); ++i) {
    const ptx::Variable& variable = module.source.variables[i];
    const auto [found, fresh] = module.variable_index.try_emplace(variable.name, i);
    if (!fresh && !variable.external) found->second = i;
  }
  for (std::size_t i = 0; i < module.source.functions.size(); ++i) {
    const ptx::Function& function = module.source.functions[i];
    const auto [found, fresh] = module.function_index.try_emplace(function.name, i);
    if (!fresh && function.defined) found->second = i;
  }
  module.by_index = std::vector<std::atomic<const Function*>>(module.source.functions.size());
}

// One row for each variable of global or constant memory; those defined elsewhere have address 0.
Status Allocate(LoadedModule& module) {
  for (const ptx::Variable& source : module.source.variables) {
    if (!IsGlobal(source)) continue;
    const Extent extent = TRY(ExtentOf(source));
    GlobalVariable variable;
    variable.source = &source;
    variable.name = source.name;
    variable.bytes = extent.bytes;
    variable.alignment = extent.alignment;
    variable.constant = source.space == ptx::StateSpace::kConst;
    if (!source.external) {
      if (extent.alignment > Arena::kAlignment) {
        return BadModule(
            Format("not simulated: variable {} with alignment {} at line {} of the PTX",
                   source.name, extent.alignment, source.line));
      }
      variable.address = module.arena->Allocate(
          std::max<std::uint64_t>(extent.bytes, 1),
          Format("{} {}", variable.constant ? "__constant__" : "__device__", source.name));
      if (variable.address == 0) {
        return Error{ErrorCode::kEnvironment,
                     Format("no memory for variable {} ({} bytes) on the simulated device",
                            source.name, extent.bytes),
                     {}};
      }
    }
    module.variables.push_back(std::move(variable));
  }
  return {};
}

Result<std::uint64_t> AddressIn(const LoadedModule& module, std::string_view name) {
  const GlobalVariable* variable = module.FindVariable(name);
  if (variable != nullptr && variable->address != 0) return variable->address;
  if (const auto function = module.AddressOfFunction(name)) return *function;
  return BadModule(Format("not simulated: the address of {} in an initialiser", name));
}

Status Initialise(LoadedModule& module) {
  for (const GlobalVariable& variable : module.variables) {
    if (variable.address == 0) continue;
    const ptx::Variable& source = *variable.source;
    std::byte* bytes = module.arena->Host(variable.address);
    if (source.initial.size() > variable.bytes) {
      return BadModule(Format("the initialiser of {} at line {} of the PTX is too long",
                              source.name, source.line));
    }
    if (!source.initial.empty()) std::memcpy(bytes, source.initial.data(), source.initial.size());
    for (const auto& reference : source.references) {
      const std::uint64_t size = std::min<std::uint64_t>(reference.bytes, sizeof(std::uint64_t));
      if (variable.bytes < size || reference.offset > variable.bytes - size) {
        return BadModule(
            Format("an address in the initialiser of {} at line {} of the PTX does not fit",
                   source.name, source.line));
      }
      std::uint64_t address =
          TRY(AddressIn(module, reference.name)) + static_cast<std::uint64_t>(reference.addend);
      address &= reference.mask;
      if (reference.mask != 0) address >>= std::countr_zero(reference.mask);
      // Of a smaller element, the low bytes: little-endian, as the device.
      std::memcpy(bytes + reference.offset, &address, size);
    }
  }
  return {};
}

// What `function` may call: by name, or through an address in memory.
std::vector<const Function*> CalleesOf(LoadedModule& module, const Function& function) {
  std::vector<const Function*> callees = function.callees;
  if (!function.calls_indirectly) return callees;
  for (const ptx::Variable& variable : module.source.variables) {
    for (const auto& reference : variable.references) {
      if (const Function* callee = module.Declare(reference.name)) callees.push_back(callee);
    }
  }
  return callees;
}

}  // namespace

LoadedModule::~LoadedModule() {
  for (const GlobalVariable& variable : variables) {
    if (variable.address != 0) arena->Free(variable.address);
  }
}

const GlobalVariable* LoadedModule::FindVariable(std::string_view name) const {
  const auto found = variable_index.find(name);
  if (found == variable_index.end()) return nullptr;
  const ptx::Variable* wanted = &source.variables[found->second];
  const auto row = std::lower_bound(variables.begin(), variables.end(), wanted,
                                    [](const GlobalVariable& variable, const ptx::Variable* other) {
                                      return variable.source < other;
                                    });
  return row != variables.end() && row->source == wanted ? &*row : nullptr;
}

std::optional<std::uint64_t> LoadedModule::AddressOfFunction(std::string_view name) const {
  const auto found = function_index.find(name);
  if (found == function_index.end()) return std::nullopt;
  return kFunctionWindow + 16 * static_cast<std::uint64_t>(found->second);
}

const Function* LoadedModule::FunctionAt(std::uint64_t address) const {
  const std::uint64_t distance = address - kFunctionWindow;
  if (distance % 16 != 0 || distance / 16 >= by_index.size()) return nullptr;
  return by_index[distance / 16].load(std::memory_order_acquire);
}

Function* LoadedModule::Declare(std::string_view name) {
  const auto known = functions.find(name);
  if (known != functions.end()) return known->second.get();
  const auto found = function_index.find(name);
  if (found == function_index.end()) return nullptr;
  auto function = std::make_unique<Function>();
  function->name = name;
  function->source = &source.functions[found->second];
  function->kernel = function->source->kernel;
  if (!LayOutParameters(*function->source, *function).ok()) return nullptr;
  return functions.emplace(name, std::move(function)).first->second.get();
}

Result<std::unique_ptr<LoadedModule>> LoadModule(std::string ptx, Arena& arena, Isa isa,
                                                 FamilyLookup family_of) {
  auto module = std::make_unique<LoadedModule>();
  module->arena = &arena;
  module->isa = isa;
  module->family_of = family_of;
  module->source = TRY(ptx::Parse(std::make_shared<const std::string>(std::move(ptx))));
  Index(*module);
  module->pinned_shared = TRY(PinShared(module->source));
  TRY(Allocate(*module));
  TRY(Initialise(*module));
  return module;
}

Result<const Function*> Prepare(LoadedModule& module, std::string_view name) {
  const std::lock_guard lock(module.mutex);
  const Function* wanted = module.Declare(name);
  if (wanted == nullptr) return BadModule(Format("the PTX has no function {}", name));
  if (!wanted->source->defined) return BadModule(Format("function {} has no body", name));
  std::vector<const Function*> reached{wanted};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    if (!reached[i]->source->defined) continue;
    // Declare made it, so it lies in module.functions, and the map gives what may be changed.
    Function& function = *module.functions.find(reached[i]->name)->second;
    if (!function.decoded) {
      TRY(DecodeFunction(module, function));
      function.first_op = module.ops;
      module.ops += static_cast<std::uint32_t>(function.ops.size());
      const std::size_t index = module.function_index.find(function.source->name)->second;
      module.by_index[index].store(&function, std::memory_order_release);
    }
    for (const Function* callee : CalleesOf(module, function)) {
      if (std::find(reached.begin(), reached.end(), callee) == reached.end()) {
        reached.push_back(callee);
      }
    }
  }
  return wanted;
}

}  // namespace caesar::sim
