// Which slot of a frame each register of a function gets.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/binder.h"

namespace caesar::sim {

// Bytes of a slot for registers of a type: 32 lanes of 2, 4, 8 or 16 bytes, or one Mask.
std::uint32_t SlotBytes(Type type);

// What a function's instructions do to its registers, and where they jump: noted by the binder
// while the function is decoded for the first time.
struct Trace {
  struct Access {
    std::uint32_t reg = 0;
    bool write = false;
  };
  struct Instruction {
    std::uint32_t first_access = 0;  // its accesses end where those of the next begin
    bool guarded = false;            // lanes may not carry it out: its writes may not happen
    bool falls_through = true;
  };
  std::vector<Instruction> instructions;
  std::vector<Access> accesses;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> jumps;  // from instruction to instruction
};

struct SlotPlan {
  std::vector<Slot> slots;            // of each register; kNoSlot: it is never named
  std::vector<std::uint32_t> zeroed;  // registers that may be read before they are written
  std::uint32_t bytes = 0;            // of all of them, a multiple of 64
};
SlotPlan PlanSlots(const Trace& trace, const std::vector<Type>& types, bool share);

}  // namespace caesar::sim
