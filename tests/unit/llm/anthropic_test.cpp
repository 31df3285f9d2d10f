// Answers in Anthropic's format: events and documents, through the reader that the provider uses.
#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

#include "base/strings.h"
#include "llm/answer_reader.h"
#include "llm/prices.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

std::string Event(const std::string& name, const std::string& json) {
  return "event: " + name + "\ndata: " + json + "\n\n";
}
std::string Start(const std::string& usage = R"({"input_tokens":12,"output_tokens":1})") {
  return Event("message_start",
               R"({"type":"message_start","message":{"id":"msg_1","type":"message",)"
               R"("role":"assistant","model":"claude-opus-4-5-20251101","content":[],)"
               R"("stop_reason":null,"stop_sequence":null,"usage":)" +
                   usage + "}}");
}
std::string BlockStart(const std::string& block) {
  return Event("content_block_start",
               R"({"type":"content_block_start","index":0,"content_block":)" + block + "}");
}
std::string BlockDelta(const std::string& delta) {
  return Event("content_block_delta",
               R"({"type":"content_block_delta","index":0,"delta":)" + delta + "}");
}
std::string Text(const std::string& text) {
  return BlockDelta(R"({"type":"text_delta","text":")" + text + R"("})");
}
std::string Stop(const std::string& delta = R"({"stop_reason":"end_turn","stop_sequence":null})",
                 const std::string& usage = R"({"output_tokens":57})") {
  return Event("message_delta",
               R"({"type":"message_delta","delta":)" + delta + R"(,"usage":)" + usage + "}");
}
const std::string kBlockStop =
    Event("content_block_stop", R"({"type":"content_block_stop","index":0})");
const std::string kPing = Event("ping", R"({"type": "ping"})");
const std::string kEnd = Event("message_stop", R"({"type":"message_stop"})");

// Everything that an answer has, as the API sends it.
const std::string kBegun =
    Start(R"({"input_tokens":12,"cache_creation_input_tokens":300,)"
          R"("cache_read_input_tokens":5000,"cache_creation":{"ephemeral_5m_input_tokens":300},)"
          R"("output_tokens":1,"service_tier":"standard"})") +
    BlockStart(R"({"type":"thinking","thinking":"","signature":""})") + kPing +
    BlockDelta(R"({"type":"thinking_delta","thinking":"Tiles of 16\u00d716"})") +
    BlockDelta(R"({"type":"thinking_delta","thinking":", then."})") +
    BlockDelta(R"({"type":"signature_delta","signature":"EqQBCgIYAh"})") + kBlockStop +
    BlockStart(R"({"type":"redacted_thinking","data":"EmwKAhgBEgy3va3pzix"})") + kBlockStop +
    BlockStart(R"({"type":"text","text":""})") + Text("π ≈ 3 \\u2713\\n") +
    ": a proxy's comment\n\n" + Text("\xF0\x9F\x9A\x80 \\ud83d\\ude80") + kBlockStop;
const std::string kStopped =
    Stop(R"({"stop_reason":"end_turn","stop_sequence":null})",
         R"({"input_tokens":12,"cache_creation_input_tokens":300,"cache_read_input_tokens":5000,)"
         R"("output_tokens":57,"output_tokens_details":{"thinking_tokens":20}})");
const std::string kWhole = kBegun + kStopped + kEnd;
const std::string kText = "π ≈ 3 ✓\n\xF0\x9F\x9A\x80 \xF0\x9F\x9A\x80";
const std::string kReasoning = "Tiles of 16×16, then.";

using Received = std::decay_t<decltype(std::declval<const AnswerReader&>().answer())>;

struct Read {
  Received answer;
  std::optional<CallFailure> failure;
  std::string shown;
};

Read ReadAll(const std::vector<std::string>& chunks) {
  RecordingSink sink;
  AnswerReader reader(kAnthropic, sink);
  for (const std::string& chunk : chunks) EXPECT_TRUE(reader.Feed(chunk).ok());
  Read read;
  read.failure = reader.Finish().value();
  read.answer = reader.answer();
  read.shown = sink.text;
  EXPECT_EQ(sink.text, read.answer.text);
  EXPECT_EQ(sink.reasoning, read.answer.reasoning);
  return read;
}
Read ReadAll(const std::string& bytes) { return ReadAll(std::vector<std::string>{bytes}); }

