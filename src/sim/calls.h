// Calls of device functions: results and parameters are copied between the frames' parameter
// memories, as the .param variables of a call say.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/frames.h"
#include "sim/machine.h"

namespace caesar::sim {

struct CallSite;
// A function that the simulator carries out itself, for the lanes of Warp::active.
using DeviceFunction = Step (*)(Warp& warp, const CallSite& site);

// One call instruction. Offsets in the caller's parameter memory.
struct CallSite {
  const Function* callee = nullptr;  // null: through the address in `pointer`, or `library`
  DeviceFunction library = nullptr;
  Slot pointer = kNoSlot;
  std::vector<std::uint32_t> results, arguments;
};

// An argument of one lane, and its result; zero and nothing where the call has none.
std::uint64_t Argument(const Warp& warp, const CallSite& site, std::size_t index, int bytes,
                       std::uint32_t lane);
void SetResult(Warp& warp, const CallSite& site, int bytes, std::uint32_t lane,
               std::uint64_t value);

Step Call(Warp& warp, const CallSite& site);
Step Return(Warp& warp);

}  // namespace caesar::sim
