// A sample that is interrupted anywhere, by a failing call, by the user or by a kill, ends like one
// that was not.
#include <gtest/gtest.h>

#include <thread>

#include "fakes/faulty_files.h"
#include "killing_files.h"
#include "session_fixture.h"

namespace caesar {
namespace {

class Resume : public SessionTest {
 protected:
  // What an undisturbed run leaves on disk.
  static std::map<std::string, std::string> Undisturbed() {
    MemoryFiles calm;
    Machine machine(calm);
    EXPECT_TRUE(machine.Run().ok());
    return Content(calm);
  }

  // Runs the sample again on a healthy machine and compares everything on disk.
  void ExpectSameEnd(std::size_t asked_before, std::size_t asked_max) {
    static const auto expected = Undisturbed();
    Machine healthy(disk);
    const auto result = healthy.Run();
    ASSERT_TRUE(result.ok()) << result.error().message << "\n" << result.error().detail;
    EXPECT_EQ(result.value().best_round, 4);
    EXPECT_LE(asked_before + healthy.model.asked().size(), asked_max);
    EXPECT_EQ(Content(disk), expected);
  }

  // Where reply.json could not be written, what the reply cost is unknown, but it is not paid
  // again.
  void ExpectAdoptedWithoutTokens() {
    Machine healthy(disk);
    const auto result = healthy.Run();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result.value().best_round, 4);
    EXPECT_EQ(result.value().tokens.total(), 360);
  }

  void FinishOnce() {
    Machine machine(disk);
    ASSERT_TRUE(machine.Run().ok());
  }
};

TEST_F(Resume, AFinishedSampleAsksNobody) {
  FinishOnce();
  Machine again(disk);
  const auto result = again.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().best_round, 4);
  EXPECT_EQ(result.value().rounds.size(), 4U);
  EXPECT_TRUE(again.model.asked().empty());
  EXPECT_TRUE(again.judge.calls().empty());
  EXPECT_TRUE(again.progress.events().empty());
}

TEST_F(Resume, AMissingResultIsMadeAgain) {
  FinishOnce();
  const std::string before = Text("result.json");
  ASSERT_TRUE(disk.Remove(std::string(kSample) + "result.json").ok());
  FinishOnce();
  EXPECT_EQ(Text("result.json"), before);
}

TEST_F(Resume, EveryFileOperationThatFailsIsMadeUpFor) {
  MemoryFiles calm;
  FaultyFiles counted(calm);
  ASSERT_TRUE(Machine(counted).Run().ok());
  const auto calls = counted.calls();
  ASSERT_GT(calls.size(), 100U);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(Format("call {} failed: {}", i, calls[i]));
    disk = MemoryFiles();
    FaultyFiles faulty(disk);
    faulty.FailAt(i);
    Machine machine(faulty);
    const auto result = machine.Run();
    // A reply that cannot be written while it comes is written once it is whole.
    const bool healed = calls[i].find("AppendFile::Append") == 0 &&
                        calls[i].find("reply.part") != std::string::npos;
    ASSERT_EQ(result.ok(), healed);
    if (healed) {
      EXPECT_EQ(Content(disk), Undisturbed());
      continue;
    }
    EXPECT_EQ(result.error().code, ErrorCode::kIo);
    EXPECT_NE(result.error().message.find("No space left"), std::string::npos);
    if (calls[i].find("Write") == 0 && EndsWith(calls[i], kReplyMetaFile)) {
      ExpectAdoptedWithoutTokens();
    } else {
      ExpectSameEnd(machine.model.asked().size(), 4);
    }
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

TEST_F(Resume, AKillAfterEveryChangeOnDiskIsMadeUpFor) {
  for (const bool torn : {false, true}) {
    bool killed = true;
    for (std::size_t i = 0; killed; ++i) {
      ASSERT_LT(i, 1000U);
      disk = MemoryFiles();
      KillingFiles killing(disk, i, torn);
      Machine machine(killing);
      killed = false;
      try {
        ASSERT_TRUE(machine.Run().ok());
      } catch (const Killed&) {
        killed = true;
      }
      SCOPED_TRACE(Format("killed in change {}: {}", i, killing.changes().back()));
      // A kill while the reply still comes loses it; once reply.json says that it is whole, nothing
      // does.
      const bool lost = killed && killing.changes().back().find("AppendFile::Append") == 0 &&
                        killing.changes().back().find("reply.part") != std::string::npos;
      ExpectSameEnd(machine.model.asked().size(), lost ? 5 : 4);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
  }
}

TEST_F(Resume, AModelThatFailsIsAskedAgain) {
  for (int asked = 1; asked <= 4; ++asked) {
    disk = MemoryFiles();
    Machine machine(disk);
    int count = 0;
    machine.model.OnAsk([&](const ModelRequest&) {
      if (++count == asked)
        machine.model.Fail({ErrorCode::kEnvironment, "connection refused", "check --base-url"});
    });
    const auto result = machine.Run();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "connection refused");
    EXPECT_TRUE(Exists(Format("round_{:03}/reply.part", asked)));
    ExpectSameEnd(machine.model.asked().size(), 5);
  }
}

TEST_F(Resume, ACompilerThatFailsIsAskedAgain) {
  for (const Role role : {Role::kCandidate, Role::kReference, Role::kBaseline}) {
    disk = MemoryFiles();
    Machine machine(disk);
    machine.compiler.Fail(role, {ErrorCode::kEnvironment, "no nvcc was found", "install it"});
    const auto result = machine.Run();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "no nvcc was found");
    EXPECT_EQ(Steps(), (std::vector<std::string>{"Start RoundOpened", "Generate Replied"}));
    ExpectSameEnd(machine.model.asked().size(), 4);
  }
}