std::vector<std::string> ByteByByte(const std::string& bytes) {
  std::vector<std::string> chunks;
  for (const char c : bytes) chunks.emplace_back(1, c);
  return chunks;
}

void ExpectWhole(const Read& read) {
  EXPECT_FALSE(read.failure);
  const Received& answer = read.answer;
  EXPECT_EQ(answer.text, kText);
  EXPECT_EQ(answer.reasoning, kReasoning);
  EXPECT_EQ(answer.refusal, "");
  EXPECT_EQ(answer.finish_reason, "stop");
  EXPECT_EQ(answer.model, "claude-opus-4-5-20251101");
  EXPECT_EQ(answer.request_id, "msg_1");
  EXPECT_EQ(answer.tokens.input, 5312) << "the cache's part is part of the input";
  EXPECT_EQ(answer.tokens.cached, 5000);
  EXPECT_EQ(answer.tokens.cache_written, 300);
  EXPECT_EQ(answer.tokens.output, 57);
  EXPECT_EQ(answer.tokens.reasoning, 20);
  EXPECT_TRUE(answer.tokens.reported);
  EXPECT_TRUE(answer.done);
}

TEST(Anthropic, WholeStream) { ExpectWhole(ReadAll(kWhole)); }

TEST(Anthropic, EveryLineEndCutAnywhere) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    SCOPED_TRACE(testing::PrintToString(end));
    const std::string bytes = ReplaceAll(kWhole, "\n", end);
    ExpectWhole(ReadAll(bytes));
    ExpectWhole(ReadAll(ByteByByte(bytes)));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      SCOPED_TRACE(cut);
      ExpectWhole(ReadAll({bytes.substr(0, cut), bytes.substr(cut)}));
    }
  }
}

// Never a success before the stop reason came, nor a failure after it, nor text that is not the
// answer's.
TEST(Anthropic, EndsAfterEveryByte) {
  const std::size_t complete = kBegun.size() + kStopped.size();
  for (std::size_t size = 0; size <= kWhole.size(); ++size) {
    SCOPED_TRACE(size);
    const Read read = ReadAll(kWhole.substr(0, size));
    EXPECT_EQ(!read.failure.has_value(), size >= complete);
    if (read.failure) {
      EXPECT_EQ(read.failure->kind, CallFailure::Kind::kTruncated);
    }
    EXPECT_EQ(read.answer.done, size == kWhole.size());
    EXPECT_TRUE(StartsWith(kText, read.answer.text));
    EXPECT_TRUE(StartsWith(kReasoning, read.answer.reasoning));
    if (size >= kBegun.size()) {
      EXPECT_EQ(read.answer.text, kText);
    }
  }
}

TEST(Anthropic, StopReasonOrMessageStopIsTheEnd) {
  EXPECT_FALSE(ReadAll(Start() + Text("a") + Stop()).failure);
  EXPECT_FALSE(ReadAll(Start() + Text("a") + kEnd).failure);
  for (const std::string& end :
       {std::string(), kBlockStop, Stop(R"({"stop_reason":null})"), Stop("{}"),
        std::string("data: [DONE]\n\n"), kPing, Event("done", "{}")}) {
    SCOPED_TRACE(end);
    const Read read = ReadAll(Start() + Text("a") + end);
    ASSERT_TRUE(read.failure);
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kTruncated);
    EXPECT_EQ(Classify(*read.failure), FailureClass::kTransient);
    EXPECT_EQ(read.answer.text, "a");
  }
}

TEST(Anthropic, NothingCountsAfterTheEnd) {
  const Read read = ReadAll(Start() + Text("a") + Stop() + kEnd + Text("b") + "data: junk\n\n");
  EXPECT_FALSE(read.failure);
  EXPECT_EQ(read.answer.text, "a");
}

