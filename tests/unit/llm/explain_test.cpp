#include "llm/explain.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace caesar {
namespace {

constexpr const char* kKey = "sk-test-0123456789abcdefghijklmnopqrstuvwxyz";

Endpoint At(std::string format = "chat-completions") {
  Endpoint endpoint;
  endpoint.base_url = "https://user:pw@host.example/v1";
  endpoint.format = std::move(format);
  endpoint.url_tail = "/chat/completions";
  endpoint.key_advice = "OPENAI_API_KEY or CAESAR_API_KEY";
  return endpoint;
}

Endpoint WithKey() {
  Endpoint endpoint = At();
  endpoint.key = kKey;
  endpoint.key_source = "OPENAI_API_KEY";
  return endpoint;
}

CallFailure Status(int status, std::string_view body = "") {
  CallFailure failure;
  failure.status = status;
  failure.error = ParseApiError(body);
  return failure;
}

CallFailure InStream(std::string_view body) {
  CallFailure failure = Status(200, body);
  failure.kind = CallFailure::Kind::kInStream;
  return failure;
}

CallFailure Of(HttpFailure::Kind kind) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::kTransport;
  failure.transport = kind;
  failure.error.message = "why";
  return failure;
}

std::string Say(const CallFailure& failure, const Endpoint& endpoint = At()) {
  const Error error = Explain(failure, endpoint, "m-1", "");
  return error.message + "\n" + error.detail;
}