TEST_F(Resume, AJudgeThatFailsIsAskedAgain) {
  for (const char* call : {"Check", "Measure"}) {
    disk = MemoryFiles();
    Machine machine(disk);
    machine.judge.Fail(call, {ErrorCode::kEnvironment, "the device was lost", "look at dmesg"});
    const auto result = machine.Run();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "the device was lost");
    ExpectSameEnd(machine.model.asked().size(), 4);
  }
}

TEST_F(Resume, AnInfraVerdictIsNoOutcome) {
  Machine machine(disk);
  machine.OneRound("infra");
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(result.error().message, "the judge could not decide: the reference crashed");
  EXPECT_EQ(Steps().back(), "Compile Compiled");
}

TEST_F(Resume, AProblemWhoseReferenceDoesNotCompileIsNamed) {
  Problem broken = TestProblem();
  broken.reference = "// kind: syntax error\n";
  Machine machine(disk);
  machine.spec.problem = &broken;
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(result.error().message,
            "problem scale: reference.cu does not compile: expected a \";\"");
  EXPECT_EQ(result.error().detail, "candidate.cu(3): error: expected a \";\"");
  broken.reference = "// kind: endless templates\n";
  Machine slow(disk);
  EXPECT_FALSE(slow.Run().ok());
}

TEST_F(Resume, ABrokenProblemIsNamedBeforeAMissingDevice) {
  for (const char* broken_file : {"reference.cu", "baseline.cu"}) {
    for (const char* kind : {"correct 30", "syntax error"}) {
      disk = MemoryFiles();
      Problem broken = TestProblem();
      const bool reference = std::string_view(broken_file) == "reference.cu";
      (reference ? broken.reference : *broken.baseline) = "// kind: syntax error\n";
      Machine machine(disk);
      machine.spec.problem = &broken;
      machine.OneRound(kind);
      machine.judge.Fail("Hello", {ErrorCode::kEnvironment, "no GPU was found", ""});
      const auto result = machine.Run();
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error().code, ErrorCode::kBadInput);
      EXPECT_EQ(result.error().message, std::string("problem scale: ") + broken_file +
                                            " does not compile: expected a \";\"");
      EXPECT_EQ(Steps(), (std::vector<std::string>{"Start RoundOpened", "Generate Replied"}));
      EXPECT_EQ(machine.judge.calls(), std::vector<std::string>{"Hello"})
          << "there is none to warm";
    }
  }
}

TEST_F(Resume, ABrokenProblemIsNamedEvenIfNoReplyHoldsCode) {
  Problem broken = TestProblem();
  broken.reference = "// kind: syntax error\n";
  Machine machine(disk);
  machine.spec.problem = &broken;
  machine.model.Reply(1, "I cannot say.");
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(Steps(), (std::vector<std::string>{"Start RoundOpened"}));
  EXPECT_TRUE(Exists("round_001/reply.md")) << "what was paid for stays";
}

