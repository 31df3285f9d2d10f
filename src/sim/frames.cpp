#include "sim/frames.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/device_limits.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kAlignment = 64;  // of registers: a cache line, and any vector

std::uint64_t ParameterValue(const Grid& grid, const SlotValue& slot) {
  std::uint64_t value = 0;
  if (slot.value + slot.source_bytes > grid.params.size()) return 0;
  std::memcpy(&value, grid.params.data() + slot.value, slot.source_bytes);
  const unsigned bits = slot.source_bytes * 8u;
  const bool negative = slot.sign_extended && bits < 64 && (value >> (bits - 1) & 1) != 0;
  return negative ? value | ~std::uint64_t{0} << bits : value;
}

std::uint64_t ValueOf(const Warp& warp, const Frame& frame, const SlotValue& slot,
                      std::uint32_t lane) {
  switch (slot.kind) {
    case SlotValue::Kind::kConstant:
      return slot.value;
    case SlotValue::Kind::kParameter:
      return ParameterValue(*warp.grid, slot);
    case SlotValue::Kind::kSpecial:
      return SpecialValue(warp, frame, slot, lane);
    case SlotValue::Kind::kZero:
      return 0;
  }
  return 0;
}

template <class T>
void Spread(std::byte* to, std::uint64_t value) {
  std::fill_n(reinterpret_cast<T*>(to), kLanes, static_cast<T>(value));
}

void Fill(const Warp& warp, Frame& frame, const SlotValue& slot) {
  std::byte* to = frame.registers + slot.slot;
  if (slot.kind == SlotValue::Kind::kZero) {
    std::memset(to, 0, slot.bytes == 0 ? sizeof(Mask) : std::size_t{slot.bytes} * kLanes);
    return;
  }
  if (slot.bytes == 0) {
    const Mask mask = ValueOf(warp, frame, slot, 0) != 0 ? kAllLanes : 0;
    std::memcpy(to, &mask, sizeof mask);
    return;
  }
  // Only special registers that never change differ from lane to lane.
  const bool by_lane =
      slot.kind == SlotValue::Kind::kSpecial && LifetimeOf(slot) == Lifetime::kWarp;
  std::uint64_t value = ValueOf(warp, frame, slot, 0);
  if (!by_lane && slot.bytes == 4) return Spread<std::uint32_t>(to, value);
  if (!by_lane && slot.bytes == 8) return Spread<std::uint64_t>(to, value);
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    if (by_lane) value = ValueOf(warp, frame, slot, lane);
    std::memcpy(to + std::size_t{lane} * slot.bytes, &value,
                std::min<std::size_t>(slot.bytes, sizeof value));
  }
}

void Allocate(Frame& frame, const Function& function) {
  frame.function = &function;
  frame.storage.assign(function.register_bytes + kAlignment, std::byte{0});
  void* start = frame.storage.data();
  std::size_t room = frame.storage.size();
  frame.registers =
      static_cast<std::byte*>(std::align(kAlignment, function.register_bytes, start, room));
  frame.params.assign(std::size_t{function.param_bytes} * kLanes, std::byte{0});
  for (const SlotValue& slot : function.preset) {
    switch (LifetimeOf(slot)) {
      case Lifetime::kWarp:
        break;
      case Lifetime::kBlock:
        frame.per_block.push_back(&slot);
        break;
      case Lifetime::kCall:
        frame.per_call.push_back(&slot);
        break;
    }
  }
}

// A free frame of this function, or a new one; null: the warp has too much memory in frames.
Frame* Obtain(Warp& warp, const Function& function) {
  const auto found = std::find_if(warp.free_frames.begin(), warp.free_frames.end(),
                                  [&](const Frame* free) { return free->function == &function; });
  if (found != warp.free_frames.end()) {
    Frame* frame = *found;
    *found = warp.free_frames.back();
    warp.free_frames.pop_back();
    return frame;
  }
  const std::uint64_t bytes =
      std::uint64_t{function.register_bytes} + std::uint64_t{function.param_bytes} * kLanes;
  if (warp.frame_bytes + bytes > kFrameBytesMax) return nullptr;
  warp.frame_bytes += bytes;
  warp.frames.push_back(std::make_unique<Frame>());
  Allocate(*warp.frames.back(), function);
  return warp.frames.back().get();
}

