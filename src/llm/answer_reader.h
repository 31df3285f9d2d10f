// A model's answer: bytes -> deltas and an end, whatever the format. Pure; one reader per attempt.
//
// Takes a stream of server-sent events, and as well what servers answer instead: one JSON document
// although a stream was asked for, an error object, HTML, a bare string. Which of them it is shows
// in the first byte that is no white space.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/api_error.h"
#include "llm/codec.h"
#include "llm/model.h"
#include "llm/sse.h"

namespace caesar {

inline constexpr std::size_t kReplyBytesMax = std::size_t{16} << 20;  // of text, and of reasoning

// What was received, complete or not.
struct ModelAnswer {
  std::string text;
  std::string reasoning;
  std::string refusal;
  std::string finish_reason;
  std::string model;
  std::string request_id;
  TokenUsage tokens;
  bool done = false;  // the format's last event came
  bool cut = false;   // text beyond the limit was dropped
};

class AnswerReader {
 public:
  AnswerReader(const Codec& codec, ReplySink& sink, std::size_t reply_bytes_max = kReplyBytesMax);

  // Errors: what the sink returned. Nothing is to be fed after an error.
  Status Feed(std::string_view bytes);

  // The body is at its end: empty if the answer is complete (it said a finish reason or its
  // format's last event, or is a whole document with text), else why it is not.
  Result<std::optional<CallFailure>> Finish();

  const ModelAnswer& answer() const { return answer_; }
  // Further bytes cannot change anything: the stream said an error, or is nothing that we can read.
  bool hopeless() const { return failure_.has_value(); }

 private:
  enum class Form { kUnknown, kEvents, kDocument };

  bool FindForm();
  Status TakeEvent(const SseEvent& event);
  Status TakeDocument();
  void TakeStray();
  Status Take(const AnswerDelta& delta);
  Status TakeText(const std::string& text);
  Status TakeReasoning(const std::string& reasoning);

  const Codec& codec_;
  ReplySink& sink_;
  std::size_t reply_bytes_max_;
  std::size_t document_bytes_max_;
  SseParser sse_;
  Form form_ = Form::kUnknown;
  std::string document_;  // the body so far, until its form is known and if it is a document
  ModelAnswer answer_;
  bool said_input_ = false;  // usage counts: only both of them are a report
  bool said_output_ = false;
  std::optional<CallFailure> failure_;
};

}  // namespace caesar
