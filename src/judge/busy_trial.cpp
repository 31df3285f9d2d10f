#include "judge/busy_trial.h"

namespace caesar {
namespace {

constexpr int kTrials = 4;
constexpr int kCallsPerTrial = 4;
constexpr int kCalls = kTrials * kCallsPerTrial;
constexpr int kBesideMin = kCalls * 3 / 4;
constexpr int kAloneMax = kCalls / 8;  // the host has delays of its own

// How often somebody used the device right before or after a call of that runner; empty: it failed.
Result<std::optional<int>> BusyAfter(TimedCalls& calls, RunnerRole role, int delay_us) {
  int busy = 0;
  for (int i = 0; i < kCallsPerTrial; ++i) {
    TRY(calls.FreshData(0));
    if (role != RunnerRole::kBaseline)
      TRY(calls.Call(RunnerRole::kBaseline, CacheState::kCold, delay_us));
    const auto timed = TRY(calls.Call(role, CacheState::kCold, delay_us));
    if (!timed.has_value()) return std::optional<int>();
    if (TRY(calls.Disturbed()) || timed->disturbed) ++busy;
  }
  return std::optional<int>(busy);
}

}  // namespace

Result<bool> CandidateKeepsBusy(TimedCalls& calls, int delay_us) {
  int busy_beside = 0;
  int busy_alone = 0;
  for (int i = 0; i < kTrials; ++i) {
    const auto beside = TRY(BusyAfter(calls, RunnerRole::kCandidate, delay_us));
    if (!beside.has_value()) return false;
    calls.UnloadCandidate();
    const auto alone = TRY(BusyAfter(calls, RunnerRole::kBaseline, delay_us));
    TRY(calls.LoadCandidate());
    if (!alone.has_value() || calls.settled()) return false;
    busy_beside += *beside;
    busy_alone += *alone;
  }
  return busy_beside >= kBesideMin && busy_alone <= kAloneMax;
}

}  // namespace caesar
