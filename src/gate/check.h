// `caesar problem check`: compiles a problem's reference, baseline and trials, lets the judge judge
// them, and says whether the problem is sound.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "build/compile.h"
#include "judge/client.h"
#include "problem/problem.h"
#include "record/gate_report.h"
#include "record/run_config.h"
#include "sys/clock.h"
#include "sys/stop.h"

namespace caesar {

struct GateWorld {
  Compiler& compiler;
  Judge& judge;
  Clock& clock;
  std::function<void(const std::string& text)> progress;
  StopToken stop;
};

// One more kernel that must pass, to see its margin. Names are distinct, and none is a trial's.
struct HonestKernel {
  std::string name;
  std::string source;
};

// What speaks against the problem is a finding. Errors: kBadInput where nothing could be judged
// (reference or baseline do not compile, the reference fails), kEnvironment (no device, nvcc cannot
// compile anything), kInterrupted.
Result<GateReport> CheckProblem(const Problem& problem, const std::vector<HonestKernel>& kernels,
                                const RunConfig& config, GateWorld& world);

}  // namespace caesar
