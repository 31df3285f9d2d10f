#include "llm/http_model.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "llm/explain.h"
#include "llm/redact.h"
#include "llm/retry.h"

namespace caesar {
namespace {

constexpr int kRepairsMax = 6;  // fields that a server refuses one by one
// A token of four bytes travels in a chunk of some two hundred.
constexpr std::size_t kResponseBytesMax = std::size_t{512} << 20;
constexpr std::size_t kLoggedBytesMax = std::size_t{32} << 20;  // of one response

// A server may repeat the key anywhere.
std::string RequestId(const HttpResponse& response, const Endpoint& endpoint) {
  for (const char* name : {"x-request-id", "request-id", "x-generation-id"}) {
    const std::string_view id = response.Header(name);
    if (!id.empty()) return ForTerminal(Shorten(Redact(std::string(id), endpoint), 200));
  }
  return "";
}

CallFailure OfStatus(const HttpResponse& response) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::kStatus;
  failure.status = response.status;
  failure.headers = response.headers;
  failure.error = ParseApiError(response.body);
  return failure;
}

CallFailure OfTransport(const HttpFailure& http_failure) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::kTransport;
  failure.transport = http_failure.kind;
  failure.error.message = http_failure.message;
  return failure;
}

// What the user should know of a reply that came, but is empty or cut. Empty: nothing.
std::string NoteOf(const ModelAnswer& answer, bool limited) {
  const TokenUsage& tokens = answer.tokens;
  if (answer.cut) return Format("The reply was cut at {} bytes.", kReplyBytesMax);
  if (answer.finish_reason == "length") {
    const char* advice = limited ? "raise --max-tokens" : "--max-tokens may allow more";
    const std::string spent = tokens.reported ? Format(" of {} tokens", tokens.output) : "";
    if (Trim(answer.text).empty()) {
      return Format("The model spent its whole output{} on reasoning and gave no answer; {}.",
                    spent, advice);
    }
    if (tokens.total() == 4096 ||
        tokens.total() == 2048) {  // Ollama's defaults, and it never says so
      return Format(
          "The reply was cut where prompt and reply reach {} tokens: the server's context is that "
          "small. "
          "On Ollama, raise OLLAMA_CONTEXT_LENGTH.",
          tokens.total());
    }
    return Format("The reply was cut at the token limit{}; {}.", spent, advice);
  }
  if (answer.finish_reason == "context_length")
    return "The reply was cut where prompt and reply fill the model's context; a shorter --history "
           "leaves it more room.";
  if (Trim(answer.text).empty()) return "The model gave an empty reply.";
  return "";
}

ModelReply ReplyOf(ModelAnswer answer, std::string request_id, bool limited) {
  ModelReply reply;
  reply.note = NoteOf(answer, limited);
  reply.text = std::move(answer.text);
  reply.reasoning = std::move(answer.reasoning);
  reply.finish_reason = answer.cut ? "length" : std::move(answer.finish_reason);
  reply.model = std::move(answer.model);
  reply.request_id = request_id.empty() ? std::move(answer.request_id) : std::move(request_id);
  return reply;
}

// Why there is no reply although the answer is complete; empty: there is one.
std::string RefusalOf(const ModelAnswer& answer) {
  if (!answer.refusal.empty()) return answer.refusal;
  if (answer.finish_reason == "refusal") return "The model declined to answer.";
  if (answer.finish_reason == "content_filter")
    return "The provider's content filter stopped the reply.";
  return "";
}

// Whether a call that brought nothing may be billed all the same: it was sent, and nothing says
// that it was refused.
bool MayCost(const CallFailure& failure) {
  return failure.kind == CallFailure::Kind::kTransport &&
         (failure.transport == HttpFailure::Kind::kTimedOut ||
          failure.transport == HttpFailure::Kind::kStopped ||
          failure.transport == HttpFailure::Kind::kTooLarge);
}

}  // namespace

struct HttpModel::Question {
  const ModelRequest& request;
  ReplySink& sink;
  StopToken stop;
  TokenUsage spent;
  int calls = 0;                  // made
  int repairs = 0;                // those that only taught us the server's dialect
  Tries tries;                    // those that failed otherwise
  std::optional<ModelReply> cut;  // complete, but cut at the limit before it had what was asked for
};

