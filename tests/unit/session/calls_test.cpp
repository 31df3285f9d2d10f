// What a round's calls leave behind: api.jsonl word for word, the run's ledger, a shorter prompt.
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "record/ledger.h"
#include "unit/session/session_fixture.h"

namespace caesar {
namespace {

class Calls : public SessionTest {
 protected:
  std::vector<nlohmann::json> ApiLines(const std::string& round) {
    std::vector<nlohmann::json> lines;
    const std::string text = Text(round + "/api.jsonl");
    EXPECT_TRUE(text.empty() || text.back() == '\n');
    for (const std::string_view line : Lines(text)) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }
  static std::vector<std::string_view> Lines(std::string_view text) { return caesar::Lines(text); }
  Ledger TheLedger() {
    return ParseLedger(disk.Read("runs/a/ledger.jsonl", 1 << 20).value(), "ledger").value();
  }
};

TEST_F(Calls, AreLoggedWordForWord) {
  Machine machine(disk);
  ASSERT_TRUE(machine.Run().ok());
  const auto lines = ApiLines("round_002");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["kind"], "request");
  EXPECT_EQ(lines[0]["body"], Text("round_002/prompt.md"));
  EXPECT_EQ(lines[1]["kind"], "response");
  EXPECT_EQ(lines[1]["status"], 200);
  EXPECT_EQ(lines[1]["body"], ReplyOf("wrong"));
  EXPECT_TRUE(lines[1]["failure"].is_null());
  EXPECT_EQ(lines[1]["tokens"]["output"], 20);
}

TEST_F(Calls, ThatFailAreLoggedToo) {
  Machine machine(disk);
  machine.model.Fail({ErrorCode::kEnvironment, "down", ""});
  ASSERT_FALSE(machine.Run().ok());
  ASSERT_EQ(ApiLines("round_001").size(), 2U);
  EXPECT_EQ(ApiLines("round_001")[1]["failure"], "scripted failure");
  ASSERT_TRUE(Machine(disk).Run().ok());
  EXPECT_EQ(ApiLines("round_001").size(), 4U) << "the first call's lines stay";
}

TEST_F(Calls, ATornLineOfAKilledProcessIsDropped) {
  Machine machine(disk);
  machine.model.Fail({ErrorCode::kEnvironment, "down", ""});
  ASSERT_FALSE(machine.Run().ok());
  const std::string path = std::string(kSample) + "round_001/api.jsonl";
  ASSERT_TRUE(disk.Write(path, Text("round_001/api.jsonl") + "{\"v\":1,\"ut").ok());
  ASSERT_TRUE(Machine(disk).Run().ok());
  EXPECT_EQ(ApiLines("round_001").size(), 4U);
}

TEST_F(Calls, WithoutABudgetThereIsNoLedger) {
  ASSERT_TRUE(Machine(disk).Run().ok());
  EXPECT_FALSE(disk.Stat("runs/a/ledger.jsonl").value().has_value());
}

TEST_F(Calls, ABudgetIsSharedByTheSamplesOfARun) {
  Machine first(disk);
  first.spec.config.budget_tokens = 300;  // each call costs 120
  first.spec.config.rounds = 2;
  ASSERT_EQ(first.Run().value().finished_by, "RoundsUsedUp");
  EXPECT_EQ(TheLedger().tokens, 240);
  EXPECT_TRUE(TheLedger().open.empty());

  Machine second(disk);
  second.spec.config = first.spec.config;
  second.spec.sample = 1;
  const auto result = second.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().finished_by, "BudgetSpent");
  EXPECT_EQ(result.value().rounds.size(), 1U);
  EXPECT_EQ(TheLedger().tokens, 360) << "the call that began below the budget was made";

  Machine third(disk);
  third.spec.config = first.spec.config;
  third.spec.sample = 2;
  const auto none = third.Run();
  ASSERT_TRUE(none.ok()) << none.error().message;
  EXPECT_EQ(none.value().finished_by, "BudgetSpent");
  EXPECT_TRUE(third.model.asked().empty() && TheLedger().tokens == 360) << "nothing was paid";
  EXPECT_NE(none.value().rounds.at(0).headline.find("360 of 300 tokens are spent"),
            std::string::npos)
      << none.value().rounds.at(0).headline;
}

