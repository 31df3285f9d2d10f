#include "judge/timed_calls.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "judge/secret.h"

namespace caesar {
namespace {

constexpr double kNullWorkMaxUs = 20'000;  // of all kernels
constexpr double kNullWorkMinUs = 0.1;     // of each

constexpr double kShareOfBaseline = 0.5;  // of the tolerance

bool Passes(const CallSets::Look& look) {
  return std::all_of(look.begin(), look.end(),
                     [](const ElementCompare& output) { return output.mismatches == 0; });
}

bool Passes(const std::vector<CallSets::Look>& looks) {
  return std::all_of(looks.begin(), looks.end(),
                     [](const CallSets::Look& look) { return Passes(look); });
}

bool Same(const ElementCompare& a, const ElementCompare& b) {
  const bool same_error =
      a.error_max == b.error_max || (std::isnan(a.error_max) && std::isnan(b.error_max));
  return a.mismatches == b.mismatches && a.unwritten == b.unwritten && a.first_bad == b.first_bad &&
         a.worst_index == b.worst_index && same_error;
}

double MicrosecondsSince(SteadyTime begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace

Status TimedCalls::Prepare() {
  lock_ = TRY(judge_.Lock(LockMode::kExclusive));
  if (has_best_) TRY(judge_.Restart(RunnerRole::kBest));  // makes its context meanwhile
  TRY(judge_.ReadyTrusted(RunnerRole::kOracle, order_.reference));
  TRY(judge_.ReadyTrusted(RunnerRole::kBaseline,
                          order_.baseline.empty() ? order_.reference : order_.baseline));
  const auto ready = TRY(judge_.Ready(RunnerRole::kCandidate, order_.candidate));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready)) {
    return Failed(RunnerRole::kCandidate, *failure);
  }
  using Outputs = CallSets::Outputs;
  sets_ = TRY(judge_.MakeSets(order_, order_.problem.Bench(),
                              has_best_ ? Outputs::kBest : Outputs::kBaseline, lock_));
  TRY(MapTrusted());
  TRY(LoadCandidate());  // it may have been in the way of the tensors
  if (settled() || !has_best_) return {};
  return LoadBest();  // last: what it keeps from the start is in nobody's way
}

Status TimedCalls::Map(RunnerRole role) {
  const auto mapped = sets_->MapInto(RunnerOf(role));
  if (const auto* failure = std::get_if<RunnerFailure>(&mapped)) {
    if (!IsProblemsOwn(role)) return Failed(role, *failure);
    return Error{ErrorCode::kEnvironment, Format("the {} cannot map the tensors", Name(role)),
                 failure->text};
  }
  Rest(role);
  return {};
}

Status TimedCalls::MapTrusted() {
  for (const RunnerRole role : {RunnerRole::kOracle, RunnerRole::kBaseline}) TRY(Map(role));
  return {};
}

Status TimedCalls::LeaveOneSet() {
  TRY(sets_->Resize(1));
  TRY(MapTrusted());
  return LoadCandidate();
}

Status TimedCalls::LoadCandidate() {
  const auto ready = TRY(judge_.Ready(RunnerRole::kCandidate, order_.candidate));
  if (const auto* failure = std::get_if<RunnerFailure>(&ready))
    return Failed(RunnerRole::kCandidate, *failure);
  return Map(RunnerRole::kCandidate);
}

void TimedCalls::EndUntrusted() {
  EndCandidate();
  judge_.Of(RunnerRole::kBest) = {};
}

void TimedCalls::EndCandidate() {
  judge_.FlagProcess(verdict_);
  UnloadCandidate();
}

Status TimedCalls::LoadBest() {
  TRY(sets_->Resize(1));
  auto best = judge_.Ready(RunnerRole::kBest, order_.best);
  if (!best.ok() && judge_.Of(RunnerRole::kCandidate).runner != nullptr) {
    // What the candidate keeps of its calls may have left no room for a context.
    EndCandidate();
    TRY(LoadCandidate());
    if (settled()) return {};
    best = judge_.Ready(RunnerRole::kBest, order_.best);
  }
  if (!best.ok()) {
    if (best.error().code != ErrorCode::kEnvironment) return best.error();
    DropBest(best.error().message);  // or who leaves no room would end the run
    return {};
  }
  if (const auto* failure = std::get_if<RunnerFailure>(&best.value()))
    return Failed(RunnerRole::kBest, *failure);
  return Map(RunnerRole::kBest);
}

void TimedCalls::EndBest() {
  judge_.Of(RunnerRole::kBest) = {};
  has_best_ = false;
}

Status TimedCalls::RestartPair() {
  judge_.FlagProcess(verdict_);
  TRY(judge_.Restart(RunnerRole::kBest));
  TRY(judge_.Restart(RunnerRole::kCandidate));
  sets_->SwapCandidateAndBest();
  TRY(LoadCandidate());
  if (settled()) return {};
  return LoadBest();
}

void TimedCalls::UnmapTrusted() {
  for (const RunnerRole role : {RunnerRole::kOracle, RunnerRole::kBaseline})
    RunnerOf(role).UnmapAll();
}

void TimedCalls::DropBest(const std::string& why) {
  if (!has_best_) return;
  has_best_ = false;
  best_dropped_ = why;
  judge_.Of(RunnerRole::kBest) = {};
  AddFlag(verdict_, "best_dropped", why + "; the candidate is not compared with it");
}

Status TimedCalls::Failed(RunnerRole role, const RunnerFailure& failure) {
  if (IsProblemsOwn(role)) {
    return Error{ErrorCode::kBadInput,
                 Format("the baseline of problem {} failed while it was timed: {}",
                        order_.problem.name, failure.text),
                 failure.printed};
  }
  if (role == RunnerRole::kCandidate) {
    Blame(verdict_, failure, "while it was timed");
  } else {
    DropBest("the best kernel so far failed while it was timed: " + failure.text);
  }
  return {};
}

// At most half of what is free: the judge is not alone for ever.
Result<int> TimedCalls::Room(int wanted) const {
  const auto per_set = static_cast<std::int64_t>(TRY(CallSets::BytesNeeded(
      order_.problem, order_.problem.Bench(), 1, CallSets::Outputs::kBaseline)));
  const std::int64_t room = judge_.device_.FreeBytes() / 2 / std::max<std::int64_t>(per_set, 1);
  return static_cast<int>(std::clamp<std::int64_t>(room, 1, wanted));
}

Result<int> TimedCalls::MakeRoom(int wanted) {
  judge_.Of(RunnerRole::kBest) = {};
  int room = TRY(Room(wanted));
  if (room < wanted) {
    const std::int64_t free_bytes = judge_.device_.FreeBytes();
    EndCandidate();
    const std::int64_t held = judge_.device_.FreeBytes() - free_bytes;
    if (held >= Evaluator::kHeldMin) judge_.held_memory_at_ = order_.problem.Bench().name;
    room = TRY(Room(wanted));
  }
  // Others may take memory meanwhile.
  while (!TRY(sets_->Resize(room))) room = std::max(1, room / 2);
  TRY(MapTrusted());
  TRY(LoadCandidate());
  return room;
}

void TimedCalls::HoldAgainstBaseline() {
  if (reference_decides_ || baseline_error_ > 1 - kShareOfBaseline) return;
  standard_ = {RunnerRole::kBaseline, kShareOfBaseline};
  judge_.cost_ = {};  // of the samples that begin here
}

Status TimedCalls::AskReference() {
  reference_decides_ = true;
  standard_ = {};
  for (int set = 0; set < sets_->count(); ++set) TRY(judge_.Expect(*sets_, set, order_));
  return {};
}

Result<bool> TimedCalls::WereDone(RunnerRole role, const std::vector<CallSets::Look>& looks) {
  if (IsProblemsOwn(role)) return true;
  for (int set = 0; set < static_cast<int>(looks.size()); ++set) {
    const CallSets::Look& before = looks[static_cast<std::size_t>(set)];
    if (Passes(before)) continue;
    const CallSets::Look now = TRY(sets_->LookAt(set, role, standard_));
    if (std::equal(before.begin(), before.end(), now.begin(), now.end(), Same)) continue;
    const std::string reason =
        Format("outputs at shape {} were still changed when the call was said to be done",
               sets_->shape().name);
    if (role == RunnerRole::kBest) {
      DropBest("the best kernel so far was wrong while it was timed: " + reason);
      return false;
    }
    verdict_.kind = VerdictKind::kWrong;
    verdict_.reason = reason;
    AddFlag(verdict_, "wrong_while_timed",
            "passed every correctness call, and its results were late in a timed one");
    return false;
  }
  return true;
}

Result<bool> TimedCalls::Compared(RunnerRole role, int set,
                                  const std::vector<std::string>& inputs_changed) {
  const bool by_baseline = standard_.of == RunnerRole::kBaseline;
  if (by_baseline) {
    if (inputs_changed.empty() && TRY(sets_->Meets(standard_, set, role))) return true;
    TRY(AskReference());
  }
  Check check;
  check.shape = sets_->shape().name;
  check.fill = "while it was timed";
  check.seed_id = sets_->seed_id();
  check.outputs = TRY(sets_->CompareAll(set, role, role == RunnerRole::kCandidate));
  check.inputs_changed = inputs_changed;
  check.passed = Passed(check);
  if (role == RunnerRole::kBaseline) {
    for (const OutputCheck& output : check.outputs)
      baseline_error_ = std::max(baseline_error_, output.error_max);
  }
  if (check.passed) return by_baseline ? Compared(RunnerRole::kBaseline, set, {}) : true;
  if (role == RunnerRole::kBaseline) return BaselineDisagrees(order_, check);
  if (inputs_changed.empty()) {
    TRY(sets_->HashInputs(set));
    check.inputs_changed = TRY(sets_->ChangedInputs(set, role));
  }
  const bool changed = !check.inputs_changed.empty();
  const std::string reason = changed ? Format("input {} was changed at shape {}",
                                              check.inputs_changed.front(), check.shape)
                                     : ReasonOf(check);
  if (role == RunnerRole::kBest) {
    DropBest("the best kernel so far was wrong while it was timed: " + reason);
    return false;
  }
  verdict_.kind = changed ? VerdictKind::kCheated : VerdictKind::kWrong;
  verdict_.reason = reason;
  AddFlag(verdict_, "wrong_while_timed",
          "passed every correctness call and was wrong in a timed one");
  verdict_.correctness.push_back(std::move(check));
  return false;
}

Status TimedCalls::FreshData(int set) {
  Lap lap;
  TRY(sets_->FillInputs(set, std::nullopt));
  TRY(judge_.device_.Synchronize());
  const double data_us = lap.Us();
  // That the reference writes everything was seen in correctness calls.
  const bool asked = standard_.of == RunnerRole::kOracle;
  judge_.cost_.AddDraw(data_us, asked ? TRY(judge_.Expect(*sets_, set, order_)) : 0.0);
  return {};
}

// The runner wakes before its inputs are there, and waits for `go` while others' kernels do not
// run: a thread of its process can start nothing early but copies, and what these write to its
// outputs is poisoned last. What it starts before the turn shows when that is taken.
Result<Turn> TimedCalls::Ready(RunnerRole role, int sets, CacheState cache, CallCost& cost) {
  Lap lap;
  RunnerOf(role).Rehearse(order_.call_timeout);
  Turn turn = TRY(judge_.idle_.TakeTurn());
  cost.turn_us = lap.Us();
  for (int set = 0; set < sets; ++set) {
    TRY(sets_->Deliver(set, role));
    TRY(sets_->PoisonOutputs(
        set, role, role == standard_.of ? CallSets::Poison::kSpot : CallSets::Poison::kFresh));
  }
  TRY(judge_.device_.Synchronize());
  cost.deliver_us = lap.Us();
  TRY(cache == CacheState::kHot     ? sets_->TouchInputs(0, role)
      : cache == CacheState::kDirty ? judge_.device_.DirtyCache()
                                    : judge_.device_.FlushCache());
  TRY(judge_.device_.Synchronize());
  cost.turn_us += lap.Us();
  return turn;
}

void TimedCalls::Rest(RunnerRole role) {
  if (!IsProblemsOwn(role)) RunnerOf(role).Rest();
}

Result<std::optional<TimedCall>> TimedCalls::Call(RunnerRole role, CacheState cache, int delay_us) {
  CallCost cost;
  Turn turn = TRY(Ready(role, 1, cache, cost));
  Lap lap;
  CallOrder call;
  call.mode = CallMode::kTimed;
  call.mapping = RandomBelow(kMappingsPerTensor);
  call.delay_us = static_cast<std::uint32_t>(delay_us);
  turn.End();
  auto outcome = RunnerOf(role).Call(call, order_.call_timeout);
  TimedCall timed;
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    cost.call_us = lap.Us();
    std::vector<CallSets::Look> looks;
    if (role != standard_.of) looks = TRY(sets_->LookAtFirst(1, role, standard_));
    timed.interval_us = MicrosecondsSince(result->go);
    timed.disturbed = turn.Disturbed();
    cost.compare_us = lap.Us();
    auto collected = RunnerOf(role).Collect(*result, order_.call_timeout);
    if (const auto* failure = std::get_if<RunnerFailure>(&collected)) {
      outcome = *failure;
    } else {
      Rest(role);
      timed.claim = result->claim;
      cost.records_us = lap.Us();
      // Outputs that passed need no second look; what lies around them was looked at in the
      // correctness calls. Of the baseline's the errors are wanted.
      const bool seen = Passes(looks) && role != RunnerRole::kBaseline;
      if (role != standard_.of && !seen &&
          !(TRY(WereDone(role, looks)) && TRY(Compared(role, 0, {}))))
        return std::optional<TimedCall>();
      cost.compare_us += lap.Us();
      if (role == RunnerRole::kCandidate && cache == CacheState::kCold) judge_.cost_.AddCall(cost);
      return std::optional<TimedCall>(std::move(timed));
    }
  }
  TRY(Failed(role, std::get<RunnerFailure>(outcome)));
  return std::optional<TimedCall>();
}