HttpModel::HttpModel(const Codec& codec, ModelConfig config, Endpoint endpoint, Http& http,
                     Clock& clock, std::function<double()> random, Pricing pricing)
    : codec_(codec),
      config_(std::move(config)),
      endpoint_(std::move(endpoint)),
      http_(http),
      clock_(clock),
      random_(std::move(random)),
      pricing_(std::move(pricing)),
      dialect_(codec.guess(config_, endpoint_.base_url)),
      first_limit_(codec.output_limit(config_, dialect_).value_or(0)) {}

Result<ModelOutcome> HttpModel::Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) {
  Question question{request, sink, stop, {}, 0, 0, {}, {}};
  for (;;) {
    if (stop.now())
      return Error{ErrorCode::kInterrupted, "Interrupted before the model was asked.", ""};
    std::optional<Attempt> attempt = TRY(Try(question));
    if (!attempt && question.cut) return ModelOutcome(TRY(WhatWasCut(question)));
    if (!attempt) return ModelOutcome(BudgetReached{question.spent});
    const std::optional<CallFailure> failure = attempt->failure;
    auto outcome =
        failure ? TRY(Failed(question, *failure)) : TRY(Answered(question, std::move(*attempt)));
    if (outcome) return std::move(*outcome);
  }
}

std::string HttpModel::unpriced() const {
  TokenUsage none;
  none.reported = true;
  if (pricing_ && pricing_(none)) return "";
  return Format("model '{}' at {}", config_.model, HostOf(endpoint_.base_url));
}

// Empty: the log did not allow the call.
Result<std::optional<HttpModel::Attempt>> HttpModel::Try(Question& question) {
  HttpRequest http = RequestOf(TRY(codec_.body(config_, question.request, dialect_)));
  CallLog* log = question.request.log;
  if (log != nullptr) {
    CallStart start{question.calls + 1, ShownUrl(http.url), ShownHeaders(http.headers, endpoint_),
                    Redact(http.body, endpoint_), Guess(http.body.size(), kOutputGuess)};
    if (!TRY(log->OnCall(start))) return std::optional<Attempt>();
  }
  ++question.calls;
  Attempt attempt = TRY(Send(std::move(http), question));
  question.spent += attempt.failure ? attempt.counted : attempt.answer.tokens;
  return std::optional(std::move(attempt));
}

HttpRequest HttpModel::RequestOf(std::string body) const {
  HttpRequest http;
  http.url = codec_.url(endpoint_.base_url, config_.model);
  http.headers = {{"Content-Type", "application/json"},
                  {"Accept", "text/event-stream, application/json"}};
  for (auto& header : codec_.headers()) http.headers.push_back(std::move(header));
  if (!endpoint_.key.empty())
    http.headers.emplace_back(endpoint_.key_header, endpoint_.key_prefix + endpoint_.key);
  http.headers.insert(http.headers.end(), endpoint_.headers.begin(), endpoint_.headers.end());
  http.body = std::move(body);
  http.response_bytes_max = kResponseBytesMax;
  http.total_timeout = Milliseconds(config_.timeout_ms);
  if (config_.idle_timeout_ms > 0)
    http.first_byte_timeout = http.idle_timeout = Milliseconds(config_.idle_timeout_ms);
  return http;
}

