#include "session/fold.h"

#include <gtest/gtest.h>

#include "session/decide.h"

namespace caesar {
namespace {

template <class Change>
RunConfig With(Change change) {
  RunConfig config;
  change(config);
  return config;
}

// Builds a sample's state step by step, each of them through its journal line and back.
class Sample {
 public:
  explicit Sample(RunConfig config = {}) : config_(std::move(config)) {}

  Sample& Do(Outcome outcome, Payload payload, std::int64_t ms = 10) {
    const auto to = TableOf(config_.table).Next(state_.state, outcome);
    EXPECT_TRUE(to.has_value()) << Name(state_.state) << " " << Name(outcome);
    const int round = outcome == Outcome::kRoundOpened ? state_.round + 1 : state_.round;
    const Step step{round, state_.state,       outcome, to.value_or(State::kFinish),
                    ms,    std::move(payload), {}};
    const JournalLine line = LineOf(step, state_.seq + 1, "2026-01-31T12:00:00.000Z");
    auto checked = CheckedStep(state_, line, TableOf(config_.table), config_.rounds);
    EXPECT_TRUE(checked.ok()) << checked.error().message;
    SessionState straight = Apply(state_, step);
    state_ = Apply(state_, checked.value());
    EXPECT_EQ(Json(straight), Json(state_)) << "a line must say all that the step did";
    return *this;
  }
  Sample& Open() { return Do(Outcome::kRoundOpened, RoundOpened{"H100", "abc"}); }
  Sample& Replied(std::int64_t tokens = 100) {
    caesar::Replied replied;
    replied.tokens = {.input = tokens - 10, .output = 10, .reported = true};
    replied.model_ms = 5;
    return Do(Outcome::kReplied, replied);
  }
  Sample& Compiled() { return Do(Outcome::kCompiled, CompilePassed{}); }
  Sample& Correct() { return Do(Outcome::kCorrect, JudgedAs(VerdictKind::kCorrect)); }
  Sample& Measured(double us, bool verified = true) {
    Judged judged = JudgedAs(VerdictKind::kCorrect);
    judged.median_us = us;
    judged.baseline_us = 40;
    judged.speedup = Ratio{40 / us, 40 / us * 0.98, 40 / us * 1.02};
    judged.verified = verified;
    return Do(Outcome::kMeasured, judged);
  }
  // On the simulated GPU: no times, and an estimate if the kernel could be counted.
  Sample& SimulatedRound(double estimated_us) {
    Judged judged = JudgedAs(VerdictKind::kCorrect);
    judged.estimated_us = estimated_us;
    judged.estimated_speedup = estimated_us > 0 ? 40 / estimated_us : 0;
    return Open().Replied().Compiled().Correct().Do(Outcome::kMeasured, judged);
  }
  Sample& CorrectRound(double us, bool verified = true) {
    return Open().Replied().Compiled().Correct().Measured(us, verified);
  }
  Sample& FailedRound() {
    return Open().Replied().Do(Outcome::kCompileFailed, CompileRejected{"bad", 2, 5, false});
  }

  static Judged JudgedAs(VerdictKind kind) {
    Judged judged;
    judged.kind = kind;
    judged.reason = "because";
    judged.headline = "in short";
    judged.flags = {{"side_stream", "a kernel on another stream"}};
    judged.device = "H100";
    return judged;
  }

  const SessionState& state() const { return state_; }
  Action Next() const { return Decide(state_, config_); }

 private:
  std::string Json(const SessionState& state) const {
    SessionState finished = state;
    if (!finished.finished_by) finished.finished_by = Outcome::kRoundsUsedUp;
    return std::string(Name(state.state)) + std::to_string(state.seq) +
           ToJson(ResultOf(finished, config_, "p", 0));
  }

  RunConfig config_;
  SessionState state_;
};

TEST(Decide, TakesTheActionOfTheState) {
  Sample sample;
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound);
  EXPECT_EQ(sample.Next().round, 1);
  EXPECT_EQ(sample.Open().Next().kind, Action::Kind::kAsk);
  EXPECT_EQ(sample.Replied().Next().kind, Action::Kind::kCompile);
  EXPECT_EQ(sample.Compiled().Next().kind, Action::Kind::kCheck);
  EXPECT_EQ(sample.Correct().Next().kind, Action::Kind::kMeasure);
  EXPECT_EQ(sample.Measured(20).Next().kind, Action::Kind::kOpenRound);
  EXPECT_EQ(sample.Next().round, 2);
}

void ExpectFinish(const Sample& sample, Outcome reason) {
  EXPECT_EQ(sample.Next().kind, Action::Kind::kFinish);
  EXPECT_EQ(Name(sample.Next().reason), Name(reason));
}

TEST(Decide, FinishesWhenTheRoundsAreUsedUp) {
  Sample sample(With([](RunConfig& c) { c.rounds = 2; }));
  sample.FailedRound();
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound);
  ExpectFinish(sample.FailedRound(), Outcome::kRoundsUsedUp);
}

