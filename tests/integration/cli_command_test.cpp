// The real program with any program as its model.
#include <gtest/gtest.h>

#include <csignal>

#include "integration/cli_machine.h"

namespace caesar {
namespace {

class CliCommand : public testing::Test {
 protected:
  CliCommand() { machine_.Write("reply.md", ReplyOf("judge: measure 30 60")); }

  Words With(const std::string& command) const {
    return {"run",   "scale", "--provider", "command",  "--command",
            command, "--out", "R",          "--rounds", "1"};
  }

  Machine machine_;
};

TEST_F(CliCommand, ItsOutputIsTheReply) {
  const Ended ended = machine_.Run(With("cat reply.md"));
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS(ended.out, "best:   round 1, 30.00 us");
  EXPECT_EQ(machine_.Read("R/scale/sample_0000/round_001/reply.md"),
            ReplyOf("judge: measure 30 60"));
}

TEST_F(CliCommand, ItsInputIsThePrompt) {
  const Ended ended = machine_.Run(With("cat > seen.md; cat reply.md"));
  EXPECT_EQ(ended.code, 0) << ended;
  const std::string seen = machine_.Read("seen.md");
  EXPECT_HAS(seen, "scale");
  EXPECT_EQ(seen, machine_.Read("R/scale/sample_0000/round_001/prompt.md"));
}

TEST_F(CliCommand, ItsStandardErrorIsShownOnlyIfItFails) {
  const Ended good = machine_.Run(With("echo chatter >&2; cat reply.md"));
  EXPECT_EQ(good.code, 0) << good;
  EXPECT_HAS_NOT(good.err, "chatter");
  machine_.Shell("rm -rf R");
  const Ended bad = machine_.Run(With("printf '\\033[31mno licence\\033[0m' >&2; exit 5"));
  EXPECT_EQ(bad.code, 3) << bad;
  EXPECT_HAS(bad.err, "The model's command ended with exit code 5");
  EXPECT_HAS(bad.err, "It said: no licence\n");
  EXPECT_HAS(bad.err, "To resume: caesar run scale --out R");
}

TEST_F(CliCommand, SecondInterruptEndsItAtOnceAndTheRunGoesOnLater) {
  Running running =
      machine_.Start(With("[ -e again ] && exec cat reply.md; echo > asked; sleep 1000"));
  ASSERT_TRUE(Eventually([&] { return machine_.Has("asked"); }));
  running.Signal(SIGINT);
  running.Signal(SIGTERM);
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 130) << ended;
  machine_.Write("again", "");
  const Ended resumed = machine_.Run({"run", "scale", "--out", "R"});
  EXPECT_EQ(resumed.code, 0) << resumed;
}

TEST_F(CliCommand, ABudgetOfMoneyIsRefused) {
  Words words = With("cat > seen.md; cat reply.md");
  words.insert(words.end(), {"--budget-usd", "1"});
  const Ended ended = machine_.Run(words);
  EXPECT_EQ(ended.code, 2) << ended;
  EXPECT_HAS(ended.err, "--budget-usd: nobody knows what a command costs");
  EXPECT_FALSE(machine_.Has("seen.md"));
  EXPECT_FALSE(machine_.Has("R"));
}

}  // namespace
}  // namespace caesar
