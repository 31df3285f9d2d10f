// One HTTP POST or GET as a seam. http_curl.cpp is the only user of libcurl. No redirect is ever
// followed (keys must not travel). An HTTP status is a value, and so is a failed transport: the
// retry policy decides what they mean.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sys/clock.h"
#include "sys/stop.h"

namespace caesar {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent by POST; with get = true nothing is sent
  bool get = false;
  Milliseconds connect_timeout{10'000};  // name look-up, proxy, TCP and TLS together
  // From the request's last byte to the first of the response's body (reasoning models are silent
  // for minutes, and openai-python waits as long), then the longest silence between two bytes.
  Milliseconds first_byte_timeout{600'000};
  Milliseconds idle_timeout{300'000};
  Milliseconds total_timeout{3'600'000};  // all together
  // Of the body, decoded or as it came, whichever is more. Of an error status' body the first
  // 1 MiB is kept, and the rest not waited for.
  std::size_t response_bytes_max = std::size_t{64} << 20;
  // Set by on_body once it has seen enough: the transfer ends there, as a response like any other.
  const bool* enough = nullptr;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;  // whole body; empty where `on_body` took it

  // The first header of that (lower-case) name, or empty.
  std::string_view Header(std::string_view name) const;
};

struct HttpFailure {
  // kBadUrl: it cannot be sent at all, also for a header or for want of libcurl. kConnect includes
  // running out of time before the connection stood: nothing was sent. kCut: any other broken
  // transfer, or nonsense from the server. kTls: a handshake that was cut or failed, which the next
  // one may survive; kCertificate: the server's certificate is not for this host, expired or not
  // trusted here, which no retry changes. kProxy: the environment's proxy is no proxy, or refuses.
  enum class Kind {
    kBadUrl,
    kResolve,
    kConnect,
    kTls,
    kCertificate,
    kProxy,
    kTimedOut,
    kCut,
    kTooLarge,
    kStopped
  } kind = Kind::kCut;
  std::string message;        // what happened; of a time-out which one, and its limit
  bool body_started = false;  // part of a body was already given to on_body
};

using HttpOutcome = std::variant<HttpResponse, HttpFailure>;

class Http {
 public:
  virtual ~Http() = default;
  // Body bytes of a response with status 200 go to `on_body` as they come (if given); other bodies
  // are collected.
  virtual HttpOutcome Send(const HttpRequest& request,
                           const std::function<void(std::string_view)>& on_body,
                           StopToken stop) = 0;
};

Http& RealHttp();

}  // namespace caesar
