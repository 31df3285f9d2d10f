#include "llm/explain.h"

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

struct Advice {
  std::string message;
  std::string todo;
};

std::string KeyAdvice(const Endpoint& endpoint) {
  if (!endpoint.key.empty())
    return Format("The key came from {}: check that it is valid for this server.",
                  endpoint.key_source);
  if (endpoint.withheld.empty()) return "No key was sent. Set CAESAR_API_KEY to this server's key.";
  return Format(
      "{} was not sent, because it belongs to another address. Set CAESAR_API_KEY to this server's "
      "key, or "
      "OPENAI_BASE_URL to its address.",
      endpoint.withheld);
}

Advice OfTransport(const CallFailure& failure, const Endpoint& endpoint) {
  const std::string url = ShownUrl(endpoint.base_url);
  switch (failure.transport) {
    case HttpFailure::Kind::kBadUrl:
      return {Format("{} is no address that can be asked.", url), "Check --base-url."};
    case HttpFailure::Kind::kResolve:
      return {Format("The host of {} was not found.", url),
              "Check the name in --base-url, and this machine's network and DNS."};
    case HttpFailure::Kind::kConnect:
      return {Format("No connection to {}.", url), "Is the server running, and is the port right?"};
    case HttpFailure::Kind::kTls:
      return {Format("No secure connection to {}.", url), "The same command asks again."};
    case HttpFailure::Kind::kCertificate:
      return {Format("The certificate of {} is not trusted.", url),
              "If the server is the right one, name a file with its authority's certificate in "
              "SSL_CERT_FILE."};
    case HttpFailure::Kind::kProxy:
      return {Format("The proxy on the way to {} does not let the request through.", url),
              "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names hosts to ask directly."};
    case HttpFailure::Kind::kTimedOut:
      return {Format("{} did not answer in time.", url),
              "The server may be overloaded or still loading the model."};
    case HttpFailure::Kind::kCut:
      return {Format("The connection to {} was cut.", url), "The same command asks again."};
    case HttpFailure::Kind::kTooLarge:
      return {Format("The answer of {} is too large.", url), "Limit it with --max-tokens."};
    case HttpFailure::Kind::kStopped:
      return {"Interrupted while waiting for the model.", ""};
  }
  return {};
}

Advice OfStatus(int status, const CallFailure& failure, const Endpoint& endpoint,
                const std::string& model) {
  const std::string url = ShownUrl(endpoint.base_url);
  if (status >= 300 && status < 400) {
    return {Format("{} redirects to {}.", url, ShownUrl(failure.Header("location"))),
            "Redirects are not followed, so that keys do not travel. Use the final address as "
            "--base-url."};
  }
  if (status == 401) return {Format("{} does not accept the API key.", url), KeyAdvice(endpoint)};
  if (status == 403)
    return {Format("{} denies access to model '{}'.", url, model), KeyAdvice(endpoint)};
  if (status == 404) {
    return {Format("{} knows no model '{}', or is not the address of a chat-completions API.", url,
                   model),
            Format("Check --model and --base-url; '/chat/completions' was added to {}.", url)};
  }
  if (status == 408 || status == 504)
    return {Format("{} did not answer in time.", url), "Try again later."};
  if (status == 429)
    return {Format("{} limits the rate of requests.", url), "Wait, or run fewer samples at once."};
  if (status >= 500) return {Format("{} has a problem of its own.", url), "Try again later."};
  return {Format("{} refuses the request for model '{}'.", url, model),
          "Check --model and the sampling options."};
}

