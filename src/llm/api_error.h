// What can go wrong with one call of a provider, as a value: read from its answer (api_error.cpp),
// sorted into what is to be done (classify.cpp), and told in a sentence (explain.cpp). A server may
// repeat the key it was sent: nothing of this is shown before Redact.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/http.h"

namespace caesar {

// The fields of an error body, as far as the server sent them. Each is at most some hundred bytes.
struct ApiError {
  std::string message;
  std::string type;
  std::string code;    // also where the server sent a number
  std::string status;  // Google's word: RESOURCE_EXHAUSTED
  std::string param;   // the request's field that it is about
  // Further codes: Anthropic's details.error_code, Google's reasons and quota ids, Azure's
  // innererror.code, and those of the provider behind a gateway.
  std::vector<std::string> reasons;
  std::string request_id;
  std::optional<double> retry_after_s;  // Google's RetryInfo
  std::string raw;                      // the error as sent
};

// Reads {"error":{...}}, {"error":"..."}, [{"error":...}], {"response":{"error":...}},
// {"object":"error","message":...}, {"detail":...}, a message that is itself an object or JSON in a
// string, a bare string, HTML, or any other text. Never fails; an empty body gives an empty
// message.
ApiError ParseApiError(std::string_view body);

bool LooksLikeHtml(std::string_view body);

// One failed attempt.
struct CallFailure {
  enum class Kind {
    kTransport,  // no complete answer: `transport` and `error.message` say why
    kStatus,     // an HTTP status other than 200
    kInStream,   // an error inside a stream, or inside a body, of status 200
    kTruncated,  // the stream ended before its end was said
    kMalformed,  // status 200, but not what was asked for
  } kind = Kind::kStatus;
  HttpFailure::Kind transport = HttpFailure::Kind::kCut;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  ApiError error;

  std::string_view Header(std::string_view name) const;
  // The status that counts: of the answer, or the number that an error inside a 200 carries as its
  // code. 0: none.
  int EffectiveStatus() const;
  // What the provider's support asks for; empty: it said none.
  std::string_view RequestId() const;
};

// What is to be done about a failure. The first four are worth another try.
enum class FailureClass {
  kTransient,       // ask again
  kRateLimit,       // ask again later: limits count by the minute
  kOverloaded,      // ask again later: more questions make it worse
  kLoading,         // ask again until the server has loaded its model
  kContextTooLong,  // an outcome: the prompt does not fit
  kPolicy,          // an outcome: the provider declined the content
  kQuota,           // money, a spending limit or the day's quota: waiting does not help
  kKey,             // no key, a wrong one, or one that may not
  kModel,           // there is no such model, or nothing at this address
  kPermanent,       // request, address, certificate
};

FailureClass Classify(const CallFailure& failure);

}  // namespace caesar
