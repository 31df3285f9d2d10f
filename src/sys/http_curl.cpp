// RealHttp(): one transfer per call on libcurl's easy and multi interfaces. libcurl is used nowhere
// else.
//
// Each call has a connection of its own. A reused one would save two or three round trips of calls
// that take many seconds. But libcurl sends a request again, and tells nobody, where a reused
// connection breaks before the response begins, and the first may have been answered and paid for;
// and where a firewall has forgotten an idle connection, only first_byte_timeout would notice.
#include <algorithm>
#include <memory>
#include <optional>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "sys/curl_failure.h"
#include "sys/curl_library.h"
#include "sys/http.h"
#include "sys/http_environment.h"
#include "sys/no_sigpipe.h"

namespace caesar {
namespace {

constexpr std::size_t kHeaderBytesMax = std::size_t{256} << 10;
constexpr std::size_t kUrlBytesMax = std::size_t{64} << 10;
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

// libcurl takes 0 for "no limit"; eleven days fit everybody's arithmetic.
Milliseconds Sane(Milliseconds timeout) {
  return std::clamp(timeout, Milliseconds(1), Milliseconds(1'000'000'000));
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
        environment_(ReadHttpEnvironment(request.url)),
        started_(std::chrono::steady_clock::now()) {
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
      const SteadyTime now = std::chrono::steady_clock::now();
      if (!alive_ && Connected()) alive_ = now;
      const Limit limit = NearestLimit();
      if (now >= limit.at) {
        return Failure(alive_ ? HttpFailure::Kind::kTimedOut : HttpFailure::Kind::kConnect,
                       Format("{} within {} ({} time-out)", limit.missing, ShownLimit(limit.length),
                              limit.name));
      }
      Poll(std::min(kPollMax,
                    std::chrono::duration_cast<Milliseconds>(limit.at - now) + Milliseconds(1)));
    }
  }

 private:
  struct Limit {
    SteadyTime at;
    Milliseconds length;
    const char* missing;
    const char* name;
  };

  // Until the connection stands, libcurl watches connect_timeout: it divides it among addresses.
  Limit NearestLimit() const {
    const auto ends = [](SteadyTime start, Milliseconds length, const char* missing,
                         const char* name) {
      return Limit{start + Sane(length), length, missing, name};
    };
    const Limit total = ends(started_, request_.total_timeout,
                             alive_ ? "the response was not complete" : "no connection", "total");
    if (!alive_) return total;
    const Limit silence = body_seen_
                              ? ends(*alive_, request_.idle_timeout, "nothing was received", "idle")
                              : ends(*alive_, request_.first_byte_timeout,
                                     "the response did not begin", "first-byte");
    return silence.at < total.at ? silence : total;
  }

  bool Connected() const {
    curl_off_t connected_us = 0;  // after name look-up, TCP and TLS
    Curl().easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    return connected_us > 0;
  }

  template <class Value>
  void Set(CURLoption option, Value value) {
    CHECK(Curl().easy_setopt(easy_.get(), option, value) == CURLE_OK);
  }

  void SetUp() {
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_QUICK_EXIT, 1L);  // or a stop would wait for a resolver thread
    Set(CURLOPT_URL, request_.url.c_str());
    if (Curl().easy_setopt(easy_.get(), CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
      Set(CURLOPT_PROTOCOLS_STR, "http");  // a libcurl without TLS
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_SSL_VERIFYPEER, 1L);
    Set(CURLOPT_SSL_VERIFYHOST, 2L);
    Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    Set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // no key in a CONNECT
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
    Set(CURLOPT_USERAGENT, "caesar");
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(Sane(request_.connect_timeout).count()));
    SetEnvironment();
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
      // "name:" would mean: leave it out.
      AddHeader(value.empty() ? name + ";" : Format("{}: {}", name, value));
    }
    Set(CURLOPT_HTTPHEADER, headers_.get());
  }

