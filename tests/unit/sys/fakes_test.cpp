// The stand-ins must do what the tests of other modules rely on.
#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_processes.h"
#include "fakes/faulty_files.h"
#include "fakes/memory_files.h"

namespace caesar {
namespace {

TEST(FakeClock, SleepMovesTimeAndRecords) {
  FakeClock clock;
  const auto start = clock.Now();
  EXPECT_EQ(UtcText(clock.Utc()), "2026-01-31T12:00:00.000Z");
  ASSERT_TRUE(clock.Sleep(Milliseconds(1'500), {}).ok());
  clock.Advance(Milliseconds(500));
  EXPECT_EQ(clock.Now() - start, Milliseconds(2'000));
  EXPECT_EQ(UtcText(clock.Utc()), "2026-01-31T12:00:02.000Z");
  EXPECT_EQ(clock.slept(), std::vector<Milliseconds>{Milliseconds(1'500)});
  StopSource source;
  source.Request(StopLevel::kNow);
  const Status stopped = clock.Sleep(Milliseconds(1), StopToken(source));
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kInterrupted);
}

TEST(FaultyFiles, FailsTheChosenCallAndCounts) {
  MemoryFiles memory;
  FaultyFiles files(memory);
  files.FailAt(1);
  EXPECT_TRUE(files.Write("a", "1").ok());
  EXPECT_FALSE(files.Write("b", "1").ok());
  EXPECT_TRUE(files.Write("c", "1").ok());
  EXPECT_EQ(files.calls(), (std::vector<std::string>{"Write a", "Write b", "Write c"}));
  EXPECT_EQ(memory.Paths(), (std::vector<std::string>{"a", "c"}));
}

TEST(FaultyFiles, FailsCallsByText) {
  MemoryFiles memory;
  FaultyFiles files(memory);
  files.FailOn("Write best.cu", Error{ErrorCode::kIo, "read-only", ""}, 1);
  EXPECT_TRUE(files.Write("other", "").ok());
  const Status failed = files.Write("best.cu", "");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "read-only");
  EXPECT_TRUE(files.Write("best.cu", "").ok()) << "it was to fail once";
}

TEST(FaultyFiles, AFailedAppendIsTorn) {
  MemoryFiles memory;
  FaultyFiles files(memory);
  auto file = files.Append("journal", std::nullopt).value();
  ASSERT_TRUE(file->Append("whole\n").ok());
  files.FailOn("AppendFile::Append", DiskFull(), 1);
  EXPECT_FALSE(file->Append("torn line\n").ok());
  EXPECT_EQ(memory.Read("journal", 100).value(), "whole\ntorn ");
  files.FailOn("AppendFile::Sync");
  EXPECT_FALSE(file->Sync().ok());
  files.StopFailing();
  EXPECT_TRUE(file->Sync().ok());
}

TEST(FakeProcesses, AnswersInOrderAndRecords) {
  FakeProcesses processes;
  processes.Add(FakeProcesses::Exit(2, "", "error: x"));
  processes.AnswerAll(
      [](const Command& command) { return FakeProcesses::Exit(0, command.argv.at(1)); });
  Command command;
  command.argv = {"nvcc", "--version"};
  EXPECT_EQ(processes.Run(command, Milliseconds(5), {}).value().exit_code, 2);
  EXPECT_EQ(processes.Run(command, Milliseconds(6), {}).value().output, "--version");
  EXPECT_EQ(processes.commands().size(), 2U);
  EXPECT_EQ(processes.timeouts(), (std::vector<Milliseconds>{Milliseconds(5), Milliseconds(6)}));
}

TEST(FakeProcesses, AChildThatHangsEndsByKill) {
  FakeProcesses processes;
  processes.Add(FakeProcesses::End(ProcessEnd::How::kTimedOut));
  Command command;
  command.argv = {"runner"};
  const auto child = processes.Start(command).value();
  EXPECT_FALSE(child->Wait(Milliseconds(1), {}).value().has_value());
  child->Kill();
  const auto end = child->Wait(Milliseconds(1), {}).value();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->how, ProcessEnd::How::kSignaled);
  EXPECT_FALSE(processes.Start(command).ok()) << "the script is used up";
}

TEST(FakeHttp, StreamsOnlyTheBodyOfA200) {
  FakeHttp http;
  http.AddStream({"a", "b"});
  http.AddStatus(429, "slow down", {{"retry-after", "3"}});
  std::vector<std::string> seen;
  const auto on_body = [&](std::string_view data) { seen.emplace_back(data); };
  HttpRequest request;
  request.url = "http://x/";
  EXPECT_EQ(std::get<HttpResponse>(http.Send(request, on_body, {})).body, "");
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
  const auto refused = std::get<HttpResponse>(http.Send(request, on_body, {}));
  EXPECT_EQ(refused.body, "slow down");
  EXPECT_EQ(refused.Header("retry-after"), "3");
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_EQ(http.requests().size(), 2U);
}

TEST(FakeHttp, AStreamCanBeCutOrStopped) {
  FakeHttp http;
  StopSource source;
  http.AddFailure(HttpFailure::Kind::kCut, {"half"});
  http.Add({HttpResponse{}, {"x"}, [&] { source.Request(StopLevel::kNow); }});
  std::string seen;
  const auto on_body = [&](std::string_view data) { seen += data; };
  const auto cut = std::get<HttpFailure>(http.Send({}, on_body, StopToken(source)));
  EXPECT_EQ(cut.kind, HttpFailure::Kind::kCut);
  EXPECT_TRUE(cut.body_started);
  EXPECT_EQ(seen, "half");
  const auto stopped = std::get<HttpFailure>(http.Send({}, on_body, StopToken(source)));
  EXPECT_EQ(stopped.kind, HttpFailure::Kind::kStopped);
}

}  // namespace
}  // namespace caesar