TEST(Decide, FinishesAtTheTargetOnlyIfTheIntervalReachesIt) {
  EXPECT_EQ(Sample(With([](RunConfig& c) { c.target_speedup = 2; })).CorrectRound(20).Next().kind,
            Action::Kind::kOpenRound)
      << "1.96-2.04";
  ExpectFinish(Sample(With([](RunConfig& c) { c.target_speedup = 2; })).CorrectRound(19.5),
               Outcome::kTargetReached);
  EXPECT_EQ(
      Sample(With([](RunConfig& c) { c.target_speedup = 2; })).CorrectRound(10, false).Next().kind,
      Action::Kind::kOpenRound)
      << "unverified";
  ExpectFinish(Sample(With([](RunConfig& c) {
                 c.rounds = 1;
                 c.target_speedup = 2;
               })).CorrectRound(10),
               Outcome::kTargetReached);
}

TEST(Decide, FinishesOnAPlateauSinceTheBest) {
  Sample sample(With([](RunConfig& c) {
    c.rounds = 9;
    c.patience = 2;
  }));
  sample.FailedRound().FailedRound().FailedRound();
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound) << "nothing correct yet: no plateau";
  sample.CorrectRound(20).CorrectRound(30);
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound);
  sample.CorrectRound(15);
  EXPECT_EQ(sample.state().best_round, 6);
  sample.FailedRound();
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound);
  ExpectFinish(sample.CorrectRound(16), Outcome::kPlateaued);
}

TEST(Decide, EvaluatesOnlyTheLastRoundOfReflect) {
  RunConfig config = With([](RunConfig& c) {
    c.rounds = 3;
    c.table = TableName::kReflect;
  });
  EXPECT_FALSE(Evaluated(config, 2));
  EXPECT_TRUE(Evaluated(config, 3));
  EXPECT_TRUE(JudgedOnDevice(config, 3));
  config.table = TableName::kCompile;
  EXPECT_TRUE(Evaluated(config, 1));
  EXPECT_FALSE(JudgedOnDevice(config, 3));
}

TEST(Apply, SumsTokensAndTimesByRound) {
  Sample sample;
  sample.CorrectRound(20).FailedRound();
  ASSERT_EQ(sample.state().rounds.size(), 2U);
  const RoundSummary& first = sample.state().rounds[0];
  EXPECT_EQ(first.outcome, "Measured");
  EXPECT_EQ(first.tokens.total(), 100);
  EXPECT_EQ(first.model_ms, 5);
  EXPECT_EQ(first.compile_ms, 10);
  EXPECT_EQ(first.judge_ms, 20);
  EXPECT_EQ(first.flags.size(), 1U);
  EXPECT_TRUE(first.correct);
  EXPECT_EQ(sample.state().rounds[1].headline, "2 errors: bad");
  EXPECT_EQ(sample.state().tokens.total(), 200);
  EXPECT_EQ(sample.state().device, "H100");
}

TEST(Apply, ARoundThatFailsInProfileIsNotCorrect) {
  for (const auto& [outcome, kind] :
       {std::pair{Outcome::kWrong, VerdictKind::kWrong},
        std::pair{Outcome::kCrashed, VerdictKind::kCrashed},
        std::pair{Outcome::kTimedOut, VerdictKind::kTimedOut},
        std::pair{Outcome::kCheated, VerdictKind::kCheated},
        std::pair{Outcome::kNotSimulated, VerdictKind::kNotSimulated}}) {
    Sample sample;
    sample.Open().Replied().Compiled().Correct().Do(outcome, Sample::JudgedAs(kind));
    EXPECT_FALSE(sample.state().rounds[0].correct) << Name(outcome);
    EXPECT_EQ(sample.state().best_round, 0);
  }
}

