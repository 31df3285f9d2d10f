// `caesar problem check`: compiles a problem's reference, baseline and trials, lets the judge judge
// them, and says whether the problem is sound.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "build/compile.h"
#include "judge/client.h"
#include "problem/problem.h"
#include "record/gate_report.h"
#include "record/run_config.h"
#include "sys/stop.h"

namespace caesar {

struct GateWorld {
  Compiler& compiler;
  Judge& judge;
  std::function<void(const std::string& text)> progress;
  StopToken stop;
};

// `kernel`: the source of one more kernel that must pass, to see its margin; empty: none.
// What speaks against the problem is a finding. Errors: kBadInput where nothing could be judged
// (reference or baseline do not compile, the reference fails), kEnvironment (no device, nvcc cannot
// compile anything), kInterrupted.
Result<GateReport> CheckProblem(const Problem& problem, const std::string& kernel,
                                const RunConfig& config, GateWorld& world);

}  // namespace caesar