Advice AdviceFor(const CallFailure& failure, const Endpoint& endpoint, const std::string& model) {
  const std::string url = ShownUrl(endpoint.base_url);
  const bool html = LooksLikeHtml(failure.error.raw);
  switch (failure.kind) {
    case CallFailure::Kind::kTransport:
      return OfTransport(failure, endpoint);
    case CallFailure::Kind::kTruncated:
      return {Format("The answer of {} ended before it was complete.", url),
              "A proxy in between may cut long answers."};
    case CallFailure::Kind::kMalformed:
      if (html)
        return {Format("{} answers with a web page instead of JSON.", url),
                "The base URL is probably wrong; it often ends in /v1."};
      return {Format("{} does not answer as a chat-completions API does.", url),
              "Check --base-url; it often ends in /v1."};
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  if (Classify(failure) == FailureClass::kQuota) {
    return {Format("The account at {} has no credit left, or has reached its spending limit.", url),
            "Add credit or raise the limit, then run the same command again."};
  }
  Advice advice = OfStatus(failure.EffectiveStatus(), failure, endpoint, model);
  if (html && failure.status < 500 && failure.status != 429) {
    advice.todo += " The answer is a web page, so the base URL is probably wrong.";
  }
  return advice;
}

}  // namespace

std::string ShortReason(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::kTransport:
      switch (failure.transport) {
        case HttpFailure::Kind::kBadUrl:
          return "bad address";
        case HttpFailure::Kind::kResolve:
          return "host not found";
        case HttpFailure::Kind::kConnect:
          return "no connection";
        case HttpFailure::Kind::kTls:
          return "no secure connection";
        case HttpFailure::Kind::kCertificate:
          return "certificate not trusted";
        case HttpFailure::Kind::kProxy:
          return "refused by the proxy";
        case HttpFailure::Kind::kTimedOut:
          return "no answer in time";
        case HttpFailure::Kind::kCut:
          return "connection cut";
        case HttpFailure::Kind::kTooLarge:
          return "answer too large";
        case HttpFailure::Kind::kStopped:
          return "interrupted";
      }
      return "";
    case CallFailure::Kind::kTruncated:
      return "answer cut off";
    case CallFailure::Kind::kMalformed:
      return "unreadable answer";
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  const int status = failure.EffectiveStatus();
  if (status == 0 || status == 200) return "error within the answer";
  const char* what = status == 429                    ? "rate limit"
                     : status == 408 || status == 504 ? "time-out"
                     : status >= 500                  ? "server error"
                                                      : "refused";
  return Format("{} ({})", what, status);
}

Error Explain(const CallFailure& failure, const Endpoint& endpoint, const std::string& model,
              const std::string& stopped_because) {
  const Advice advice = AdviceFor(failure, endpoint, model);
  std::string detail = advice.todo;
  const auto add = [&](const std::string& line) { detail += (detail.empty() ? "" : "\n") + line; };
  const int status = failure.EffectiveStatus();
  const std::string code = status == 0 || status == 200 ? "" : Format(" (HTTP status {})", status);
  const bool answered = failure.kind != CallFailure::Kind::kTransport;
  const bool stopped = !answered && failure.transport == HttpFailure::Kind::kStopped;
  if (!failure.error.message.empty() && !stopped)
    add((answered ? "The answer" + code : "The reason") + ": " + failure.error.message);
  if (failure.error.message.empty() && !code.empty()) add("The answer was empty" + code + ".");
  const std::string_view request_id = failure.Header("x-request-id");
  if (!request_id.empty()) add(Format("Request id: {}", Shorten(request_id, 100)));
  if (!stopped_because.empty() && !stopped) add("Given up: " + stopped_because + ".");
  const ErrorCode error_code = stopped ? ErrorCode::kInterrupted : ErrorCode::kEnvironment;
  return Error{error_code, ForTerminal(Redact(advice.message, endpoint)),
               ForTerminal(Redact(detail, endpoint))};
}

std::string ExplainRefusal(const CallFailure& failure, const Endpoint& endpoint) {
  const bool length = Classify(failure) == FailureClass::kContextTooLong;
  const std::string what =
      length ? "The prompt is too long for the model (a shorter --history makes it smaller)"
             : "The provider declined the request because of its content";
  return ForTerminal(Redact(what + ": " + failure.error.message, endpoint));
}

}  // namespace caesar