TEST_F(Resume, AfterStepSavesTheStepAndStops) {
  std::size_t steps_expected = 1;
  for (;; ++steps_expected) {
    Machine machine(disk);
    machine.model.OnAsk([&](const ModelRequest&) { machine.stop.Request(StopLevel::kAfterStep); });
    machine.judge.OnCall([&](const std::string&) { machine.stop.Request(StopLevel::kAfterStep); });
    const auto result = machine.Run();
    if (result.ok()) break;
    EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
    EXPECT_NE(result.error().message.find("runs/a/scale/sample_0000"), std::string::npos);
    EXPECT_EQ(result.error().detail, "") << "how to go on is the caller's to say";
    ASSERT_LT(steps_expected, 20U);
  }
  EXPECT_GT(steps_expected, 7U)
      << "four questions, three checks, two measurements, the last of which finishes";
  ExpectSameEnd(4, 4);
}

TEST_F(Resume, NowStopsTheBlockingCallAndJournalsNothing) {
  Machine machine(disk);
  machine.model.OnAsk([&](const ModelRequest&) { machine.stop.Request(StopLevel::kNow); });
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(Steps(), (std::vector<std::string>{"Start RoundOpened"}));

  Machine judging(disk);
  judging.judge.OnCall([&](const std::string&) { judging.stop.Request(StopLevel::kNow); });
  EXPECT_EQ(judging.Run().error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(Steps().back(), "Compile Compiled");
  ExpectSameEnd(1, 6);
}

TEST_F(Resume, NowAlsoStopsTheReferencesCompile) {
  Machine machine(disk);
  machine.compiler.OnCompile([&](const CompileRequest& request, StopToken stop) {
    if (request.role != Role::kReference) {
      machine.stop.Request(StopLevel::kNow);
      return;
    }
    while (!stop.now()) std::this_thread::yield();  // ends only by being stopped
  });
  const auto result = machine.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
}

TEST_F(Resume, ASecondWriterIsTurnedAway) {
  Machine first(disk);
  Error refused;
  first.model.OnAsk([&](const ModelRequest&) {
    Machine second(disk);
    const auto result = second.Run();
    ASSERT_FALSE(result.ok());
    refused = result.error();
  });
  ASSERT_TRUE(first.Run().ok());
  EXPECT_EQ(refused.code, ErrorCode::kIo);
  EXPECT_EQ(refused.message, "another process is working on runs/a/scale/sample_0000");
  EXPECT_FALSE(refused.detail.empty());

  Machine other(disk);
  other.spec.sample = 1;
  EXPECT_TRUE(other.Run().ok()) << "another sample of the same run";
}

// The sample is left where Generate of round 3 failed.
class Damaged : public Resume {
 protected:
  void SetUp() override {
    Machine machine(disk);
    machine.model.OnAsk([&](const ModelRequest& request) {
      if (request.round == 3) machine.model.Fail({ErrorCode::kEnvironment, "unreachable", ""});
    });
    ASSERT_FALSE(machine.Run().ok());
  }
  void Put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(disk.Write(kSample + path, text).ok());
  }
  Error RunError() {
    Machine machine(disk);
    const auto result = machine.Run();
    EXPECT_FALSE(result.ok());
    EXPECT_TRUE(machine.model.asked().empty());
    return result.ok() ? Error{} : result.error();
  }
};

TEST_F(Damaged, ATornLastLineIsDroppedAndItsStepRepeated) {
  const std::string journal = Text("journal.jsonl");
  for (const std::size_t cut : {1U, 20U}) {
    Put("journal.jsonl", journal.substr(0, journal.size() - cut));
    Machine machine(disk);
    machine.stop.Request(StopLevel::kAfterStep);
    EXPECT_EQ(machine.Run().error().code, ErrorCode::kInterrupted);
    EXPECT_EQ(Text("journal.jsonl").back(), '\n');
  }
  ExpectSameEnd(3, 5);
}

TEST_F(Damaged, AJournalThatDoesNotFollowTheTableIsRefused) {
  const std::string journal = Text("journal.jsonl");
  Put("journal.jsonl", ReplaceAll(journal, "\"to\":\"Generate\"", "\"to\":\"Finish\""));
  Error error = RunError();
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_NE(error.message.find(
                "journal.jsonl: journal line 1 has the step Start --RoundOpened--> Finish"),
            std::string::npos)
      << error.message;

  Put("journal.jsonl", "nonsense\n" + journal);
  EXPECT_EQ(RunError().code, ErrorCode::kBadInput);
  Put("journal.jsonl", ReplaceAll(journal, "\"seq\":2,", "\"seq\":3,"));
  EXPECT_EQ(RunError().code, ErrorCode::kBadInput);
}

