// What can go wrong with one call of a provider, as a value: read from its answer, sorted into what
// is to be done, and told in a sentence. Secrets never get in here: the caller redacts messages
// (Redact) before it shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/http.h"

namespace caesar {

// The fields of an error body, as far as the server sent them.
struct ApiError {
  std::string message;
  std::string type;
  std::string code;  // also where the server sent a number
  std::string param;
  std::string raw;  // the error as sent, cut to a few hundred bytes
};

// Reads {"error":{...}}, {"error":"..."}, [{"error":...}], {"object":"error","message":...},
// {"detail":...}, a message that is itself an object, a bare string, HTML, or any other text. Never
// fails; an empty body gives an empty message.
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
};

// What is to be done about a failure.
enum class FailureClass {
  kTransient,       // ask again later
  kContextTooLong,  // an outcome: the prompt does not fit
  kPolicy,          // an outcome: the provider declined the content
  kQuota,           // money or a spending limit: waiting does not help
  kPermanent,       // key, model, request, address
};

FailureClass Classify(const CallFailure& failure);

}  // namespace caesar
