// Whatever a server does, call after call: a question ends, within its limits of calls and of
// waiting, in the whole of a good answer, in an outcome that has a name, or in an Error that says
// what to do. Random scripts of faults, the same ones every time.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/strings.h"
#include "fakes/answer_forms.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "llm/http_model.h"
#include "llm/retry.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

constexpr std::uint64_t kScripts = 1000;  // for each format
constexpr std::size_t kRepairsMax = 6;    // of http_model.cpp
constexpr std::string_view kKey = "sk-prop/0123456789abcdefghijklmnopqrstuvwxyz=";
constexpr std::string_view kKeyInJson = "sk-prop\\/0123456789abcdefghijklmnopqrstuvwxyz\\u003d";
constexpr std::size_t kKeyPart = 12;  // a beginning of the key that must not show either

using Kind = HttpFailure::Kind;

// What errors say: all that is sorted into a class of its own, what can be repaired, and nothing.
struct Complaint {
  const char* type;
  const char* message;
};
constexpr Complaint kComplaints[] = {
    {"server_error", "The server had an error"},
    {"insufficient_quota", "You exceeded your current quota"},
    {"billing_error", "Your credit balance is too low"},
    {"invalid_api_key", "Incorrect API key provided: "},
    {"context_length_exceeded", "This model's maximum context length is 8192 tokens"},
    {"invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"},
    {"content_policy_violation", "The content is declined"},
    {"model_not_found", "The model does not exist"},
    {"unavailable_error", "Loading model"},
    {"rate_limit_error", "Rate limit reached. Please try again in 20s"},
    {"RESOURCE_EXHAUSTED", "Please retry in 3.5s"},
    {"overloaded_error", "Overloaded"},
    {"invalid_request_error", "Unsupported parameter: 'temperature' is not supported"},
    {"invalid_request_error", "Unknown parameter: 'stream_options'."},
    {"invalid_request_error",
     "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'"},
    {"invalid_request_error",
     "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens"},
    {"invalid_request_error", "thinking: adaptive thinking is not supported on this model"},
    {"invalid_request_error", "Unsupported value: reasoning effort is not supported"},
    {"INVALID_ARGUMENT", "Thinking level is not supported for this model."},
    {"INVALID_ARGUMENT", "Developer instruction is not enabled for models/m"},
    {"", ""},
};

constexpr const char* kText[] = {"a",
                                 " ",
                                 "\n",
                                 "\n\n",
                                 "data: x\n\n",
                                 "[DONE]",
                                 "\"",
                                 "\\",
                                 "\xC3\xA9",
                                 "\xF0\x9F\x98\x80",
                                 "```cuda\n",
                                 "event:",
                                 "{\"error\":1}",
                                 "\x01\x1f",
                                 "__global__ "};

constexpr int kStatuses[] = {400, 401, 402, 403, 404, 408, 409, 413, 422, 429,
                             500, 502, 503, 504, 529, 204, 302, 418, 501};
constexpr const char* kWaits[] = {"0",
                                  "1",
                                  "7.5",
                                  "119",
                                  "121",
                                  "3600",
                                  "1e99",
                                  "-5",
                                  "x",
                                  "",
                                  "99999999999999999999",
                                  "Sat, 31 Jan 2026 12:01:00 GMT"};
constexpr Kind kKinds[] = {Kind::kBadUrl,      Kind::kResolve, Kind::kConnect,  Kind::kTls,
                           Kind::kCertificate, Kind::kProxy,   Kind::kTimedOut, Kind::kCut,
                           Kind::kTooLarge,    Kind::kStopped};

struct Attempt {
  FakeReply reply;
  bool complete = false;  // it is a good answer, whatever came after its end
  std::string what;       // for messages of this test
};

// The answers of a server that a seed decides on.
class Server {
 public:
  Server(const AnswerForm& form, std::uint64_t seed) : form_(form), random_(seed) {
    for (std::size_t left = Below(6); left > 0; --left) pieces_.push_back(Piece());
    const AnswerCounts counts{std::to_string(Below(1000)), std::to_string(Below(1000))};
    good_ = OneIn(4) ? form.document(pieces_, counts) : form.stream(pieces_, counts);
  }

