// Timing on the device in host memory: what a timing must contain, whom it believes, and what
// happens to candidates that change their mind once they are timed. The machine may be busy; only
// what holds there too is asserted.
#include <algorithm>

#include "integration/judge_bench.h"

namespace caesar {
namespace {

JudgeBench& Shared() {
  static JudgeBench* const bench = new JudgeBench;  // ended by the environment below
  return *bench;
}

bool HasFlag(const Verdict& verdict, const std::string& name) {
  return std::any_of(verdict.flags.begin(), verdict.flags.end(),
                     [&](const Flag& flag) { return flag.name == name; });
}

int TakenAgain(const Verdict& verdict, const std::string& reason) {
  int count = 0;
  for (const Discarded& each : verdict.timing->discarded)
    count += each.reason == reason ? each.count : 0;
  return count;
}

Verdict Passed() {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  return verdict;
}

TEST(JudgeMeasure, TimesAnHonestCandidateAgainstItsBaseline) {
  JudgeRequest request = RequestFor("TakesHalf");         // 10 ms
  request.baseline = CandidatePath("TakesMilliseconds");  // 20 ms
  const Verdict verdict = Shared().Measure(request);
  ASSERT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value() && verdict.timing->cold.has_value());
  const TimeStats& cold = *verdict.timing->cold;
  EXPECT_GE(cold.samples, request.timing.samples_min);
  EXPECT_LE(cold.samples, request.timing.samples_max);
  for (const Discarded& each : verdict.timing->discarded) {
    EXPECT_TRUE(each.reason == "time_slicing" || each.reason == "doubtful")
        << each.reason << ", which no busy host may cause";
  }
  EXPECT_GE(cold.min_us, 10'000);
  EXPECT_LE(cold.min_us, cold.median_us);
  EXPECT_LE(cold.ci_low_us, cold.median_us);
  EXPECT_LE(cold.median_us, cold.ci_high_us);
  EXPECT_FALSE(verdict.timing->hot.has_value());
  EXPECT_EQ(verdict.timing->shape, "bench");
  EXPECT_EQ(verdict.timing->batch, 1);  // long enough for the judge's clock
  EXPECT_GE(verdict.timing->wall_us, cold.min_us);
  ASSERT_TRUE(verdict.timing->cost.has_value());
  const CallCost& cost = *verdict.timing->cost;
  EXPECT_GE(cost.call_us, cold.min_us);
  EXPECT_EQ(cost.reference_us, 0) << "the baseline's outputs stood in for the reference's";
  const double parts[] = {cost.data_us, cost.deliver_us, cost.turn_us, cost.compare_us,
                          cost.records_us};
  for (const double part : parts) {
    EXPECT_GT(part, 0) << testing::PrintToString(parts);
    EXPECT_LT(part, cost.call_us) << "none of it waits for the call";
  }
  ASSERT_EQ(verdict.timing->kernels.size(), 1u);
  EXPECT_EQ(verdict.timing->kernels[0].name, "host_call");
  EXPECT_EQ(verdict.timing->kernels[0].launches, 1);
  ASSERT_TRUE(verdict.baseline.has_value());
  EXPECT_EQ(verdict.baseline->kind, "baseline");
  EXPECT_GE(verdict.baseline->cold.min_us, 20'000);
  ASSERT_TRUE(verdict.speedup.has_value());
  EXPECT_NEAR(verdict.speedup->value, 2.0, 0.5);
  EXPECT_LE(verdict.speedup->ci_low, verdict.speedup->value);
  EXPECT_LE(verdict.speedup->value, verdict.speedup->ci_high);
  EXPECT_DOUBLE_EQ(verdict.sol_us, 8.0 * 4099 / 1000e3);  // 10 GB/s
  EXPECT_FALSE(verdict.correctness.empty());              // what was checked before is kept
}

TEST(JudgeMeasure, BelievesAClaimThatTheClockConfirms) {
  // A machine that is busy at the wrong moment makes the judge doubt; it must not do so always.
  JudgeRequest request = RequestFor("TakesMilliseconds");
  request.timing.samples_min = request.timing.samples_max = 11;
  bool confirmed = false;
  for (int i = 0; i < 5 && !confirmed; ++i) {
    const Verdict verdict = Shared().Measure(request);
    ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
    EXPECT_EQ(HasFlag(verdict, "unverified_time"), !verdict.timing->verified);
    confirmed = verdict.timing->verified && verdict.timing->trusted_us > 15'000;
  }
  EXPECT_TRUE(confirmed);
}

TEST(JudgeMeasure, TheReferenceStandsInForAMissingBaseline) {
  const Verdict verdict = Shared().Measure(RequestFor("Honest"));
  ASSERT_TRUE(verdict.baseline.has_value()) << verdict.reason;
  EXPECT_EQ(verdict.baseline->kind, "reference");
  EXPECT_GT(verdict.timing->batch, 1);  // too short for a single call
  EXPECT_GT(verdict.speedup->value, 0);
}

TEST(JudgeMeasure, TimesWithAWarmCacheOnRequest) {
  JudgeRequest request = RequestFor("Honest");
  request.timing.hot = true;
  const Verdict verdict = Shared().Measure(request);
  ASSERT_TRUE(verdict.timing.has_value() && verdict.timing->hot.has_value()) << verdict.reason;
  EXPECT_GE(verdict.timing->hot->samples, 30);
  EXPECT_TRUE(verdict.baseline->hot.has_value());
}

TEST(JudgeMeasure, TimesTwoOutputs) {
  const Verdict verdict = Shared().Measure(MixedRequest("MixedHonest"));
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  EXPECT_TRUE(verdict.timing.has_value());
}

TEST(JudgeMeasure, DoubtsClaimsThatAreTooShort) {
  for (const char* candidate : {"ClaimsTooLittle", "ClaimsTooLittleForBatches"}) {
    JudgeRequest request = RequestFor(candidate);
    request.timing.samples_min = request.timing.samples_max = 41;  // every fifth brings a null call
    const Verdict verdict = Shared().Measure(request);
    ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
    EXPECT_FALSE(verdict.timing->verified) << candidate;
    EXPECT_TRUE(HasFlag(verdict, "unverified_time")) << candidate;
    EXPECT_GE(verdict.timing->trusted_us, 2 * verdict.timing->cold->median_us) << candidate;
  }
}

// The machine may be busy; what must never be is a claim that stands.
TEST(JudgeMeasure, ACallAloneMustBearOutWhatDelaysAndBatchesSeemTo) {
  for (int i = 0; i < 3; ++i) {
    const Verdict verdict = Shared().Measure(RequestFor("SlowAlone"));
    ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
    EXPECT_GT(verdict.timing->batch, 1);
    EXPECT_LT(verdict.timing->trusted_us, 10'000) << "batches are short";
    EXPECT_EQ(TakenAgain(verdict, "doubtful"), 1);
    EXPECT_FALSE(verdict.timing->verified);
  }
}

// One of four shows it: doubts in the first process, none in the second.
TEST(JudgeMeasure, DoubtsThatComeOfAProcessAreForgotten) {
  bool forgotten = false;
  for (int i = 0; i < 40 && !forgotten; ++i) {
    const Verdict verdict = Shared().Measure(RequestFor("SlowInSomeProcesses"));
    ASSERT_EQ(Name(verdict.kind), "correct") << verdict.reason;
    ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
    const int again = TakenAgain(verdict, "doubtful");
    EXPECT_LE(again, 1);
    EXPECT_TRUE(verdict.timing->verified || again == 1) << "nobody is doubted but twice";
    forgotten = verdict.timing->verified && again == 1;
  }
  EXPECT_TRUE(forgotten);
}

// Twice, since it is so in the second process of the baseline, too; what is left is what it takes
// in peace.
TEST(JudgeMeasure, WhoSlowsTheBaselineDownGainsNothing) {
  JudgeRequest request = RequestFor("TakesMilliseconds");  // 20 ms
  request.baseline = CandidatePath("FasterInTheEnd");      // 40 ms, in the end 20
  const Verdict verdict = Shared().Measure(request);
  ASSERT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value() && verdict.speedup.has_value());
  EXPECT_DOUBLE_EQ(verdict.baseline->cold.median_us, 40'000);
  ASSERT_TRUE(verdict.baseline->without_candidate.has_value());
  EXPECT_DOUBLE_EQ(verdict.baseline->without_candidate->median_us, 20'000);
  EXPECT_TRUE(HasFlag(verdict, "baseline_slowed"));
  EXPECT_EQ(TakenAgain(verdict, "doubtful"), 1);
  EXPECT_LE(verdict.speedup->value, 1.0);
  EXPECT_GT(verdict.speedup->value, 0.5);
}

TEST(JudgeMeasure, ABaselineOnATooHotDeviceSaysNothing) {
  JudgeRequest request = RequestFor("TakesMilliseconds");
  request.baseline = CandidatePath("HeatsUpInTheEnd");
  const Verdict verdict = Shared().Measure(request);
  ASSERT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value() && verdict.baseline.has_value());
  EXPECT_FALSE(verdict.baseline->without_candidate.has_value());
  EXPECT_TRUE(HasFlag(verdict, "baseline_unconfirmed"));
}

TEST(JudgeMeasure, WhatIsNotThereWhenACallIsSaidToBeDoneIsWrong) {
  for (const char* candidate : {"WorksWhileCollected", "WorksOnBatchesWhileCollected"}) {
    const Verdict verdict = Shared().Measure(RequestFor(candidate));
    EXPECT_EQ(Name(verdict.kind), "wrong") << candidate << ": " << verdict.reason;
    EXPECT_NE(verdict.reason.find("were still changed when the call was said to be done"),
              std::string::npos)
        << candidate << ": " << verdict.reason;
    EXPECT_TRUE(HasFlag(verdict, "wrong_while_timed")) << candidate;
  }
}

TEST(JudgeMeasure, DrawsNoTimeFromNothing) {
  const Verdict verdict = Shared().Measure(RequestFor("ClaimsNothing"));
  EXPECT_EQ(Name(verdict.kind), "ambiguous");
  EXPECT_NE(verdict.reason.find("timed calls left no usable records"), std::string::npos)
      << verdict.reason;
  EXPECT_TRUE(HasFlag(verdict, "no_records"));
  EXPECT_FALSE(verdict.timing.has_value());
}

TEST(JudgeMeasure, AbsurdClaimsSpoilTheirOwnVerdictOnly) {
  for (const char* candidate : {"ClaimsNan", "ClaimsNegative", "ClaimsHuge"}) {
    const Verdict verdict = Shared().Measure(RequestFor(candidate));
    EXPECT_EQ(Name(verdict.kind), "ambiguous") << candidate << ": " << verdict.reason;
  }
  const Verdict verdict = Shared().Measure(RequestFor("ClaimsAbsurdKernels"));
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value());
  EXPECT_LE(verdict.timing->kernels.size(), 64u);
  for (const KernelTime& kernel : verdict.timing->kernels) {
    EXPECT_EQ(kernel.median_us, 0);
    EXPECT_LT(kernel.name.size(), 1000u);
  }
}

TEST(JudgeMeasure, AWrongResultWhileTimedCounts) {
  const Verdict verdict = Shared().Measure(RequestFor("TiresLater"));
  EXPECT_EQ(Name(verdict.kind), "wrong");
  EXPECT_EQ(verdict.reason, "output y was not written at shape bench");
  EXPECT_TRUE(HasFlag(verdict, "wrong_while_timed"));
  EXPECT_FALSE(verdict.timing.has_value());
}

TEST(JudgeMeasure, ACrashWhileTimedCounts) {
  const Verdict verdict = Shared().Measure(RequestFor("DiesLater"));
  EXPECT_EQ(Name(verdict.kind), "crashed");
  EXPECT_NE(verdict.reason.find("while it was timed: the process died by signal 11"),
            std::string::npos)
      << verdict.reason;
}

TEST(JudgeMeasure, ABaselineThatDisagreesBlamesTheProblem) {
  JudgeRequest request = RequestFor("Honest");
  request.baseline = CandidatePath("WrongLast");
  for (int i = 0; i < 2; ++i) {
    const auto verdict = Shared().judge().Measure(request, Passed(), {}, {});
    ASSERT_FALSE(verdict.ok());
    EXPECT_EQ(verdict.error().code, ErrorCode::kBadInput);
    EXPECT_NE(verdict.error().message.find(
                  "the baseline of problem add_one disagrees with its reference: output y is "
                  "wrong in 1 of 4099 elements"),
              std::string::npos)
        << verdict.error().message;
  }
}

TEST(JudgeMeasure, ABaselineThatDisagreesLaterBlamesTheProblemToo) {
  JudgeRequest request = RequestFor("Honest");
  request.baseline = CandidatePath("TiresLater");
  request.timing.samples_min = request.timing.samples_max = 41;
  const auto verdict = Shared().judge().Measure(request, Passed(), {}, {});
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kBadInput);
  EXPECT_NE(verdict.error().message.find("the baseline of problem add_one disagrees"),
            std::string::npos)
      << verdict.error().message;
}

// Between candidate and baseline there is less room than between candidate and reference.
TEST(JudgeMeasure, WhereBaselineAndCandidateAreTooFarApartTheReferenceDecides) {
  for (const bool candidate_is_coarse : {true, false}) {
    JudgeRequest request = RequestFor(candidate_is_coarse ? "RoundsCoarsely" : "Honest");
    request.baseline = CandidatePath(candidate_is_coarse ? "Honest" : "RoundsCoarsely");
    const Verdict verdict = Shared().Measure(request);
    ASSERT_EQ(Name(verdict.kind), "correct") << verdict.reason;
    ASSERT_TRUE(verdict.timing.has_value() && verdict.timing->cost.has_value());
    EXPECT_GT(verdict.timing->cost->reference_us, 0);
  }
}

TEST(JudgeMeasure, TheReferenceDecidesForAllCallsOfABatchToo) {
  JudgeRequest request = RequestFor("RoundsCoarselyInBatches");
  request.baseline = CandidatePath("Honest");
  const Verdict verdict = Shared().Measure(request);
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value() && verdict.timing->cost.has_value());
  EXPECT_GT(verdict.timing->batch, 1);
  EXPECT_GT(verdict.timing->cost->reference_us, 0);
}

TEST(JudgeMeasure, ABaselineStandsInOnlyIfAllOfItsOutputsAreCloseToTheReferences) {
  JudgeRequest request = MixedRequest("MixedDriftsLater");
  request.baseline = CandidatePath("MixedRoundsHalves");
  request.timing.samples_min = request.timing.samples_max = 41;
  const Verdict verdict = Shared().Measure(request);
  EXPECT_EQ(Name(verdict.kind), "wrong");
  EXPECT_NE(verdict.reason.find("output h is wrong"), std::string::npos) << verdict.reason;
  EXPECT_TRUE(HasFlag(verdict, "wrong_while_timed"));
}

// A batch has as many calls as a claim makes of it, and the baseline makes them, too.
TEST(JudgeMeasure, ABaselineMuchSlowerThanTheCandidateIsNotAtFault) {
  JudgeBench bench(std::int64_t{412} << 20);  // room for batches of 20
  JudgeRequest request = RequestFor("Honest");
  request.baseline = CandidatePath("TakesMilliseconds");  // 20 ms
  request.call_timeout = Milliseconds(150);
  const Verdict verdict = bench.Measure(request);
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
  EXPECT_EQ(verdict.timing->batch, 20);
}

// Of a call in a small batch more may be hidden.
TEST(JudgeMeasure, WhoHoldsMemoryDoesNotChooseHowManyCallsABatchHas) {
  // Beside the 2 GiB that it holds there is room for batches of 2.
  JudgeBench bench((std::int64_t{2} << 30) + (52 << 20));
  const Verdict verdict = bench.Measure(RequestFor("HoldsMemory"));
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
  EXPECT_GE(verdict.timing->batch, 20);
  EXPECT_TRUE(HasFlag(verdict, "held_memory"));
}

// A best kernel that did would choose for those that come after it.
TEST(JudgeMeasure, NeitherDoesABestOneThatHoldsMemory) {
  JudgeBench bench((std::int64_t{2} << 30) + (52 << 20));
  JudgeRequest request = RequestFor("Honest");
  request.best = CandidatePath("HoldsMemory");
  const Verdict verdict = bench.Measure(request);
  EXPECT_EQ(Name(verdict.kind), "correct") << verdict.reason;
  ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
  EXPECT_GE(verdict.timing->batch, 20);
  EXPECT_FALSE(HasFlag(verdict, "held_memory"));
}

TEST(JudgeMeasure, WhoHoldsMemoryThatABaselineMissesStopsNoRun) {
  JudgeBench bench(std::int64_t{3} << 30);
  JudgeRequest request = RequestFor("HoldsMemory");
  request.baseline = CandidatePath("Segfaults");
  const Verdict verdict = bench.Measure(request);
  EXPECT_EQ(Name(verdict.kind), "crashed");
  EXPECT_NE(verdict.reason.find("its process kept 2.0 GiB of device memory and left"),
            std::string::npos)
      << verdict.reason;
  EXPECT_TRUE(HasFlag(verdict, "held_memory"));
}

TEST(JudgeMeasure, ABaselineThatFailsBlamesTheProblemEveryTime) {
  JudgeRequest request = RequestFor("Honest");
  request.baseline = CandidatePath("Segfaults");
  for (int i = 0; i < 2; ++i) {
    const auto verdict = Shared().judge().Measure(request, Passed(), {}, {});
    ASSERT_FALSE(verdict.ok());
    EXPECT_EQ(verdict.error().code, ErrorCode::kBadInput) << verdict.error().message;
    EXPECT_NE(verdict.error().message.find(
                  "the baseline of problem add_one failed while it was timed: the process "
                  "died by signal 11"),
              std::string::npos)
        << verdict.error().message;
  }
  request.baseline = CandidatePath("ExitsAtLoad");
  const auto verdict = Shared().judge().Measure(request, Passed(), {}, {});
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().message, "the problem's baseline does not load");
}