TEST_F(Calls, ACallUnderWayCounts) {
  Machine machine(disk);
  machine.spec.config.budget_tokens = 6'000;
  machine.spec.config.rounds = 1;
  // Another sample announced a call, which is expected to cost 1,000 + 4,000 tokens, and was
  // killed.
  machine.model.OnAsk([&](const ModelRequest&) {
    LedgerLine line;
    line.who = "scale/sample_0007";
    line.tokens = 5'990;
    line.estimated = true;
    const auto file = disk.Append("runs/a/ledger.jsonl").value();
    ASSERT_TRUE(file->Append(ToJsonLine(line)).ok());
  });
  ASSERT_TRUE(machine.Run().ok());
  ASSERT_EQ(TheLedger().open.size(), 1U);
  EXPECT_EQ(TheLedger().open[0].tokens, 5'990);
  EXPECT_EQ(TheLedger().tokens, 120);
  Machine next(disk);
  next.spec.config = machine.spec.config;
  next.spec.sample = 1;
  EXPECT_EQ(next.Run().value().finished_by, "BudgetSpent");
}

// The other sample's call ends, and cheaper than was expected, while this one waits for it.
TEST_F(Calls, WaitForThoseOfLivingSamplesBeforeTheBudgetIsSpent) {
  ASSERT_TRUE(disk.MakeFolders("runs/a/scale/sample_0007").ok());
  auto other = disk.TryLock("runs/a/scale/sample_0007/lock", LockMode::kExclusive).value();
  LedgerLine line;
  line.who = "scale/sample_0007";
  line.tokens = 5'990;
  ASSERT_TRUE(disk.Append("runs/a/ledger.jsonl").value()->Append(ToJsonLine(line)).ok());

  struct EndingClock : FakeClock {
    Status Sleep(Milliseconds duration, StopToken stop) override {
      if (++sleeps == 3) end();
      return FakeClock::Sleep(duration, stop);
    }
    int sleeps = 0;
    std::function<void()> end;
  } clock;
  clock.end = [&] {
    LedgerLine done;
    done.ends = 1;
    done.tokens = 100;
    ASSERT_TRUE(disk.Append("runs/a/ledger.jsonl").value()->Append(ToJsonLine(done)).ok());
  };
  Machine machine(disk);
  machine.spec.config.budget_tokens = 5'000;
  machine.OneRound("wrong");
  World world{disk,          clock,         machine.model,    machine.compiler,
              machine.judge, TestPrompts(), machine.progress, StopToken(machine.stop)};
  const auto result = RunSample(machine.spec, world);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().finished_by, "RoundsUsedUp");
  EXPECT_EQ(clock.sleeps, 3);
  EXPECT_EQ(TheLedger().tokens, 220);
}

TEST_F(Calls, ThatCostNothingDoNotMakeOthersLookFree) {
  LedgerLine announced;
  announced.who = "scale/sample_0009";
  announced.tokens = 5'000;
  LedgerLine free;
  free.ends = 1;
  ASSERT_TRUE(disk.MakeFolders("runs/a").ok());
  ASSERT_TRUE(disk.Append("runs/a/ledger.jsonl")
                  .value()
                  ->Append(ToJsonLine(announced) + ToJsonLine(free))
                  .ok());
  EXPECT_EQ(TheLedger().calls, 0);
  Machine machine(disk);
  machine.spec.config.budget_tokens = 100'000;
  machine.model.Fail({ErrorCode::kInterrupted, "killed", ""});
  ASSERT_FALSE(machine.Run().ok());
  const std::string text = disk.Read("runs/a/ledger.jsonl", 1 << 20).value();
  const std::string third(Lines(text).at(2));
  EXPECT_NE(third.find("\"ends\":0"), std::string::npos) << third;
  EXPECT_NE(third.find("\"tokens\":5000"), std::string::npos) << third;
}