TEST(Apply, CountsARefusalAndFinishes) {
  Sample sample;
  sample.Open().Do(Outcome::kRefused, Refused{"no", {.input = 7, .reported = true}});
  EXPECT_EQ(sample.state().state, State::kFinish);
  EXPECT_EQ(sample.state().tokens.total(), 7);
  const SampleResult result = ResultOf(sample.state(), {}, "p", 3);
  EXPECT_EQ(result.finished_by, "Refused");
  EXPECT_EQ(result.sample, 3);
  EXPECT_FALSE(result.correct);
}

TEST(Better, PutsCorrectBeforeNotAndVerifiedTimesBeforeClaims) {
  Sample sample(With([](RunConfig& c) { c.rounds = 99; }));
  sample.FailedRound();
  EXPECT_EQ(sample.state().best_round, 0);
  sample.CorrectRound(5, false);
  EXPECT_EQ(sample.state().best_round, 2) << "correct, though no time stands";
  sample.CorrectRound(4, false);
  EXPECT_EQ(sample.state().best_round, 2) << "a claim is no improvement";
  sample.Open().Replied().Compiled().Correct().Do(Outcome::kAmbiguous,
                                                  Sample::JudgedAs(VerdictKind::kAmbiguous));
  EXPECT_EQ(sample.state().best_round, 2);
  sample.CorrectRound(30);
  EXPECT_EQ(sample.state().best_round, 5);
  sample.CorrectRound(1, false);
  EXPECT_EQ(sample.state().best_round, 5) << "never a win";
  sample.CorrectRound(30);
  EXPECT_EQ(sample.state().best_round, 5) << "equal is no improvement";
  sample.CorrectRound(29);
  EXPECT_EQ(sample.state().best_round, 8);
}

TEST(Better, OnlyWhatImprovedOnTheBestBesideItReplacesIt) {
  RoundSummary best;
  best.correct = best.verified = true;
  best.median_us = 20;
  best.speedup = Ratio{1.8, 1.7, 1.9};
  RoundSummary next = best;
  next.median_us = 10;  // whatever the times of different rounds say
  next.speedup = Ratio{3.6, 3.5, 3.7};
  for (const Change change : {Change::kSlower, Change::kSame, Change::kUndecided}) {
    next.change = change;
    EXPECT_FALSE(Better(next, best)) << Name(change);
  }
  next.change = Change::kImproved;
  EXPECT_TRUE(Better(next, best));
  next.verified = false;
  EXPECT_FALSE(Better(next, best));
}

TEST(Better, TrustsTheRatioBeforeTheTime) {
  RoundSummary a;
  a.correct = a.verified = true;
  a.median_us = 22;
  a.speedup = Ratio{2.0, 1.9, 2.1};
  RoundSummary b = a;
  b.median_us = 20;  // on a faster clock
  b.speedup = Ratio{1.8, 1.7, 1.9};
  EXPECT_TRUE(Better(a, b));
  b.speedup.reset();
  EXPECT_FALSE(Better(a, b));
}

TEST(Apply, WhatCannotBeSimulatedIsNotCorrectAndTheNextRoundBegins) {
  Sample sample;
  sample.Open().Replied().Compiled().Do(Outcome::kNotSimulated,
                                        Sample::JudgedAs(VerdictKind::kNotSimulated));
  EXPECT_EQ(sample.state().state, State::kStart);
  EXPECT_EQ(sample.state().rounds[0].outcome, "NotSimulated");
  EXPECT_FALSE(sample.state().rounds[0].correct);
  EXPECT_EQ(sample.state().best_round, 0);
  EXPECT_EQ(sample.Next().kind, Action::Kind::kOpenRound);
}

TEST(Better, RanksByEstimatesWhereNothingIsTimed) {
  Sample sample(With([](RunConfig& c) { c.rounds = 99; }));
  sample.SimulatedRound(0);
  EXPECT_EQ(sample.state().best_round, 1) << "correct, though it could not be counted";
  sample.SimulatedRound(30);
  EXPECT_EQ(sample.state().best_round, 1) << "nothing to compare it with";
  Sample counted(With([](RunConfig& c) { c.rounds = 99; }));
  counted.SimulatedRound(30).SimulatedRound(30);
  EXPECT_EQ(counted.state().best_round, 1) << "equal is no improvement";
  counted.SimulatedRound(20);
  EXPECT_EQ(counted.state().best_round, 3);
  counted.SimulatedRound(25).FailedRound();
  EXPECT_EQ(counted.state().best_round, 3);
}

