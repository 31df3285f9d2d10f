// The judge and its client as processes: warm-up, broken references, shortage of memory, kills,
// silence and interrupts.
#include <sys/stat.h>

#include <csignal>
#include <future>

#include "integration/judge_bench.h"

namespace caesar {
namespace {

Error ErrorOf(const Result<Verdict>& verdict) {
  EXPECT_FALSE(verdict.ok());
  return verdict.ok() ? Error{} : verdict.error();
}

TEST(JudgeLifecycle, HelloDescribesTheDevice) {
  JudgeBench bench;
  const auto device = bench.judge().Hello({});
  ASSERT_TRUE(device.ok()) << device.error().message;
  EXPECT_EQ(device.value().name, "memory of the host");
  EXPECT_EQ(device.value().bandwidth_gbs, 1000.0);
  EXPECT_TRUE(bench.Leftovers().empty());
}

TEST(JudgeLifecycle, ADeviceThatIsNotThereIsAnError) {
  JudgeClientConfig config;
  config.program = CAESAR_HOST_JUDGE;
  config.device = "cuda:7";
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  const auto device = judge->Hello({});
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(device.error().message, "there is no device cuda:7");
}

TEST(JudgeLifecycle, AProgramThatIsNotThereIsAnError) {
  JudgeClientConfig config;
  config.program = "/nonexistent/caesar";
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  judge->Warm(RequestFor("Honest"));
  EXPECT_EQ(ErrorOf(judge->Check(RequestFor("Honest"), {}, {})).code, ErrorCode::kEnvironment);
}

TEST(JudgeLifecycle, ChecksWithAndWithoutWarmingUp) {
  JudgeBench cold;
  EXPECT_EQ(Name(cold.Check("Honest").kind), "correct");
  JudgeBench warm;
  warm.judge().Warm(RequestFor(""));
  EXPECT_EQ(Name(warm.Check("Honest").kind), "correct");
  warm.judge().Warm(RequestFor(""));
  warm.judge().Warm(RequestFor(""));
  EXPECT_EQ(Name(warm.Check("WrongFirst").kind), "wrong");
  JudgeRequest no_reference = RequestFor("");
  no_reference.reference = "";
  warm.judge().Warm(no_reference);
  EXPECT_EQ(Name(warm.Check("Honest").kind), "correct");
}

TEST(JudgeLifecycle, TellsItsProgress) {
  JudgeBench bench;
  std::vector<std::string> told;
  const auto verdict = bench.judge().Check(
      RequestFor("Honest"), [&](const std::string& text) { told.push_back(text); }, {});
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(told, (std::vector<std::string>{"checking shape small", "checking shape odd",
                                            "checking shape bench"}));
}

TEST(JudgeLifecycle, ABrokenReferenceBlamesTheProblem) {
  JudgeBench bench;
  const auto with_reference = [&](const char* reference) {
    JudgeRequest request = RequestFor("Honest");
    request.reference = CandidatePath(reference);
    request.call_timeout = Milliseconds(100);  // a reference gets six times that
    const Error error = ErrorOf(bench.judge().Check(request, {}, {}));
    EXPECT_EQ(error.code, ErrorCode::kBadInput) << error.message;
    return error.message + "\n" + error.detail;
  };
  const auto expect = [&](const char* reference, const char* text) {
    const std::string said = with_reference(reference);
    EXPECT_NE(said.find(text), std::string::npos) << reference << ": " << said;
    EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");
  };
  expect("Segfaults",
         "the reference of problem add_one failed at shape small\nthe process died by signal 11");
  expect(
      "Sleeps",
      "the reference of problem add_one failed at shape small\nthe call did not end within 600 ms");
  expect("ReturnsError",
         "the reference of problem add_one failed at shape small\ncudaErrorInvalidConfiguration");
  expect("ExitsAtLoad",
         "the problem's reference does not load\nthe process ended by itself with exit code 3");
  expect("HasNoEntry",
         "the problem's reference does not load\nthe shared object has no caesar_entry");
}

TEST(JudgeLifecycle, SaysHowMuchMemoryIsMissing) {
  // 2^30 elements are 4 GiB for each of two inputs, expected output and output: 16 GiB.
  static const auto large = ParseProblem(R"({
    "version": 1, "name": "large", "summary": "y = x + 1", "tags": [], "launcher": "solve", "dims": ["n"],
    "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
    "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-6 }],
    "shapes": [{ "name": "small", "roles": ["check"], "n": 5 }, { "name": "huge", "roles": ["bench"], "n": 1073741824 }],
    "flops": "n", "bytes": "8*n" , "scalars": [], "policy": { "tf32": false, "libraries": [] },
    "baseline_libraries": [] })",
                                         "large");
  ASSERT_TRUE(large.ok()) << large.error().message;
  JudgeBench bench(std::int64_t{1} << 20);
  JudgeRequest request = RequestFor("Honest");
  request.problem = &large.value();
  const Error error = ErrorOf(bench.judge().Check(request, {}, {}));
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(
      error.message,
      "the GPU has not enough memory: shape huge of large needs 16.00 GiB, 0.00 GiB are free");
  EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");  // and what it held is free again
}

TEST(JudgeLifecycle, ShrinksABatchToTheMemoryThatIsThere) {
  JudgeBench bench(std::int64_t{20} * 65536);  // a set takes 4 granules
  const Verdict verdict = bench.Measure(RequestFor("Honest"));
  ASSERT_TRUE(verdict.timing.has_value()) << verdict.reason;
  EXPECT_GE(verdict.timing->batch, 1);
}