Result<HttpModel::Attempt> HttpModel::Send(HttpRequest http, Question& question) {
  AnswerReader reader(codec_, question.sink);
  Status fed;
  CallEnd end;
  bool enough = false;  // also ends transfers that a server leaves open after its last event
  http.enough = &enough;
  const SteadyTime began = clock_.Now();
  const HttpOutcome outcome = http_.Send(
      http,
      [&](std::string_view bytes) {
        if (question.request.log != nullptr && end.body.size() < kLoggedBytesMax) end.body += bytes;
        end.body_cut = end.body.size() >= kLoggedBytesMax;
        if (fed.ok()) fed = reader.Feed(bytes);
        enough = !fed.ok() || reader.hopeless() || reader.answer().done;
      },
      question.stop);
  end.ms = std::chrono::duration_cast<Milliseconds>(clock_.Now() - began).count();
  TRY(std::move(fed));

  Attempt attempt;
  if (const auto* failure = std::get_if<HttpFailure>(&outcome)) {
    const auto unfinished = TRY(reader.Finish());
    // An answer that said its end is complete and paid for, whatever happened to the connection
    // afterwards, also a stop; and an error that was said says more than the connection's end.
    const bool told = unfinished && unfinished->kind == CallFailure::Kind::kInStream &&
                      failure->kind != HttpFailure::Kind::kStopped;
    attempt.failure = !unfinished || told ? unfinished : OfTransport(*failure);
  } else {
    const auto& response = std::get<HttpResponse>(outcome);
    attempt.request_id = RequestId(response, endpoint_);
    end.status = response.status;
    end.headers = response.headers;
    end.body += response.body;
    if (response.status == 200) {
      TRY(reader.Feed(response.body));  // empty where the callback took it
      attempt.failure = TRY(reader.Finish());
      if (attempt.failure) attempt.failure->headers = response.headers;
    } else {
      attempt.failure = OfStatus(response);
    }
  }
  attempt.answer = reader.answer();
  const ModelAnswer& answer = attempt.answer;
  const bool begun = !attempt.failure || !answer.text.empty() || !answer.reasoning.empty();
  if (begun || answer.tokens.reported) Price(attempt.answer.tokens);
  attempt.counted = Counted(http, attempt);
  if (question.request.log != nullptr) {
    std::erase_if(end.headers, [](const auto& header) { return header.first == "set-cookie"; });
    end.headers = ShownHeaders(std::move(end.headers), endpoint_);
    end.body = HideParts(Redact(std::move(end.body), endpoint_), endpoint_.key);
    end.failure = attempt.failure ? ShortReason(*attempt.failure) : "";
    end.tokens = attempt.answer.tokens;
    end.counted = attempt.counted;
    TRY(question.request.log->OnCallEnd(end));
  }
  return attempt;
}

void HttpModel::Price(TokenUsage& tokens) const {
  const auto usd = pricing_ && tokens.reported ? pricing_(tokens) : std::nullopt;
  tokens.priced = usd.has_value();
  tokens.usd = usd.value_or(0);
}

TokenUsage HttpModel::Guess(std::size_t input_bytes, std::int64_t output_tokens) const {
  TokenUsage tokens;
  tokens.input = static_cast<std::int64_t>(input_bytes) / kBytesPerToken;
  tokens.output =
      std::min(output_tokens, codec_.output_limit(config_, dialect_).value_or(output_tokens));
  tokens.reported = tokens.estimated = true;
  Price(tokens);
  return tokens;
}

// What was reported of an answer that broke off is not its end: Anthropic begins with one token.
TokenUsage HttpModel::Counted(const HttpRequest& http, const Attempt& attempt) const {
  const ModelAnswer& answer = attempt.answer;
  const std::size_t bytes = answer.text.size() + answer.reasoning.size();
  const bool whole = !attempt.failure && answer.tokens.reported;
  if (whole || (bytes == 0 && attempt.failure && !MayCost(*attempt.failure))) return answer.tokens;
  if (bytes == 0 && !answer.tokens.reported) return Guess(http.body.size(), kOutputGuess);
  TokenUsage guess = Guess(http.body.size(), static_cast<std::int64_t>(bytes) / kBytesPerToken);
  if (!answer.tokens.reported) return guess;
  TokenUsage tokens = answer.tokens;
  tokens.estimated = true;
  tokens.output = std::max(tokens.output, guess.output);
  Price(tokens);
  return tokens;
}

