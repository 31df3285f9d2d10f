// Operations that lanes of a warp carry out together.
#pragma once

#include "sim/machine.h"
#include "sim/splits.h"

namespace caesar::sim {

// Carries out a .sync operation for `lanes`, which gave the same membermask and are all there.
using Together = void (*)(Warp& warp, const Op& op, Mask lanes);

// Runs `run` for each set of active lanes with one membermask (in slot `masks`, 32 bits wide) whose
// named live lanes have all come here. Returns what the handler is to return.
Step RunTogether(Warp& warp, const Op& op, Slot masks, Together run);

// bar.warp.sync: the same, but lanes may wait at different instructions.
Step SynchronizeWarp(Warp& warp, const Op& op, Slot masks);

// For .sync.aligned operations, which need all 32 lanes. kNext: they are here.
Step AwaitWholeWarp(Warp& warp);

}  // namespace caesar::sim
