// A module on the simulated device: parsed, its variables allocated, its functions decoded when
// they are first needed. One for each fat binary (or text of PTX).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/arena.h"
#include "sim/isa.h"
#include "sim/program.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

struct LoadedModule {
  ptx::Module source;
  Arena* arena = nullptr;
  Isa isa = Isa::kPortable;
  std::vector<GlobalVariable> variables;  // in order of declaration
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions;  // decoded so far
  std::uint32_t ops = 0;  // over all decoded functions
  std::mutex mutex;       // of functions and ops

  const GlobalVariable* FindVariable(std::string_view name) const;
};

// Parses and places variables in the arena (with their initial values). Errors: kBadInput with the
// line for what the parser refuses; kEnvironment where memory runs out.
Result<std::unique_ptr<LoadedModule>> LoadModule(std::string ptx, Arena& arena, Isa isa);

// The decoded function, with all functions that it calls. Error (kBadInput): "not simulated: X at
// line N", or no such function. Thread-safe; the pointer lives as long as the module.
Result<const Function*> Prepare(LoadedModule& module, std::string_view name);

}  // namespace caesar::sim
