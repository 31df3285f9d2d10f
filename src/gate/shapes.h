// Whether a problem's check shapes can show the mistakes that kernels make at edges.
#pragma once

#include <vector>

#include "problem/problem.h"
#include "record/gate_report.h"

namespace caesar {

// An error where everything divides evenly at every check shape, so that no tail is ever computed;
// warnings where no output has one that could, and where extents are missing that are neither even
// nor small.
std::vector<GateFinding> ShapeFindings(const Problem& problem);

}  // namespace caesar