TEST(Anthropic, TypeOfTheDataCountsElseTheNameOfTheEvent) {
  const std::string delta = R"("delta":{"type":"text_delta","text":"a"}})";
  for (const std::string& text :
       {"event: content_block_delta\ndata: {" + delta + "\n\n",
        "data: {\"type\":\"content_block_delta\"," + delta + "\n\n",
        "event: message\ndata: {\"type\":\"content_block_delta\"," + delta + "\n\n",
        "data:{\"type\":\"content_block_delta\",\ndata:" + delta + "\nevent:x\n\n"}) {
    SCOPED_TRACE(text);
    const Read read = ReadAll(text + "event: message_stop\ndata: {}\n\n");
    EXPECT_FALSE(read.failure);
    EXPECT_EQ(read.answer.text, "a");
  }
}

TEST(Anthropic, WhatIsNotKnownIsIgnored) {
  const Read read =
      ReadAll("event: ping\ndata: \n\n" + Start() + kPing + Event("ping", "not JSON") +
              "event: ping\ndata: null\n\n" +
              Event("compaction", R"({"type":"compaction","text":"x"})") + Event("future", "[1") +
              BlockStart(R"({"type":"server_tool_use","id":"t","name":"web_search","text":"x"})") +
              BlockDelta(R"({"type":"input_json_delta","partial_json":"{\"text\":1","text":"x"})") +
              BlockDelta(R"({"type":"citations_delta","citation":{"text":"x"}})") +
              BlockDelta(R"({"type":"compaction_delta","content":"x","text":"x","thinking":"x"})") +
              BlockDelta("null") + BlockDelta(R"([{"type":"text_delta","text":"x"}])") +
              BlockDelta(R"({"type":"text_delta","text":null})") +
              BlockDelta(R"({"type":"text_delta","text":7})") + BlockDelta(R"({"text":"x"})") +
              "data: [DONE]\n\n" + Text("a") + Stop() + kEnd);
  EXPECT_FALSE(read.failure);
  EXPECT_EQ(read.answer.text, "a");
  EXPECT_EQ(read.answer.reasoning, "");
}

TEST(Anthropic, BlocksThatBeginWithText) {
  const Read read = ReadAll(Start() + BlockStart(R"({"type":"thinking","thinking":"h"})") +
                            BlockDelta(R"({"type":"thinking_delta","thinking":"m"})") +
                            BlockStart(R"({"type":"text","text":"a"})") + Text("b") + kBlockStop +
                            BlockStart(R"({"type":"text","text":"c"})") + Stop() + kEnd);
  EXPECT_EQ(read.answer.text, "abc");
  EXPECT_EQ(read.answer.reasoning, "hm");
}

TEST(Anthropic, StopReasons) {
  const std::pair<const char*, const char*> cases[] = {
      {"end_turn", "stop"},
      {"stop_sequence", "stop"},
      {"max_tokens", "length"},
      {"model_context_window_exceeded", "context_length"},
      {"refusal", "refusal"},
      {"pause_turn", "pause_turn"},
      {"tool_use", "tool_use"},
      {"End_Turn", "stop"},
      {"Some_New_One", "some_new_one"}};
  for (const auto& [said, expected] : cases) {
    const std::string delta = R"({"stop_reason":")" + std::string(said) + R"("})";
    const Read read = ReadAll(Start() + Text("a") + Stop(delta) + kEnd);
    EXPECT_FALSE(read.failure);
    EXPECT_EQ(read.answer.finish_reason, expected);
  }
}

std::string RefusalFor(const std::string& details) {
  const Read read =
      ReadAll(Start() + Text("I ca") +
              Stop(R"({"stop_reason":"refusal","stop_details":)" + details + "}") + kEnd);
  EXPECT_FALSE(read.failure);
  EXPECT_EQ(read.answer.finish_reason, "refusal");
  return read.answer.refusal;
}

