// What the trials say of a problem. Pure.
#pragma once

#include <vector>

#include "problem/problem.h"
#include "record/gate_report.h"

namespace caesar {

// Names of the trials that must pass.
inline constexpr const char* kReferenceTrial = "reference";
inline constexpr const char* kBaselineTrial = "baseline";

std::vector<GateFinding> TrialFindings(const Problem& problem,
                                       const std::vector<GateTrial>& trials);

}  // namespace caesar