// Empty: the question is to be asked again, with a larger limit.
Result<std::optional<ModelOutcome>> HttpModel::Answered(Question& question, Attempt attempt) {
  if (std::string refusal = RefusalOf(attempt.answer); !refusal.empty()) {
    return std::optional<ModelOutcome>(
        ModelRefused{Redact(std::move(refusal), endpoint_), question.spent});
  }
  const bool enlarge = Enlarge(question, attempt.answer);
  ModelReply reply = ReplyOf(std::move(attempt.answer), std::move(attempt.request_id),
                             codec_.output_limit(config_, dialect_).has_value());
  for (std::string* word : {&reply.finish_reason, &reply.model, &reply.request_id})
    *word = Redact(std::move(*word), endpoint_);
  if (enlarge) {
    LogWarning(
        "the reply was cut at its limit of tokens before its code was complete: asking once "
        "more, with at most {}",
        FormatCount(*dialect_.max_tokens));
    question.cut = std::move(reply);
    TRY(question.sink.OnReset());
    return std::optional<ModelOutcome>();
  }
  reply.tokens = question.spent;
  reply.attempts = question.calls;
  return std::optional<ModelOutcome>(std::move(reply));
}

// Whether the reply was cut before it had what was asked for, and a larger limit may help: once a
// question, and to no more than twice the first limit. It stays raised, since the next reply will
// not be shorter.
bool HttpModel::Enlarge(const Question& question, const ModelAnswer& answer) {
  const auto limit = codec_.output_limit(config_, dialect_);
  const bool cut = answer.finish_reason == "length" && !answer.cut;
  if (!cut || !limit || question.cut || !question.request.sufficient ||
      question.request.sufficient(answer.text) || *limit > first_limit_)
    return false;
  dialect_.max_tokens = *limit * 2;
  return true;
}

// Empty: the question is to be asked again.
Result<std::optional<ModelOutcome>> HttpModel::Failed(Question& question,
                                                      const CallFailure& failure) {
  if (question.repairs < kRepairsMax && TryRepair(failure)) {
    ++question.repairs;
    TRY(question.sink.OnReset());
    return std::optional<ModelOutcome>();
  }
  const FailureClass kind = Classify(failure);
  question.tries.Count(failure);
  const RetryDecision decision = DecideRetry(question.tries, failure, random_(), clock_.Utc());
  const auto* give_up = std::get_if<GiveUp>(&decision);
  const bool stopped = failure.kind == CallFailure::Kind::kTransport &&
                       failure.transport == HttpFailure::Kind::kStopped;
  if (question.cut && give_up != nullptr && !stopped) {  // what was paid for is better than nothing
    return std::optional<ModelOutcome>(TRY(WhatWasCut(question)));
  }
  if (kind == FailureClass::kContextTooLong)
    return std::optional<ModelOutcome>(
        PromptTooLong{ExplainRefusal(failure, endpoint_), question.spent});
  if (kind == FailureClass::kPolicy)
    return std::optional<ModelOutcome>(
        ModelRefused{ExplainRefusal(failure, endpoint_), question.spent});
  if (give_up != nullptr) return Explain(failure, endpoint_, config_.model, give_up->reason);
  const Milliseconds delay = std::get<RetryIn>(decision).delay;
  TRY(question.sink.OnReset());
  question.sink.OnRetry(ShortReason(failure), delay.count(),
                        question.tries.failed + question.tries.loading);
  TRY(clock_.Sleep(delay, question.stop));
  question.tries.waited += delay;
  return std::optional<ModelOutcome>();
}

// The reply that was cut, where nothing better came.
Result<ModelReply> HttpModel::WhatWasCut(Question& question) {
  ModelReply reply = std::move(*question.cut);
  TRY(question.sink.OnReset());
  TRY(question.sink.OnText(reply.text));
  reply.tokens = question.spent;
  reply.attempts = question.calls;
  return reply;
}

bool HttpModel::TryRepair(const CallFailure& failure) {
  const int status = failure.EffectiveStatus();
  if (status != 400 && status != 422) return false;
  auto repair = codec_.repair(dialect_, config_, failure);
  const auto limit = codec_.output_limit(config_, dialect_);
  if (const auto said = limit ? SaidOutputLimit(failure.error, *limit) : std::nullopt;
      !repair && said) {
    repair =
        Repair{dialect_, Format("for at most {} tokens", *said), config_.max_tokens.has_value()};
    repair->dialect.max_tokens = *said;
  }
  if (!repair) return false;
  dialect_ = repair->dialect;
  if (repair->loses) {
    LogWarning("model '{}' does not take every option: asking {}", config_.model, repair->what);
  } else {
    LogDebug("asking model '{}' again {}", config_.model, repair->what);
  }
  return true;
}

}  // namespace caesar