void ExpectSays(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

TEST(Explain, Transport) {
  using Kind = HttpFailure::Kind;
  const std::vector<std::pair<Kind, std::vector<std::string>>> cases = {
      {Kind::kBadUrl, {"no address", "--base-url"}},
      {Kind::kResolve, {"was not found", "DNS"}},
      {Kind::kConnect, {"No connection to", "port"}},
      {Kind::kTls, {"No secure connection", "again"}},
      {Kind::kCertificate, {"not trusted", "SSL_CERT_FILE"}},
      {Kind::kProxy, {"proxy", "HTTPS_PROXY"}},
      {Kind::kTimedOut, {"in time", "overloaded"}},
      {Kind::kCut, {"was cut", "again"}},
      {Kind::kTooLarge, {"too large", "--max-tokens"}}};
  for (const auto& [kind, parts] : cases) {
    const std::string text = Say(Of(kind));
    ExpectSays(text, parts);
    ExpectSays(text, {"https://host.example/v1", "The reason: why"});
    EXPECT_FALSE(ShortReason(Of(kind)).empty());
  }
  const Error stopped = Explain(Of(Kind::kStopped), At(), "m-1", "after 6 tries");
  EXPECT_EQ(stopped.code, ErrorCode::kInterrupted);
  EXPECT_EQ(stopped.detail, "");
  EXPECT_EQ(ShortReason(Of(Kind::kStopped)), "interrupted");
}

TEST(Explain, EveryClassSaysWhatWhereAndWhatToDo) {
  const std::vector<std::pair<CallFailure, std::vector<std::string>>> cases = {
      {Status(429, R"({"error":{"code":"insufficient_quota"}})"), {"no credit left", "Add credit"}},
      {Status(429,
              R"({"error":{"details":[{"violations":[{"quotaId":"GenerateRequestsPerDay"}]}]}})"),
       {"for today is used up", "tomorrow"}},
      {Status(401), {"does not accept the API key", "OPENAI_API_KEY or CAESAR_API_KEY"}},
      {Status(403), {"denies access to model 'm-1'"}},
      {Status(404),
       {"knows no model 'm-1'", "a chat-completions API", "--model",
        "'/chat/completions' was added to https://host.example/v1"}},
      {Status(429), {"limits the rate", "fewer samples"}},
      {Status(529), {"is overloaded", "Try again later"}},
      {Status(503, R"({"error":{"message":"Loading model"}})"), {"still loading", "Wait"}},
      {Status(413), {"too long for model 'm-1'", "--history"}},
      {Status(400, R"({"error":{"code":"content_filter"}})"), {"because of its content"}},
      {Status(400), {"refuses the request for model 'm-1'", "--model"}},
      {Status(405), {"does not take questions", "base URL"}},
      {Status(407), {"asks for a password", "HTTPS_PROXY"}},
      {Status(408), {"did not answer in time"}},
      {Status(500), {"has a problem of its own", "Try again later"}},
      {Status(204), {"the status 204", "base URL"}},
      {Status(302), {"redirects to an address that it does not name", "--base-url"}},
      {InStream(R"({"error":{"message":"x"}})"), {"broke off its answer", "Try again"}},
      {InStream(R"({"error":{"type":"invalid_request_error","message":"x"}})"), {"refuses"}},
  };
  for (const auto& [failure, parts] : cases) {
    ExpectSays(Say(failure), parts);
    ExpectSays(Explain(failure, At(), "m-1", "").message + "m-1", {"m-1"});
    const Error error = Explain(failure, At(), "m-1", "after 6 tries");
    EXPECT_EQ(error.code, ErrorCode::kEnvironment);
    ExpectSays(error.message + error.detail, {"host.example", "Given up: after 6 tries."});
  }
}

TEST(Explain, TheFormatThatWasExpected) {
  ExpectSays(Say(Status(404), At("Anthropic messages")), {"an Anthropic messages API"});
  ExpectSays(Say(Status(404), At("")), {"a language-model API"});
  Endpoint gemini = At("Gemini");
  gemini.url_tail = "";
  EXPECT_EQ(Say(Status(404), gemini).find("was added"), std::string::npos);
  CallFailure odd = Status(200, "half an ans");
  odd.kind = CallFailure::Kind::kMalformed;
  ExpectSays(Say(odd, At("Anthropic messages")),
             {"does not answer as an Anthropic messages API does", "--provider", "half an ans"});
  odd.error = ParseApiError("<html><title>Hi</title>");
  ExpectSays(Say(odd), {"web page instead of JSON", "titled \"Hi\"", "/v1"});
  odd.kind = CallFailure::Kind::kTruncated;
  ExpectSays(Say(odd), {"ended before it was complete"});
}

TEST(Explain, WebPagesAreNoAnswers) {
  ExpectSays(Say(Status(404, "<html><title>Lost</title>")), {"web page", "base URL", "Lost"});
  EXPECT_EQ(Say(Status(502, "<html><title>Bad Gateway</title>")).find("base URL"),
            std::string::npos);
}

TEST(Explain, Redirect) {
  CallFailure failure = Status(301);
  failure.headers = {{"location", "https://u:p@other.example/v1?key=secret"}};
  const std::string text = Say(failure);
  ExpectSays(text, {"redirects to https://other.example/v1.", "keys do not travel"});
  EXPECT_EQ(text.find("secret"), std::string::npos);
}

TEST(Explain, KeyAdvice) {
  ExpectSays(Say(Status(401), WithKey()),
             {"The key came from OPENAI_API_KEY: check that it is valid"});
  Endpoint anthropic = At("Anthropic messages");
  anthropic.key_advice = "ANTHROPIC_API_KEY or CAESAR_API_KEY";
  ExpectSays(Say(Status(401), anthropic),
             {"No key was sent", "Set ANTHROPIC_API_KEY or CAESAR_API_KEY", "--api-key-file"});
  anthropic.withheld = "OPENAI_API_KEY";
  ExpectSays(Say(Status(401), anthropic),
             {"OPENAI_API_KEY was not sent, because it belongs to another address",
              "CAESAR_API_KEY", "OPENAI_BASE_URL"});
  anthropic.withheld = "GROQ_API_KEY";
  EXPECT_EQ(Say(Status(401), anthropic).find("_URL"), std::string::npos) << "it has none";
}

TEST(Explain, RequestIdsAndEmptyAnswers) {
  CallFailure failure = Status(500, R"({"error":{"message":"m"},"request_id":"req_7"})");
  ExpectSays(Say(failure), {"The answer (HTTP status 500): m", "Request id: req_7"});
  failure.headers = {{"x-request-id", std::string(5000, 'r')}};
  EXPECT_LT(Say(failure).size(), 1000U);
  ExpectSays(Say(Status(500)), {"The answer was empty (HTTP status 500)."});
}

// A hostile or careless server repeats the key: whole, in an id, cut by our own limit on messages,
// or with an escape sequence inside that a terminal would not show.
TEST(Explain, KeysNeverShow) {
  const std::string key = kKey;
  std::vector<std::string> bodies = {R"({"error":{"message":"bad key )" + key + R"("}})",
                                     R"({"request_id":")" + key + R"("})",
                                     R"({"error":"sk-test-\u001b[0m)" + key.substr(8) + R"("})",
                                     "<html><title>" + key + "</title>"};
  for (std::size_t before = 300; before < 460; ++before)
    bodies.push_back(std::string(before, '.') + key + std::string(500, '.'));
  for (std::size_t after = 100; after < 300; ++after)
    bodies.push_back(std::string(900, '.') + key + std::string(after, '.'));
  for (const std::string& body : bodies) {
    for (const int status : {400, 401, 413, 500}) {
      const CallFailure failure = Status(status, body);
      const std::string text = Say(failure, WithKey()) + ExplainRefusal(failure, WithKey());
      for (std::size_t at = 0; at + 12 <= key.size(); ++at)
        ASSERT_EQ(text.find(key.substr(at, 12)), std::string::npos) << text;
    }
  }
}

TEST(Explain, ShortReasons) {
  EXPECT_EQ(ShortReason(Status(429)), "rate limit (429)");
  EXPECT_EQ(ShortReason(Status(503)), "server error (503)");
  EXPECT_EQ(ShortReason(Status(529)), "server error (529)");
  EXPECT_EQ(ShortReason(Status(504)), "time-out (504)");
  EXPECT_EQ(ShortReason(Status(401)), "refused (401)");
  EXPECT_EQ(ShortReason(Status(503, R"({"error":"Loading model"})")), "loading its model (503)");
  EXPECT_EQ(ShortReason(Status(503, R"({"error":"The model is overloaded."})")),
            "overloaded (503)");
  EXPECT_EQ(ShortReason(InStream(R"({"error":{"type":"overloaded_error"}})")),
            "overloaded (within the answer)");
  EXPECT_EQ(ShortReason(InStream(R"({"error":{"message":"x"}})")), "error within the answer");
  EXPECT_EQ(ShortReason(InStream(R"({"error":{"code":429}})")), "rate limit (429)");
}

TEST(Explain, Refusals) {
  ExpectSays(
      ExplainRefusal(Status(400, R"({"error":{"message":"prompt is too long: 2 > 1"}})"), At()),
      {"The prompt is too long", "--history", ": prompt is too long: 2 > 1"});
  ExpectSays(ExplainRefusal(Status(413, "<html><title>413</title>"), At()), {"proxy", "--history"});
  EXPECT_EQ(
      ExplainRefusal(Status(400, R"({"error":{"code":"content_filter","message":"m"}})"), At()),
      "The provider declined the request because of its content: m");
}

}  // namespace
}  // namespace caesar
