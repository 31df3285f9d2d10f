// The samples of a run directory, read without changing or trusting anything in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/sample_result.h"
#include "sys/files.h"

namespace caesar {

struct RecordedSample {
  std::string folder;
  SampleResult result;  // of an unfinished sample: what is known so far
  std::string state;    // the state it stopped in ("Compile"); empty: finished
  std::string damage;   // what could not be read, in one sentence; empty: nothing
};

// `path` is a run directory, or the folder of one of its problems or samples; `sample` keeps only
// those with that number. At least one sample, ordered by problem and number, at most
// kSamplesShownMax. A damaged sample is an entry that says so. Errors: kUsage (nothing there),
// kBadInput (no run directory), kIo.
Result<std::vector<RecordedSample>> ReadRecordedRun(const std::string& path,
                                                    std::optional<int> sample, Files& files);

inline constexpr std::size_t kSamplesShownMax = 10'000;

}  // namespace caesar
