#include "llm/command_model.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_processes.h"
#include "fakes/memory_files.h"
#include "fakes/temp_folder.h"
#include "llm/answer_reader.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

// What it is told of each call.
class Calls : public CallLog {
 public:
  Result<bool> OnCall(const CallStart& call) override {
    starts.push_back(call);
    return allowed;
  }
  Status OnCallEnd(const CallEnd& end) override {
    ends.push_back(end);
    return {};
  }
  bool allowed = true;
  std::vector<CallStart> starts;
  std::vector<CallEnd> ends;
};

class CommandModelTest : public testing::Test {
 protected:
  CommandModelTest() { config_.command = "ask | me"; }

  Result<ModelOutcome> Ask(Processes& processes, StopToken stop = {}) {
    auto model = MakeCommandModel(
        config_, {[](const std::string&) { return ""; }, http_, processes, files_, clock_});
    if (!model.ok()) return model.error();
    unpriced_ = model.value()->unpriced();
    ModelRequest request;
    request.messages = {{ChatMessage::Role::kUser, prompt_}};
    request.log = &calls_;
    return model.value()->Ask(request, sink_, stop);
  }
  Result<ModelOutcome> AskReal(const std::string& command, StopToken stop = {}) {
    config_.command = command;
    return Ask(RealProcesses(), stop);
  }
  std::string Reply(const std::string& command) {
    auto outcome = AskReal(command);
    if (!outcome.ok()) return outcome.error().message + "\n" + outcome.error().detail;
    return std::get<ModelReply>(outcome.value()).text;
  }

  std::string prompt_ = "Write a kernel.\n";
  ModelConfig config_;
  FakeProcesses fake_;
  FakeHttp http_;
  MemoryFiles files_;
  FakeClock clock_;
  RecordingSink sink_;
  Calls calls_;
  std::string unpriced_;
};

