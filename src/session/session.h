// One sample of a run: from its folder on disk (new, unfinished or finished) to its result.
#pragma once

#include <string>

#include "base/result.h"
#include "problem/problem.h"
#include "record/run_config.h"
#include "record/sample_result.h"
#include "session/world.h"

namespace caesar {

struct SampleSpec {
  const Problem* problem = nullptr;
  RunConfig config;
  std::string run;  // run directory
  int sample = 0;
};

// Makes run.json, or checks that it holds the same configuration (kBadInput, with the differences).
Status OpenRun(const std::string& run, const RunConfig& config, Files& files);

// Runs the sample to its end, resuming where the journal stops. A finished sample returns its
// result at once. Errors: see design: nothing is journalled for the failed step; the same call
// repeats it. kInterrupted after the step in progress was finished and saved (or at once, if asked
// twice). kIo with a sentence if another process holds the sample's lock.
Result<SampleResult> RunSample(const SampleSpec& spec, World& world);

}  // namespace caesar