Status TimedCalls::HiddenCheck(int delay_us) {
  PlannedCall plan;
  if (RandomBelow(2) == 0) plan.inputs = PlannedCall::Inputs::kNearDuplicate;
  TRY(FillPlanned(*sets_, 0, plan));
  if (standard_.of == RunnerRole::kOracle) {
    TRY(judge_.Expect(*sets_, 0, order_));
  } else {
    TRY(Call(RunnerRole::kBaseline, CacheState::kCold, delay_us));
  }
  TRY(sets_->HashInputs(0));
  const auto timed = TRY(Call(RunnerRole::kCandidate, CacheState::kCold, delay_us));
  if (!timed.has_value()) return {};
  const auto changed = TRY(sets_->ChangedInputs(0, RunnerRole::kCandidate));
  TRY(Compared(RunnerRole::kCandidate, 0, changed));
  return {};
}

Result<std::optional<double>> TimedCalls::DirtyCall(int delay_us) {
  TRY(FreshData(0));
  TRY(Call(RunnerRole::kBaseline, CacheState::kCold, delay_us));
  const auto timed = TRY(Call(RunnerRole::kCandidate, CacheState::kDirty, delay_us));
  if (!timed.has_value() || timed->disturbed) return std::optional<double>();
  return std::optional<double>(timed->interval_us);
}

