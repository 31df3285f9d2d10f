#include "llm/openai_chat.h"

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kRefusalBytesMax = 65536;
constexpr std::size_t kBlankBytesMax = 65536;  // of white space before an answer begins
// JSON escapes make text longer, most of it by a factor of two at most (quotes, line ends,
// backslashes).
constexpr std::size_t DocumentBytesMax(std::size_t reply) {
  return 2 * reply + (std::size_t{1} << 20);
}
}  // namespace

ChatDecoder::ChatDecoder(ReplySink& sink, std::size_t reply_bytes_max)
    : sink_(sink),
      reply_bytes_max_(reply_bytes_max),
      document_bytes_max_(DocumentBytesMax(reply_bytes_max)),
      sse_(document_bytes_max_) {}

Status ChatDecoder::Feed(std::string_view bytes) {
  if (failure_) return {};
  std::string begun;
  if (form_ == Form::kUnknown) {
    document_ += bytes;
    if (!FindForm()) return {};
    if (form_ == Form::kEvents) {
      begun = std::move(document_);
      document_.clear();
    }
    bytes = begun;
  }
  if (form_ == Form::kDocument) {
    document_ += bytes;
    if (document_.size() > document_bytes_max_) {
      failure_ = FailedAnswer(CallFailure::Kind::kMalformed, "a document that is too large");
    }
    return {};
  }
  bool sink_failed = false;
  Status status = sse_.Feed(bytes, [&](const SseEvent& event) -> Status {
    Status taken = TakeEvent(event);
    sink_failed = !taken.ok();
    return taken;
  });
  if (status.ok() || sink_failed) return status;
  failure_ = FailedAnswer(CallFailure::Kind::kMalformed, status.error().message);
  return {};
}

// False: not enough was received yet. No line of an event stream that servers send begins with one
// of these bytes.
bool ChatDecoder::FindForm() {
  std::string_view seen = document_;
  if (StartsWith(seen, kByteOrderMark)) seen.remove_prefix(kByteOrderMark.size());
  const std::size_t first = seen.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos ||
      (first == 0 && seen.size() < 3 && StartsWith(kByteOrderMark, seen))) {
    if (seen.size() > kBlankBytesMax) {
      failure_ = FailedAnswer(CallFailure::Kind::kMalformed, "white space without end");
    }
    return false;
  }
  const bool document = std::string_view("{[\"<").find(seen[first]) != std::string_view::npos;
  form_ = document ? Form::kDocument : Form::kEvents;
  document_ = std::string(seen.substr(first));
  return true;
}

Result<std::optional<CallFailure>> ChatDecoder::Finish() {
  if (!failure_ && form_ == Form::kDocument) TRY(TakeDocument());
  if (!failure_ && answer_.finish_reason.empty() && !answer_.done) {
    failure_ = FailedAnswer(CallFailure::Kind::kTruncated,
                            form_ == Form::kUnknown ? "the answer was empty"
                                                    : "the answer ended before it was complete");
  }
  return failure_;
}

Status ChatDecoder::TakeEvent(const SseEvent& event) {
  if (failure_ || answer_.done) return {};
  if (StartsWith(Trim(event.data), "[DONE]")) {
    answer_.done = true;
    return {};
  }
  if (event.name == "error") {
    failure_ = FailedAnswer(CallFailure::Kind::kInStream, event.data);
    return {};
  }
  const auto parsed = ParseChatChunk(event.data);
  if (const auto* failure = std::get_if<CallFailure>(&parsed)) {
    failure_ = *failure;
    return {};
  }
  return Take(std::get<ChatDelta>(parsed));
}

Status ChatDecoder::TakeDocument() {
  const auto parsed = ParseChatChunk(document_);
  if (const auto* failure = std::get_if<CallFailure>(&parsed)) {
    failure_ = *failure;
    return {};
  }
  const auto& delta = std::get<ChatDelta>(parsed);
  if (!delta.has_choices) {
    failure_ = FailedAnswer(CallFailure::Kind::kMalformed, document_);
    return {};
  }
  return Take(delta);
}

Status ChatDecoder::Take(const ChatDelta& delta) {
  if (!delta.model.empty()) answer_.model = delta.model;
  if (!delta.finish_reason.empty()) answer_.finish_reason = delta.finish_reason;
  if (delta.tokens) answer_.tokens = *delta.tokens;
  if (answer_.refusal.size() + delta.refusal.size() <= kRefusalBytesMax)
    answer_.refusal += delta.refusal;
  if (!delta.reasoning.empty() &&
      answer_.reasoning.size() + delta.reasoning.size() <= reply_bytes_max_) {
    answer_.reasoning += delta.reasoning;
    TRY(sink_.OnReasoning(delta.reasoning));
  }
  if (delta.text.empty()) return {};
  answer_.cut = answer_.cut || answer_.text.size() + delta.text.size() > reply_bytes_max_;
  if (answer_.cut) return {};
  answer_.text += delta.text;
  return sink_.OnText(delta.text);
}

}  // namespace caesar
