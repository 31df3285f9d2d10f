// Whether a launch is one that the hardware would carry out.
#pragma once

#include <string>

#include "sim/launch.h"

namespace caesar::sim {

// 0 or the CUDA error, with one sentence that says why. Fills in what the kernel itself demands
// (.reqnctapercluster).
int CheckLaunch(const Function& kernel, LaunchShape* shape, std::string* why);

}  // namespace caesar::sim