  // The CA options are not known to every TLS library: without them trust is as it was built.
  void SetEnvironment() {
    const auto set_path = [this](CURLoption option, const std::string& path) {
      if (!path.empty()) Curl().easy_setopt(easy_.get(), option, path.c_str());
    };
    for (const CURLoption option : {CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO})
      set_path(option, environment_.ca_file);
    for (const CURLoption option : {CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH})
      set_path(option, environment_.ca_folder);
    if (environment_.proxy) Set(CURLOPT_PROXY, environment_.proxy->c_str());
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
      const bool head = header_bytes_ > kHeaderBytesMax;
      return Failure(HttpFailure::Kind::kTooLarge,
                     Format("the response{} larger than {} bytes", head ? "'s headers are" : " is",
                            head ? kHeaderBytesMax : request_.response_bytes_max));
    }
    if (code != CURLE_OK && stop_.now()) return Failure(HttpFailure::Kind::kStopped, "interrupted");
    if (code != CURLE_OK && !Enough() && !error_body_full_) return FailureOf(code);
    if (!head_complete_)
      return Failure(HttpFailure::Kind::kCut, "the response ended within its headers");
    response_.status = StatusNow();
    return std::move(response_);
  }

  HttpFailure FailureOf(CURLcode code) const {
    long connect_status = 0;
    Curl().easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &connect_status);
    HttpFailure failure =
        ToHttpFailure({.code = code,
                       .message = ForTerminal(error_[0] != '\0' ? error_  // may quote the server
                                                                : Curl().easy_strerror(code)),
                       .connected = Connected(),
                       .connect_status = static_cast<int>(connect_status),
                       .ca_source = environment_.ca_source,
                       .connect_timeout = request_.connect_timeout});
    failure.body_started = body_started_;
    return failure;
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
    body_seen_ = true;
    body_bytes_ += data.size();
    too_large_ = body_bytes_ > request_.response_bytes_max;
    if (too_large_) return false;
    const bool success = StatusNow() == 200;
    if (on_body_ && success) {
      body_started_ = true;
      on_body_(data);
    } else {
      response_.body += data;
    }
    if (!success && response_.body.size() >= kErrorBodyBytesMax) {  // the beginning says it all
      response_.body.resize(kErrorBodyBytesMax);
      error_body_full_ = true;
    }
    alive_ = std::chrono::steady_clock::now();  // the caller's own time is no silence
    return !stop_.now() && !Enough() && !error_body_full_;
  }

  static std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->TakeHeader({data, size}) ? size : 0;
  }

  bool TakeHeader(std::string_view line) {
    header_bytes_ += line.size();
    too_large_ = header_bytes_ > kHeaderBytesMax;
    if (too_large_) return false;
    auto& headers = response_.headers;
    const std::size_t colon = line.find(':');
    const bool folded = StartsWith(line, " ") || StartsWith(line, "\t");
    if (head_complete_) return true;  // trailers say nothing that we ask for
    if (StartsWith(line, "HTTP/")) {
      headers.clear();  // what came before belonged to an interim response (1xx)
    } else if (Trim(line).empty()) {
      head_complete_ = StatusNow() >= 200;
    } else if (folded && !headers.empty()) {
      headers.back().second.append(" ").append(Trim(line));
    } else if (!folded && colon != std::string_view::npos) {
      headers.emplace_back(ToLower(Trim(line.substr(0, colon))), Trim(line.substr(colon + 1)));
    }
    return true;
  }

  // Sees what the other callbacks do not: bytes sent, and received bytes that decompress to nothing
  // yet, which are not endless either.
  static int OnProgress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
    auto* transfer = static_cast<Transfer*>(self);
    return transfer->TakeProgress(received, sent) ? 0 : 1;
  }

  bool TakeProgress(curl_off_t received, curl_off_t sent) {
    if (received + sent != bytes_seen_ && alive_) alive_ = std::chrono::steady_clock::now();
    bytes_seen_ = received + sent;
    if (received > 0) body_seen_ = true;
    if (static_cast<std::size_t>(received) > request_.response_bytes_max) too_large_ = true;
    return !too_large_;
  }

  const HttpRequest& request_;
  const std::function<void(std::string_view)>& on_body_;
  const StopToken stop_;
  char error_[CURL_ERROR_SIZE] = {};
  HeaderList headers_;
  const std::unique_ptr<CURL, EasyCleanup> easy_;
  const std::unique_ptr<CURLM, MultiCleanup> multi_;
  const HttpEnvironment environment_;
  const SteadyTime started_;
  std::optional<SteadyTime> alive_;  // since the connection stands: its last sign of life
  bool body_seen_ = false;
  curl_off_t bytes_seen_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool head_complete_ = false;
  bool error_body_full_ = false;
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