TEST(JudgeLifecycle, AJudgeKilledBetweenRequestsIsStartedAgain) {
  JudgeBench bench;
  EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");
  const int first = bench.JudgePid();
  ASSERT_GT(first, 0);
  kill(first, SIGKILL);
  EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");
  EXPECT_NE(bench.JudgePid(), first);
  EXPECT_TRUE(bench.Leftovers().empty());
}

// Waits until the candidate's call is under way, then calls `act`.
template <class Act>
Result<Verdict> Interrupted(JudgeBench& bench, const JudgeRequest& request, StopToken stop,
                            Act act) {
  std::promise<void> begun;
  bool told = false;
  auto checking = std::async(std::launch::async, [&] {
    return bench.judge().Check(
        request,
        [&](const std::string&) {
          if (!std::exchange(told, true)) begun.set_value();
        },
        stop);
  });
  begun.get_future().wait();
  act();
  return checking.get();
}

TEST(JudgeLifecycle, AJudgeKilledInTheMiddleIsStartedOnceAndThenReported) {
  JudgeBench bench;
  const auto verdict =
      Interrupted(bench, RequestFor("Honest"), {}, [&] { kill(bench.JudgePid(), SIGKILL); });
  ASSERT_TRUE(verdict.ok()) << verdict.error().message;
  EXPECT_EQ(Name(verdict.value().kind), "correct");

  // A judge that always dies: the second death is the answer.
  TempFolder folder;
  const std::string counter = folder / "count";
  const std::string program = folder / "judge";
  ASSERT_TRUE(
      RealFiles()
          .Write(program,
                 Format("#!/bin/sh\necho once >> {}\necho 'out of luck' >&2\nexit 7\n", counter))
          .ok());
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  JudgeClientConfig config;
  config.program = program;
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  const Error error = ErrorOf(judge->Check(RequestFor("Honest"), {}, {}));
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_NE(error.detail.find("Its exit code was 7."), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("out of luck"), std::string::npos) << error.detail;
  EXPECT_EQ(RealFiles().Read(counter, 1000).value(), "once\nonce\n");
}

TEST(JudgeLifecycle, StopsAtOnceInTheMiddleOfACheck) {
  JudgeBench bench;
  StopSource source;
  JudgeRequest request = RequestFor("Sleeps");
  const auto begin = std::chrono::steady_clock::now();
  const auto verdict =
      Interrupted(bench, request, StopToken(source), [&] { source.Request(StopLevel::kNow); });
  EXPECT_EQ(ErrorOf(verdict).code, ErrorCode::kInterrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - begin,
            std::chrono::seconds(5));  // not the call's timeout of 10 s
  for (int i = 0; i < 100 && !bench.Alive().empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(bench.Alive().empty());
  EXPECT_EQ(Name(bench.Check("Honest").kind), "correct");  // by a fresh judge
}

// A judge that says what it likes.
Error AnswerOf(const std::string& script) {
  TempFolder folder;
  const std::string program = folder / "judge";
  EXPECT_TRUE(RealFiles().Write(program, "#!/bin/sh\nread -r line <&3\n" + script + "\n").ok());
  EXPECT_EQ(chmod(program.c_str(), 0755), 0);
  JudgeClientConfig config;
  config.program = program;
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  return ErrorOf(judge->Check(RequestFor("Honest"), {}, {}));
}

TEST(JudgeLifecycle, ASilentJudgeIsReplacedOnceAndThenReported) {
  TempFolder folder;
  const std::string program = folder / "judge";
  ASSERT_TRUE(
      RealFiles()
          .Write(program, Format("#!/bin/sh\necho once >> {}\nexec sleep 100\n", folder / "count"))
          .ok());
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  JudgeClientConfig config;
  config.program = program;
  config.silence_max = Milliseconds(200);
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  const Error error = ErrorOf(judge->Check(RequestFor("Honest"), {}, {}));
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(error.message, "the judge has been silent for 0.2 s");
  EXPECT_EQ(RealFiles().Read(folder / "count", 1000).value(), "once\nonce\n");
}

TEST(JudgeLifecycle, NonsenseFromTheJudgeIsAnError) {
  for (const char* line : {"nonsense", "{}", "[1,2]", R"({"id":1,"reply":"verdict"})",
                           R"({"id":"x","reply":"alive"})", R"({"id":1,"reply":"word"})"}) {
    const Error error = AnswerOf(Format("echo '{}' >&3; sleep 10", line));
    EXPECT_EQ(error.code, ErrorCode::kEnvironment) << line;
    EXPECT_NE(error.message.find("a line of the judge cannot be read"), std::string::npos)
        << error.message;
  }
}

TEST(JudgeLifecycle, AVerdictThatLacksAFieldIsAnError) {
  const Error error = AnswerOf(R"(echo '{"id":1,"reply":"verdict","verdict":"{}"}' >&3; sleep 10)");
  EXPECT_EQ(error.code, ErrorCode::kEnvironment);
  EXPECT_NE(error.message.find("version is missing"), std::string::npos) << error.message;
}

TEST(JudgeLifecycle, AnErrorOfTheJudgeArrivesAsItIs) {
  const Error error = AnswerOf(
      R"(echo '{"id":0,"reply":"warmed"}' >&3; echo '{"id":1,"reply":"alive"}' >&3
echo '{"id":1,"reply":"error","code":"bad_input","message":"no","detail":"why"}' >&3; sleep 10)");
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_EQ(error.message, "no");
  EXPECT_EQ(error.detail, "why");
}

}  // namespace
}  // namespace caesar
