// A module on the simulated device: parsed, its variables allocated, its functions decoded when
// they are first needed. One for each fat binary (or text of PTX).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/arena.h"
#include "sim/frame_layout.h"
#include "sim/isa.h"
#include "sim/program.h"
#include "sim/ptx/ast.h"
#include "sim/ptx/cubin.h"

namespace caesar::sim {

// Addresses of functions, for calls through pointers: this and 16 times the index in
// ptx::Module::functions. No mapping of the process lies there, nor any window of machine.h.
inline constexpr std::uint64_t kFunctionWindow = 0x0000'0400'0000'0000;

struct LoadedModule {
  LoadedModule() = default;
  ~LoadedModule();  // frees the variables
  LoadedModule(const LoadedModule&) = delete;
  LoadedModule& operator=(const LoadedModule&) = delete;

  ptx::Module source;
  FamilyLookup family_of = nullptr;
  // Registers whose values are needed at different times share a slot. Off: tests look at them all.
  bool share_slots = true;
  Arena* arena = nullptr;
  Isa isa = Isa::kPortable;
  std::vector<GlobalVariable> variables;  // in order of declaration
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions;  // decoded so far
  std::uint32_t ops = 0;  // over all decoded functions
  // What ptxas says of the kernels; empty where there is PTX alone. Set by who loads the module.
  ptx::ResourcesByName resources;
  std::mutex mutex;  // of functions and ops

  const GlobalVariable* FindVariable(std::string_view name) const;
  // The decoded function at an address that a program took of it, or null. Lock-free: for handlers
  // of a grid whose kernel has been prepared.
  const Function* FunctionAt(std::uint64_t address) const;

  // For the decoder; `mutex` is held.
  Function* Declare(std::string_view name);  // known, perhaps not decoded; null: no such function
  std::optional<std::uint64_t> AddressOfFunction(std::string_view name) const;
  std::unordered_map<std::string_view, std::size_t> variable_index, function_index;
  std::vector<std::atomic<const Function*>> by_index;  // decoded ones, as source.functions
  PinnedShared pinned_shared;
};

// Parses and places variables in the arena (with their initial values). Errors: kBadInput with the
// line for what the parser refuses; kEnvironment where memory runs out.
Result<std::unique_ptr<LoadedModule>> LoadModule(std::string ptx, Arena& arena, Isa isa,
                                                 FamilyLookup family_of = FamilyOf);

// The decoded function, with all functions that it calls. Error (kBadInput): "not simulated: X at
// line N", or no such function. Thread-safe; the pointer lives as long as the module.
Result<const Function*> Prepare(LoadedModule& module, std::string_view name);

}  // namespace caesar::sim
