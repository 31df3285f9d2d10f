// What `caesar problem check --json` prints: whether a problem is sound, and how near to its
// tolerance honest results and wrong ones come.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/verdict.h"

namespace caesar {

// One output of a trial's calls at a shape with a fill.
struct GateCall {
  std::string shape;
  std::string fill;
  std::string output;
  double error = 0;     // largest |got-want| / (atol + rtol*|want|); at most 1 passes
  bool passed = false;  // all of them
};

// Kinds of trials.
inline constexpr const char* kHonest = "honest";        // must pass
inline constexpr const char* kCheat = "cheat";          // must fail
inline constexpr const char* kPrecision = "precision";  // of the next lower precision: must fail

// The one honest trial that may fail, with a warning.
inline constexpr const char* kFloatTrial = "float_reference";

// Something that was judged: an implementation that must pass, or one that must fail.
struct GateTrial {
  std::string name;     // "baseline", "zeros", "copy_x"
  std::string kind;     // honest | cheat | precision
  std::string text;     // what it computes
  std::string outcome;  // the verdict's kind; "skipped"
  std::string reason;   // of the verdict, or why it was skipped
  std::vector<GateCall> calls;
};

struct GateFinding {
  std::string level;   // error: the problem is refused | warning
  std::string text;    // what is wrong, where
  std::string advice;  // what to do about it
};

struct GateReport {
  int version = 1;
  std::string problem;
  std::string device;
  bool sound = false;  // no finding is an error
  std::vector<GateFinding> findings;
  std::vector<GateTrial> trials;
};

std::string ToJson(const GateReport& report, int indent = 2);
Result<GateReport> ParseGateReport(const std::string& json);

}  // namespace caesar
