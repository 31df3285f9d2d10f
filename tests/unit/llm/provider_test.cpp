#include "llm/provider.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_processes.h"
#include "fakes/memory_files.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

class ProviderTest : public testing::Test {
 protected:
  ProviderTest() { problem_.name = "softmax"; }

  Result<std::unique_ptr<Model>> Make() {
    return MakeModel(config_, problem_, 0,
                     {[this](const std::string& name) { return environment_[name]; }, http_,
                      processes_, files_, clock_});
  }
  void Put(const std::string& path, const std::string& text) {
    EXPECT_TRUE(files_.MakeFolders(path.substr(0, path.rfind('/'))).ok());
    EXPECT_TRUE(files_.Write(path, text).ok());
  }
  std::string Replay(int round) {
    auto model = Make();
    if (!model.ok()) return model.error().message;
    const auto outcome = model.value()->Ask(Question(round), sink_, {});
    return outcome.ok() ? std::get<ModelReply>(outcome.value()).text : outcome.error().message;
  }

  static ModelRequest Question(int round) {
    ModelRequest request;
    request.round = round;
    return request;
  }

  ModelConfig config_;
  Problem problem_;
  std::map<std::string, std::string> environment_;
  FakeHttp http_;
  FakeProcesses processes_;
  FakeClock clock_;
  MemoryFiles files_;
  RecordingSink sink_;
};

TEST_F(ProviderTest, UnknownProviderIsAnsweredWithTheNearest) {
  config_.provider = "reply";
  const auto model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kUsage);
  EXPECT_EQ(model.error().message, "There is no provider 'reply'.");
  EXPECT_EQ(model.error().detail, "Did you mean 'replay'?");
}

TEST_F(ProviderTest, OpenAiNeedsAModelAndAKey) {
  auto model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().message, "No model was named.");
  config_.model = "m";
  model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kEnvironment);
  environment_["OPENAI_API_KEY"] = "sk-1";
  EXPECT_TRUE(Make().ok());
}

TEST_F(ProviderTest, BadExtraJsonIsFoundBeforeAnythingRuns) {
  config_.model = "m";
  config_.base_url = "http://localhost/v1";
  config_.extra_json = "{";
  const auto model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kUsage);
}

TEST_F(ProviderTest, SettingsThatCannotBeSaidAreErrors) {
  environment_["CAESAR_API_KEY"] = "mine";
  config_.model = "m";
  config_.reasoning_effort = "8000";
  for (const char* provider : {"openai", "openai-responses", "vllm"}) {
    config_.provider = provider;
    const auto model = Make();
    ASSERT_FALSE(model.ok()) << provider;
    EXPECT_EQ(model.error().code, ErrorCode::kUsage);
  }
  config_.reasoning_effort = "high";
  EXPECT_TRUE(Make().ok());
  config_.seed = 1;
  EXPECT_TRUE(Make().ok());
  for (const char* provider : {"anthropic", "openai-responses"}) {
    config_.provider = provider;
    const auto model = Make();
    ASSERT_FALSE(model.ok()) << provider;
    EXPECT_NE(model.error().message.find("no seed"), std::string::npos);
  }
}

TEST_F(ProviderTest, WhetherAPriceIsKnown) {
  config_.model = "gpt-6.2-sol";
  environment_["OPENAI_API_KEY"] = "sk-1";
  EXPECT_EQ(Make().value()->unpriced(), "");
  config_.model = "gpt-6.2-sol-2026-10-01";
  EXPECT_EQ(Make().value()->unpriced(), "");
  config_.model = "gpt-unheard-of";
  EXPECT_EQ(Make().value()->unpriced(), "model 'gpt-unheard-of' at api.openai.com");
  config_.base_url = "http://LOCALHOST:8000/v1";
  EXPECT_EQ(Make().value()->unpriced(), "model 'gpt-unheard-of' at localhost");
  Put("/p/prices.json",
      R"({"usd_per_million_tokens": {"localhost": {"*": {"input": 0, "output": 0}}}})");
  config_.prices = "/p/prices.json";
  EXPECT_EQ(Make().value()->unpriced(), "");
  config_.base_url = "";
  config_.model = "gpt-6.2-sol";  // the built-in rows are there still
  EXPECT_EQ(Make().value()->unpriced(), "");
  config_.provider = "replay";
  problem_.replies = {"one"};
  EXPECT_EQ(Make().value()->unpriced(), "");
}

TEST_F(ProviderTest, APriceListThatIsNoneIsAnError) {
  config_.model = "m";
  config_.base_url = "http://localhost/v1";
  config_.prices = "/nowhere.json";
  auto model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kUsage);
  EXPECT_EQ(model.error().message.find("--prices: "), 0U);
  Put("/p/prices.json", R"({"usd_per_million_tokens": {"localhost": {"m": {"input": 1}}}})");
  config_.prices = "/p/prices.json";
  model = Make();
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(model.error().message, "/p/prices.json: localhost: m: it needs output");
}