TEST(Anthropic, RefusalsNameCategoryAndExplanation) {
  EXPECT_EQ(RefusalFor("null"), "") << "http_model.h has a sentence for that";
  EXPECT_EQ(RefusalFor(R"({"type":"refusal","category":null,"explanation":null})"), "");
  EXPECT_EQ(RefusalFor(R"({"type":"refusal","category":"cyber","explanation":"An exploit."})"),
            "The model declined to answer (category cyber): An exploit.");
  EXPECT_EQ(RefusalFor(R"({"category":"general_harms"})"),
            "The model declined to answer (category general_harms).");
  EXPECT_EQ(RefusalFor(R"({"explanation":"No"})"), "The model declined to answer: No.");
  EXPECT_EQ(RefusalFor(R"({"category":"frontier_llm","explanation":"It trains models"})"),
            "The model declined to answer (category frontier_llm): It trains models. Harmless work "
            "on kernels for machine learning can trigger this category: ask again, or ask another "
            "model.");
  EXPECT_NE(RefusalFor(R"({"category":"reasoning_extraction"})").find("model's own reasoning"),
            std::string::npos);
  const std::string longest = RefusalFor(R"({"explanation":")" + std::string(1 << 20, 'x') + "\"}");
  EXPECT_GT(longest.size(), 1000U);
  EXPECT_LT(longest.size(), 3000U);
  // Details belong to a refusal alone.
  EXPECT_EQ(
      ReadAll(Start() + Stop(R"({"stop_reason":"end_turn","stop_details":{"category":"cyber"}})"))
          .answer.refusal,
      "");
}

TEST(Anthropic, ErrorEvents) {
  const std::pair<std::string, FailureClass> cases[] = {
      {R"({"type":"overloaded_error","message":"Overloaded"})", FailureClass::kOverloaded},
      {R"({"type":"api_error","message":"Internal server error"})", FailureClass::kTransient},
      {R"({"type":"rate_limit_error","message":"Slow down"})", FailureClass::kRateLimit},
      {R"({"type":"billing_error","message":"Pay"})", FailureClass::kQuota},
      {R"({"type":"rate_limit_error","message":"x",)"
       R"("details":{"error_code":"enforced_spend_limit_reached"}})",
       FailureClass::kQuota},
      {R"({"type":"timeout_error","message":"Too slow"})", FailureClass::kTransient},
      {R"({"type":"authentication_error","message":"invalid x-api-key"})", FailureClass::kKey},
      {R"({"type":"permission_error","message":"no"})", FailureClass::kKey},
      {R"({"type":"not_found_error","message":"model: x"})", FailureClass::kModel},
      {R"({"type":"invalid_request_error","message":"messages: required"})",
       FailureClass::kPermanent},
      {R"({"type":"invalid_request_error",)"
       R"("message":"prompt is too long: 200251 tokens > 200000 maximum"})",
       FailureClass::kContextTooLong}};
  for (const auto& [error, expected] : cases) {
    const std::string json = R"({"type":"error","error":)" + error + R"(,"request_id":"req_1"})";
    // With and without the event's name, before and within the answer, with the type missing.
    for (const std::string& bytes :
         {Event("error", json), Start() + Text("ha") + Event("error", json) + Stop() + kEnd,
          Start() + "data: " + json + "\n\n", "data: {\"error\":" + error + "}\n\n"}) {
      SCOPED_TRACE(bytes);
      const Read read = ReadAll(bytes);
      ASSERT_TRUE(read.failure);
      EXPECT_EQ(read.failure->kind, CallFailure::Kind::kInStream);
      EXPECT_EQ(Classify(*read.failure), expected);
      EXPECT_NE(error.find(read.failure->error.message), std::string::npos);
    }
  }
  const Read plain = ReadAll("event: error\ndata: upstream went away\n\n");
  ASSERT_TRUE(plain.failure);
  EXPECT_EQ(plain.failure->error.message, "upstream went away");
}

