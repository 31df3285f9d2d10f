// The real program against mock servers that others wrote: what we take for a provider's format and
// manners is not only our own opinion. llmock plays every format and every fault, and judges how
// the client took it; mock-ai-api plays fixed scenarios of its own make.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "base/format.h"
#include "integration/cli_machine.h"
#include "integration/mock_servers.h"

namespace caesar {
namespace {

using nlohmann::json;
using test::FindMockServers;
using test::Llmock;
using test::MockServers;

constexpr const char* kRound1 = "R/scale/sample_0000/round_001/";
constexpr const char* kRound2 = "R/scale/sample_0000/round_002/";
constexpr const char* kKey = "sk-very-secret";

// A provider's format, as llmock serves it.
struct Wire {
  const char* provider;
  const char* base_path;     // what the base URL adds to the server's address
  const char* key_variable;  // the provider's own, and the one for its address
  const char* url_variable;
  const char* input_tokens;  // where a whole answer counts them
  const char* output_tokens;
  const char* too_long;  // what the provider says of a prompt that does not fit
};
std::ostream& operator<<(std::ostream& stream, const Wire& wire) { return stream << wire.provider; }

constexpr Wire kWires[] = {
    {"openai", "/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", "/usage/prompt_tokens",
     "/usage/completion_tokens",
     "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 "
     "tokens."},
    {"openai-responses", "/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", "/usage/input_tokens",
     "/usage/output_tokens", "Your input exceeds the context window of this model."},
    {"anthropic", "/anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "/usage/input_tokens",
     "/usage/output_tokens", "prompt is too long: 210000 tokens > 200000 maximum"},
    {"gemini", "/gemini/v1beta", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL",
     "/usageMetadata/promptTokenCount", "/usageMetadata/candidatesTokenCount",
     "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."},
};

// Without a URL: the one that the environment names.
Words CommandOf(const std::string& provider, const std::string& url, const std::string& model,
                const std::string& out = "R", int rounds = 2) {
  Words words = {"run", "scale",    "--provider",           provider, "--model", model, "--out",
                 out,   "--rounds", std::to_string(rounds), "--json"};
  if (!url.empty()) words.insert(words.end(), {"--base-url", url});
  return words;
}
Words CommandFor(const Wire& wire, const std::string& server, const std::string& model = "m-1",
                 const std::string& out = "R", int rounds = 2) {
  return CommandOf(wire.provider, server.empty() ? "" : server + wire.base_path, model, out,
                   rounds);
}

class MockServersTest : public testing::Test {
 protected:
  MockServersTest() : servers_(FindMockServers()) {}
  void SetUp() override {
    if (!servers_.missing.empty()) GTEST_SKIP() << servers_.missing;
  }

  MockServers servers_;
  Machine machine_;
};

class LlmockTest : public MockServersTest, public testing::WithParamInterface<Wire> {
 protected:
  LlmockTest() : llmock_(servers_.llmock) {}
  void SetUp() override {
    MockServersTest::SetUp();
    if (IsSkipped()) return;
    machine_.Set("CAESAR_API_KEY", kKey);
    StartAnew();
  }
  // Nothing done, nothing asked, and two replies to come.
  void StartAnew() {
    machine_.Shell("rm -rf R");
    llmock_.Reset();
    QueueReplies({1, 2});
  }
  void QueueReplies(const std::vector<int>& rounds) const {
    for (const int round : rounds) llmock_.Reply(Reply(round));
  }
  static std::string Reply(int round) {
    return ReplyOf(round == 1 ? "judge: measure 30 60" : "judge: measure 20 60");
  }

  Words Command() const { return CommandFor(GetParam(), llmock_.url()); }

