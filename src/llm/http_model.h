// Model over HTTP: a codec, the retry policy and the repairs put together.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "llm/answer_reader.h"
#include "llm/codec.h"
#include "llm/endpoint.h"
#include "llm/model.h"
#include "sys/clock.h"
#include "sys/http.h"

namespace caesar {

// The price of one call in USD; empty: not known.
using Pricing = std::function<std::optional<double>(const TokenUsage& tokens)>;

// Not thread-safe: it remembers what its server refused. One per sample.
class HttpModel : public Model {
 public:
  // `random` returns numbers in [0, 1), for the delays. Without `pricing` no price is known.
  HttpModel(const Codec& codec, ModelConfig config, Endpoint endpoint, Http& http, Clock& clock,
            std::function<double()> random, Pricing pricing = {});

  Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) override;
  std::string unpriced() const override;

 private:
  struct Attempt {
    ModelAnswer answer;
    std::optional<CallFailure> failure;
    TokenUsage
        counted;  // what it costs: as reported, or where that is missing or not final a guess
    std::string request_id;
  };
  // What has happened to one question so far.
  struct Question;

  Result<std::optional<Attempt>> Try(Question& question);
  HttpRequest RequestOf(std::string body) const;
  Result<Attempt> Send(HttpRequest http, Question& question);
  Result<std::optional<ModelOutcome>> Answered(Question& question, Attempt attempt);
  Result<std::optional<ModelOutcome>> Failed(Question& question, const CallFailure& failure);
  Result<ModelReply> WhatWasCut(Question& question);
  bool Enlarge(const Question& question, const ModelAnswer& answer);
  bool TryRepair(const CallFailure& failure);
  void Price(TokenUsage& tokens) const;
  TokenUsage Guess(std::size_t input_bytes, std::int64_t output_tokens) const;
  TokenUsage Counted(const HttpRequest& http, const Attempt& attempt) const;

  const Codec& codec_;
  ModelConfig config_;
  Endpoint endpoint_;
  Http& http_;
  Clock& clock_;
  std::function<double()> random_;
  Pricing pricing_;
  Dialect dialect_;
  std::int64_t first_limit_;  // of output tokens; 0: none
};

}  // namespace caesar