TEST(Better, NeverHoldsAnEstimateAgainstATime) {
  RoundSummary timed;
  timed.correct = timed.verified = true;
  timed.median_us = 100;
  RoundSummary estimated;
  estimated.correct = true;
  estimated.estimated_us = 1;
  EXPECT_TRUE(Better(timed, estimated));
  EXPECT_FALSE(Better(estimated, timed));
}

TEST(ResultOf, KeepsEstimatesApartFromTimes) {
  const RunConfig config = With([](RunConfig& c) {
    c.rounds = 1;
    c.target_speedup = 1.5;
  });
  Sample sample(config);
  sample.SimulatedRound(10).Do(Outcome::kRoundsUsedUp, Finished{});
  const SampleResult result = ResultOf(sample.state(), config, "p", 0);
  EXPECT_TRUE(result.correct);
  EXPECT_EQ(result.best_estimated_us, 10);
  EXPECT_EQ(result.best_us, 0);
  EXPECT_FALSE(result.best_speedup.has_value());
  EXPECT_FALSE(result.target_met) << "an estimated speed-up of 4 meets no target";
}

TEST(ResultOf, ShowsNoTimeThatDoesNotStand) {
  Sample sample(With([](RunConfig& c) { c.rounds = 1; }));
  sample.CorrectRound(5, false).Do(Outcome::kRoundsUsedUp, Finished{});
  const SampleResult result = ResultOf(sample.state(), With([](RunConfig& c) {
                                         c.rounds = 1;
                                         c.target_speedup = 2;
                                       }),
                                       "p", 0);
  EXPECT_TRUE(result.correct);
  EXPECT_EQ(result.best_round, 1);
  EXPECT_EQ(result.best_us, 0);
  EXPECT_FALSE(result.best_speedup.has_value());
  EXPECT_FALSE(result.target_met);
}

TEST(CheckedStep, NamesWhatIsWrongWithALine) {
  Sample sample(With([](RunConfig& c) { c.rounds = 2; }));
  sample.Open();
  const Step step{1, State::kGenerate, Outcome::kReplied, State::kCompile, 1, Replied{}, {}};
  const JournalLine good = LineOf(step, 2, "");
  const auto error = [&](JournalLine line) {
    auto checked = CheckedStep(sample.state(), line, kFullTable, 2);
    EXPECT_FALSE(checked.ok());
    if (checked.ok()) return std::string();
    EXPECT_EQ(checked.error().code, ErrorCode::kBadInput);
    EXPECT_FALSE(checked.error().detail.empty());
    return checked.error().message;
  };
  ASSERT_TRUE(CheckedStep(sample.state(), good, kFullTable, 2).ok());
  JournalLine line = good;
  line.outcome = "Repleid";
  EXPECT_EQ(
      error(line),
      "journal line 2 has the step Generate --Repleid--> Compile, which this table does not know");
  line = good;
  line.to = "Finish";
  EXPECT_NE(error(line).find("does not know"), std::string::npos);
  line = good;
  line.outcome = "ReplyKept";
  line.to = "Start";
  EXPECT_NE(error(line).find("does not know"), std::string::npos) << "a row of another table";
  line = good;
  line.from = "Compile";
  line.outcome = "Compiled";
  line.to = "Correct";
  EXPECT_EQ(error(line), "journal line 2 begins in Compile, but the sample was in Generate");
  line = good;
  line.round = 2;
  EXPECT_EQ(error(line), "journal line 2 is of round 2, but round 1 of 2 was due");
  line = good;
  line.data = "{\"model\":7}";
  EXPECT_NE(error(line).find("has unusable data"), std::string::npos);
}

TEST(CheckedStep, RefusesARoundBeyondTheLast) {
  Sample sample(With([](RunConfig& c) { c.rounds = 1; }));
  sample.FailedRound();
  const Step step{2, State::kStart, Outcome::kRoundOpened, State::kGenerate, 1, RoundOpened{}, {}};
  EXPECT_FALSE(CheckedStep(sample.state(), LineOf(step, 4, ""), kFullTable, 1).ok());
  EXPECT_TRUE(CheckedStep(sample.state(), LineOf(step, 4, ""), kFullTable, 2).ok());
}

}  // namespace
}  // namespace caesar