  const WrittenAnswer& good() const { return good_; }
  std::size_t Below(std::size_t limit) { return random_() % limit; }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  double Part() { return static_cast<double>(Below(1000)) / 1000; }

  Attempt Next() {
    Attempt attempt;
    switch (Below(8)) {
      case 0:
        attempt = {Ok(good_.bytes), true, "the good answer"};
        break;
      case 1:
      case 2:
        attempt = Broken();
        break;
      case 3:
        attempt = {Ok(WithError()), false, "an error within the answer"};
        break;
      case 4:
      case 5:
        attempt = Refused();
        break;
      case 6:
        attempt = {Failed(Pick(kKinds), {}), false, "a transport failure"};
        break;
      default:
        attempt = {Ok(Garbage()), false, "garbage"};
    }
    if (auto* response = std::get_if<HttpResponse>(&attempt.reply.outcome)) AddHeaders(*response);
    return attempt;
  }

 private:
  template <class T, std::size_t kCount>
  const T& Pick(const T (&of)[kCount]) {
    return of[Below(kCount)];
  }

  AnswerPiece Piece() {
    AnswerPiece piece{"", OneIn(4)};
    for (std::size_t left = Below(5); left > 0; --left) piece.text += Pick(kText);
    return piece;
  }

  std::vector<std::string> Cut(std::string_view bytes) {
    std::vector<std::string> chunks;
    while (!bytes.empty()) {
      const std::size_t size = std::min(1 + Below(OneIn(2) ? 7 : 400), bytes.size());
      chunks.emplace_back(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
    return chunks;
  }

  FakeReply Ok(const std::string& bytes) {
    HttpResponse response;
    response.status = 200;
    return {std::move(response), Cut(bytes), {}};
  }

  FakeReply Failed(Kind kind, const std::string& bytes) {
    return {HttpFailure{kind, "it failed, with " + std::string(kKey), false}, Cut(bytes), {}};
  }

  // Any end of the connection after any byte.
  Attempt Broken() {
    const std::size_t size = Below(good_.bytes.size() + 1);
    const std::string bytes = good_.bytes.substr(0, size);
    const bool said = size >= good_.end;
    const std::string what =
        Format("cut after byte {} of {} ({})", size, good_.bytes.size(), good_.end);
    if (OneIn(2)) return {Ok(bytes), said, what};
    const Kind kind = Pick(kKinds);
    return {Failed(kind, bytes), said, what + ", by a failure"};
  }

  // Sometimes with a key in it, and that where texts are cut.
  std::string Message(const Complaint& complaint) {
    std::string message = complaint.message;
    if (!OneIn(3)) return message;
    if (OneIn(2)) message.append(560 + Below(80), 'x');
    return message + " " + std::string(kKey);
  }

  // Behind any event before the last; as an event, or as a line that is none.
  std::string WithError() {
    const WrittenAnswer stream = form_.stream(pieces_, {});
    std::vector<std::size_t> events = {0};
    for (std::size_t at = 0; (at = stream.bytes.find("\n\n", at)) + 2 < stream.end; at += 2)
      events.push_back(at + 2);
    const Complaint& complaint = Pick(kComplaints);
    const std::string type = OneIn(4) ? "" : complaint.type;
    const std::string bytes = stream.bytes.substr(0, events[Below(events.size())]);
    if (OneIn(4)) return bytes + form_.error_body(type, Message(complaint)) + "\n";
    return bytes + form_.error_event(type, Message(complaint)) + (OneIn(2) ? good_.bytes : "");
  }

  Attempt Refused() {
    HttpResponse response;
    response.status = Pick(kStatuses);
    response.body = Body();
    const std::string what = Format("{} {}", response.status, Shorten(response.body, 200));
    return {{std::move(response), {}, {}}, false, what};
  }

  std::string Body() {
    const Complaint& complaint = Pick(kComplaints);
    switch (Below(8)) {
      case 0:
        return "";
      case 1:
        return Format("<html><title>{} {}</title>", complaint.message, kKey);
      case 2:
        return good_.bytes;
      case 3:
        return Garbage();
      case 4:
        return AnswerForms()[Below(4)].error_body(complaint.type, Message(complaint));
      case 5:
        return Format(R"({{"error":{{"message":"key {}","type":"{}"}}}})", kKeyInJson,
                      complaint.type);
      default:
        return form_.error_body(complaint.type, Message(complaint));
    }
  }

  std::string Garbage() {
    static constexpr const char* kKnown[] = {"",
                                             "null",
                                             "{}",
                                             "[]",
                                             "\"\"",
                                             "<html>",
                                             "data:\n\n",
                                             "data: {}\n\n",
                                             "event: error\n\n",
                                             "\xEF\xBB\xBF"};
    if (OneIn(2)) return Pick(kKnown);
    std::string bytes;
    for (std::size_t left = Below(60); left > 0; --left) bytes += static_cast<char>(Below(256));
    return bytes;
  }

  void AddHeaders(HttpResponse& response) {
    if (OneIn(2)) response.headers.emplace_back("retry-after", Pick(kWaits));
    if (OneIn(8)) response.headers.emplace_back("retry-after-ms", Pick(kWaits));
    if (OneIn(8)) response.headers.emplace_back("x-should-retry", OneIn(2) ? "true" : "false");
    if (OneIn(2)) response.headers.emplace_back("x-request-id", "req-" + std::string(kKey));
    response.headers.emplace_back("x-echo", "Bearer " + std::string(kKey));
  }

  const AnswerForm& form_;
  std::mt19937_64 random_;
  AnswerPieces pieces_;
  WrittenAnswer good_;
};

// Counts the calls, keeps all that it is told, and allows so many of them.
class CountingLog : public CallLog {
 public:
  explicit CountingLog(int allowed) : allowed_(allowed) {}
  Result<bool> OnCall(const CallStart& call) override {
    EXPECT_EQ(started, ended) << "two calls at once";
    Keep(call.url, call.headers, call.body);
    if (started == allowed_) return false;
    EXPECT_EQ(call.attempt, ++started);
    return true;
  }
  Status OnCallEnd(const CallEnd& end) override {
    Keep(end.failure, end.headers, end.body);
    spent += end.failure.empty() ? end.tokens : end.counted;
    EXPECT_EQ(started, ++ended);
    return {};
  }

  int started = 0;
  int ended = 0;
  std::string shown;
  TokenUsage spent;

 private:
  void Keep(std::string_view first, const Headers& headers, std::string_view body) {
    shown.append(first).append("\n").append(body).append("\n");
    for (const auto& [name, value] : headers) shown += name + ": " + value + "\n";
  }

  int allowed_;
};

// One question to one server, and what came of it.
struct Asked {
  std::vector<Attempt> script;
  FakeHttp http;
  FakeClock clock;
  RecordingSink sink;
  bool limited = false;  // the log allows too few calls
  StopSource stop;
  std::optional<std::size_t> stopped_at;  // the call during which the user stops it
  std::optional<Result<ModelOutcome>> outcome;

  std::size_t calls() const { return http.requests().size(); }
  template <class T>
  const T* As() const {
    return outcome->ok() ? std::get_if<T>(&outcome->value()) : nullptr;
  }
};

std::vector<Attempt> ScriptOf(Server& server) {
  std::vector<Attempt> script;
  if (server.OneIn(8)) {  // the same fault for ever
    const Attempt attempt = server.Next();
    script.assign(attempt.complete ? 1 : kLoadingTriesMax + 20, attempt);
    return script;
  }
  for (std::size_t left = server.Below(14); left > 0; --left) script.push_back(server.Next());
  return script;
}

ModelConfig ConfigOf(Server& server) {
  ModelConfig config;
  config.model = "m";
  if (server.OneIn(2)) config.temperature = 0.5;
  if (server.OneIn(2)) config.max_tokens = 100'000;
  if (server.OneIn(2)) config.reasoning_effort = "high";
  return config;
}

std::optional<double> PriceOf(const TokenUsage& tokens) {
  return static_cast<double>(tokens.input + 5 * tokens.output) / 1024;
}

// Before its first byte.
void StopAt(std::size_t call, Asked& asked) {
  asked.stopped_at = call;
  asked.script[call].reply.before = [&asked] { asked.stop.Request(StopLevel::kNow); };
  asked.script[call].complete = false;
}

void Ask(const AnswerForm& form, Server& server, CountingLog& log, Asked& asked) {
  asked.script = ScriptOf(server);
  if (!asked.script.empty() && server.OneIn(10)) StopAt(server.Below(asked.script.size()), asked);
  for (const Attempt& attempt : asked.script) asked.http.Add(attempt.reply);
  Endpoint endpoint;
  endpoint.base_url = "http://localhost:1/v1";
  endpoint.key = kKey;
  endpoint.key_source = "CAESAR_API_KEY";
  HttpModel model(
      *form.codec, ConfigOf(server), endpoint, asked.http, asked.clock,
      [&] { return server.Part(); }, &PriceOf);
  ModelRequest request;
  request.messages = {{ChatMessage::Role::kSystem, "be brief"}, {ChatMessage::Role::kUser, "hi"}};
  request.log = &log;
  asked.outcome.emplace(model.Ask(request, asked.sink, StopToken(asked.stop)));
}

void ExpectBounded(const Asked& asked) {
  const bool loading = std::any_of(
      asked.script.begin(), asked.script.end(),
      [](const Attempt& attempt) { return attempt.what.find("Loading") != std::string::npos; });
  EXPECT_LE(asked.calls(), kRepairsMax + (loading ? kLoadingTriesMax : kTriesMax));
  Milliseconds slept{0};
  for (const Milliseconds one : asked.clock.slept()) slept += one;
  EXPECT_LE(slept, loading ? kLoadingWaitedMax : kWaitedMax);
  EXPECT_EQ(asked.clock.slept().size(), asked.sink.retries.size()) << "a wait was not announced";
}

// A good answer is the last one that is asked for, and nothing else is taken for one.
void ExpectRightEnd(const Asked& asked, const WrittenAnswer& good) {
  const std::size_t calls = asked.calls();
  for (std::size_t i = 0; i + 1 < calls && i < asked.script.size(); ++i)
    EXPECT_FALSE(asked.script[i].complete) << "asked again after " << asked.script[i].what;
  const bool reached =
      calls > 0 && calls <= asked.script.size() && asked.script[calls - 1].complete;
  const auto* reply = asked.As<ModelReply>();
  ASSERT_EQ(reply != nullptr, reached && asked.As<BudgetReached>() == nullptr);
  if (reply == nullptr) return;
  EXPECT_EQ(reply->text, good.text);
  EXPECT_EQ(reply->reasoning, good.reasoning);
  EXPECT_EQ(asked.sink.text, good.text);
  EXPECT_EQ(asked.sink.reasoning, good.reasoning);
  EXPECT_EQ(reply->attempts, static_cast<int>(calls));
  EXPECT_EQ(reply->finish_reason, "stop");
}

void ExpectSpent(const TokenUsage& spent, const CountingLog& log) {
  EXPECT_EQ(spent.input, log.spent.input);
  EXPECT_EQ(spent.output, log.spent.output);
  EXPECT_EQ(spent.reported, log.spent.reported);
  EXPECT_EQ(spent.priced, log.spent.priced);
  EXPECT_DOUBLE_EQ(spent.usd, log.spent.usd);
}

// All that people and files get to see of it, beside the log.
std::string Shown(const Asked& asked) {
  std::string shown = asked.sink.text + asked.sink.reasoning;
  for (const std::string& retry : asked.sink.retries) shown += retry + "\n";
  if (!asked.outcome->ok())
    return shown + asked.outcome->error().message + asked.outcome->error().detail;
  if (const auto* reply = asked.As<ModelReply>())
    shown += reply->note + reply->model + reply->request_id + reply->finish_reason;
  if (const auto* refused = asked.As<ModelRefused>()) shown += refused->reason;
  if (const auto* too_long = asked.As<PromptTooLong>()) shown += too_long->reason;
  return shown;
}

void ExpectStopped(const Asked& asked) {
  if (!asked.stopped_at || asked.calls() <= *asked.stopped_at) return;
  EXPECT_EQ(asked.calls(), *asked.stopped_at + 1) << "asked again after a stop";
  ASSERT_FALSE(asked.outcome->ok());
  EXPECT_EQ(asked.outcome->error().code, ErrorCode::kInterrupted);
}

void ExpectNamed(const Asked& asked, const CountingLog& log) {
  if (!asked.outcome->ok()) {
    const Error& error = asked.outcome->error();
    const bool stopped = error.code == ErrorCode::kInterrupted;
    EXPECT_TRUE(stopped || error.code == ErrorCode::kEnvironment) << error.message;
    EXPECT_NE(error.message, "");
    EXPECT_EQ(error.detail.empty(), stopped) << error.message;
  }
  if (const auto* reply = asked.As<ModelReply>()) ExpectSpent(reply->tokens, log);
  if (const auto* budget = asked.As<BudgetReached>()) {
    EXPECT_TRUE(asked.limited);
    ExpectSpent(budget->tokens, log);
  }
  if (const auto* refused = asked.As<ModelRefused>()) {
    EXPECT_NE(refused->reason, "");
    ExpectSpent(refused->tokens, log);
  }
  if (const auto* too_long = asked.As<PromptTooLong>()) {
    EXPECT_NE(too_long->reason, "");
    ExpectSpent(too_long->tokens, log);
  }
}

std::string Told(const Asked& asked) {
  std::string text;
  for (std::size_t i = 0; i < asked.script.size() && i < asked.calls(); ++i)
    text += Format("{}: {}\n", i + 1, asked.script[i].what);
  if (!asked.outcome->ok())
    text += asked.outcome->error().message + "\n" + asked.outcome->error().detail;
  return text;
}

class ModelProperty : public testing::TestWithParam<AnswerForm> {};
INSTANTIATE_TEST_SUITE_P(Formats, ModelProperty, testing::ValuesIn(AnswerForms()),
                         [](const auto& form) { return std::string(form.param.name); });

TEST_P(ModelProperty, AnyScriptOfFaultsEndsWell) {
  std::set<std::string> ends;
  for (std::uint64_t seed = 0; seed < kScripts && !HasFailure(); ++seed) {
    Server server(GetParam(), seed);
    Asked asked;
    asked.limited = server.OneIn(10);
    CountingLog log(asked.limited ? static_cast<int>(server.Below(4)) : 1000);
    Ask(GetParam(), server, log, asked);
    SCOPED_TRACE(Format("seed {}\n{}", seed, Told(asked)));
    ExpectBounded(asked);
    ExpectRightEnd(asked, server.good());
    ExpectStopped(asked);
    ExpectNamed(asked, log);
    EXPECT_EQ(log.started, static_cast<int>(asked.calls()));
    EXPECT_EQ(log.ended, log.started);
    EXPECT_EQ(Shown(asked).find(kKey.substr(0, kKeyPart)), std::string::npos) << Shown(asked);
    EXPECT_EQ(log.shown.find(kKey.substr(0, kKeyPart)), std::string::npos) << log.shown;
    EXPECT_EQ(log.shown.find(kKeyInJson), std::string::npos) << log.shown;
    ends.insert(asked.outcome->ok() ? std::to_string(asked.outcome->value().index()) : "error");
  }
  EXPECT_EQ(ends, (std::set<std::string>{"0", "1", "2", "3", "error"})) << "some end was not seen";
}

}  // namespace
}  // namespace caesar
