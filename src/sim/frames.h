// Frames of calls: made, filled with what their slots hold beforehand, and used again.
#pragma once

#include <cstdint>

#include "sim/machine.h"

namespace caesar::sim {

// Calls may nest this deep; and all frames of a warp take at most this much memory of the host.
inline constexpr std::uint32_t kCallDepthMax = 1024;
inline constexpr std::uint64_t kFrameBytesMax = std::uint64_t{64} << 20;

// A frame for a call by `lanes`, filled in, or null: too deep, or too much local memory. A
// kernel's frame has no caller.
Frame* MakeFrame(Warp& warp, const Function& function, Frame* caller, std::uint32_t call_pc,
                 Mask lanes);
// Makes each lane's local memory at least `bytes` large; false: more than a thread may have.
bool GrowLocal(Warp& warp, std::uint64_t bytes);
// Fills in what a new block changes.
void Refill(Warp& warp, Frame& frame);
// `lanes` leave the calls from `frame` outwards up to but without `last`; frames that nobody is in
// any more become free.
void LeaveFrames(Warp& warp, Frame* frame, const Frame* last, Mask lanes);

// Makes a frame the warp's current one.
inline void SetFrame(Warp& warp, Frame* frame) {
  warp.frame = frame;
  warp.registers = frame->registers;
  warp.counts = warp.worker->counts.data() + frame->function->first_op;
  warp.memos = warp.worker->memos.data() + frame->function->first_op;
}

// How long a slot keeps what is filled in.
enum class Lifetime : std::uint8_t { kWarp, kBlock, kCall };
Lifetime LifetimeOf(const SlotValue& slot);
// The value of a special register of one lane.
std::uint64_t SpecialValue(const Warp& warp, const Frame& frame, const SlotValue& slot,
                           std::uint32_t lane);

}  // namespace caesar::sim
