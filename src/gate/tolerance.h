// What the trials say of the tolerances themselves. Pure.
#pragma once

#include <string>
#include <vector>

#include "problem/problem.h"
#include "record/gate_report.h"

namespace caesar {

// Where zeros, the mean and half a result all pass: no result is larger than the tolerance, and
// whatever else passes there passes because of that.
struct Swallowed {
  const TensorSpec* output = nullptr;
  std::vector<std::string> shapes;
  bool everywhere = false;  // they are all shapes that were tried
  double result_max = 0;    // largest |result| at these shapes
};
std::vector<Swallowed> SwallowedOutputs(const Problem& problem,
                                        const std::vector<GateTrial>& trials);

// atol and rtol half way, in orders of magnitude, between honest errors and the smallest ones of a
// lower precision, where these are too small: ": atol 7.5e-06, rtol 7.5e-06, ...". "." where there
// is nothing between them.
std::string SuggestedTolerances(const Problem& problem, const std::vector<GateTrial>& trials);

inline constexpr double kBarely = 2.0;  // tolerances: a precision that fails by less

}  // namespace caesar
