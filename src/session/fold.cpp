#include "session/fold.h"

#include <algorithm>

#include "base/check.h"
#include "base/format.h"
#include "session/headline.h"

namespace caesar {
namespace {

void AddTo(std::optional<std::int64_t>& total, std::int64_t ms) { total = total.value_or(0) + ms; }

// Folds one payload into its round's summary and the sample's totals.
struct Folder {
  SessionState& session;
  const Step& step;
  RoundSummary& round;

  void operator()(const RoundOpened& opened) const {
    if (session.device.empty()) session.device = opened.device;
    if (session.problem_xxh.empty()) session.problem_xxh = opened.problem_xxh;
    session.stable_bytes = opened.stable_bytes;
  }
  void operator()(const Finished& finished) const {
    round.tokens += finished.tokens;
    session.tokens += finished.tokens;
  }
  void operator()(const Replied& replied) const {
    round.tokens += replied.tokens;
    session.tokens += replied.tokens;
    AddTo(round.model_ms, replied.model_ms);
  }
  void operator()(const NoCode& no_code) const { (*this)(no_code.reply); }
  void operator()(const Refused& refused) const {
    round.tokens += refused.tokens;
    session.tokens += refused.tokens;
    AddTo(round.model_ms, step.ms);
  }
  void operator()(const CompilePassed&) const { AddTo(round.compile_ms, step.ms); }
  void operator()(const CompileRejected&) const { AddTo(round.compile_ms, step.ms); }
  void operator()(const CompileCutOff&) const { AddTo(round.compile_ms, step.ms); }
  void operator()(const Judged& judged) const {
    if (session.device.empty()) session.device = judged.device;
    AddTo(round.judge_ms, step.ms);
    round.correct = judged.kind == VerdictKind::kCorrect || judged.kind == VerdictKind::kAmbiguous;
    round.median_us = judged.median_us;
    round.baseline_us = judged.baseline_us;
    round.speedup = judged.speedup;
    round.verified = judged.verified;
    round.change = judged.change;
    round.flags = judged.flags;
    round.estimated_us = judged.estimated_us;
    round.estimated_speedup = judged.estimated_speedup;
    round.estimated_shape = judged.estimated_shape;
  }
};

int Rank(const RoundSummary& round) {
  if (!round.correct) return 0;
  return round.verified && round.median_us > 0 ? 2 : 1;
}

Error Damage(const JournalLine& line, const std::string& what) {
  return {ErrorCode::kBadInput, Format("journal line {} {}", line.seq, what),
          "The journal was changed by hand, or belongs to another configuration. Restore it, or "
          "start a new run directory "
          "with --out."};
}

}  // namespace

SessionState Apply(SessionState before, const Step& step) {
  SessionState after = std::move(before);
  if (step.outcome == Outcome::kRoundOpened) {
    after.rounds.emplace_back().round = step.round;
    after.files.emplace_back();
  }
  CHECK(step.round >= 1 && static_cast<std::size_t>(step.round) == after.rounds.size());
  RoundSummary& round = after.rounds.back();
  std::visit(Folder{after, step, round}, step.payload);
  if (step.from != State::kStart) {
    round.outcome = Name(step.outcome);
    round.headline = HeadlineOf(step.outcome, step.payload);
  }
  for (const auto& [name, stamp] : step.files) after.files.back()[name] = stamp;
  after.state = step.to;
  after.round = step.round;
  ++after.seq;
  if (step.to == State::kFinish) after.finished_by = step.outcome;
  if (step.from == State::kProfile && round.correct &&
      (after.best_round == 0 || Better(round, *after.Best()))) {
    after.best_round = step.round;
  }
  return after;
}

Result<Step> CheckedStep(const SessionState& before, const JournalLine& line, const Table& table,
                         int rounds) {
  const auto from = StateOf(line.from);
  const auto outcome = OutcomeOf(line.outcome);
  const auto to = StateOf(line.to);
  if (!from || !outcome || !to || table.Next(*from, *outcome) != to) {
    return Damage(line, Format("has the step {} --{}--> {}, which this table does not know",
                               line.from, line.outcome, line.to));
  }
  if (*from != before.state) {
    return Damage(line,
                  Format("begins in {}, but the sample was in {}", line.from, Name(before.state)));
  }
  const int round_due = *outcome == Outcome::kRoundOpened ? before.round + 1 : before.round;
  if (line.round != round_due || line.round < 1 || line.round > rounds) {
    return Damage(
        line, Format("is of round {}, but round {} of {} was due", line.round, round_due, rounds));
  }
  auto payload = ParsePayload(*outcome, line.data);
  if (!payload.ok()) return Damage(line, "has unusable data: " + payload.error().message);
  return Step{.round = line.round,
              .from = *from,
              .outcome = *outcome,
              .to = *to,
              .ms = line.ms,
              .payload = std::move(payload).value(),
              .files = line.files};
}

JournalLine LineOf(const Step& step, std::int64_t seq, std::string utc) {
  JournalLine line;
  line.seq = seq;
  line.utc = std::move(utc);
  line.round = step.round;
  line.from = Name(step.from);
  line.outcome = Name(step.outcome);
  line.to = Name(step.to);
  line.ms = step.ms;
  line.data = ToJson(step.payload);
  line.files = step.files;
  return line;
}

bool Better(const RoundSummary& a, const RoundSummary& b) {
  if (Rank(a) != Rank(b)) return Rank(a) > Rank(b);
  // On the simulated GPU all rounds have estimates and none has a time.
  if (Rank(a) == 1 && a.estimated_us > 0 && b.estimated_us > 0)
    return a.estimated_us < b.estimated_us;
  if (Rank(a) < 2) return false;  // without a time that stands, the earlier one stays
  // Timed beside the best itself, and only a difference that is sure counts.
  if (a.change) return *a.change == Change::kImproved;
  // In journals of older versions. The ratio was measured side by side with the baseline, so that a
  // drifting clock cancels out.
  if (a.speedup && b.speedup) return a.speedup->value > b.speedup->value;
  return a.median_us < b.median_us;
}

bool ReachesTarget(const RoundSummary& round, double target) {
  return round.correct && round.verified && round.speedup && round.speedup->ci_low >= target;
}

SampleResult ResultOf(const SessionState& state, const RunConfig& config,
                      const std::string& problem, int sample) {
  CHECK(state.finished_by.has_value());
  SampleResult result;
  result.problem = problem;
  result.sample = sample;
  result.finished_by = Name(*state.finished_by);
  result.tokens = state.tokens;
  result.device = state.device;
  result.rounds = state.rounds;
  result.best_round = state.best_round;
  result.target_met =
      config.target_speedup > 0 &&
      std::any_of(state.rounds.begin(), state.rounds.end(), [&](const RoundSummary& round) {
        return ReachesTarget(round, config.target_speedup);
      });
  if (const RoundSummary* best = state.Best()) {
    result.correct = true;
    if (best->verified) {
      result.best_us = best->median_us;
      result.best_speedup = best->speedup;
    }
    result.best_estimated_us = best->estimated_us;
  }
  return result;
}

}  // namespace caesar