  // Both rounds were had, whole, and paid for once.
  void ExpectFinished(const Ended& ended) const {
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_EQ(machine_.Read(std::string(kRound1) + "reply.md"), Reply(1));
    EXPECT_EQ(machine_.Read(std::string(kRound2) + "reply.md"), Reply(2));
    EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{1, 1}));
  }
  // The first question fails for a while, and then all is well without another command.
  void ExpectHeals(const std::string& reason) {
    const Ended ended = machine_.Run(Command());
    ExpectFinished(ended);
    EXPECT_HAS(ended.err, Format("attempt 1 failed ({})", reason));
    EXPECT_EQ(llmock_.Findings(), "") << ended;
  }
  // A run whose first round is over, and whose second one waits until the judge may go on.
  Running StartFirstRound() {
    machine_.JudgeScript("measure wait 30 60\n");
    Running running = machine_.Start(Command());
    EXPECT_TRUE(Eventually([&] { return machine_.Has(std::string(kRound1) + "reply.json"); }));
    return running;
  }
  void LetTheJudgeGo() {
    machine_.JudgeGo();
    machine_.JudgeScript("");
  }

  Llmock llmock_;
};

INSTANTIATE_TEST_SUITE_P(Wires, LlmockTest, testing::ValuesIn(kWires), [](const auto& wire) {
  std::string name = wire.param.provider;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_P(LlmockTest, StreamsRepliesAndCountsTheirTokens) {
  const Ended ended = machine_.Run(Command());
  ExpectFinished(ended);
  EXPECT_EQ(llmock_.Findings(), "");
  const std::vector<json> requests = llmock_.Requests();
  ASSERT_EQ(requests.size(), 2U);
  TokenUsage counted;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_TRUE(requests[i].at("stream").get<bool>());
    EXPECT_EQ(requests[i].at("model"), "m-1");
    QueueReplies({static_cast<int>(i) + 1});
    const json answer = llmock_.RepeatWhole(requests[i]);
    counted.input += answer.at(json::json_pointer(GetParam().input_tokens)).get<std::int64_t>();
    counted.output += answer.at(json::json_pointer(GetParam().output_tokens)).get<std::int64_t>();
  }
  const SampleResult result = machine_.Result(ended.out);
  EXPECT_TRUE(result.tokens.reported);
  EXPECT_EQ(result.tokens.input, counted.input);
  EXPECT_EQ(result.tokens.output, counted.output);
}

TEST_P(LlmockTest, TakesItsAddressAndKeyFromTheProvidersVariables) {
  machine_.Unset("CAESAR_API_KEY");
  machine_.Set(GetParam().key_variable, kKey);
  machine_.Set(GetParam().url_variable, llmock_.url() + GetParam().base_path);
  ExpectFinished(machine_.Run(CommandFor(GetParam(), "")));
}

TEST_P(LlmockTest, WaitsAsLongAsARateLimitAsks) {
  llmock_.Fail(429, 2, 0.4);
  ExpectHeals("rate limit (429)");
}

TEST_P(LlmockTest, ServerErrorsHeal) {
  for (const int status : {500, 502, 503, 529}) {
    StartAnew();
    llmock_.Fail(status, 1, 0.05);
    // llmock calls that status what Anthropic calls its 529.
    const bool overloaded = status == 503 && GetParam().provider == std::string_view("anthropic");
    ExpectHeals(Format("{} ({})", overloaded ? "overloaded" : "server error", status));
  }
}

// Without a wish of the server's: longer and longer, which llmock looks for.
TEST_P(LlmockTest, BacksOffBetweenTries) {
  llmock_.Queue({{"type", "fail"}, {"status", 500}, {"times", 2}});
  ExpectHeals("server error (500)");
}

TEST_P(LlmockTest, BrokenStreamsStartAgainFromNothing) {
  struct Case {
    const char* kind;
    const char* reason;
  };
  for (const Case& c : {Case{"disconnect", "connection cut"}, Case{"truncate", "answer cut off"},
                        Case{"malformed", "unreadable answer"}}) {
    SCOPED_TRACE(c.kind);
    StartAnew();
    llmock_.Reset();
    QueueReplies({1, 1, 2});  // the broken stream takes one
    llmock_.Queue({{"type", "stream_fault"}, {"kind", c.kind}, {"after_chunks", 7}});
    ExpectHeals(c.reason);
  }
}

// Wherever a stream breaks off, what is taken for the reply is all of it. Many runs at once, each
// with a model of its own.
TEST_P(LlmockTest, CutBeforeEachEventOfAStream) {
  ExpectFinished(machine_.Run(Command()));
  const int events = llmock_.Requests().at(0).at("chunks_sent");
  ASSERT_GT(events, 5);
  for (const char* kind : {"disconnect", "truncate"}) {
    StartAnew();
    llmock_.Reset();
    std::vector<Running> running;
    for (int event = 0; event < events; ++event) {
      const std::string model = Format("m-{}", event);
      const json match = {{"model", model}};
      llmock_.Queue({{"type", "reply"}, {"text", Reply(1)}, {"times", 2}, {"match", match}});
      llmock_.Queue(
          {{"type", "stream_fault"}, {"kind", kind}, {"after_chunks", event}, {"match", match}});
      running.push_back(machine_.Start(
          CommandFor(GetParam(), llmock_.url(), model, Format("R/{}", event), /*rounds=*/1)));
    }
    for (int event = 0; event < events; ++event) {
      SCOPED_TRACE(Format("{} before event {} of {}", kind, event, events));
      const Ended ended = running[static_cast<std::size_t>(event)].Wait();
      EXPECT_EQ(ended.code, 0) << ended;
      EXPECT_EQ(machine_.Read(Format("R/{}/scale/sample_0000/round_001/reply.md", event)),
                Reply(1));
    }
    const std::vector<json> requests = llmock_.Requests();
    EXPECT_EQ(std::count_if(requests.begin(), requests.end(),
                            [](const json& request) { return !request.at("fault").is_null(); }),
              events);
  }
}

TEST_P(LlmockTest, SlowStreamsAreWaitedFor) {
  llmock_.Queue({{"type", "slow_first_token"}, {"seconds", 0.4}});
  llmock_.Queue(
      {{"type", "stream_fault"}, {"kind", "stall"}, {"after_chunks", 7}, {"stall_seconds", 0.4}});
  const Ended ended = machine_.Run(Command());
  ExpectFinished(ended);
  EXPECT_EQ(llmock_.Requests().size(), 2U);
}

TEST_P(LlmockTest, AnOutageIsGivenUpAndGoneOnFromLater) {
  Running running = StartFirstRound();
  llmock_.Queue({{"type", "fail"}, {"status", 500}, {"times", nullptr}, {"retry_after", 0.05}});
  LetTheJudgeGo();
  const Ended failed = running.Wait();
  EXPECT_EQ(failed.code, 3) << failed;
  EXPECT_HAS(failed.err, "has a problem of its own");
  EXPECT_HAS(failed.err, "Given up: after 6 tries.");
  EXPECT_HAS(failed.err, "Nothing recorded is lost. To resume: caesar run scale --out R");
  EXPECT_EQ(llmock_.Requests().size(), 7U);
  EXPECT_EQ(llmock_.Findings(), "");
  EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{1, 0}));
  llmock_.Reset();
  QueueReplies({2});
  const Ended resumed = machine_.Run(Command());
  EXPECT_EQ(resumed.code, 0) << resumed;
  EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{0, 1}));
  EXPECT_EQ(machine_.Read(std::string(kRound2) + "reply.md"), Reply(2));
}

