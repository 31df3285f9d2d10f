#include "llm/codec.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

ModelConfig Config() {
  ModelConfig config;
  config.model = "m";
  return config;
}

ModelRequest Say(std::string text, ChatMessage::Role role = ChatMessage::Role::kUser) {
  ModelRequest request;
  request.messages.push_back({role, std::move(text)});
  return request;
}

std::optional<Repair> RepairDialect(const Dialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure) {
  return kOpenAiChat.repair(dialect, config, failure);
}

std::string Body(const ModelConfig& config, const Dialect& dialect = {}) {
  return kOpenAiChat.body(config, Say("hi"), dialect).value();
}

CallFailure Refused(int status, std::string_view body) {
  CallFailure failure;
  failure.status = status;
  failure.error = ParseApiError(body);
  return failure;
}

TEST(OpenAiRequest, OnlyWhatWasAskedFor) {
  EXPECT_EQ(
      Body(Config()),
      R"({"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true,"stream_options":{"include_usage":true}})");
}

TEST(OpenAiRequest, AllOptions) {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.top_p = 0.25;
  config.max_tokens = 100;
  config.seed = 7;
  config.reasoning_effort = "high";
  EXPECT_EQ(
      Body(config),
      R"({"max_tokens":100,"messages":[{"content":"hi","role":"user"}],"model":"m","reasoning_effort":"high",)"
      R"("seed":7,"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.25})");
}

TEST(OpenAiRequest, NameOfTheCap) {
  ModelConfig config = Config();
  config.max_tokens = 5;
  const auto cap = [&](std::string_view base_url) {
    const std::string body = Body(config, kOpenAiChat.guess(config, base_url));
    return body.find("max_completion_tokens") != std::string::npos ? "new" : "old";
  };
  EXPECT_STREQ(cap("https://api.openai.com/v1"), "new");
  EXPECT_STREQ(cap("https://api.openai.com.evil.org/v1"), "old");
  EXPECT_STREQ(cap("http://localhost:8000/v1"), "old");
}

TEST(OpenAiRequest, ExtraJsonIsMergedLast) {
  ModelConfig config = Config();
  config.temperature = 0.5;
  config.extra_json =
      R"({"temperature":null,"model":"n","stream_options":{"x":1},"chat_template_kwargs":{"enable_thinking":true}})";
  EXPECT_EQ(
      Body(config),
      R"({"chat_template_kwargs":{"enable_thinking":true},"messages":[{"content":"hi","role":"user"}],)"
      R"("model":"n","stream":true,"stream_options":{"include_usage":true,"x":1}})");
}

TEST(OpenAiRequest, ExtraJsonMustBeAnObject) {
  for (const char* extra : {"[1]", "{", "1", "{\"a\":1} x"}) {
    ModelConfig config = Config();
    config.extra_json = extra;
    const auto body = kOpenAiChat.body(config, {}, {});
    ASSERT_FALSE(body.ok()) << extra;
    EXPECT_EQ(body.error().code, ErrorCode::kUsage);
  }
}

TEST(OpenAiRequest, InvalidUtf8InAMessage) {
  EXPECT_NE(kOpenAiChat.body(Config(), Say("a\xff", ChatMessage::Role::kSystem), {})
                .value()
                .find("a\xEF\xBF\xBD"),
            std::string::npos);
}

TEST(OpenAiRepair, StreamOptions) {
  for (
      const auto& [status, body] : std::initializer_list<std::pair<int, const char*>>{
          {422,
           R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})"},
          {400, R"({"error":{"message":"property 'stream_options' is unsupported"}})"},
          {400,
           R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})"}}) {
    const auto repair = RepairDialect({}, Config(), Refused(status, body));
    ASSERT_TRUE(repair.has_value()) << body;
    EXPECT_FALSE(repair->loses);
    EXPECT_EQ(Body(Config(), repair->dialect).find("stream_options"), std::string::npos);
    EXPECT_FALSE(RepairDialect(repair->dialect, Config(), Refused(status, body)).has_value())
        << "once only";
  }
}

TEST(OpenAiRepair, CapIsSwappedOnceEitherWay) {
  ModelConfig config = Config();
  config.max_tokens = 100;
  const CallFailure no_max_tokens =
      Refused(400, R"({"error":{"code":"unsupported_parameter","param":"max_tokens",)"
                   R"("message":"Unsupported parameter: use 'max_completion_tokens' instead"}})");
  const auto repair = RepairDialect({}, config, no_max_tokens);
  ASSERT_TRUE(repair.has_value());
  EXPECT_NE(Body(config, repair->dialect).find(R"("max_completion_tokens":100)"),
            std::string::npos);
  const CallFailure no_completion =
      Refused(400, R"({"error":{"message":"unknown field max_completion_tokens"}})");
  EXPECT_FALSE(RepairDialect(repair->dialect, config, no_completion).has_value());
  const Dialect openai = kOpenAiChat.guess(config, "https://api.openai.com/v1");
  EXPECT_NE(Body(config, RepairDialect(openai, config, no_completion)->dialect)
                .find(R"("max_tokens":100)"),
            std::string::npos);
  EXPECT_FALSE(RepairDialect({}, Config(), no_max_tokens).has_value()) << "it was not sent";
}

TEST(OpenAiRepair, SamplingFieldsAreDroppedAloud) {
  ModelConfig config = Config();
  config.temperature = 0.2;
  config.top_p = 0.9;
  const CallFailure failure =
      Refused(400, R"({"error":{"code":"unsupported_value","param":"temperature",)"
                   R"("message":"Unsupported value: 'temperature' does not support 0.2"}})");
  const auto repair = RepairDialect({}, config, failure);
  ASSERT_TRUE(repair.has_value());
  EXPECT_TRUE(repair->loses);
  EXPECT_EQ(repair->what, "without temperature");
  const std::string body = Body(config, repair->dialect);
  EXPECT_EQ(body.find("temperature"), std::string::npos);
  EXPECT_NE(body.find("top_p"), std::string::npos);
}

TEST(OpenAiRepair, BadValuesAreTheUsers) {
  ModelConfig config = Config();
  config.temperature = 9;
  config.max_tokens = 1'000'000;
  EXPECT_FALSE(
      RepairDialect({}, config,
                    Refused(400, R"({"error":{"message":"temperature must be at most 2"}})"))
          .has_value());
  EXPECT_FALSE(
      RepairDialect({}, config,
                    Refused(400, R"({"error":{"message":"max_tokens is too large: 1000000"}})"))
          .has_value());
  EXPECT_FALSE(
      RepairDialect({}, config,
                    Refused(400, R"({"error":{"message":"unsupported my_temperature_2"}})"))
          .has_value());
}

}  // namespace
}  // namespace caesar
