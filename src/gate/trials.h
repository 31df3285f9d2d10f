// The trials of `caesar problem check`: candidates that must fail, made for the problem at hand.
//
// One object holds all of them behind the problem's own reference, so that they can do what a
// candidate that knows the answer could. Which of them runs is told by a scalar that the checked
// copy of the problem has in addition; the reference of that copy takes it and pays no attention.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "problem/problem.h"
#include "record/gate_report.h"

namespace caesar {

struct Trial {
  int number = 0;             // the scalar's value
  std::string name;           // "zeros", "copy of x"
  std::string text;           // "an output of zeros": what a candidate would do
  const char* kind = kCheat;  // see record/gate_report.h
};

// In the order in which they are run.
std::vector<Trial> TrialsOf(const Problem& problem);

// Bits behind the leading one in the next lower precision than `dtype`, and what it is called. 0:
// not a float.
struct LowerPrecision {
  int bits = 0;
  std::string name;
};
LowerPrecision LowerPrecisionOf(DType dtype, bool tf32_allowed);

// The problem as its own baseline, or a trial behind its reference, is judged as a candidate: what
// these link, candidates may link. With a number, it has the additional scalar. Error kBadInput: it
// has 16 scalars already.
Result<Problem> TrialProblem(const Problem& problem, std::optional<int> number);

// Sources of that problem's reference and of all trials.
std::string TrialReference(const Problem& problem);
std::string TrialSource(const Problem& problem);

// The reference with float in the place of double: what a plain kernel in float computes. Empty
// where no output is a float of 32 bits or less.
std::string FloatReference(const Problem& problem);

}  // namespace caesar
