// RealHttp(): one transfer per call on libcurl's easy and multi interfaces. libcurl is used nowhere
// else.
#include <signal.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "sys/curl_library.h"
#include "sys/http.h"

namespace caesar {
namespace {

constexpr std::size_t kHeaderBytesMax = 256 * 1024;
constexpr std::size_t kUrlBytesMax = 64 * 1024;
constexpr std::size_t kErrorBodyBytesMax = std::size_t{1} << 20;
constexpr Milliseconds kPollMax{1'000};

struct MultiCleanup {
  void operator()(CURLM* multi) const { Curl().multi_cleanup(multi); }
};
struct EasyCleanup {
  void operator()(CURL* easy) const { Curl().easy_cleanup(easy); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { Curl().slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

// With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE to us, and TLS libraries write with plain write().
// Blocks the signal in this thread, and takes back the one that came meanwhile. Threads that
// libcurl starts inherit the mask.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec no_wait{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &no_wait);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

// libcurl passes all this on as it is: a line break in a header would start another one.
// Names the header but never shows its value, which may be a key.
std::string WrongPart(const HttpRequest& request) {
  if (request.url.find(' ') != std::string::npos || HasControlCharacter(request.url)) {
    return "the URL contains a space or a control character";
  }
  if (request.url.size() > kUrlBytesMax) return "the URL is too long";
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || name.find_first_of(": ") != std::string::npos ||
        HasControlCharacter(name)) {
      return "a header has an invalid name";
    }
    if (HasControlCharacter(value))
      return Format("the value of header {} contains a control character", name);
  }
  return "";
}

HttpFailure::Kind KindOf(CURLcode code, bool connected) {
  using Kind = HttpFailure::Kind;
  switch (
      static_cast<int>(code)) {  // int: not an enum of ours, and far more values than we tell apart
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return connected ? Kind::kCut : Kind::kBadUrl;  // kCut: the server does not speak HTTP
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Kind::kResolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return Kind::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return connected ? Kind::kTimedOut : Kind::kConnect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return Kind::kTls;
    default:
      return Kind::kCut;
  }
}

// libcurl takes 0 for "no limit" and refuses what does not fit its arithmetic.
long TimeoutMs(Milliseconds timeout) {
  return static_cast<long>(
      std::clamp(timeout, Milliseconds(1), Milliseconds(1'000'000'000)).count());
}

class Transfer {
 public:
  Transfer(const HttpRequest& request, const std::function<void(std::string_view)>& on_body,
           StopToken stop)
      : request_(request),
        on_body_(on_body),
        stop_(stop),
        easy_(Curl().easy_init()),
        multi_(Curl().multi_init()),
        last_byte_(std::chrono::steady_clock::now()) {
    CHECK(easy_ != nullptr && multi_ != nullptr);  // only without memory
  }
  ~Transfer() { Curl().multi_remove_handle(multi_.get(), easy_.get()); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  HttpOutcome Run() {
    if (std::string wrong = WrongPart(request_); !wrong.empty()) {
      return Failure(HttpFailure::Kind::kBadUrl, std::move(wrong));
    }
    SetUp();
    CHECK(Curl().multi_add_handle(multi_.get(), easy_.get()) == CURLM_OK);
    for (;;) {
      if (stop_.now()) return Failure(HttpFailure::Kind::kStopped, "interrupted");
      int running = 0;
      if (const CURLMcode code = Curl().multi_perform(multi_.get(), &running); code != CURLM_OK) {
        return Failure(HttpFailure::Kind::kCut, Curl().multi_strerror(code));
      }
      if (running == 0) return Finished();
      const auto silence =
          std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - last_byte_);
      if (silence >= request_.idle_timeout) {
        return Failure(HttpFailure::Kind::kTimedOut,
                       Format("nothing was received for {} ms", request_.idle_timeout.count()));
      }
      Poll(std::min(kPollMax, request_.idle_timeout - silence + Milliseconds(1)));
    }
  }

 private:
  template <class Value>
  void Set(CURLoption option, Value value) {
    CHECK(Curl().easy_setopt(easy_.get(), option, value) == CURLE_OK);
  }

  void SetUp() {
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_QUICK_EXIT, 1L);  // or a stop would wait for a resolver thread
    Set(CURLOPT_URL, request_.url.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_SSL_VERIFYPEER, 1L);
    Set(CURLOPT_SSL_VERIFYHOST, 2L);
    Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
    Set(CURLOPT_USERAGENT, "caesar");
    Set(CURLOPT_CONNECTTIMEOUT_MS, TimeoutMs(request_.connect_timeout));
    Set(CURLOPT_TIMEOUT_MS, TimeoutMs(request_.total_timeout));
    Set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    Set(CURLOPT_WRITEDATA, this);
    Set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    Set(CURLOPT_HEADERDATA, this);
    Set(CURLOPT_XFERINFOFUNCTION, &Transfer::OnProgress);
    Set(CURLOPT_XFERINFODATA, this);
    Set(CURLOPT_NOPROGRESS, 0L);
    if (!request_.get) {
      Set(CURLOPT_POST, 1L);
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      Set(CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    AddHeader("Expect:");  // no waiting for "100 Continue"
    for (const auto& [name, value] : request_.headers) {
      AddHeader(value.empty() ? name + ";"
                              : name + ": " + value);  // "name:" would mean: leave it out
    }
    Set(CURLOPT_HTTPHEADER, headers_.get());
  }

  void AddHeader(const std::string& line) {
    curl_slist* longer = Curl().slist_append(headers_.get(), line.c_str());
    CHECK(longer != nullptr);
    [[maybe_unused]] const curl_slist* same = headers_.release();
    headers_.reset(longer);
  }

  void Poll(Milliseconds wait) {
    curl_waitfd wake{.fd = stop_.wake_fd(), .events = CURL_WAIT_POLLIN, .revents = 0};
    const unsigned count = wake.fd >= 0 ? 1 : 0;
    Curl().multi_poll(multi_.get(), &wake, count, static_cast<int>(wait.count()), nullptr);
  }

  HttpOutcome Finished() {
    int left = 0;
    const CURLMsg* message = Curl().multi_info_read(multi_.get(), &left);
    CHECK(message != nullptr && message->msg == CURLMSG_DONE);
    const CURLcode code = message->data.result;
    if (too_large_) {
      return Failure(HttpFailure::Kind::kTooLarge,
                     Format("the response is larger than {} bytes", request_.response_bytes_max));
    }
    if (code != CURLE_OK && stop_.now()) return Failure(HttpFailure::Kind::kStopped, "interrupted");
    if (code != CURLE_OK && !Enough()) {
      curl_off_t connected_us = 0;  // after name look-up, TCP and TLS
      Curl().easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_us);
      return Failure(KindOf(code, connected_us > 0),
                     error_[0] != '\0' ? error_ : Curl().easy_strerror(code));
    }
    response_.status = StatusNow();
    return std::move(response_);
  }

  HttpFailure Failure(HttpFailure::Kind kind, std::string message) const {
    return HttpFailure{kind, std::move(message), body_started_};
  }

  bool Enough() const { return request_.enough != nullptr && *request_.enough; }

  int StatusNow() const {
    long status = 0;
    Curl().easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

  static std::size_t OnBody(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->TakeBody({data, size}) ? size : 0;
  }

  bool TakeBody(std::string_view data) {
    last_byte_ = std::chrono::steady_clock::now();
    body_bytes_ += data.size();
    too_large_ = body_bytes_ > request_.response_bytes_max;
    if (too_large_) return false;
    if (on_body_ && StatusNow() == 200) {
      body_started_ = true;
      on_body_(data);
    } else if (response_.body.size() < kErrorBodyBytesMax || StatusNow() == 200) {
      response_.body += data;  // of an error, the beginning says it all
    }
    return !stop_.now() && !Enough();
  }

  static std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->TakeHeader({data, size}) ? size : 0;
  }

  bool TakeHeader(std::string_view line) {
    last_byte_ = std::chrono::steady_clock::now();
    header_bytes_ += line.size();
    too_large_ = header_bytes_ > kHeaderBytesMax;
    if (too_large_) return false;
    const std::size_t colon = line.find(':');
    if (StartsWith(line, "HTTP/")) {
      response_.headers.clear();  // what came before belonged to an interim response (1xx)
    } else if (colon != std::string_view::npos) {
      response_.headers.emplace_back(ToLower(Trim(line.substr(0, colon))),
                                     Trim(line.substr(colon + 1)));
    }
    return true;
  }

  // Sees what the other callbacks do not: bytes sent, and received bytes that decompress to nothing
  // yet.
  static int OnProgress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
    auto* transfer = static_cast<Transfer*>(self);
    if (received + sent != transfer->bytes_seen_)
      transfer->last_byte_ = std::chrono::steady_clock::now();
    transfer->bytes_seen_ = received + sent;
    return 0;
  }

  const HttpRequest& request_;
  const std::function<void(std::string_view)>& on_body_;
  const StopToken stop_;
  char error_[CURL_ERROR_SIZE] = {};
  HeaderList headers_;
  const std::unique_ptr<CURL, EasyCleanup> easy_;
  const std::unique_ptr<CURLM, MultiCleanup> multi_;
  SteadyTime last_byte_;
  curl_off_t bytes_seen_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool body_started_ = false;
  HttpResponse response_;
};

class CurlHttp : public Http {
 public:
  HttpOutcome Send(const HttpRequest& request, const std::function<void(std::string_view)>& on_body,
                   StopToken stop) override {
    if (!Curl().error.empty()) {
      return HttpFailure{HttpFailure::Kind::kBadUrl, Curl().error, false};
    }
    const NoSigpipe no_sigpipe;
    return Transfer(request, on_body, stop).Run();
  }
};

}  // namespace

Http& RealHttp() {
  static CurlHttp http;
  return http;
}

}  // namespace caesar
