// .sync.aligned: all threads of the warp carry it out together. Include behind sim/isa_begin.h.
#pragma once

#include "sim/machine.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// False: some are elsewhere; the operation returns Step::kWait.
inline bool WholeWarp(Warp& warp) {
  const Mask alive = warp.exists & ~warp.exited;
  if (warp.active == alive) return true;
  warp.wait = {};
  warp.wait.reason = Wait::Reason::kWarp;
  warp.wait.mask = alive;
  return false;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
