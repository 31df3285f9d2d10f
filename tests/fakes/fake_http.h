// An Http that records each request and answers from a script.
#pragma once

#include <deque>
#include <mutex>

#include "sys/http.h"

namespace caesar {

struct FakeReply {
  HttpOutcome outcome = HttpResponse{};
  // Given to on_body one by one before `outcome` is returned; empty: the response's whole body at
  // once.
  std::vector<std::string> chunks;
  std::function<void()> before;  // called first, if set: moves a clock, requests a stop
};

class FakeHttp : public Http {
 public:
  void Add(FakeReply reply) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(reply));
  }
  void AddStatus(int status, std::string body = "",
                 std::vector<std::pair<std::string, std::string>> headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    Add({std::move(response), {}, {}});
  }
  // A response with status 200 whose body comes in these pieces.
  void AddStream(std::vector<std::string> chunks) {
    HttpResponse response;
    response.status = 200;
    Add({std::move(response), std::move(chunks), {}});
  }
  // Fails after a 200 of which these pieces came.
  void AddFailure(HttpFailure::Kind kind, std::vector<std::string> chunks = {},
                  std::string message = "scripted failure") {
    Add({HttpFailure{kind, std::move(message), false}, std::move(chunks), {}});
  }

  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t left() const {
    const std::lock_guard lock(mutex_);
    return script_.size();
  }

  // Follows the rules of the real one: only the body of a 200 goes to on_body, a stop wins,
  // body_started is set.
  HttpOutcome Send(const HttpRequest& request, const std::function<void(std::string_view)>& on_body,
                   StopToken stop) override {
    FakeReply reply = Next(request);
    if (reply.before) reply.before();
    bool started = false;
    auto* response = std::get_if<HttpResponse>(&reply.outcome);
    if (response != nullptr && reply.chunks.empty() && !response->body.empty())
      reply.chunks = {response->body};
    if (response != nullptr) response->body.clear();
    const bool streamed = on_body && (response == nullptr || response->status == 200);
    for (const std::string& chunk : reply.chunks) {
      if (stop.now()) break;
      if (request.enough != nullptr && *request.enough)
        return HttpResponse{200, HeadersOf(reply), ""};
      if (streamed) {
        started = true;
        on_body(chunk);
      } else if (response != nullptr) {
        response->body += chunk;
      }
    }
    if (stop.now()) return HttpFailure{HttpFailure::Kind::kStopped, "interrupted", started};
    if (auto* failure = std::get_if<HttpFailure>(&reply.outcome)) failure->body_started |= started;
    return std::move(reply.outcome);
  }

 private:
  static std::vector<std::pair<std::string, std::string>> HeadersOf(const FakeReply& reply) {
    const auto* response = std::get_if<HttpResponse>(&reply.outcome);
    return response == nullptr ? decltype(response->headers){} : response->headers;
  }

  FakeReply Next(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (script_.empty()) {
      return {
          HttpFailure{HttpFailure::Kind::kConnect, "FakeHttp has no reply left", false}, {}, {}};
    }
    FakeReply reply = std::move(script_.front());
    script_.pop_front();
    return reply;
  }

  mutable std::mutex mutex_;
  std::deque<FakeReply> script_;
  std::vector<HttpRequest> requests_;
};

}  // namespace caesar
