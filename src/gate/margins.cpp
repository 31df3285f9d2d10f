#include "gate/margins.h"

#include <algorithm>
#include <cmath>

namespace caesar {

bool Larger(double a, double b) { return !(a <= b) && !std::isnan(b); }

const ShapeMargin* Worst(const std::vector<ShapeMargin>& margins) {
  const ShapeMargin* worst = nullptr;
  for (const ShapeMargin& margin : margins) {
    if (worst == nullptr || Larger(margin.error_max, worst->error_max)) worst = &margin;
  }
  return worst;
}

std::vector<ShapeMargin> MarginsOf(const GateTrial& trial) {
  std::vector<ShapeMargin> margins;
  for (const GateCall& call : trial.calls) {
    auto found = std::find_if(margins.begin(), margins.end(), [&](const ShapeMargin& margin) {
      return margin.shape == call.shape;
    });
    if (found == margins.end())
      found = margins.insert(margins.end(), ShapeMargin{call.shape, true, 0, call.fill});
    found->passed = found->passed && call.passed;
    if (Larger(call.error, found->error_max)) {
      found->error_max = call.error;
      found->fill = call.fill;
    }
  }
  return margins;
}

}  // namespace caesar