TEST(JudgeMeasure, SaysHowTheDeviceWas) {
  const Verdict verdict = Shared().Measure(RequestFor("Honest"));
  ASSERT_TRUE(verdict.timing.has_value() && verdict.timing->clocks.has_value()) << verdict.reason;
  EXPECT_GE(verdict.timing->clocks->readings, 2);
  EXPECT_EQ(verdict.timing->clocks->sm_clock_mhz.median, 1980);
  EXPECT_EQ(verdict.timing->clocks->throttling, std::vector<std::string>{"software_power_cap"});
  EXPECT_FALSE(HasFlag(verdict, "no_clock_readings"));
  EXPECT_FALSE(verdict.comparison.has_value());
}

JudgeRequest Against(const char* best, const char* candidate) {
  JudgeRequest request = RequestFor(candidate);
  request.best = CandidatePath(best);
  request.baseline = CandidatePath("TakesMilliseconds");  // the same whatever else the host does
  return request;
}

// A machine that is busy at the wrong moment makes the judge doubt, but not always.
Change ComparedIn(const JudgeRequest& request, Change wanted, Verdict* last) {
  for (int i = 0; i < 5; ++i) {
    *last = Shared().Measure(request);
    if (last->comparison && last->comparison->change == wanted) break;
  }
  return last->comparison ? last->comparison->change : Change::kUndecided;
}

