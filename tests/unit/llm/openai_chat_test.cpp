#include "llm/answer_reader.h"

#include <gtest/gtest.h>

#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

struct Decoded {
  ModelAnswer answer;
  std::optional<CallFailure> failure;
  RecordingSink sink;
};

Decoded Decode(std::string_view body, std::size_t step = 7, std::size_t limit = kReplyBytesMax) {
  Decoded decoded;
  AnswerReader decoder(kOpenAiChat, decoded.sink, limit);
  for (std::size_t at = 0; at < body.size(); at += step)
    EXPECT_TRUE(decoder.Feed(body.substr(at, step)).ok());
  decoded.failure = decoder.Finish().value();
  decoded.answer = decoder.answer();
  return decoded;
}

std::string Data(const std::string& json) { return "data: " + json + "\n\n"; }
std::string Delta(const std::string& fields) {
  return Data(R"({"choices":[{"index":0,"delta":{)" + fields + "}}]}");
}
std::string Content(const std::string& text) { return Delta(R"("content":")" + text + "\""); }
const std::string kStop = Data(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
const std::string kDone = Data("[DONE]");

TEST(OpenAiChat, Stream) {
  const Decoded decoded = Decode(
      Data(
          R"({"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":null}}]})") +
      Content("Hel") + Content("lo") + kStop + kDone);
  EXPECT_FALSE(decoded.failure.has_value());
  EXPECT_EQ(decoded.answer.text, "Hello");
  EXPECT_EQ(decoded.sink.text, "Hello");
  EXPECT_EQ(decoded.sink.deltas, 2);
  EXPECT_EQ(decoded.answer.finish_reason, "stop");
  EXPECT_EQ(decoded.answer.model, "m-1");
  EXPECT_TRUE(decoded.answer.done);
}

TEST(OpenAiChat, UsageChunkWithoutChoicesComesAfterTheEnd) {
  const Decoded decoded = Decode(
      Content("a") + kStop +
      Data(
          R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4},)"
          R"("completion_tokens_details":{"reasoning_tokens":5}}})") +
      kDone);
  const TokenUsage& tokens = decoded.answer.tokens;
  EXPECT_TRUE(tokens.reported);
  EXPECT_EQ(tokens.input, 10);
  EXPECT_EQ(tokens.cached, 4);
  EXPECT_EQ(tokens.output, 7);
  EXPECT_EQ(tokens.reasoning, 5);
}

TEST(OpenAiChat, ContinuousUsageIsOverwrittenNotAdded) {
  const auto usage = [](int n) {
    return Data(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":)" +
                std::to_string(n) + "}}");
  };
  const Decoded decoded =
      Decode(usage(1) + usage(2) + Data(R"({"choices":[],"usage":null})") + kStop);
  EXPECT_EQ(decoded.answer.tokens.output, 2);
  EXPECT_EQ(decoded.answer.tokens.input, 3);
}

TEST(OpenAiChat, NoUsageIsNotReported) {
  EXPECT_FALSE(Decode(Content("a") + kStop).answer.tokens.reported);
}

TEST(OpenAiChat, AbsurdUsageIsHarmless) {
  const Decoded decoded =
      Decode(Data(R"({"usage":{"prompt_tokens":1e300,"completion_tokens":-5}})") + kStop);
  EXPECT_EQ(decoded.answer.tokens.output, 0);
  EXPECT_GT(decoded.answer.tokens.input, 0);
}

TEST(OpenAiChat, ReasoningFields) {
  EXPECT_EQ(Decode(Delta(R"("reasoning_content":"r")") + kStop).answer.reasoning, "r")
      << "DeepSeek, llama.cpp, SGLang";
  EXPECT_EQ(Decode(Delta(R"("reasoning":"r")") + kStop).answer.reasoning, "r") << "vLLM, Groq";
  EXPECT_EQ(
      Decode(
          Delta(R"("reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"r"}])") +
          kStop)
          .answer.reasoning,
      "r")
      << "OpenRouter sends it twice";
  EXPECT_EQ(
      Decode(
          Delta(
              R"("reasoning_details":[{"type":"reasoning.summary","summary":"s"},{"type":"reasoning.encrypted","data":"x"}])") +
          kStop)
          .answer.reasoning,
      "s");
  const Decoded mistral = Decode(
      Delta(
          R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"a"}])") +
      kStop);
  EXPECT_EQ(mistral.answer.reasoning, "t");
  EXPECT_EQ(mistral.answer.text, "a");
  EXPECT_EQ(mistral.sink.reasoning, "t");
}

TEST(OpenAiChat, EndBeforeCompleteIsTruncated) {
  const Decoded decoded = Decode(Content("half a ker"));
  ASSERT_TRUE(decoded.failure.has_value());
  EXPECT_EQ(decoded.failure->kind, CallFailure::Kind::kTruncated);
  EXPECT_EQ(Decode("").failure->kind, CallFailure::Kind::kTruncated);
  EXPECT_EQ(Decode(": ping\n\n").failure->kind, CallFailure::Kind::kTruncated);
}

TEST(OpenAiChat, DoneOrFinishReasonAloneIsComplete) {
  EXPECT_FALSE(Decode(Content("a") + kDone).failure.has_value());
  EXPECT_FALSE(Decode(Content("a") + kStop).failure.has_value());
}

TEST(OpenAiChat, NothingCountsAfterDone) {
  EXPECT_EQ(Decode(Content("a") + kStop + kDone + Content("b")).answer.text, "a");
}