TEST_F(CommandModelTest, AsksAShell) {
  config_.timeout_ms = 5'000;
  config_.model = "mine";
  fake_.Add(FakeProcesses::Exit(0, "the reply\n", "chatter"));
  const auto reply = std::get<ModelReply>(Ask(fake_).value());
  EXPECT_EQ(reply.text, "the reply\n");
  EXPECT_EQ(sink_.text, "the reply\n");
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_EQ(reply.model, "mine");
  EXPECT_EQ(reply.note, "");
  EXPECT_FALSE(reply.tokens.reported);
  EXPECT_FALSE(reply.tokens.priced);
  EXPECT_EQ(unpriced_, "command 'ask | me'");
  const Command command = fake_.commands().at(0);
  EXPECT_EQ(command.argv, (std::vector<std::string>{"/bin/sh", "-c", "ask | me"}));
  EXPECT_EQ(command.input, prompt_);
  EXPECT_EQ(command.folder, "");
  EXPECT_EQ(fake_.timeouts().at(0), Milliseconds(5'000));
  ASSERT_EQ(calls_.starts.size(), 1U);
  EXPECT_EQ(calls_.starts[0].url, "command:ask | me");
  EXPECT_EQ(calls_.starts[0].body, prompt_);
  ASSERT_EQ(calls_.ends.size(), 1U);
  EXPECT_EQ(calls_.ends[0].body, "the reply\n");
  EXPECT_EQ(calls_.ends[0].failure, "");
}

TEST_F(CommandModelTest, NeedsACommand) {
  config_.command = " ";
  const auto outcome = Ask(fake_);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kUsage);
  EXPECT_NE(outcome.error().detail.find("--command"), std::string::npos);
}

TEST_F(CommandModelTest, BudgetIsAskedFirst) {
  calls_.allowed = false;
  EXPECT_TRUE(std::holds_alternative<BudgetReached>(Ask(fake_).value()));
  EXPECT_TRUE(fake_.commands().empty());
}

TEST_F(CommandModelTest, FailuresSayHowAndWhatWasSaid) {
  const auto failed = [&](ProcessEnd end) {
    end.output = "half a reply";
    fake_.Add(end);
    const auto outcome = Ask(fake_);
    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(sink_.text, "");
    EXPECT_NE(calls_.ends.back().failure, "");
    EXPECT_EQ(calls_.ends.back().body, "half a reply");
    return outcome.error().message + "\n" + outcome.error().detail;
  };
  EXPECT_EQ(failed(FakeProcesses::Exit(3, "", "\x1B[31mno such\x1B[0m model\x07\n")),
            "The model's command ended with exit code 3: ask | me\nIt said: no such model");
  EXPECT_EQ(failed(FakeProcesses::End(ProcessEnd::How::kSignaled, 9)),
            "The model's command was killed by signal 9: ask | me\n"
            "It said nothing on standard error.");
  config_.timeout_ms = 90'000;
  EXPECT_NE(failed(FakeProcesses::End(ProcessEnd::How::kTimedOut)).find("did not end within 90 s"),
            std::string::npos);
  EXPECT_LT(failed(FakeProcesses::Exit(1, "", std::string(1 << 20, 'x'))).size(), 3'000U);
}

TEST_F(CommandModelTest, NothingPrintedIsSaid) {
  for (const char* output : {"", " \n"}) {
    fake_.Add(FakeProcesses::Exit(0, output));
    EXPECT_EQ(std::get<ModelReply>(Ask(fake_).value()).note, "The command printed nothing.");
  }
}

TEST_F(CommandModelTest, LongStandardErrorCutsNoReply) {
  ProcessEnd end = FakeProcesses::Exit(0, "the reply", std::string(1000, 'x'));
  end.output_cut = true;
  fake_.Add(end);
  const auto reply = std::get<ModelReply>(Ask(fake_).value());
  EXPECT_EQ(reply.finish_reason, "stop");
  EXPECT_FALSE(calls_.ends.at(0).body_cut);
}

TEST_F(CommandModelTest, Interrupted) {
  fake_.Add(FakeProcesses::End(ProcessEnd::How::kStopped));
  const auto while_running = Ask(fake_);
  ASSERT_FALSE(while_running.ok());
  EXPECT_EQ(while_running.error().code, ErrorCode::kInterrupted);
  StopSource stop;
  stop.Request(StopLevel::kNow);
  EXPECT_EQ(Ask(fake_, StopToken(stop)).error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(fake_.commands().size(), 1U);
}

// Real programs from here on.

TEST_F(CommandModelTest, ThePromptArrivesByteForByte) {
  prompt_ = "tab\t \"quotes\" $(no shell) \\ \xC3\xA4\n\nno newline at the end";
  EXPECT_EQ(Reply("cat"), prompt_);
  prompt_.clear();
  EXPECT_EQ(Reply("wc -c"), "0\n");
}

TEST_F(CommandModelTest, ALongPromptArrivesWhole) {
  for (int i = 0; i < 1'250'000; ++i) prompt_ += static_cast<char>('a' + i % 26);
  for (int i = 0; i < 3; ++i) prompt_ += prompt_;
  ASSERT_GT(prompt_.size(), 10'000'000U);
  EXPECT_EQ(Reply("wc -c | tr -d ' '"), std::to_string(prompt_.size()) + "\n");
}

TEST_F(CommandModelTest, APromptThatNobodyReadsHurtsNobody) {
  prompt_.assign(10'000'000, 'x');
  EXPECT_EQ(Reply("exec <&-; echo done"), "done\n");
  EXPECT_EQ(Reply("head -c 3"), "xxx");
}

TEST_F(CommandModelTest, ItsStandardErrorIsNoPartOfTheReply) {
  EXPECT_EQ(Reply("echo thinking >&2; echo reply"), "reply\n");
  EXPECT_EQ(Reply("printf '\\033[1mno key\\033[0m' >&2; exit 7"),
            "The model's command ended with exit code 7: printf '\\033[1mno key\\033[0m' >&2; exit "
            "7\nIt said: no key");
  EXPECT_NE(Reply("kill -TERM $$").find("was killed by signal 15"), std::string::npos);
  EXPECT_NE(Reply("/no/such/program").find("exit code 127"), std::string::npos);
}

TEST_F(CommandModelTest, AReplyIsValidUtf8) {
  EXPECT_EQ(Reply("printf 'a\\377b'"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST_F(CommandModelTest, EndlessOutputIsCut) {
  config_.timeout_ms = 60'000;
  const auto outcome = AskReal("head -c 1073741824 /dev/zero | tr '\\0' x");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto& reply = std::get<ModelReply>(outcome.value());
  EXPECT_EQ(reply.text.size(), kReplyBytesMax);
  EXPECT_EQ(reply.finish_reason, "length");
  EXPECT_NE(reply.note.find("was cut"), std::string::npos);
  EXPECT_TRUE(calls_.ends.at(0).body_cut);
}

// The descendant holds the fifo open for writing; reading ends when it is gone.
TEST_F(CommandModelTest, TheDeadlineKillsAllDescendants) {
  TempFolder folder;
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::string read = "unread";
  std::thread reader([&] {
    std::ifstream stream(fifo);
    read.assign(std::istreambuf_iterator<char>(stream), {});
  });
  config_.timeout_ms = 500;
  const std::string said =
      Reply("(setsid sh -c 'echo here; sleep 1000' > '" + fifo + "' &) ; sleep 1000");
  reader.join();
  EXPECT_NE(said.find("did not end within"), std::string::npos) << said;
  EXPECT_EQ(read, "here\n");
}

TEST_F(CommandModelTest, AStopEndsItAtOnce) {
  TempFolder folder;
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  StopSource stop;
  std::ifstream stream;  // stays open: the command is not to end by itself
  std::thread interrupter([&] {
    stream.open(fifo);  // waits until the command runs
    stop.Request(StopLevel::kNow);
  });
  const auto outcome = AskReal("echo > '" + fifo + "'; sleep 1000", StopToken(stop));
  interrupter.join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInterrupted);
}

TEST_F(CommandModelTest, WhatEndsDuringAStopIsAReplyOnlyIfItSucceeds) {
  for (const int code : {0, 1}) {
    StopSource stop;
    fake_.Add([&](const Command&) {
      stop.Request(StopLevel::kNow);
      return FakeProcesses::Exit(code, "the reply\n");
    });
    const auto outcome = Ask(fake_, StopToken(stop));
    ASSERT_EQ(outcome.ok(), code == 0);
    EXPECT_TRUE(outcome.ok() || outcome.error().code == ErrorCode::kInterrupted);
  }
}

}  // namespace
}  // namespace caesar