TEST_F(Damaged, AFileThatIsNotWhatTheJournalSaysIsNamed) {
  for (const char* name :
       {"reply.md", "kernel.cu", "verdict.json", "feedback.md", "compile.log", "prompt.md"}) {
    const std::string path = std::string("round_002/") + name;
    const std::string before = Text(path);
    Put(path, before + " ");
    Error error = RunError();
    EXPECT_EQ(error.code, ErrorCode::kBadInput);
    EXPECT_EQ(error.message, kSample + path + " was changed since it was journalled");
    ASSERT_TRUE(disk.Remove(kSample + path).ok());
    error = RunError();
    EXPECT_EQ(error.message,
              kSample + path + " is missing, although the journal says that it was written");
    Put(path, before);
  }
  ExpectSameEnd(3, 5);
}

TEST_F(Damaged, ALostJournalDoesNotBuryRepliesThatWerePaidFor) {
  ASSERT_TRUE(disk.Remove(std::string(kSample) + "journal.jsonl").ok());
  const Error error = RunError();
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_EQ(error.message,
            std::string(kSample) +
                "round_001/reply.md exists, but the journal knows nothing of its round");
  EXPECT_TRUE(Exists("round_001/reply.md"));
}

TEST_F(Damaged, AnotherProblemOrDeviceIsRefused) {
  Problem changed = TestProblem();
  changed.reference += "// changed\n";
  Machine machine(disk);
  machine.spec.problem = &changed;
  EXPECT_EQ(machine.Run().error().message,
            "problem scale (test) was changed since runs/a/scale/sample_0000 was begun");
  Machine elsewhere(disk);
  elsewhere.judge.device().name = "Fake B200";
  const auto result = elsewhere.Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(result.error().message.find("Fake H100, but the device here is Fake B200"),
            std::string::npos);
  ExpectSameEnd(3, 5);
}

TEST_F(Damaged, AReplyWithoutItsMetaIsStillAdopted) {
  Put("round_003/reply.md", ReplyOf("correct 30"));
  Put("round_003/reply.json", "{\"torn");
  Machine machine(disk);
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(machine.model.asked().size(), 1U);
  EXPECT_EQ(machine.model.asked()[0].round, 4);
  EXPECT_EQ(result.value().tokens.total(), 360);
}

// The file alone proves nothing: only the journal says that a time was measured.
TEST_F(Resume, AVerdictThatIsNotJournalledIsMeasuredAgain) {
  Machine machine(disk);
  FaultyFiles faulty(disk);
  Machine dying(faulty);
  dying.OneRound("correct 30");
  dying.judge.OnCall([&](const std::string& call) {
    if (call == "Measure")
      faulty.FailOn("AppendFile::Append " + std::string(kSample) + "journal.jsonl");
  });
  ASSERT_FALSE(dying.Run().ok());
  EXPECT_EQ(Steps().back(), "Correct Correct");
  const std::string path = std::string(kSample) + "round_001/verdict.json";
  const std::string measured = disk.Read(path, 1 << 20).value();
  Verdict forged = ParseVerdict(measured).value();
  forged.timing->cold->median_us = 3;
  forged.kind = VerdictKind::kAmbiguous;
  forged.flags.push_back({"throttled", "then"});
  ASSERT_TRUE(disk.Write(path, ToJson(forged)).ok());
  machine.OneRound("correct 30");
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(machine.judge.Count("Measure"), 1);
  EXPECT_EQ(machine.judge.Count("Check"), 0);
  EXPECT_EQ(result.value().best_us, 30);
  const Verdict anew = ParseVerdict(disk.Read(path, 1 << 20).value()).value();
  EXPECT_EQ(anew.kind, VerdictKind::kCorrect);
  EXPECT_TRUE(anew.flags.empty()) << "what the lost Profile flagged is gone with it";
}

TEST_F(Resume, RoundsBelowOneAreAUsageError) {
  Machine machine(disk);
  machine.spec.config.rounds = 0;
  EXPECT_EQ(machine.Run().error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace caesar
