// What to say when nobody can run.
#pragma once

#include <memory>
#include <span>

#include "sim/machine.h"

namespace caesar::sim {

// Reports kDeadlock: who waits where, in these blocks; or kNotSimulated, where it is the simulator
// that keeps lanes from meeting.
void ReportDeadlock(std::span<const std::unique_ptr<Block>> blocks);

}  // namespace caesar::sim