TEST_P(LlmockTest, ACutReplyIsSaidAndUsed) {
  llmock_.Reset();
  llmock_.Queue({{"type", "reply"}, {"text", Reply(1)}, {"finish_reason", "length"}});
  llmock_.Reply(Reply(2));
  const Ended ended = machine_.Run(Command());
  ExpectFinished(ended);
  EXPECT_HAS(ended.err, "The reply was cut at the token limit");
}

TEST_P(LlmockTest, AContentFilterIsAnOutcome) {
  if (GetParam().provider == std::string_view("openai-responses"))
    GTEST_SKIP() << "llmock has no such ending in this format";
  llmock_.Reset();
  llmock_.Queue(
      {{"type", "reply"}, {"text", "I'd rather not"}, {"finish_reason", "content_filter"}});
  const Ended ended = machine_.Run(Command());
  EXPECT_EQ(ended.code, 1) << ended;
  EXPECT_EQ(machine_.LastStep(), "Generate Refused");
  EXPECT_EQ(llmock_.Requests().size(), 1U);
}

// The first kernel is so long that its part of the second prompt can be shortened.
TEST_P(LlmockTest, APromptThatIsTooLongIsShortenedOnce) {
  llmock_.Reset();
  const std::string first = ReplyOf("judge: measure 30 60\n// " + std::string(15'000, 'x'));
  llmock_.Reply(first);
  llmock_.Reply(Reply(2));
  Running running = StartFirstRound();
  llmock_.Queue({{"type", "fail"}, {"status", 400}, {"message", GetParam().too_long}});
  LetTheJudgeGo();
  const Ended ended = running.Wait();
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS(ended.err, "the prompt is too long for the model");
  const std::string shorter = machine_.Read(std::string(kRound2) + "prompt_short.md");
  EXPECT_LT(shorter.size() + 1000, machine_.Read(std::string(kRound2) + "prompt.md").size());
  EXPECT_EQ(machine_.Read(std::string(kRound2) + "reply.md"), Reply(2));
  const std::vector<json> requests = llmock_.Requests();
  ASSERT_EQ(requests.size(), 3U) << ended;
  EXPECT_HAS(requests[2].at("body").dump(),
             json(shorter.substr(shorter.size() / 2)).dump().substr(1, 500));
  EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{1, 1}));
}

