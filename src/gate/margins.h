// How far off the calls of a trial were. Pure.
#pragma once

#include <string>
#include <vector>

#include "record/gate_report.h"

namespace caesar {

// The calls of a trial at one shape, all outputs together.
struct ShapeMargin {
  std::string shape;
  bool passed = true;    // all of them
  double error_max = 0;  // in tolerances; NaN beats every number
  std::string fill;      // of the largest error
};
std::vector<ShapeMargin> MarginsOf(const GateTrial& trial);

// The one that is furthest off; null: there was no call.
const ShapeMargin* Worst(const std::vector<ShapeMargin>& margins);

// Whether an error is larger than another one, which is no NaN; a NaN is.
bool Larger(double a, double b);

}  // namespace caesar
