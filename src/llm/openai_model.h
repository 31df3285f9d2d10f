// Model over an OpenAI-compatible chat-completions API: codec, retry policy and repairs put
// together.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "llm/endpoint.h"
#include "llm/model.h"
#include "llm/openai_chat.h"
#include "llm/openai_request.h"
#include "sys/clock.h"
#include "sys/http.h"

namespace caesar {

// Not thread-safe: it remembers what its server refused. One per sample.
class OpenAiModel : public Model {
 public:
  // `random` returns numbers in [0, 1), for the delays.
  OpenAiModel(ModelConfig config, Endpoint endpoint, Http& http, Clock& clock,
              std::function<double()> random);

  Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) override;

 private:
  struct Attempt {
    ChatAnswer answer;
    std::optional<CallFailure> failure;
    std::string request_id;
  };

  Result<Attempt> Try(const ModelRequest& request, ReplySink& sink, StopToken stop);
  bool TryRepair(const CallFailure& failure);

  ModelConfig config_;
  Endpoint endpoint_;
  Http& http_;
  Clock& clock_;
  std::function<double()> random_;
  ChatDialect dialect_;
};

}  // namespace caesar