TEST_P(LlmockTest, ARefusedKeyIsNotTriedAgain) {
  llmock_.Queue({{"type", "fail"},
                 {"status", 401},
                 {"times", nullptr},
                 {"message", Format("Incorrect API key provided: {}", kKey)}});
  const Ended failed = machine_.Run(Command());
  EXPECT_EQ(failed.code, 3) << failed;
  EXPECT_HAS(failed.err, "does not accept the API key");
  EXPECT_EQ(llmock_.Requests().size(), 1U);
  EXPECT_HAS_NOT(failed.err + failed.out, kKey);
  EXPECT_EQ(machine_.Shell(Format("grep -r {} R cache judge.log", kKey)).code, 1)
      << "the key was written down";
}

TEST_P(LlmockTest, KilledBetweenRoundsItPaysForNoneTwice) {
  {
    const Running running = StartFirstRound();
    running.Signal(SIGKILL);
    EXPECT_TRUE(Eventually([&] { return running.ended(); }));
  }
  machine_.JudgeScript("");
  ExpectFinished(machine_.Run(Command()));
}

TEST_P(LlmockTest, KilledInAStreamItAsksForThatReplyAlone) {
  {
    const Running running = StartFirstRound();
    llmock_.Reset();
    QueueReplies({2});
    llmock_.Queue(
        {{"type", "stream_fault"}, {"kind", "stall"}, {"after_chunks", 7}, {"stall_seconds", 60}});
    LetTheJudgeGo();
    EXPECT_TRUE(
        Eventually([&] { return !machine_.Read(std::string(kRound2) + "reply.part").empty(); }));
    running.Signal(SIGKILL);
    EXPECT_TRUE(Eventually([&] { return running.ended(); }));
  }
  EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{0, 0}));
  QueueReplies({2});
  const Ended resumed = machine_.Run(Command());
  EXPECT_EQ(resumed.code, 0) << resumed;
  EXPECT_EQ(llmock_.Paid(2), (std::vector<int>{0, 1}));
  EXPECT_EQ(machine_.Read(std::string(kRound1) + "reply.md"), Reply(1));
  EXPECT_EQ(machine_.Read(std::string(kRound2) + "reply.md"), Reply(2));
}