// Behind what `lanes` of this call hold of their local memory.
std::uint64_t TopOf(const Frame& frame, Mask lanes) {
  std::uint64_t top = std::uint64_t{frame.local_base} + frame.function->local_bytes;
  const Slot pointer = frame.function->stack_pointer;
  for (Mask left = pointer == kNoSlot ? 0 : lanes; left != 0; left &= left - 1) {
    std::uint64_t own = 0;
    std::memcpy(&own, frame.registers + pointer + std::countr_zero(left) * sizeof own, sizeof own);
    top = std::max(top, own);
  }
  return (top + 15) / 16 * 16;
}

// What a call's presets are, for lanes that join it.
void FillLanes(const Warp& warp, Frame& frame, const SlotValue& slot, Mask lanes) {
  std::byte* to = frame.registers + slot.slot;
  for (; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
    const std::uint64_t value = ValueOf(warp, frame, slot, lane);
    if (slot.bytes == 0) {
      Mask mask;
      std::memcpy(&mask, to, sizeof mask);
      mask = (mask & ~(Mask{1} << lane)) | Mask{value != 0} << lane;
      std::memcpy(to, &mask, sizeof mask);
    } else {
      std::byte* own = to + std::size_t{lane} * slot.bytes;
      std::memset(own, 0, slot.bytes);
      std::memcpy(own, &value, std::min<std::size_t>(slot.bytes, sizeof value));
    }
  }
}

// Other lanes may be in a call from the same place: those that come later join them, so that all
// can meet in there, as they do on hardware, which lets them meet before the call. Null: nobody is.
Frame* Join(Warp& warp, const Function& function, const Frame& caller, std::uint32_t call_pc,
            Mask lanes) {
  for (const Split& split : warp.splits) {
    Frame* frame = split.frame;
    while (frame->depth > caller.depth + 1) frame = frame->caller;
    if (frame->caller != &caller || frame->function != &function || frame->call_pc != call_pc ||
        TopOf(caller, lanes) > frame->local_base) {
      continue;
    }
    for (const SlotValue* slot : frame->per_call) FillLanes(warp, *frame, *slot, lanes);
    frame->lanes |= lanes;
    return frame;
  }
  return nullptr;
}

}  // namespace

bool GrowLocal(Warp& warp, std::uint64_t bytes) {
  if (bytes <= warp.local_stride) return true;
  if (bytes > DeviceLimits::kLocalBytesPerThread) return false;
  const auto stride = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::max(bytes, std::uint64_t{warp.local_stride} * 2), DeviceLimits::kLocalBytesPerThread));
  std::vector<std::byte> larger(std::size_t{stride} * kLanes);
  for (std::size_t lane = 0; lane < kLanes && warp.local_stride != 0; ++lane) {
    std::memcpy(larger.data() + lane * stride, warp.local.data() + lane * warp.local_stride,
                warp.local_stride);
  }
  warp.local = std::move(larger);
  warp.local_stride = stride;
  return true;
}

Frame* MakeFrame(Warp& warp, const Function& function, Frame* caller, std::uint32_t call_pc,
                 Mask lanes) {
  if (caller != nullptr) {
    if (Frame* frame = Join(warp, function, *caller, call_pc, lanes)) return frame;
  }
  const std::uint32_t depth = caller == nullptr ? 0 : caller->depth + 1;
  const std::uint64_t local_base = caller == nullptr ? 0 : TopOf(*caller, lanes);
  if (depth > kCallDepthMax || !GrowLocal(warp, local_base + function.local_bytes)) return nullptr;
  Frame* frame = Obtain(warp, function);
  if (frame == nullptr) return nullptr;
  frame->caller = caller;
  frame->call_pc = call_pc;
  frame->lanes = lanes;
  frame->depth = depth;
  frame->local_base = static_cast<std::uint32_t>(local_base);
  Refill(warp, *frame);
  return frame;
}

void Refill(Warp& warp, Frame& frame) {
  const std::uint64_t block = warp.block->linear + 1;
  if (frame.filled_for_block == 0) {
    for (const SlotValue& slot : frame.function->preset) Fill(warp, frame, slot);
  } else {
    for (const SlotValue* slot : frame.per_call) Fill(warp, frame, *slot);
    if (frame.filled_for_block != block) {
      for (const SlotValue* slot : frame.per_block) Fill(warp, frame, *slot);
    }
  }
  frame.filled_for_block = block;
}

void LeaveFrames(Warp& warp, Frame* frame, const Frame* last, Mask lanes) {
  while (frame != nullptr && frame != last) {
    Frame* caller = frame->caller;
    frame->lanes &= ~lanes;
    // The kernel's own frame stays for the next block.
    if (frame->lanes == 0 && caller != nullptr) warp.free_frames.push_back(frame);
    frame = caller;
  }
}

}  // namespace caesar::sim
