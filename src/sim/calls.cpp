#include "sim/calls.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/module.h"
#include "sim/splits.h"

namespace caesar::sim {
namespace {

// A lane's parameter memory in a frame; a kernel has one for calls by each lane as well.
std::byte* Params(Frame& frame, std::uint32_t lane) {
  return frame.params.data() + std::size_t{lane} * frame.function->param_bytes;
}

bool Fits(const Frame& frame, std::uint64_t offset, std::uint64_t bytes) {
  return offset + bytes <= frame.function->param_bytes;
}

// Copies one parameter or result of `lanes`; false: it does not lie within both memories.
bool Copy(Frame& from, std::uint64_t from_offset, Frame& to, std::uint64_t to_offset,
          std::uint64_t bytes, Mask lanes) {
  if (!Fits(from, from_offset, bytes) || !Fits(to, to_offset, bytes)) return false;
  for (; lanes != 0 && bytes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
    std::memcpy(Params(to, lane) + to_offset, Params(from, lane) + from_offset, bytes);
  }
  return true;
}

Step Mismatch(Warp& warp, const Function& callee) {
  return warp.Report(FindingKind::kIllegalInstruction, warp.active,
                     Format("the call's arguments are not those that {} takes", callee.name));
}

// All active lanes call one function.
Step CallFunction(Warp& warp, const CallSite& site, const Function& callee) {
  if (!callee.decoded) {
    return warp.Report(FindingKind::kNotSimulated, warp.active,
                       Format("not simulated: a call of {}, which has no body", callee.name));
  }
  if (callee.kernel || site.arguments.size() != callee.parameters.size() ||
      site.results.size() > callee.results.size()) {
    return Mismatch(warp, callee);
  }
  const Mask lanes = warp.active;
  Frame* caller = warp.frame;
  Frame* frame = MakeFrame(warp, callee, caller, warp.pc, lanes);
  if (frame == nullptr) {
    return warp.Report(
        FindingKind::kStackOverflow, lanes,
        Format("calls of {} nest too deep: more than {} of them, or more local memory than a "
               "thread may have",
               callee.name, kCallDepthMax));
  }
  for (std::size_t i = 0; i < callee.parameters.size(); ++i) {
    const ParameterSlot& parameter = callee.parameters[i];
    if (!Copy(*caller, site.arguments[i], *frame, parameter.offset, parameter.bytes, lanes)) {
      return Mismatch(warp, callee);
    }
  }
  LeaveInactive(warp);
  SetFrame(warp, frame);
  warp.pc = 0;
  return Step::kSplit;
}

Step CallPointer(Warp& warp, const CallSite& site) {
  std::uint64_t addresses[kLanes];
  std::memcpy(addresses, warp.registers + site.pointer, sizeof addresses);
  const auto lowest = static_cast<std::uint32_t>(std::countr_zero(warp.active));
  Mask same = 0;
  for (Mask rest = warp.active; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(rest));
    if (addresses[lane] == addresses[lowest]) same |= Mask{1} << lane;
  }
  const Function* callee = warp.grid->module->FunctionAt(addresses[lowest]);
  if (callee == nullptr) {
    return warp.Report(FindingKind::kIllegalInstruction, same,
                       Format("a call to {:#x}, where no function lies", addresses[lowest]));
  }
  if (same != warp.active) {  // the others call theirs later: the same operation, tried again
    const Mask others = warp.active & ~same;
    LeaveInactive(warp);
    warp.splits.push_back({warp.pc, others, warp.frame, {}, warp.turn});
    warp.split_lanes = warp.active = same;
  }
  return CallFunction(warp, site, *callee);
}

}  // namespace

std::uint64_t Argument(const Warp& warp, const CallSite& site, std::size_t index, int bytes,
                       std::uint32_t lane) {
  std::uint64_t value = 0;
  const auto size = static_cast<std::size_t>(bytes);
  if (index >= site.arguments.size() || !Fits(*warp.frame, site.arguments[index], size)) return 0;
  std::memcpy(&value, Params(*warp.frame, lane) + site.arguments[index], size);
  return value;
}

void SetResult(Warp& warp, const CallSite& site, int bytes, std::uint32_t lane,
               std::uint64_t value) {
  const auto size = static_cast<std::size_t>(bytes);
  if (site.results.empty() || !Fits(*warp.frame, site.results[0], size)) return;
  std::memcpy(Params(*warp.frame, lane) + site.results[0], &value, size);
}

Step Call(Warp& warp, const CallSite& site) {
  if (site.library != nullptr) return site.library(warp, site);
  if (site.callee != nullptr) return CallFunction(warp, site, *site.callee);
  return CallPointer(warp, site);
}

Step Return(Warp& warp) {
  Frame* frame = warp.frame;
  Frame* caller = frame->caller;
  if (caller == nullptr) return ExitLanes(warp);
  const Op& call = caller->function->ops[frame->call_pc];
  const auto& site = *static_cast<const CallSite*>(call.detail);
  const Function& callee = *frame->function;
  for (std::size_t i = 0; i < site.results.size(); ++i) {
    const ParameterSlot& result = callee.results[i];
    if (!Copy(*frame, result.offset, *caller, site.results[i], result.bytes, warp.active)) {
      return Mismatch(warp, callee);
    }
  }
  LeaveInactive(warp);
  LeaveFrames(warp, frame, caller, warp.active);
  warp.pc = frame->call_pc + 1;
  SetFrame(warp, caller);
  return Step::kSplit;
}

}  // namespace caesar::sim