TEST(Anthropic, UsageOfLaterEventsOverwrites) {
  const std::string started =
      R"({"input_tokens":10,"cache_read_input_tokens":5000,"cache_creation_input_tokens":70,)"
      R"("output_tokens":3})";
  // Only the output, as most answers end; twice, since sums must not be added.
  TokenUsage tokens = ReadAll(Start(started) + Stop("{}") + Stop()).answer.tokens;
  EXPECT_EQ(tokens.input, 5080);
  EXPECT_EQ(tokens.output, 57);
  // Some counts again, and null for those that did not change.
  tokens = ReadAll(Start(started) +
                   Stop(R"({"stop_reason":"end_turn"})",
                        R"({"input_tokens":25,"cache_read_input_tokens":null,"output_tokens":9})"))
               .answer.tokens;
  EXPECT_EQ(tokens.input, 5095);
  EXPECT_EQ(tokens.cached, 5000);
  EXPECT_EQ(tokens.cache_written, 70);
  tokens = ReadAll(Start(started) + Stop(R"({"stop_reason":"end_turn"})",
                                         R"({"cache_read_input_tokens":6000,"output_tokens":9})"))
               .answer.tokens;
  EXPECT_EQ(tokens.input, 6080);
  // Compatible servers know the input only at the end.
  tokens =
      ReadAll(Start(R"({"input_tokens":0,"output_tokens":0})") +
              Stop(R"({"stop_reason":"end_turn"})", R"({"input_tokens":123,"output_tokens":5})"))
          .answer.tokens;
  EXPECT_EQ(tokens.input, 123);
  EXPECT_EQ(tokens.output, 5);
  EXPECT_FALSE(ReadAll(Start("null") + Stop(R"({"stop_reason":"end_turn"})", "null"))
                   .answer.tokens.reported);
}