TEST_F(ProviderTest, ReplayOfTheProblemsOwnReplies) {
  config_.provider = "replay";
  problem_.replies = {"<!-- first -->\none", "two"};
  EXPECT_EQ(Replay(1), "<!-- first -->\none");
  EXPECT_EQ(sink_.text, "<!-- first -->\none");
  EXPECT_EQ(Replay(2), "two");
  EXPECT_EQ(Replay(3), "Round 3 asks for a reply, but problem softmax has only 2 recorded.");
}

TEST_F(ProviderTest, ReplayEndsWithAnErrorThatHelps) {
  config_.provider = "replay";
  problem_.replies = {"one"};
  auto model = Make();
  const auto outcome = model.value()->Ask(Question(2), sink_, {});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(outcome.error().detail, "Use --rounds 1 or fewer with --provider replay.");
}

TEST_F(ProviderTest, ReplayReportsNoTokens) {
  config_.provider = "replay";
  problem_.replies = {"one"};
  auto model = Make();
  const auto reply = std::get<ModelReply>(model.value()->Ask(Question(1), sink_, {}).value());
  EXPECT_FALSE(reply.tokens.reported);
  EXPECT_EQ(reply.tokens.total(), 0);
}

TEST_F(ProviderTest, ReplayOfAFolderInNumericOrder) {
  config_.provider = "replay";
  config_.replies = "/r";
  Put("/r/10.md", "third");
  Put("/r/002.md", "second");
  Put("/r/001.md", "first \xff");
  Put("/r/README.md", "no reply");
  Put("/r/-1.md", "no reply");
  Put("/r/.md", "no reply");
  EXPECT_EQ(Replay(1), "first \xEF\xBF\xBD");
  EXPECT_EQ(Replay(2), "second");
  EXPECT_EQ(Replay(3), "third");
  EXPECT_EQ(Replay(4), "Round 4 asks for a reply, but /r has only 3 recorded.");
}

TEST_F(ProviderTest, ReplayOfAnEarlierSample) {
  config_.provider = "replay";
  config_.replies = "/run/softmax/sample_0000";
  Put("/run/softmax/sample_0000/journal.jsonl", "");
  Put("/run/softmax/sample_0000/round_001/reply.md", "one");
  Put("/run/softmax/sample_0000/round_002/reply.md", "two");
  Put("/run/softmax/sample_0000/round_003/reply.part", "torn");
  EXPECT_EQ(Replay(2), "two");
  EXPECT_NE(Replay(3).find("only 2"), std::string::npos);
}

TEST_F(ProviderTest, ReplayOfARunGivesEachSampleItsOwnAndEndsAsItDid) {
  config_.provider = "replay";
  config_.replies = "/run";
  Put("/run/run.json", "{}");
  Put("/run/softmax/sample_0000/round_001/reply.md", "one");
  Put("/run/softmax/sample_0000/round_001/reply.json", R"({"finish_reason": "length"})");
  Put("/run/softmax/sample_0000/round_002/reply.md", "two");
  Put("/run/softmax/sample_0000/round_002/reply.json", R"({"finish_reason": 7)");
  Put("/run/softmax/sample_0000/round_003/reply.md", "three");
  Put("/run/softmax/sample_0000/round_004/prompt.md", "refused");
  auto model = Make();
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model.value()->rounds_max(), 3);
  for (const auto& [round, reason] :
       {std::pair{1, "length"}, std::pair{2, "stop"}, std::pair{3, "stop"}}) {
    const auto reply = model.value()->Ask(Question(round), sink_, {});
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(std::get<ModelReply>(reply.value()).finish_reason, reason) << round;
  }
}

TEST_F(ProviderTest, ReplayOfRoundsWithAGapIsRefused) {
  config_.provider = "replay";
  config_.replies = "/run/softmax/sample_0000";
  Put("/run/softmax/sample_0000/round_002/reply.md", "two");
  EXPECT_EQ(Replay(1),
            "/run/softmax/sample_0000/round_002/reply.md is there, but round 1 before it has no "
            "reply.md.");
  ASSERT_FALSE(Make().ok());
  EXPECT_EQ(Make().error().code, ErrorCode::kBadInput);
}

TEST_F(ProviderTest, NothingToReplay) {
  config_.provider = "replay";
  EXPECT_EQ(Replay(1), "There are no recorded replies for problem softmax.");
  config_.replies = "/nowhere";
  EXPECT_EQ(Replay(1), "There is no folder /nowhere.");
}

}  // namespace
}  // namespace caesar
