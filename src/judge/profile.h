// Profile on the simulated GPU: counts and estimates in the place of times.
//
// What ranks a candidate is counted at one shape of the problem (role sim_bench), in full, in a
// call whose every element is compared: an estimate for results that nobody looked at would be a
// prize for leaving work out. The bench shape is too large for that. A sample of blocks of each
// launch gives an estimate for it that is shown beside the other, and nothing more: a sample cannot
// show that all the work is done.
#pragma once

#include <memory>
#include <string>

#include "judge/evaluator.h"

namespace caesar {

class SimulatedProfile {
 public:
  SimulatedProfile(Evaluator& judge, const JudgeOrder& order, Verdict checked);

  // `not_profiled` flags a candidate that could not be counted.
  Result<Verdict> Run();

 private:
  // All say what is in the way; empty: it is done, or the verdict is settled.
  Result<std::string> CountInFull(const ShapeSpec& shape);
  Result<std::string> CountSample();

  // An error of the problem.
  Error BaselineFailed(const CallSets& sets, const RunnerFailure& failure) const;
  // One call, of a sample of its blocks or (0) of all; empty: it brought a report.
  Result<std::string> Count(RunnerRole role, const std::string& object, CallSets& sets,
                            std::uint64_t sampled_blocks, SimReport* report);
  // The sample of the reference: fills inputs where it reads them, and makes what is expected.
  Result<std::string> SampleReference(CallSets& sets);
  bool IsUnderFloor(const SimReport& report, const ShapeSpec& shape);  // settles the verdict
  Status CountBaseline(CallSets& sets);
  void Keep(SimReport report, const ShapeSpec& shape);

  Evaluator& judge_;
  const JudgeOrder& order_;
  Verdict verdict_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace caesar
