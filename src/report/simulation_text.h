// What the simulated GPU found and counted, as people read it in a terminal.
#pragma once

#include <string>

#include "record/verdict.h"
#include "report/table.h"

namespace caesar {

// Tables of kernels and of the costliest lines, then findings. Ends in a line break unless empty.
std::string SimulationText(const Simulation& simulation, const TextStyle& style);

}  // namespace caesar
