// A ReplySink that writes down what it gets, and can be told to fail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llm/model.h"

namespace caesar {

class RecordingSink : public ReplySink {
 public:
  Status OnText(std::string_view delta) override {
    text += delta;
    ++deltas;
    if (failure) return *failure;
    return {};
  }
  Status OnReasoning(std::string_view delta) override {
    reasoning += delta;
    return {};
  }
  Status OnReset() override {
    text.clear();
    reasoning.clear();
    ++resets;
    return {};
  }
  void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) override {
    retries.push_back(std::string(reason) + " " + std::to_string(delay_ms) + " " +
                      std::to_string(attempt));
  }

  std::string text;
  std::string reasoning;
  int deltas = 0;
  int resets = 0;
  std::vector<std::string> retries;
  std::optional<Error> failure;  // of OnText
};

}  // namespace caesar
