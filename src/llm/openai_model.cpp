#include "llm/openai_model.h"

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "llm/explain.h"
#include "llm/retry.h"

namespace caesar {
namespace {

constexpr int kRepairsMax = 4;  // stream_options, the cap's name, temperature, top_p
constexpr Milliseconds kIdleTimeout{
    600'000};  // reasoning models are silent for minutes; openai-python waits as long
// A token of four bytes travels in a chunk of some two hundred.
constexpr std::size_t kResponseBytesMax = std::size_t{512} << 20;

std::string RequestId(const HttpResponse& response) {
  for (const char* name : {"x-request-id", "request-id", "x-generation-id"}) {
    const std::string_view id = response.Header(name);
    if (!id.empty()) return ForTerminal(Shorten(id, 200));
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
std::string NoteOf(const ChatAnswer& answer) {
  const TokenUsage& tokens = answer.tokens;
  if (answer.cut) return Format("The reply was cut at {} bytes.", kReplyBytesMax);
  if (answer.finish_reason == "length") {
    const std::string spent = tokens.reported ? Format(" of {} tokens", tokens.output) : "";
    if (Trim(answer.text).empty()) {
      return Format(
          "The model spent its whole output{} on reasoning and gave no answer; raise --max-tokens.",
          spent);
    }
    if (tokens.total() == 4096 ||
        tokens.total() == 2048) {  // Ollama's defaults, and it never says so
      return Format(
          "The reply was cut where prompt and reply reach {} tokens: the server's context is that "
          "small. "
          "On Ollama, raise OLLAMA_CONTEXT_LENGTH.",
          tokens.total());
    }
    return Format("The reply was cut at the token limit{}; raise --max-tokens.", spent);
  }
  if (Trim(answer.text).empty()) return "The model gave an empty reply.";
  return "";
}

bool IsOutcome(const CallFailure& failure) {
  const FailureClass kind = Classify(failure);
  return kind == FailureClass::kContextTooLong || kind == FailureClass::kPolicy;
}

}  // namespace

OpenAiModel::OpenAiModel(ModelConfig config, Endpoint endpoint, Http& http, Clock& clock,
                         std::function<double()> random)
    : config_(std::move(config)),
      endpoint_(std::move(endpoint)),
      http_(http),
      clock_(clock),
      random_(std::move(random)),
      dialect_(GuessDialect(endpoint_.base_url)) {}

Result<ModelOutcome> OpenAiModel::Ask(const ModelRequest& request, ReplySink& sink,
                                      StopToken stop) {
  TokenUsage spent;
  int repairs = 0;
  int tries = 0;
  for (;;) {
    if (stop.now())
      return Error{ErrorCode::kInterrupted, "Interrupted before the model was asked.", ""};
    Attempt attempt = TRY(Try(request, sink, stop));
    ChatAnswer& answer = attempt.answer;
    ++tries;
    spent += answer.tokens;
    if (!attempt.failure) {
      if (!answer.refusal.empty()) return ModelOutcome(ModelRefused{answer.refusal, spent});
      if (answer.finish_reason == "content_filter") {
        return ModelOutcome(
            ModelRefused{"The provider's content filter stopped the reply.", spent});
      }
      ModelReply reply;
      reply.note = NoteOf(answer);
      reply.text = std::move(answer.text);
      reply.reasoning = std::move(answer.reasoning);
      reply.finish_reason = answer.cut ? "length" : std::move(answer.finish_reason);
      reply.model = std::move(answer.model);
      reply.request_id = std::move(attempt.request_id);
      reply.tokens = spent;
      reply.attempts = tries;
      return ModelOutcome(std::move(reply));
    }
    const CallFailure& failure = *attempt.failure;
    if (repairs < kRepairsMax && TryRepair(failure)) {
      ++repairs;
      TRY(sink.OnReset());
      continue;
    }
    if (IsOutcome(failure))
      return ModelOutcome(ModelRefused{ExplainRefusal(failure, endpoint_), spent});
    const RetryDecision decision = DecideRetry(tries - repairs, failure, random_(), clock_.Utc());
    if (const auto* give_up = std::get_if<GiveUp>(&decision)) {
      return Explain(failure, endpoint_, config_.model, give_up->reason);
    }
    const Milliseconds delay = std::get<RetryIn>(decision).delay;
    TRY(sink.OnReset());
    sink.OnRetry(ShortReason(failure), delay.count(), tries - repairs);
    TRY(clock_.Sleep(delay, stop));
  }
}

Result<OpenAiModel::Attempt> OpenAiModel::Try(const ModelRequest& request, ReplySink& sink,
                                              StopToken stop) {
  HttpRequest http;
  http.url = endpoint_.ChatUrl();
  http.headers = {{"Content-Type", "application/json"},
                  {"Accept", "text/event-stream, application/json"}};
  if (!endpoint_.key.empty()) http.headers.emplace_back("Authorization", "Bearer " + endpoint_.key);
  http.headers.insert(http.headers.end(), endpoint_.headers.begin(), endpoint_.headers.end());
  http.body = TRY(ChatRequestBody(config_, request.messages, dialect_));
  http.idle_timeout = kIdleTimeout;
  http.response_bytes_max = kResponseBytesMax;

  ChatDecoder decoder(sink);
  Status fed;
  bool enough = false;  // also ends transfers that a server leaves open after [DONE]
  http.enough = &enough;
  const HttpOutcome outcome = http_.Send(
      http,
      [&](std::string_view bytes) {
        if (fed.ok()) fed = decoder.Feed(bytes);
        enough = !fed.ok() || decoder.hopeless() || decoder.answer().done;
      },
      stop);
  TRY(std::move(fed));

  Attempt attempt;
  if (const auto* failure = std::get_if<HttpFailure>(&outcome)) {
    const auto unfinished = TRY(decoder.Finish());
    // An answer that said its end is complete, whatever happened to the connection afterwards; and
    // an error that was said says more than the connection's end. A stop is a stop.
    const bool said = !unfinished || unfinished->kind == CallFailure::Kind::kInStream;
    attempt.failure =
        said && failure->kind != HttpFailure::Kind::kStopped ? unfinished : OfTransport(*failure);
  } else {
    const auto& response = std::get<HttpResponse>(outcome);
    attempt.request_id = RequestId(response);
    if (response.status == 200) {
      TRY(decoder.Feed(response.body));  // empty where the callback took it
      attempt.failure = TRY(decoder.Finish());
      if (attempt.failure) attempt.failure->headers = response.headers;
    } else {
      attempt.failure = OfStatus(response);
    }
  }
  attempt.answer = decoder.answer();
  return attempt;
}

bool OpenAiModel::TryRepair(const CallFailure& failure) {
  const auto repair = RepairDialect(dialect_, config_, failure);
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