TEST(Anthropic, AbsurdUsageIsHarmless) {
  const TokenUsage tokens =
      ReadAll(Start(R"({"input_tokens":1e300,"cache_read_input_tokens":1e18,)"
                    R"("cache_creation_input_tokens":-5,"output_tokens":"7"})") +
              Stop(R"({"stop_reason":"end_turn"})", R"([{"output_tokens":1}])"))
          .answer.tokens;
  EXPECT_EQ(tokens.input, 2'000'000'000'000'000);
  EXPECT_EQ(tokens.cache_written, 0);
  EXPECT_EQ(tokens.output, 0);
}

TEST(Anthropic, CachedTokensArePricedAsPartOfTheInput) {
  const PriceList prices =
      ParsePriceList(R"({"date":"2026-01-01","usd_per_million_tokens":{"h":{"claude-opus-4-5":)"
                     R"({"input":5,"cached":0.5,"cache_written":6.25,"output":25}}}})",
                     "prices")
          .value();
  const Received answer = ReadAll(kWhole).answer;
  const auto usd = CostUsd(prices, "h", answer.model, "2026-01-01", answer.tokens);
  ASSERT_TRUE(usd);
  EXPECT_NEAR(*usd, (12 * 5 + 5000 * 0.5 + 300 * 6.25 + 57 * 25) / 1e6, 1e-12);
}

TEST(Anthropic, ThinkingAloneCutAtTheLimit) {
  const Read read =
      ReadAll(Start() + BlockStart(R"({"type":"thinking","thinking":""})") +
              BlockDelta(R"({"type":"thinking_delta","thinking":"hm"})") +
              BlockDelta(R"({"type":"signature_delta","signature":"s"})") + kBlockStop +
              Stop(R"({"stop_reason":"max_tokens"})", R"({"output_tokens":64})") + kEnd);
  EXPECT_FALSE(read.failure);
  EXPECT_EQ(read.answer.finish_reason, "length");
  EXPECT_EQ(read.answer.text, "");
  EXPECT_EQ(read.answer.reasoning, "hm");
  EXPECT_EQ(read.answer.tokens.output, 64);
}

TEST(Anthropic, OtherStreamsAreNotTheFormat) {
  for (const std::string& bytes :
       {std::string("data: hello\n\n"), std::string("data: {\"choices\":\n\n"),
        std::string("event: message_delta\ndata: {\"delta\":{\"stop_rea\n\n"),
        std::string("event: message_stop\ndata: 7\n\n"), Event("message_start", "[]"),
        std::string("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n")}) {
    SCOPED_TRACE(bytes);
    const Read read = ReadAll(bytes);
    ASSERT_TRUE(read.failure);
    EXPECT_EQ(read.failure->kind, CallFailure::Kind::kMalformed);
    EXPECT_EQ(read.answer.text, "");
  }
}

TEST(Anthropic, DeepNestingIsRefused) {
  const std::string deep(100'000, '[');
  const Read read = ReadAll(Event("message_delta", R"({"delta":)" + deep + "}"));
  ASSERT_TRUE(read.failure);
  EXPECT_EQ(read.failure->kind, CallFailure::Kind::kMalformed);
}

const std::string kDocument =
    R"({"id":"msg_2","type":"message","role":"assistant","model":"claude-sonnet-5","content":[)"
    R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"x"},)"
    R"({"type":"text","text":"one "},{"type":"tool_use","id":"t","name":"n","input":{"text":"x"}},)"
    R"({"type":"text","text":"two"}],"stop_reason":"end_turn","stop_sequence":null,"usage":)"
    R"({"input_tokens":3,"cache_read_input_tokens":4,"cache_creation_input_tokens":null,)"
    R"("output_tokens":5}})";

TEST(Anthropic, Document) {
  for (const auto& chunks : {std::vector<std::string>{kDocument}, ByteByByte(kDocument)}) {
    const Read read = ReadAll(chunks);
    EXPECT_FALSE(read.failure);
    EXPECT_EQ(read.answer.text, "one two");
    EXPECT_EQ(read.answer.reasoning, "hm");
    EXPECT_EQ(read.answer.finish_reason, "stop");
    EXPECT_EQ(read.answer.model, "claude-sonnet-5");
    EXPECT_EQ(read.answer.request_id, "msg_2");
    EXPECT_EQ(read.answer.tokens.input, 7);
    EXPECT_EQ(read.answer.tokens.cached, 4);
    EXPECT_EQ(read.answer.tokens.output, 5);
  }
  for (std::size_t size = 0; size < kDocument.size(); ++size)
    EXPECT_TRUE(ReadAll(kDocument.substr(0, size)).failure) << size;
}

TEST(Anthropic, DocumentsThatAreNoAnswer) {
  const std::pair<std::string, CallFailure::Kind> cases[] = {
      {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       CallFailure::Kind::kInStream},
      {R"([{"error":{"message":"no"}}])", CallFailure::Kind::kInStream},
      {R"({"error":"no"})", CallFailure::Kind::kInStream},
      {R"({"object":"error","message":"no"})", CallFailure::Kind::kInStream},
      {R"({"type":"error","message":"no"})", CallFailure::Kind::kInStream},
      {R"({"id":"chatcmpl-1","choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})",
       CallFailure::Kind::kMalformed},
      {R"({"type":"message","content":"a","stop_reason":"end_turn"})",
       CallFailure::Kind::kMalformed},
      {R"("hello")", CallFailure::Kind::kMalformed},
      {R"([])", CallFailure::Kind::kMalformed},
      {"<!doctype html><title>Hi</title>", CallFailure::Kind::kMalformed},
      {R"({"type":"message","content":[],"stop_reason":null})", CallFailure::Kind::kTruncated}};
  for (const auto& [document, kind] : cases) {
    SCOPED_TRACE(document);
    const Read read = ReadAll(document);
    ASSERT_TRUE(read.failure);
    EXPECT_EQ(read.failure->kind, kind);
  }
}

TEST(Anthropic, RefusalInADocument) {
  const Read read =
      ReadAll(R"({"type":"message","content":[],"stop_reason":"refusal","stop_details":)"
              R"({"type":"refusal","category":"bio","explanation":"Toxins."}})");
  EXPECT_FALSE(read.failure);
  EXPECT_EQ(read.answer.finish_reason, "refusal");
  EXPECT_EQ(read.answer.refusal, "The model declined to answer (category bio): Toxins.");
}

}  // namespace
}  // namespace caesar
