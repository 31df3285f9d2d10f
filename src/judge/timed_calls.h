// Calls by the clock, at the bench shape: runners and tensors made ready, fresh data, one call, its
// result compared in full, and whom a failure is blamed on. How many calls are enough and what
// their times mean is decided elsewhere.
//
// A reference may take thirty times as long as a good kernel. So what results are held against is
// what the baseline, which is timed on the same inputs anyway, has just given, once that was seen
// to lie within half of the tolerance of the reference's; the other half is left to the candidate.
// Where the two disagree, the reference decides, from there on for every call.
//
// Candidate and best are untrusted: but for their own calls their processes rest (SIGSTOP), so that
// no thread of theirs can start work while another runner is timed. What still runs on the device
// then was started in a call, and shows before the next one (idle_proof.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/evaluator.h"

namespace caesar {

// What lies in L2 when a call begins: nothing of its tensors, and no line that is to be written
// back; its inputs, as far as they fit; or lines of others that are to be written back.
enum class CacheState { kCold, kHot, kDirty };

struct TimedCall {
  CallClaim claim;
  double interval_us = 0;  // by the judge's clock, from go to the end of the first comparison
  bool disturbed = false;  // somebody else used the GPU
};

// What a null call does in the place of work: a kernel for each call.
struct NullWork {
  int calls = 1;
  double us = 0;  // each
};

class TimedCalls {
 public:
  // A candidate that fails turns `verdict`.
  TimedCalls(Evaluator& judge, const JudgeOrder& order, Verdict& verdict)
      : judge_(judge), order_(order), verdict_(verdict), has_best_(!order.best.empty()) {
    judge_.cost_ = {};
  }

  // Runners with their objects, and the tensors of one set.
  Status Prepare();
  // Back to the first set, which stays where it is in memory while there are more: a kernel's time
  // depends on that (on an H100 by up to 5 %). Single calls are made on it, and all calls of the
  // best one.
  Status LeaveOneSet();
  // Candidate and best in fresh processes, each with the outputs that the other had.
  Status RestartPair();
  // Ends the candidate's process; there is a fresh one from LoadCandidate on.
  void UnloadCandidate() { judge_.Of(RunnerRole::kCandidate) = {}; }
  Status LoadCandidate();
  // Ends the processes of candidate and best, after a look at what shows of the candidate's.
  // LeaveOneSet starts a fresh one of the candidate.
  void EndUntrusted();
  Status LoadBest();    // with one set; dropped if it cannot be had
  void EndBest();       // the comparison is complete: nobody holds tensors once the lock is free
  void UnmapTrusted();  // the memory goes back, also where the candidate is dead
  void Tell(const std::string& text) { judge_.tell_(text); }

  // New inputs. What is expected of them is there with the baseline's next call, which must come
  // first.
  Status FreshData(int set);
  // To be called behind a call of the baseline on fresh data, whose outputs were compared with the
  // reference's.
  void HoldAgainstBaseline();
  // One call on set 0. Empty: the candidate's verdict is settled, or the best one failed and is
  // timed no more (a baseline's failure is an Error).
  Result<std::optional<TimedCall>> Call(RunnerRole role, CacheState cache, int delay_us);
  // A correctness call of the candidate that looks like a timed one: other inputs (of another
  // distribution, or near-duplicates), and all is looked at that a timed call leaves out.
  Status HiddenCheck(int delay_us);
  // The judge's interval of a call of the candidate that looks like a timed one, but begins with a
  // dirty L2. Empty if somebody else used the GPU, or the candidate's verdict is settled.
  Result<std::optional<double>> DirtyCall(int delay_us);
  // One call of the candidate on all sets, with fresh data, one after the other, behind the least
  // delay: the judge's interval, infinite if somebody used the GPU right before it. Empty: the
  // candidate's verdict is settled.
  Result<std::optional<double>> Batch();
  // The judge's interval of a call of a trusted runner whose kernels only take time, less that
  // time. Empty if somebody else used the GPU, or the candidate's outputs are not those of a call
  // that has just passed. `delay_us`: of the calls that it is held against.
  Result<std::optional<double>> NullCall(RunnerRole by, NullWork work, int delay_us);
  std::optional<CallCost> Cost() const { return judge_.cost_.Average(); }
  std::optional<DeviceHealth> Health() { return judge_.device_.Health(); }
  Result<bool> Disturbed() { return judge_.idle_.Disturbed(); }
  // As many sets as there is room for, at most `wanted`; how many that are. The candidate's process
  // is started anew where it may be in the way, and that of the best one is ended: by keeping
  // memory they could choose how many.
  Result<int> MakeRoom(int wanted);

  bool settled() const { return verdict_.kind != VerdictKind::kCorrect; }
  bool has_best() const { return has_best_; }
  // The best one is timed no more. Never the candidate's fault.
  void DropBest(const std::string& why);
  const std::string& best_dropped() const { return best_dropped_; }  // why; empty: it was not

 private:
  void EndCandidate();
  Status Map(RunnerRole role);
  Status MapTrusted();
  Result<int> Room(int wanted) const;
  // An Error where that is the problem's own.
  Status Failed(RunnerRole role, const RunnerFailure& failure);
  Result<std::optional<double>> BatchOf(RunnerRole role);
  // From here on the reference says what is expected, also of the inputs that are there.
  Status AskReference();
  Result<bool> Compared(RunnerRole role, int set, const std::vector<std::string>& inputs_changed);
  // Whether outputs that did not pass when the call was said to be done are still what they were:
  // or work went on while nobody looked at the clock, and they must not pass now.
  Result<bool> WereDone(RunnerRole role, const std::vector<CallSets::Look>& looks);
  // The first sets as a call of that role shall find them; it is due when the turn ends.
  Result<Turn> Ready(RunnerRole role, int sets, CacheState cache, CallCost& cost);
  void Rest(RunnerRole role);
  Runner& RunnerOf(RunnerRole role) { return *judge_.Of(role).runner; }

  Evaluator& judge_;
  const JudgeOrder& order_;
  Verdict& verdict_;
  bool has_best_;
  std::string best_dropped_;
  CallSets::Standard standard_;
  double baseline_error_ = 0;       // largest error over bound that its outputs had
  bool reference_decides_ = false;  // for good
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<CallSets> sets_;
};

}  // namespace caesar
