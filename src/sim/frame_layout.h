// Where the variables of a function lie: parameters and results, .param variables for calls, .local
// and static .shared memory.
//
// Shared memory is laid out for each kernel alone: the variables that it names, in the order in
// which it first names them. What a device function names lies at an offset of its own that is the
// same for every kernel ("pinned"), in front of the rest, because one decoding of the function
// serves all kernels.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/program.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

// Bytes and alignment of a variable. Error (kBadInput): an unknown type, more than 2^38 bytes.
struct Extent {
  std::uint64_t bytes = 0, alignment = 1;
};
Result<Extent> ExtentOf(const ptx::Variable& variable);

// Sets results, parameters and param_bytes.
Status LayOutParameters(const ptx::Function& source, Function& function);

// Offsets of source.variables of .param (behind what LayOutParameters placed) and .local; sets
// param_bytes and local_bytes. Sibling scopes share their space: a lane is in one of them.
Result<std::vector<std::uint32_t>> LayOutVariables(const ptx::Function& source, Function& function);

struct PinnedShared {
  std::unordered_map<const ptx::Variable*, std::uint32_t> offsets;
  std::uint32_t bytes = 0;
  bool reserved = false;  // a function that can be called names the system's own part
};
Result<PinnedShared> PinShared(const ptx::Module& module);

// Places static shared variables for one function, which becomes larger by them.
class SharedLayout {
 public:
  SharedLayout(const PinnedShared& pinned, const ptx::Function& source, Function& function);
  Result<std::uint32_t> OffsetOf(const ptx::Variable& variable);

 private:
  const PinnedShared& pinned_;
  Function& function_;
  std::unordered_map<const ptx::Variable*, std::uint32_t> own_;
};

}  // namespace caesar::sim
