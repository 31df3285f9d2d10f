// Every kind of hostile or broken candidate, one after the other, against one judge: the verdict is
// right and says where, no process is left over, and the next honest candidate finds the same judge
// unharmed.
#include <algorithm>
#include <set>

#include "integration/judge_bench.h"

namespace caesar {
namespace {

JudgeBench& Shared() {
  static JudgeBench bench;
  return bench;
}

struct Case {
  const char* candidate;
  VerdictKind kind;
  const char* reason;  // what the reason must contain
  int timeout_ms = 10'000;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.candidate; }

class JudgeCheckTest : public testing::TestWithParam<Case> {};

TEST_P(JudgeCheckTest, VerdictAndAftermath) {
  const Case& row = GetParam();
  JudgeBench& bench = Shared();
  ASSERT_EQ(bench.Check("Honest").kind, VerdictKind::kCorrect);
  const int judge = bench.JudgePid();
  const std::size_t processes = bench.Alive().size();

  JudgeRequest request = RequestFor(row.candidate);
  request.call_timeout = Milliseconds(row.timeout_ms);
  const Verdict verdict = bench.Check(request);
  EXPECT_EQ(Name(verdict.kind), Name(row.kind)) << verdict.reason;
  EXPECT_NE(verdict.reason.find(row.reason), std::string::npos) << verdict.reason;
  EXPECT_EQ(verdict.reason.empty(), row.kind == VerdictKind::kCorrect);

  EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");
  EXPECT_EQ(bench.JudgePid(), judge);
  EXPECT_EQ(bench.Alive().size(), processes);
}

constexpr VerdictKind kCorrect = VerdictKind::kCorrect;
constexpr VerdictKind kWrong = VerdictKind::kWrong;
constexpr VerdictKind kCrashed = VerdictKind::kCrashed;
constexpr VerdictKind kTimedOut = VerdictKind::kTimedOut;
constexpr VerdictKind kCheated = VerdictKind::kCheated;

const auto kName = [](const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.candidate);
};

INSTANTIATE_TEST_SUITE_P(
    Results, JudgeCheckTest,
    testing::Values(
        Case{"Honest", kCorrect, ""},
        Case{"DoesNothing", kWrong, "output y was not written at shape odd"},
        Case{"OnlyOnce", kWrong, "output y was not written at shape odd"},
        Case{"Replays", kWrong, "output y is wrong in"},
        Case{"WrongFirst", kWrong, "1 of 1021 elements at shape odd (as declared); first at [0]"},
        Case{"WrongMiddle", kWrong,
             "1 of 1021 elements at shape odd (as declared); first at [510]"},
        Case{"WrongLast", kWrong, "1 of 1021 elements at shape odd (as declared); first at [1020]"},
        Case{"LeavesLast", kWrong,
             "1 of 1021 elements at shape odd (as declared); first at [1020]: got nan"},
        Case{"AllNan", kWrong,
             "1021 of 1021 elements at shape odd (as declared); first at [0]: got nan"},
        Case{"ReadsBehind", kWrong, "first at [1020]: got nan"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Memory, JudgeCheckTest,
    testing::Values(
        Case{"WritesBehind", kWrong, "4 bytes outside output y were overwritten at shape odd"},
        Case{"WritesBefore", kWrong, "8 bytes outside output y were overwritten at shape odd"},
        Case{"WritesFarBehind", kCrashed,
             "crashed at shape small: the process died by signal 11 (SIGSEGV"},
        Case{"WritesFarBefore", kCrashed,
             "crashed at shape small: the process died by signal 11 (SIGSEGV"},
        Case{"ReadsFarBehind", kCrashed,
             "crashed at shape small: the process died by signal 11 (SIGSEGV"},
        Case{"WritesInput", kCrashed,
             "crashed at shape small: the process died by signal 11 (SIGSEGV"},
        Case{"UnlocksInput", kCheated, "input x was changed at shape small"},
        Case{"EasesInput", kCheated, "input x was changed at shape small"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Endings, JudgeCheckTest,
    testing::Values(
        Case{"ReturnsError", kCrashed,
             "launch error at shape small: cudaErrorInvalidConfiguration: invalid configuration "
             "argument"},
        Case{"ReturnsNumber", kCrashed, "launch error at shape small: CUDA error 700"},
        Case{"Segfaults", kCrashed, "at shape small: the process died by signal 11 (SIGSEGV"},
        Case{"Aborts", kCrashed, "at shape small: the process died by signal 6 (SIGABRT"},
        Case{"Exits", kCrashed, "at shape small: the process ended by itself with exit code 0"},
        Case{"ExitsQuickly", kCrashed,
             "at shape small: the process ended by itself with exit code 0"},
        Case{"Throws", kCrashed, "crashed at shape small: the process "},
        Case{"Spins", kTimedOut, "timed out at shape small: the call did not end within 300 ms",
             300},
        Case{"Sleeps", kTimedOut, "timed out at shape small: the call did not end within 300 ms",
             300},
        Case{"IgnoresSignals", kTimedOut, "timed out at shape small", 300},
        Case{"LeavesDaemons", kCorrect, ""}, Case{"Chatters", kCorrect, ""},
        Case{"ClosesAll", kCrashed, "crashed after its calls at shape small"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Loading, JudgeCheckTest,
    testing::Values(
        Case{"ExitsAtLoad", kCrashed,
             "crashed while it was loaded: the process ended by itself with exit code 3"},
        Case{"CrashesAtLoad", kCrashed,
             "crashed while it was loaded: the process died by signal 6 (SIGABRT"},
        Case{"HasNoEntry", kCrashed,
             "crashed while it was loaded: the shared object has no caesar_entry"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Forging, JudgeCheckTest,
    testing::Values(
        Case{"ClaimsNan", kCorrect, ""}, Case{"ClaimsNegative", kCorrect, ""},
        Case{"ClaimsHuge", kCorrect, ""}, Case{"ClaimsAbsurdKernels", kCorrect, ""},
        Case{"ClaimsUnknownStatus", kCrashed,
             "at shape small: the process reported a state that does not exist"},
        Case{"DoneTooEarly", kWrong, "output y was not written at shape odd"},
        Case{"SendsGarbage", kCrashed,
             "crashed after its calls at shape small: the process sent nonsense to the judge"},
        Case{"SendsWrongAnswer", kCrashed,
             "crashed after its calls at shape small: the process sent nonsense to the judge"},
        Case{"FillsSocket", kCrashed,
             "crashed after its calls at shape small: the process sent nonsense to the judge"},
        Case{"ClosesSocket", kCrashed, "crashed after its calls at shape small"}),
    kName);

// What else a verdict must say.

TEST(JudgeCheck, ShowsTheWrongElementAndItsPlace) {
  const Verdict verdict = Shared().Check("WrongLast");
  ASSERT_EQ(verdict.correctness.size(),
            2u);  // one failing call at each check shape; the bench shape is spared
  const Check& odd = verdict.correctness[1];
  EXPECT_EQ(odd.shape, "odd");
  EXPECT_FALSE(odd.passed);
  EXPECT_EQ(odd.dims, (std::vector<std::pair<std::string, std::int64_t>>{{"n", 1021}}));
  ASSERT_EQ(odd.outputs.size(), 1u);
  ASSERT_EQ(odd.outputs[0].first_bad.size(), 1u);
  const BadValue& bad = odd.outputs[0].first_bad[0];
  EXPECT_EQ(bad.index, (std::vector<std::int64_t>{1020}));
  EXPECT_NEAR(bad.got - bad.want, 1.0, 1e-6);
  EXPECT_EQ(odd.outputs[0].worst.index, bad.index);
}

TEST(JudgeCheck, TriesSeveralFillsAndCallsTheBenchShapeRepeatedly) {
  const Verdict verdict = Shared().Check("Honest");
  std::map<std::string, std::vector<std::string>> fills;
  for (const Check& check : verdict.correctness) {
    EXPECT_TRUE(check.passed);
    fills[check.shape].push_back(check.fill);
  }
  for (const char* shape : {"small", "odd"}) {
    const std::vector<std::string>& tried = fills[shape];
    ASSERT_GE(tried.size(), 3u);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(tried[static_cast<std::size_t>(i)].rfind("as declared", 0), 0u);
    EXPECT_EQ(
        std::set<std::string>(tried.begin(), tried.end()),
        (std::set<std::string>{"as declared", "as declared, the same again",
                               "as declared, a near-duplicate", "constant(0)", "constant(0.5)",
                               "integers(-2, 2)", "one_hot(1)", "uniform(0, 1)"}));
  }
  EXPECT_EQ(std::set<std::string>(fills["bench"].begin(), fills["bench"].end()),
            (std::set<std::string>{"as declared", "as declared, the same again",
                                   "as declared, a near-duplicate"}));
  EXPECT_GE(fills["bench"].size(), 4u);  // two fresh ones, the same again, a near-duplicate
  EXPECT_NE(verdict.correctness.front().seed_id, verdict.correctness.back().seed_id);
}

TEST(JudgeCheck, TellsNearDuplicatesApart) {
  // The few elements that differ may lie at the head; not each time.
  for (int i = 0; i < 6; ++i) {
    if (Shared().Check("KnowsByItsHead").kind == VerdictKind::kWrong) return;
  }
  ADD_FAILURE() << "an output of other inputs passed in every call";
}

TEST(JudgeCheck, FlagsAResultThatChangesItsBits) {
  const Verdict verdict = Shared().Check("RoundsDifferently");
  EXPECT_EQ(verdict.kind, VerdictKind::kCorrect);
  ASSERT_EQ(verdict.flags.size(), 1u);
  EXPECT_EQ(verdict.flags[0].name, "nondeterministic");
  EXPECT_TRUE(Shared().Check("Honest").flags.empty());
}

TEST(JudgeCheck, FlagsThreadsOfTheCandidate) {
  const Verdict verdict = Shared().Check("StartsThread");
  EXPECT_EQ(verdict.kind, VerdictKind::kCorrect);
  ASSERT_EQ(verdict.flags.size(), 1u);
  EXPECT_EQ(verdict.flags[0].name, "extra_threads");
}

TEST(JudgeCheck, AReferenceThatLeavesElementsUnwrittenBlamesTheProblem) {
  JudgeRequest request = RequestFor("Honest");
  request.reference = CandidatePath("LeavesLast");
  const auto verdict = Shared().judge().Check(request, {}, {});
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(verdict.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(verdict.error().message,
            "the reference of problem add_one does not write all of output y at shape small");
}

TEST(JudgeCheck, SurvivesRacesForTheControlBlock) {
  for (const char* candidate : {"DoneInAdvance", "SmashesControl"}) {
    JudgeRequest request = RequestFor(candidate);
    request.call_timeout = Milliseconds(300);
    const Verdict verdict = Shared().Check(request);
    EXPECT_NE(Name(verdict.kind), "infra") << verdict.reason;
    EXPECT_EQ(Name(Shared().Check("Honest").kind), "correct");
  }
}

TEST(JudgeCheck, FlagsWhatAClaimShows) {
  const Verdict verdict = Shared().Check("ClaimsAbsurdKernels");
  std::vector<std::string> names;
  for (const Flag& flag : verdict.flags) names.push_back(flag.name);
  EXPECT_EQ(names, (std::vector<std::string>{"side_stream", "host_copy"}));
}

TEST(JudgeCheck, ShowsWhatACrashedCandidatePrinted) {
  JudgeRequest request = RequestFor("Sleeps");
  request.call_timeout = Milliseconds(300);
  EXPECT_NE(Shared().Check(request).detail.find("about to sleep"), std::string::npos);
}

TEST(JudgeCheck, JudgesIntegersHalvesScalarsAndTwoOutputs) {
  EXPECT_EQ(Name(Shared().Check(MixedRequest("MixedHonest")).kind), "correct");

  const Verdict integer = Shared().Check(MixedRequest("MixedWrongInteger"));
  EXPECT_EQ(Name(integer.kind), "wrong");
  EXPECT_NE(integer.reason.find("output s is wrong in 1 of 33 elements at shape odd"),
            std::string::npos)
      << integer.reason;
  EXPECT_NE(integer.reason.find("first at [1, 0]"), std::string::npos) << integer.reason;

  const Verdict half = Shared().Check(MixedRequest("MixedWrongHalf"));
  EXPECT_EQ(Name(half.kind), "wrong");
  EXPECT_NE(half.reason.find("output h is wrong in 1 of 33 elements at shape odd"),
            std::string::npos)
      << half.reason;
  EXPECT_NE(half.reason.find("first at [1, 10]"), std::string::npos) << half.reason;

  const Verdict forgotten = Shared().Check(MixedRequest("MixedForgetsHalves"));
  EXPECT_EQ(forgotten.reason, "output h was not written at shape odd");
}

TEST(JudgeCheck, SaysThatAnObjectIsNoSharedObject) {
  TempFolder folder;
  for (const std::string& content : {std::string("not an ELF file"), std::string()}) {
    ASSERT_TRUE(RealFiles().Write(folder / "kernel.so", content).ok());
    JudgeRequest request = RequestFor("Honest");
    request.candidate = folder / "kernel.so";
    const Verdict verdict = Shared().Check(request);
    EXPECT_EQ(Name(verdict.kind), "crashed");
    EXPECT_NE(verdict.reason.find("while it was loaded: the shared object does not load"),
              std::string::npos)
        << verdict.reason;
  }
  JudgeRequest request = RequestFor("Honest");
  request.candidate = folder / "missing.so";
  EXPECT_FALSE(Shared().judge().Check(request, {}, {}).ok());
  EXPECT_EQ(Name(Shared().Check("Honest").kind), "correct");
}

// The judge that went through all of the above ends with its client, and everything with it.
class NothingIsLeft : public testing::Environment {
 public:
  void TearDown() override {
    Shared().Check("LeavesDaemons");
    EXPECT_GE(Shared().Alive().size(), 4u);
    const auto left = Shared().Leftovers();
    EXPECT_TRUE(left.empty()) << left.begin()->first;
  }
};

[[maybe_unused]] const auto* const nothing_is_left =
    testing::AddGlobalTestEnvironment(new NothingIsLeft);

}  // namespace
}  // namespace caesar