TEST(JudgeMeasure, ImprovesOnTheBestOnlyTwice) {
  Verdict verdict;
  EXPECT_EQ(ComparedIn(Against("TakesMilliseconds", "TakesHalf"), Change::kImproved, &verdict),
            Change::kImproved);
  ASSERT_TRUE(verdict.comparison && verdict.comparison->ratio && verdict.comparison->again);
  EXPECT_NEAR(verdict.comparison->ratio->value, 2, 0.5);
  EXPECT_NEAR(verdict.comparison->again->value, 2, 0.5);
  EXPECT_GE(verdict.comparison->best->min_us, 20'000);
}

TEST(JudgeMeasure, ComparesWithTheBestAlsoWhereAWarmCacheIsWanted) {
  JudgeRequest request = Against("TakesMilliseconds", "TakesHalf");
  request.timing.hot = true;
  Verdict verdict;
  EXPECT_EQ(ComparedIn(request, Change::kImproved, &verdict), Change::kImproved);
  ASSERT_TRUE(verdict.timing.has_value());
  EXPECT_TRUE(verdict.timing->hot.has_value());
}

TEST(JudgeMeasure, IsSlowerThanTheBest) {
  Verdict verdict;
  EXPECT_EQ(ComparedIn(Against("TakesHalf", "TakesMilliseconds"), Change::kSlower, &verdict),
            Change::kSlower);
  EXPECT_FALSE(verdict.comparison->again.has_value()) << "far from the gap";
}

TEST(JudgeMeasure, ABestThatFailsNowIsNotTheCandidatesFault) {
  for (const char* best :
       {"WrongLast", "Segfaults", "ExitsAtLoad", "TiresLater", "ClaimsNothing"}) {
    JudgeRequest request = Against(best, "Honest");
    request.timing.samples_min = request.timing.samples_max = 40;
    const Verdict verdict = Shared().Measure(request);
    EXPECT_EQ(Name(verdict.kind), "correct") << best << ": " << verdict.reason;
    ASSERT_TRUE(verdict.timing.has_value()) << best;
    EXPECT_EQ(verdict.timing->cold->samples, 40);
    EXPECT_TRUE(HasFlag(verdict, "best_dropped")) << best;
    ASSERT_TRUE(verdict.comparison.has_value()) << best;
    EXPECT_EQ(verdict.comparison->change, Change::kUndecided);
    EXPECT_NE(verdict.comparison->reason.find("best kernel"), std::string::npos)
        << verdict.comparison->reason;
  }
}

TEST(JudgeMeasure, WhoUsesTheDeviceBetweenCallsIsFoundOut) {
  for (const char* candidate : {"StaysBusy", "WorksEarly"}) {
    Verdict verdict;
    for (int i = 0; i < 5 && verdict.kind != VerdictKind::kCheated; ++i)
      verdict = Shared().Measure(RequestFor(candidate));
    EXPECT_EQ(Name(verdict.kind), "cheated") << candidate << ": " << verdict.reason;
    EXPECT_TRUE(HasFlag(verdict, "still_busy")) << candidate;
    EXPECT_FALSE(verdict.timing.has_value()) << candidate;
  }
}

TEST(JudgeMeasure, ABaselineThatKeepsTheDeviceBusyIsNotTheCandidatesFault) {
  JudgeRequest request = RequestFor("Honest");
  request.baseline = CandidatePath("StaysBusy");
  const Verdict verdict = Shared().Measure(request);
  EXPECT_EQ(Name(verdict.kind), "ambiguous") << verdict.reason;
  EXPECT_TRUE(HasFlag(verdict, "gpu_busy"));
}

class NothingIsLeft : public testing::Environment {
 public:
  void TearDown() override {
    EXPECT_TRUE(Shared().Measure(RequestFor("Honest")).timing.has_value());
    EXPECT_TRUE(Shared().Leftovers().empty());
    delete &Shared();
  }
};

[[maybe_unused]] const auto* const nothing_is_left =
    testing::AddGlobalTestEnvironment(new NothingIsLeft);

}  // namespace
}  // namespace caesar
