// A chat-completions answer: bytes -> deltas and an end. Pure; one decoder per attempt.
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
#include "llm/chat_chunk.h"
#include "llm/model.h"
#include "llm/sse.h"

namespace caesar {

inline constexpr std::size_t kReplyBytesMax = std::size_t{16} << 20;  // of text, and of reasoning

// What was received, complete or not.
struct ChatAnswer {
  std::string text;
  std::string reasoning;
  std::string refusal;
  std::string finish_reason;
  std::string model;
  TokenUsage tokens;
  bool done = false;  // [DONE] came
  bool cut = false;   // text beyond the limit was dropped
};

class ChatDecoder {
 public:
  explicit ChatDecoder(ReplySink& sink, std::size_t reply_bytes_max = kReplyBytesMax);

  // Errors: what the sink returned. Nothing is to be fed after an error.
  Status Feed(std::string_view bytes);

  // The body is at its end: empty if the answer is complete (it said a finish reason, or [DONE]),
  // else why it is not.
  Result<std::optional<CallFailure>> Finish();

  const ChatAnswer& answer() const { return answer_; }
  // Further bytes cannot change anything: the stream said an error, or is nothing that we can read.
  bool hopeless() const { return failure_.has_value(); }

 private:
  enum class Form { kUnknown, kEvents, kDocument };

  bool FindForm();
  Status TakeEvent(const SseEvent& event);
  Status TakeDocument();
  Status Take(const ChatDelta& delta);

  ReplySink& sink_;
  std::size_t reply_bytes_max_;
  std::size_t document_bytes_max_;
  SseParser sse_;
  Form form_ = Form::kUnknown;
  std::string document_;  // the body so far, until its form is known and if it is a document
  ChatAnswer answer_;
  std::optional<CallFailure> failure_;
};

}  // namespace caesar
