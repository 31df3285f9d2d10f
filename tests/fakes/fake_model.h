// A model that answers each round with what the test wrote for it, streamed in pieces.
// Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "llm/model.h"

namespace caesar {

class FakeModel : public Model {
 public:
  // What round `round` gets; the last one given stands for later rounds too.
  void Reply(int round, std::string text) {
    ModelReply reply;
    reply.text = std::move(text);
    reply.finish_reason = "stop";
    reply.model = "fake-1";
    reply.request_id = "request-" + std::to_string(round);
    reply.tokens = {.input = 100, .output = 20, .reported = true};
    outcomes_[round] = std::move(reply);
  }
  void Answer(int round, ModelOutcome outcome) { outcomes_[round] = std::move(outcome); }
  // The next `times` questions fail, after half of the reply was streamed.
  void Fail(Error error, int times = 1) {
    error_ = std::move(error);
    failures_left_ = times;
  }
  // Called at the beginning of every question, before the call is announced. asked() has those that
  // were.
  void OnAsk(std::function<void(const ModelRequest&)> hook) { on_ask_ = std::move(hook); }
  // The attempt before the one that succeeds streams this, and is then reset.
  void FailedAttempt(std::string text) { failed_attempt_ = std::move(text); }

  const std::vector<ModelRequest>& asked() const { return asked_; }

  Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) override {
    if (on_ask_) on_ask_(request);
    if (stop.now()) return Error{ErrorCode::kInterrupted, "interrupted while asking", ""};
    const auto found = outcomes_.upper_bound(request.round);
    if (found == outcomes_.begin())
      return Error{ErrorCode::kInternal, "no reply for this round", ""};
    const ModelOutcome& outcome = std::prev(found)->second;
    if (request.log != nullptr) {
      CallStart start;
      start.url = "http://fake/v1";
      start.body = request.messages.empty() ? "" : request.messages.back().text;
      start.expected = {.input = 1'000, .output = 4'000};
      if (!TRY(request.log->OnCall(start))) return ModelOutcome(BudgetReached{});
    }
    asked_.push_back(request);
    if (!failed_attempt_.empty()) {
      TRY(sink.OnText(failed_attempt_));
      sink.OnRetry("overloaded", 500, 2);
      TRY(sink.OnReset());
    }
    const auto* reply = std::get_if<ModelReply>(&outcome);
    const Status streamed = reply == nullptr ? Status() : Stream(*reply, sink);
    if (request.log != nullptr) {
      CallEnd end;
      end.status = 200;
      end.body = reply == nullptr ? "" : reply->text;
      end.failure = streamed.ok() ? "" : "scripted failure";
      if (reply != nullptr && streamed.ok()) end.tokens = end.counted = reply->tokens;
      TRY(request.log->OnCallEnd(end));
    }
    TRY(streamed);
    return outcome;
  }

 private:
  Status Stream(const ModelReply& reply, ReplySink& sink) {
    const std::size_t half = reply.text.size() / 2;
    if (!reply.reasoning.empty()) TRY(sink.OnReasoning(reply.reasoning));
    TRY(sink.OnText(reply.text.substr(0, half)));
    if (failures_left_ > 0) {
      --failures_left_;
      return error_;
    }
    return sink.OnText(reply.text.substr(half));
  }

  std::map<int, ModelOutcome> outcomes_;
  std::string failed_attempt_;
  Error error_;
  int failures_left_ = 0;
  std::function<void(const ModelRequest&)> on_ask_;
  std::vector<ModelRequest> asked_;
};

}  // namespace caesar
