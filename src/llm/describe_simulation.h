// What the simulated GPU found and counted, as the model reads it: findings first, with file and
// line, then what limits each kernel and which lines waste most. Estimates are called estimates.
#pragma once

#include <cstddef>
#include <string>

#include "record/verdict.h"

namespace caesar {

// At most `bytes_max` bytes; a cut is marked. Empty where there is nothing to say.
std::string DescribeSimulation(const Simulation& simulation, std::size_t bytes_max);

}  // namespace caesar
