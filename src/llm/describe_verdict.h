// The parts of a feedback that come from a verdict, as text. Internal to llm.
#pragma once

#include <string>

#include "record/sample_result.h"
#include "record/verdict.h"

namespace caesar {

// Each failed check: shape, fill, and for each output the worst error, counts and the first bad
// elements.
std::string FailedChecks(const Verdict& verdict);
std::string CheckedShapes(const Verdict& verdict);  // "odd, tall, bench"
// Median and spread, against the baseline, the best round so far (null: none), and the bandwidth
// bound.
std::string TimingText(const Verdict& verdict, const RoundSummary* best);
std::string KernelTable(const Verdict& verdict);  // empty without kernels
std::string FlagList(const Verdict& verdict);     // empty without flags

}  // namespace caesar
