// Profile on the simulated GPU: counts and estimates in the place of times.
//
// They are wanted for the bench shape, which is too large to run in full: a sample of the blocks of
// each launch runs, and stands for all. An estimate counts only for results that were compared, so
// the same sample of the reference runs first, and what both wrote must agree. Where that does not
// work (blocks of one kernel that need those of another, nothing that both wrote, faults), the
// largest checked shape is counted instead: in full, and compared in full.
#pragma once

#include <memory>
#include <string>

#include "judge/evaluator.h"

namespace caesar {

class SimulatedProfile {
 public:
  SimulatedProfile(Evaluator& judge, const JudgeOrder& order, Verdict checked);

  // `not_profiled` flags a candidate that could be counted nowhere.
  Result<Verdict> Run();

 private:
  // All say what is in the way; empty: it is done, or the verdict is settled.
  Result<std::string> CountSample();
  Result<std::string> CountInFull(const ShapeSpec& shape);

  // One call, of a sample of its blocks or (0) of all; empty: it brought a report.
  Result<std::string> Count(RunnerRole role, const std::string& object, CallSets& sets,
                            std::uint64_t sampled_blocks, SimReport* report);
  // The sample of the reference: fills inputs where it reads them, and makes what is expected.
  Result<std::string> SampleReference(CallSets& sets);
  Status CountBaseline(CallSets& sets, bool sampled);
  void Keep(SimReport report, const ShapeSpec& shape, bool sampled);

  Evaluator& judge_;
  const JudgeOrder& order_;
  Verdict verdict_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace caesar
