// What the tests of the real HTTP client share. The environment has no proxy and no certificates,
// but for what a test sets with ScopedVariable.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "sys/http.h"

namespace caesar {

class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() { ::unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

class HttpFixture : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
                             "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD", "SSL_CERT_FILE",
                             "SSL_CERT_DIR", "CURL_CA_BUNDLE"}) {
      ::unsetenv(name);
    }
  }

  static HttpRequest RequestTo(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.body = "{}";
    return request;
  }

  HttpOutcome Send(const HttpRequest& request, StopToken stop = {}) {
    streamed_.clear();
    return RealHttp().Send(
        request,
        [this](std::string_view data) {
          streamed_ += data;
          if (on_data_) on_data_();
        },
        stop);
  }

  static HttpResponse Response(const HttpOutcome& outcome) {
    if (const auto* failure = std::get_if<HttpFailure>(&outcome)) ADD_FAILURE() << failure->message;
    return std::holds_alternative<HttpResponse>(outcome) ? std::get<HttpResponse>(outcome)
                                                         : HttpResponse{};
  }

  static HttpFailure Failure(const HttpOutcome& outcome) {
    if (std::holds_alternative<HttpFailure>(outcome)) return std::get<HttpFailure>(outcome);
    ADD_FAILURE() << "status " << std::get<HttpResponse>(outcome).status;
    return {};
  }

  std::string streamed_;  // of the last Send
  std::function<void()> on_data_;
};

}  // namespace caesar
