#include "llm/explain.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"
#include "llm/provider_table.h"
#include "llm/redact.h"

namespace caesar {
namespace {

struct Advice {
  std::string message;
  std::string todo;
};

// What is said about each way in which no answer came; {} is the address.
struct TransportWords {
  HttpFailure::Kind kind;
  const char* in_short;
  const char* message;
  const char* todo;
};
constexpr TransportWords kTransports[] = {
    {HttpFailure::Kind::kBadUrl, "bad address", "{} is no address that can be asked.",
     "Check --base-url."},
    {HttpFailure::Kind::kResolve, "host not found", "The host of {} was not found.",
     "Check the name in --base-url, and this machine's network and DNS."},
    {HttpFailure::Kind::kConnect, "no connection", "No connection to {}.",
     "Is the server running, and is the port right?"},
    {HttpFailure::Kind::kTls, "no secure connection", "No secure connection to {}.",
     "The same command asks again."},
    {HttpFailure::Kind::kCertificate, "certificate not trusted",
     "The certificate of {} is not trusted.",
     "If the server is the right one, name a file with its authority's certificate in "
     "SSL_CERT_FILE."},
    {HttpFailure::Kind::kProxy, "refused by the proxy",
     "The proxy on the way to {} does not let the request through.",
     "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names hosts to ask directly."},
    {HttpFailure::Kind::kTimedOut, "no answer in time", "{} did not answer in time.",
     "The server may be overloaded or still loading the model."},
    {HttpFailure::Kind::kCut, "connection cut", "The connection to {} was cut.",
     "The same command asks again."},
    {HttpFailure::Kind::kTooLarge, "answer too large", "The answer of {} is too large.",
     "Limit it with --max-tokens."},
    {HttpFailure::Kind::kStopped, "interrupted", "Interrupted while waiting for the model.", ""},
};

const TransportWords& WordsOf(HttpFailure::Kind kind) {
  return *std::find_if(std::begin(kTransports), std::end(kTransports),
                       [&](const TransportWords& words) { return words.kind == kind; });
}

// The variable that holds the address that a key belongs to: "OPENAI_BASE_URL"; empty: none.
std::string_view UrlVariableOf(std::string_view key_variable) {
  for (const ProviderInfo& provider : Providers()) {
    for (const KeyVariable& key : provider.keys) {
      if (key.name == key_variable) return provider.url_variable;
    }
  }
  return {};
}

std::string KeyAdvice(const Endpoint& endpoint) {
  if (!endpoint.key.empty())
    return Format("The key came from {}: check that it is valid for this server.",
                  endpoint.key_source);
  if (endpoint.withheld.empty()) {
    return Format(
        "No key was sent. Set {} to this server's key, or name a file with "
        "--api-key-file.",
        endpoint.key_advice.empty() ? "CAESAR_API_KEY" : endpoint.key_advice);
  }
  const std::string_view url_variable = UrlVariableOf(endpoint.withheld);
  return Format(
      "{} was not sent, because it belongs to another address. Set CAESAR_API_KEY to this server's "
      "key{}.",
      endpoint.withheld,
      url_variable.empty() ? "" : Format(", or {} to its address", url_variable));
}

// What ought to be at the address: "an Anthropic messages API".
std::string ApiOf(const Endpoint& endpoint) {
  const std::string name = endpoint.format.empty() ? "language-model" : endpoint.format;
  const bool vowel = std::string_view("AEIOUaeiou").find(name[0]) != std::string_view::npos;
  return Format("{} {} API", vowel ? "an" : "a", name);
}

Advice OfUnknown(const Endpoint& endpoint, const std::string& url, const std::string& model) {
  const std::string tail =
      endpoint.url_tail.empty() ? "." : Format("; '{}' was added to {}.", endpoint.url_tail, url);
  return {
      Format("{} knows no model '{}', or is not the address of {}.", url, model, ApiOf(endpoint)),
      "Check --model and --base-url" + tail};
}

// Of what has no class of its own.
Advice OfStatus(const CallFailure& failure, const std::string& url, const std::string& model) {
  const int status = failure.EffectiveStatus();
  if (failure.kind == CallFailure::Kind::kInStream && status < 300) {
    if (Classify(failure) == FailureClass::kTransient)
      return {Format("{} broke off its answer with an error.", url), "Try again later."};
  } else if (status < 300) {
    return {Format("{} sends no answer, but the status {}.", url, status),
            "The base URL is probably wrong."};
  }
  if (status >= 300 && status < 400) {
    const std::string_view location = failure.Header("location");
    return {Format("{} redirects to {}.", url,
                   location.empty() ? "an address that it does not name" : ShownUrl(location)),
            "Redirects are not followed, so that keys do not travel. Use the final address as "
            "--base-url."};
  }
  if (status == 405) {
    return {Format("{} does not take questions at this address.", url),
            "The base URL is probably wrong."};
  }
  if (status == 407) {
    return {Format("The proxy on the way to {} asks for a password.", url),
            "Put it into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT."};
  }
  if (status == 408 || status == 504)
    return {Format("{} did not answer in time.", url), "Try again later."};
  if (status >= 500) return {Format("{} has a problem of its own.", url), "Try again later."};
  return {Format("{} refuses the request for model '{}'.", url, model),
          "Check --model and the sampling options."};
}

bool OfTheDay(const ApiError& error) {
  return std::any_of(error.reasons.begin(), error.reasons.end(), [](const std::string& reason) {
    return reason.find("PerDay") != std::string::npos;
  });
}

Advice OfAnswer(const CallFailure& failure, const Endpoint& endpoint, const std::string& model) {
  const std::string url = ShownUrl(endpoint.base_url);
  switch (Classify(failure)) {
    case FailureClass::kQuota:
      if (OfTheDay(failure.error)) {
        return {Format("The quota at {} for today is used up.", url),
                "Run the same command again tomorrow, or raise the quota."};
      }
      return {
          Format("The account at {} has no credit left, or has reached its spending limit.", url),
          "Add credit or raise the limit, then run the same command again."};
    case FailureClass::kKey:
      if (failure.EffectiveStatus() == 403)
        return {Format("{} denies access to model '{}'.", url, model), KeyAdvice(endpoint)};
      return {Format("{} does not accept the API key.", url), KeyAdvice(endpoint)};
    case FailureClass::kModel:
      return OfUnknown(endpoint, url, model);
    case FailureClass::kRateLimit:
      return {Format("{} limits the rate of requests.", url),
              "Wait, or run fewer samples at once."};
    case FailureClass::kOverloaded:
      return {Format("{} is overloaded.", url), "Try again later, or run fewer samples at once."};
    case FailureClass::kLoading:
      return {Format("{} is still loading its model.", url),
              "Wait until the server is ready, then run the same command again."};
    case FailureClass::kContextTooLong:
      return {Format("The prompt is too long for model '{}' at {}.", model, url),
              "A shorter --history makes it smaller."};
    case FailureClass::kPolicy:
      return {Format("{} declines the request because of its content.", url),
              "Another model or provider may take it."};
    case FailureClass::kTransient:
    case FailureClass::kPermanent:
      break;
  }
  return OfStatus(failure, url, model);
}

Advice AdviceFor(const CallFailure& failure, const Endpoint& endpoint, const std::string& model) {
  const std::string url = ShownUrl(endpoint.base_url);
  const bool html = LooksLikeHtml(failure.error.raw);
  switch (failure.kind) {
    case CallFailure::Kind::kTransport: {
      const TransportWords& words = WordsOf(failure.transport);
      return {ReplaceAll(words.message, "{}", url), words.todo};
    }
    case CallFailure::Kind::kTruncated:
      return {Format("The answer of {} ended before it was complete.", url),
              "A proxy in between may cut long answers."};
    case CallFailure::Kind::kMalformed:
      if (html)
        return {Format("{} answers with a web page instead of JSON.", url),
                "The base URL is probably wrong; it often ends in /v1."};
      return {Format("{} does not answer as {} does.", url, ApiOf(endpoint)),
              "Check --provider and --base-url; that often ends in /v1."};
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  Advice advice = OfAnswer(failure, endpoint, model);
  if (html && failure.status < 500 && failure.status != 429)
    advice.todo += " The answer is a web page, so the base URL is probably wrong.";
  return advice;
}

// For people: first made plain, since escape sequences inside a key would hide it from Redact.
std::string Shown(const std::string& text, const Endpoint& endpoint) {
  return HideParts(Redact(ForTerminal(text), endpoint), endpoint.key);
}

const char* InShort(FailureClass what, int status) {
  if (what == FailureClass::kRateLimit) return "rate limit";
  if (what == FailureClass::kLoading) return "loading its model";
  if (what == FailureClass::kOverloaded && status != 529) return "overloaded";
  if (status == 408 || status == 504) return "time-out";
  return status >= 500 ? "server error" : "refused";
}

}  // namespace

std::string ShortReason(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::kTransport:
      return WordsOf(failure.transport).in_short;
    case CallFailure::Kind::kTruncated:
      return "answer cut off";
    case CallFailure::Kind::kMalformed:
      return "unreadable answer";
    case CallFailure::Kind::kStatus:
    case CallFailure::Kind::kInStream:
      break;
  }
  const int status = failure.EffectiveStatus();
  const FailureClass what = Classify(failure);
  if (status != 0 && status != 200) return Format("{} ({})", InShort(what, status), status);
  const bool named = what == FailureClass::kRateLimit || what == FailureClass::kOverloaded;
  return named ? Format("{} (within the answer)", InShort(what, 0)) : "error within the answer";
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
  const std::string_view request_id = failure.RequestId();
  if (!request_id.empty()) add(Format("Request id: {}", Shorten(request_id, 100)));
  if (!stopped_because.empty() && !stopped) add("Given up: " + stopped_because + ".");
  const ErrorCode error_code = stopped ? ErrorCode::kInterrupted : ErrorCode::kEnvironment;
  return Error{error_code, Shown(advice.message, endpoint), Shown(detail, endpoint)};
}

std::string ExplainRefusal(const CallFailure& failure, const Endpoint& endpoint) {
  const bool length = Classify(failure) == FailureClass::kContextTooLong;
  std::string what = "The provider declined the request because of its content";
  if (length) what = "The prompt is too long for the model (a shorter --history makes it smaller)";
  if (length && LooksLikeHtml(failure.error.raw)) {
    what =
        "The request is too large for a proxy or gateway in between (a shorter --history makes it "
        "smaller)";
  }
  if (!failure.error.message.empty()) what += ": " + failure.error.message;
  return Shown(what, endpoint);
}

}  // namespace caesar