Result<std::optional<double>> TimedCalls::Batch() {
  const int sets = sets_->count();
  for (int i = 0; i < sets; ++i) TRY(FreshData(i));
  if (standard_.of == RunnerRole::kBaseline) TRY(BatchOf(RunnerRole::kBaseline));
  const auto interval_us = TRY(BatchOf(RunnerRole::kCandidate));
  for (int i = 0; i < sets && interval_us.has_value(); ++i) {
    if (!TRY(Compared(RunnerRole::kCandidate, i, {}))) return std::optional<double>();
  }
  return interval_us;
}

Result<std::optional<double>> TimedCalls::BatchOf(RunnerRole role) {
  CallCost ignored;
  Turn turn = TRY(Ready(role, sets_->count(), CacheState::kCold, ignored));
  CallOrder call;
  call.mode = CallMode::kBatch;
  call.set_count = static_cast<std::uint32_t>(sets_->count());
  call.delay_us = kLeastDelayUs;
  call.mapping = RandomBelow(kMappingsPerTensor);
  turn.End();
  // How many calls these are, a candidate's claim decided: a baseline that is much slower is not at
  // fault.
  const int calls_at_most = IsProblemsOwn(role) ? std::max(sets_->count(), 2) : 2;
  auto outcome = RunnerOf(role).Call(call, order_.call_timeout * calls_at_most);
  double interval_us = 0;
  std::vector<CallSets::Look> looks;
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    if (role != standard_.of) looks = TRY(sets_->LookAtFirst(sets_->count(), role, standard_));
    interval_us = MicrosecondsSince(result->go);
    if (turn.Disturbed()) interval_us = INFINITY;  // work that began before `go` would save time
    // The records of a batch are of no use; they are collected so that they do not turn up in
    // another call's claim.
    const auto collected = RunnerOf(role).Collect(*result, order_.call_timeout);
    if (const auto* failure = std::get_if<RunnerFailure>(&collected)) outcome = *failure;
  }
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    TRY(Failed(role, *failure));
    return std::optional<double>();
  }
  Rest(role);
  if (!TRY(WereDone(role, looks))) return std::optional<double>();
  return std::optional<double>(interval_us);
}