TEST(OpenAiChat, ErrorsInsideAStream) {
  for (const char* error : {R"({"error":{"message":"boom","code":502}})",
                            R"({"object":"error","message":"boom"})", R"({"error":"boom"})"}) {
    const Decoded decoded = Decode(Content("a") + Data(error) + kDone);
    ASSERT_TRUE(decoded.failure.has_value()) << error;
    EXPECT_EQ(decoded.failure->kind, CallFailure::Kind::kInStream);
    EXPECT_EQ(decoded.failure->error.message, "boom");
  }
  const Decoded named = Decode("event: error\ndata: {\"message\":\"boom\"}\n\n");
  EXPECT_EQ(named.failure->kind, CallFailure::Kind::kInStream);
}

TEST(OpenAiChat, ErrorOfNullIsNone) {
  EXPECT_FALSE(
      Decode(Data(R"({"error":null,"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})"))
          .failure.has_value());
}

TEST(OpenAiChat, ErrorOfAChoice) {
  const Decoded decoded = Decode(Data(
      R"({"choices":[{"delta":{},"finish_reason":"error","error":{"code":502,"message":"upstream"}}]})"));
  EXPECT_EQ(decoded.failure->error.message, "upstream");
  EXPECT_EQ(decoded.failure->EffectiveStatus(), 502);
}

TEST(OpenAiChat, Refusal) {
  EXPECT_EQ(
      Decode(Delta(R"("refusal":"I ")") + Delta(R"("refusal":"won't")") + kStop).answer.refusal,
      "I won't");
}

TEST(OpenAiChat, OtherChoicesAreIgnored) {
  EXPECT_EQ(
      Decode(
          Data(
              R"({"choices":[{"index":1,"delta":{"content":"x"}},{"index":0,"delta":{"content":"a"}}]})") +
          kStop)
          .answer.text,
      "a");
}

TEST(OpenAiChat, DocumentAlthoughAStreamWasAsked) {
  const Decoded decoded = Decode(
      "\r\n  "
      R"({"model":"m","choices":[{"index":0,"message":{"content":"Hi","reasoning":"r"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  EXPECT_FALSE(decoded.failure.has_value());
  EXPECT_EQ(decoded.sink.text, "Hi");
  EXPECT_EQ(decoded.answer.reasoning, "r");
  EXPECT_EQ(decoded.answer.tokens.output, 2);
}

TEST(OpenAiChat, DocumentsThatAreNoAnswer) {
  EXPECT_EQ(Decode(R"({"error":{"message":"boom"}})").failure->kind, CallFailure::Kind::kInStream);
  EXPECT_EQ(Decode(R"("a bare string")").failure->kind, CallFailure::Kind::kMalformed);
  EXPECT_EQ(Decode(R"({"status":"ok"})").failure->kind, CallFailure::Kind::kMalformed);
  EXPECT_EQ(Decode(R"({"choices":[]})").failure->kind, CallFailure::Kind::kMalformed);
  EXPECT_EQ(Decode("{ not json").failure->kind, CallFailure::Kind::kMalformed);
  const Decoded html = Decode("<!DOCTYPE html><title>Welcome</title>");
  EXPECT_EQ(html.failure->kind, CallFailure::Kind::kMalformed);
  EXPECT_EQ(html.failure->error.message, "an HTML page titled \"Welcome\"");
  EXPECT_EQ(Classify(*html.failure), FailureClass::kPermanent);
}

TEST(OpenAiChat, EventThatIsNoObject) {
  EXPECT_EQ(Decode(Data("\"overloaded\"")).failure->kind, CallFailure::Kind::kMalformed);
  EXPECT_EQ(Decode(Data("{broken")).failure->kind, CallFailure::Kind::kMalformed);
}

TEST(OpenAiChat, InvalidUtf8BecomesAReplacementCharacter) {
  EXPECT_EQ(Decode(Content("a\xff\xfez") + kStop).answer.text, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(OpenAiChat, Utf8CutByTheNetwork) {
  EXPECT_EQ(Decode(Content("\u2713\U0001F600") + kStop, 1).answer.text, "\u2713\U0001F600");
}

TEST(OpenAiChat, HalfASurrogatePair) {
  EXPECT_EQ(Decode(Content(R"(a\ud83dz)") + kStop).answer.text, "a\xEF\xBF\xBDz");
  EXPECT_EQ(Decode(Content(R"(\ud83d\ude00 \\ud83d \ude00)") + kStop).answer.text,
            "\U0001F600 \\ud83d \xEF\xBF\xBD");
}

TEST(OpenAiChat, ByteOrderMarkBeforeAStream) {
  EXPECT_EQ(Decode("\xEF\xBB\xBF" + Content("a") + kStop, 1).answer.text, "a");
}

TEST(OpenAiChat, TextBeyondTheLimitIsDropped) {
  const Decoded decoded = Decode(Content("12345") + Content("67890") + Content("x") + kStop, 7, 8);
  EXPECT_FALSE(decoded.failure.has_value());
  EXPECT_TRUE(decoded.answer.cut);
  EXPECT_EQ(decoded.sink.text, "12345");
}

TEST(OpenAiChat, DeepNestingIsRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(Decode(Data(R"({"choices":)" + deep + "}"), 4096).failure->kind,
            CallFailure::Kind::kMalformed);
}

TEST(OpenAiChat, ErrorOfTheSinkComesBack) {
  RecordingSink sink;
  sink.failure = Error{ErrorCode::kIo, "disk full", ""};
  AnswerReader decoder(kOpenAiChat, sink);
  const Status status = decoder.Feed(Content("a"));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "disk full");
}

}  // namespace
}  // namespace caesar