TEST_F(Calls, ACallWithoutAPriceEndsABudgetOfMoney) {
  Machine machine(disk);
  ModelReply reply;
  reply.text = ReplyOf("wrong");
  reply.finish_reason = "stop";
  reply.tokens = {.input = 10, .output = 10, .reported = true, .priced = false};
  for (const int round : {1, 2, 3, 4}) machine.model.Answer(round, reply);
  machine.spec.config.budget_usd = 1;
  EXPECT_EQ(machine.Run().value().finished_by, "BudgetSpent");
  EXPECT_EQ(machine.model.asked().size(), 1U);
}

TEST_F(Calls, ABudgetInDollarsCountsPrices) {
  Machine machine(disk);
  ModelReply reply;
  reply.text = ReplyOf("wrong");
  reply.finish_reason = "stop";
  reply.tokens = {.input = 10, .output = 10, .reported = true, .usd = 0.4};
  for (const int round : {1, 2, 3, 4}) machine.model.Answer(round, reply);
  machine.spec.config.budget_usd = 1;
  machine.spec.config.rounds = 9;
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().finished_by, "BudgetSpent");
  EXPECT_NEAR(TheLedger().usd, 1.2, 1e-9);
  EXPECT_NEAR(result.value().tokens.usd, TheLedger().usd, 1e-9);
}

TEST_F(Calls, APromptThatIsTooLongIsShortenedOnce) {
  Machine machine(disk);
  machine.spec.config.history = HistoryKind::kAll;
  machine.model.Answer(4, PromptTooLong{"too long", {}});
  bool answered = false;
  machine.model.OnAsk([&](const ModelRequest& request) {
    const bool brief = request.messages[0].text.find("round 2") == std::string::npos;
    if (request.round == 4 && brief) {
      machine.model.Reply(4, ReplyOf("correct 20"));
      answered = true;
    }
  });
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_TRUE(answered);
  EXPECT_EQ(result.value().finished_by, "RoundsUsedUp");
  EXPECT_LT(Text("round_004/prompt_short.md").size(), Text("round_004/prompt.md").size());
  EXPECT_NE(Text("round_004/prompt.md").find("round 2"), std::string::npos);
  EXPECT_EQ(Text("round_004/prompt_short.md").find("round 3"), std::string::npos)
      << "the last attempt alone would have saved little";
}

TEST_F(Calls, APromptThatStaysTooLongEndsTheSample) {
  Machine machine(disk);
  machine.model.Answer(2, PromptTooLong{"the prompt is too long", {}});
  machine.spec.config.history = HistoryKind::kAll;
  const auto result = machine.Run();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().finished_by, "Refused");
  EXPECT_LE(machine.model.asked().size(), 3U) << "shortened at most once";

  MemoryFiles other;
  Machine first(other);
  first.model.Answer(1, PromptTooLong{"the prompt is too long", {}});
  EXPECT_EQ(first.Run().value().finished_by, "Refused");
  EXPECT_EQ(first.model.asked().size(), 1U) << "without history there is nothing to shorten";
}

TEST_F(Calls, TellTheModelWhatRepeatsAndWhatIsEnough) {
  Machine machine(disk);
  std::vector<std::string> stable;
  bool enough = false;
  bool cut = true;
  machine.model.OnAsk([&](const ModelRequest& request) {
    stable.push_back(request.messages[0].text.substr(0, request.stable_bytes));
    enough = request.sufficient(ReplyOf("correct 20"));
    cut = request.sufficient("```cuda\nextern \"C\" void solve(const float* x, fl");
  });
  ASSERT_TRUE(machine.Run().ok());
  ASSERT_EQ(stable.size(), 4U);
  EXPECT_GT(stable[0].size(), 1'000U);
  for (const std::string& each : stable) EXPECT_EQ(each, stable[0]);
  EXPECT_TRUE(enough);
  EXPECT_FALSE(cut);
}

}  // namespace
}  // namespace caesar