// The candidate's output is right already, from the call before: comparing a wrong one takes
// longer, which would flatter the candidate. The kernels run as long as is claimed, which is
// subtracted again: how fast the GPU switches back to the judge depends on how long it was away (on
// an H100 by 20 to 80 us). A claim that is too small makes the interval no smaller than that of an
// empty call.
Result<std::optional<double>> TimedCalls::NullCall(RunnerRole by, NullWork work, int delay_us) {
  Runner& runner = RunnerOf(by);
  runner.Rehearse(order_.call_timeout);
  Turn turn = TRY(judge_.idle_.TakeTurn());
  // Behind a real call the compare finds L2 full of its output's dirty lines, and waits for them to
  // be written back.
  TRY(judge_.device_.DirtyCache());
  TRY(judge_.device_.Synchronize());
  CallOrder call;
  call.mode = CallMode::kNull;
  call.delay_us = static_cast<std::uint32_t>(delay_us);
  call.work_kernels = static_cast<std::uint32_t>(std::clamp(work.calls, 1, kSetsMax));
  call.work_us = std::clamp(work.us, kNullWorkMinUs, kNullWorkMaxUs / call.work_kernels);
  turn.End();
  auto outcome = runner.Call(call, order_.call_timeout);
  double interval_us = 0;
  bool right = true;
  if (auto* result = std::get_if<CallResult>(&outcome)) {
    right = Passes(TRY(sets_->LookAtFirst(work.calls, RunnerRole::kCandidate, standard_)));
    interval_us = MicrosecondsSince(result->go) - call.work_kernels * call.work_us;
    auto collected = runner.Collect(*result, order_.call_timeout);
    if (auto* failure = std::get_if<RunnerFailure>(&collected)) outcome = std::move(*failure);
  }
  if (const auto* failure = std::get_if<RunnerFailure>(&outcome)) {
    return Error{ErrorCode::kEnvironment,
                 Format("the {} runner failed in a null call: {}", Name(by), failure->text),
                 failure->printed};
  }
  return turn.Disturbed() || !right ? std::nullopt : std::optional<double>(interval_us);
}

}  // namespace caesar
