#include "judge/messages.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace caesar {
namespace {

const Problem& Example() {
  static const auto problem = BundledProblem("softmax");
  EXPECT_TRUE(problem.ok());
  return problem.value();
}

JudgeRequest Request() {
  JudgeRequest request;
  request.problem = &Example();
  request.reference = "/cache/reference.so";
  request.baseline = "/cache/base \"line\"\n.so";
  request.candidate = "/cache/candidate.so";
  request.best = "/cache/best.so";
  request.timing.hot = true;
  request.timing.samples_min = 7;
  request.timing.samples_max = 70;
  request.timing.ci_target = 0.125;
  request.timing.budget_ms = 12'345;
  request.timing.check_calls = 9;
  request.call_timeout = Milliseconds(4321);
  request.sim_threads = 3;
  return request;
}

Verdict Judged() {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  verdict.reason = "output y is wrong";
  verdict.detail = "text that is no UTF-8: \xFF\x80, and a \x1B[31mcolour";
  verdict.flags = {{"side_stream", "3 records"}};
  Check check;
  check.shape = "odd";
  OutputCheck output;
  output.output = "y";
  output.error_max = std::numeric_limits<double>::quiet_NaN();
  output.mismatches = 3;
  output.first_bad = {{{1, 2}, std::numeric_limits<double>::infinity(), 1.5}};
  check.outputs = {output};
  verdict.correctness = {check};
  return verdict;
}

TEST(Messages, ARequestArrivesWhole) {
  const JudgeRequest request = Request();
  const Verdict checked = Judged();
  const std::string line = ToLine(DriverMessage::Verb::kMeasure, 17, &request, &checked);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto message = ParseDriverMessage(line);
  ASSERT_TRUE(message.ok()) << message.error().message;
  EXPECT_EQ(message.value().id, 17);
  EXPECT_EQ(message.value().verb, DriverMessage::Verb::kMeasure);
  const JudgeOrder& order = message.value().order;
  EXPECT_EQ(order.problem.name, "softmax");
  EXPECT_EQ(order.problem.json, Example().json);
  EXPECT_EQ(order.reference, request.reference);
  EXPECT_EQ(order.baseline, request.baseline);
  EXPECT_EQ(order.candidate, request.candidate);
  EXPECT_EQ(order.best, request.best);
  EXPECT_EQ(order.call_timeout, request.call_timeout);
  EXPECT_EQ(order.sim_threads, 3);
  EXPECT_EQ(order.timing.hot, true);
  EXPECT_EQ(order.timing.samples_min, 7);
  EXPECT_EQ(order.timing.samples_max, 70);
  EXPECT_EQ(order.timing.ci_target, 0.125);
  EXPECT_EQ(order.timing.budget_ms, 12'345);
  EXPECT_EQ(order.timing.check_calls, 9);
  EXPECT_EQ(message.value().checked.reason, checked.reason);
}

TEST(Messages, EveryVerbArrives) {
  const JudgeRequest request = Request();
  const auto hello = ParseDriverMessage(ToLine(DriverMessage::Verb::kHello, 1, nullptr, nullptr));
  EXPECT_EQ(hello.value().verb, DriverMessage::Verb::kHello);
  for (const auto verb : {DriverMessage::Verb::kWarm, DriverMessage::Verb::kCheck}) {
    const auto message = ParseDriverMessage(ToLine(verb, 2, &request, nullptr));
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(message.value().verb, verb);
  }
}

TEST(Messages, EveryReplyArrives) {
  JudgeMessage message;
  message.id = 5;
  const auto sent = [&](JudgeMessage::Reply reply) {
    message.reply = reply;
    const std::string line = ToLine(message);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    auto parsed = ParseJudgeMessage(line);
    EXPECT_TRUE(parsed.ok()) << line;
    EXPECT_EQ(parsed.value().reply, reply);
    EXPECT_EQ(parsed.value().id, 5);
    return std::move(parsed).value();
  };
  sent(JudgeMessage::Reply::kAlive);
  sent(JudgeMessage::Reply::kWarmed);
  message.text = "checking\nshape \x1B odd";
  EXPECT_EQ(sent(JudgeMessage::Reply::kProgress).text, message.text);
  message.device.name = "NVIDIA H100";
  message.device.sm_count = 132;
  EXPECT_EQ(sent(JudgeMessage::Reply::kHello).device.sm_count, 132);
  message.verdict = Judged();
  const Verdict verdict = sent(JudgeMessage::Reply::kVerdict).verdict;
  EXPECT_EQ(verdict.kind, VerdictKind::kWrong);
  EXPECT_EQ(verdict.correctness.at(0).outputs.at(0).first_bad.at(0).index,
            (std::vector<std::int64_t>{1, 2}));
  for (const ErrorCode code : {ErrorCode::kUsage, ErrorCode::kBadInput, ErrorCode::kEnvironment,
                               ErrorCode::kIo, ErrorCode::kInterrupted, ErrorCode::kInternal}) {
    message.error = {code, "what", "why"};
    const Error error = sent(JudgeMessage::Reply::kError).error;
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.message, "what");
    EXPECT_EQ(error.detail, "why");
  }
}

TEST(Messages, ACutLineIsAnErrorAtEveryByte) {
  const JudgeRequest request = Request();
  const Verdict checked = Judged();
  std::string line = ToLine(DriverMessage::Verb::kMeasure, 17, &request, &checked);
  line.pop_back();
  for (std::size_t length = 0; length < line.size(); ++length) {
    const auto message = ParseDriverMessage(std::string_view(line).substr(0, length));
    ASSERT_FALSE(message.ok()) << length;
    ASSERT_EQ(message.error().code, ErrorCode::kInternal);
  }
  JudgeMessage reply;
  reply.reply = JudgeMessage::Reply::kVerdict;
  reply.verdict = checked;
  line = ToLine(reply);
  line.pop_back();
  for (std::size_t length = 0; length < line.size(); ++length)
    ASSERT_FALSE(ParseJudgeMessage(std::string_view(line).substr(0, length)).ok()) << length;
}

TEST(Messages, AnythingElseIsAnError) {
  for (const char* line : {"", "null", "1", "[]", "{}", R"({"id":1})", R"({"id":1,"verb":"dance"})",
                           R"({"id":1,"verb":"check"})", R"({"id":1,"verb":"check","order":{}})",
                           R"({"id":"1","verb":"hello"})", R"({"id":1.5e300,"verb":3})",
                           R"({"id":1,"verb":"hello"} trailing)", "\xFF\xFE"}) {
    const auto message = ParseDriverMessage(line);
    ASSERT_FALSE(message.ok()) << line;
    EXPECT_NE(message.error().message.find("a line of the driver cannot be read"),
              std::string::npos);
  }
  for (const char* line : {"", "{}", R"({"id":1,"reply":"dance"})", R"({"id":1,"reply":"hello"})",
                           R"({"id":1,"reply":"error","code":"odd","message":"","detail":""})",
                           R"({"id":1,"reply":"progress","text":7})"}) {
    EXPECT_FALSE(ParseJudgeMessage(line).ok()) << line;
  }
}

// Nesting that would overflow a recursive reader's stack.
TEST(Messages, DeepNestingIsAnErrorAndNoCrash) {
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(ParseDriverMessage(deep).ok());
  EXPECT_FALSE(ParseJudgeMessage(R"({"id":1,"reply":"alive","x":)" + deep).ok());
}

}  // namespace
}  // namespace caesar