// Six tries take a while each: all formats and faults side by side, and those of another make.
TEST_F(MockServersTest, FaultsThatStayAreGivenUp) {
  const Llmock llmock(servers_.llmock);
  llmock.Reset();
  struct Case {
    Words command;
    const char* message;
  };
  std::vector<Case> cases;
  const auto out = [&] { return Format("R{}", cases.size()); };
  for (const Wire& wire : kWires) {
    const auto add = [&](const char* kind, const char* message) {
      const std::string model = Format("m-{}", cases.size());
      llmock.Queue({{"type", "stream_fault"},
                    {"kind", kind},
                    {"after_chunks", 3},
                    {"times", nullptr},
                    {"match", {{"model", model}}}});
      cases.push_back({CommandFor(wire, servers_.llmock, model, out()), message});
    };
    add("disconnect", "was cut.");
    add("truncate", "ended before it was complete.");
    add("malformed", "does not answer as a");
  }
  cases.push_back({CommandOf("openai", servers_.openai + "/v1", "gpt:mock-503", out()),
                   "has a problem of its own"});
  cases.push_back(
      {CommandOf("anthropic", servers_.anthropic, "claude-sonnet-4:mock-stream-error", out()),
       "broke off its answer with an error"});
  std::vector<Running> running;
  for (const Case& c : cases) running.push_back(machine_.Start(c.command));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(::testing::PrintToString(cases[i].command));
    const Ended ended = running[i].Wait();
    EXPECT_EQ(ended.code, 3) << ended;
    EXPECT_HAS(ended.err, cases[i].message);
    EXPECT_HAS(ended.err, "Given up: after 6 tries.");
    EXPECT_FALSE(machine_.Has(Format("R{}/scale/sample_0000/round_001/reply.md", i)));
    EXPECT_EQ(machine_.Steps(Format("R{}/scale/sample_0000", i)), (Words{"Start RoundOpened"}));
  }
}

// What mock-ai-api plays for a model's name, each in a run of its own, side by side.
TEST_F(MockServersTest, ScenariosOfAnotherMake) {
  struct Case {
    const char* provider;
    const char* model;
    int code;
    const char* part;
  };
  const std::vector<Case> cases = {
      {"openai", "gpt:mock-text", 1, "NoCode"},
      {"openai", "gpt:mock-tool-stream", 1, "NoCode"},
      {"openai", "gpt:mock-400", 3, "refuses the request for model 'gpt:mock-400'"},
      {"openai", "gpt:mock-401", 3, "does not accept the API key"},
      {"anthropic", "claude-sonnet-4:mock-anthropic-stream", 1, "NoCode"},
      {"anthropic", "claude-sonnet-4:mock-tool-stream", 1, "NoCode"},
      {"anthropic", "claude-sonnet-4:mock-400", 3, "refuses the request for model"},
      {"anthropic", "claude-sonnet-4:mock-401", 3, "does not accept the API key"},
  };
  machine_.Set("CAESAR_API_KEY", kKey);
  std::vector<Running> running;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const bool openai = cases[i].provider == std::string_view("openai");
    const std::string url = openai ? servers_.openai + "/v1" : servers_.anthropic;
    running.push_back(
        machine_.Start(CommandOf(cases[i].provider, url, cases[i].model, Format("R{}", i), 1)));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(Format("{} {}", cases[i].provider, cases[i].model));
    const Ended ended = running[i].Wait();
    EXPECT_EQ(ended.code, cases[i].code) << ended;
    EXPECT_HAS(ended.err, cases[i].part);
  }
  // OpenAI's counts tokens in the event that ends the answer, not in one of their own; Anthropic's
  // those of the answer there and those of the prompt at its beginning.
  for (const int stream : {0, 4}) {
    const SampleResult result =
        machine_.Result(machine_.Read(Format("R{}/scale/sample_0000/result.json", stream)));
    EXPECT_TRUE(result.tokens.reported);
    EXPECT_GT(result.tokens.input, 100);
    EXPECT_GT(result.tokens.output, 5);
  }
}

}  // namespace
}  // namespace caesar
