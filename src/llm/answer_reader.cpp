#include "llm/answer_reader.h"

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

// Sets `count` where the event has it.
void Update(std::int64_t& count, const std::optional<std::int64_t>& update) {
  if (update) count = *update;
}

void Apply(const TokenUpdate& update, TokenUsage& tokens) {
  // An event may bring one part of the sum alone, and the others stay.
  std::int64_t uncached = tokens.input - tokens.cached - tokens.cache_written;
  Update(update.input_excludes_cache ? uncached : tokens.input, update.input);
  Update(tokens.cached, update.cached);
  Update(tokens.cache_written, update.cache_written);
  Update(tokens.output, update.output);
  Update(tokens.reasoning, update.reasoning);
  if (update.input_excludes_cache) tokens.input = uncached + tokens.cached + tokens.cache_written;
}

}  // namespace

AnswerReader::AnswerReader(const Codec& codec, ReplySink& sink, std::size_t reply_bytes_max)
    : codec_(codec),
      sink_(sink),
      reply_bytes_max_(reply_bytes_max),
      document_bytes_max_(DocumentBytesMax(reply_bytes_max)),
      sse_(document_bytes_max_) {}

Status AnswerReader::Feed(std::string_view bytes) {
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
bool AnswerReader::FindForm() {
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

Result<std::optional<CallFailure>> AnswerReader::Finish() {
  if (!failure_ && form_ == Form::kDocument) TRY(TakeDocument());
  // What comes behind an answer's end cannot undo it: it is there, and paid for. A document that is
  // whole needs no word of its end.
  const bool whole = form_ == Form::kDocument && !failure_ && !answer_.text.empty();
  // A count of nothing is none.
  if (answer_.tokens.output == 0 && !answer_.text.empty()) answer_.tokens.reported = false;
  if (!answer_.finish_reason.empty() || answer_.done || whole) return std::optional<CallFailure>();
  if (!failure_) TakeStray();
  if (!failure_) {
    failure_ = FailedAnswer(CallFailure::Kind::kTruncated,
                            form_ == Form::kUnknown ? "the answer was empty"
                                                    : "the answer ended before it was complete");
  }
  return failure_;
}

Status AnswerReader::TakeEvent(const SseEvent& event) {
  if (failure_ || answer_.done) return {};
  const ParsedAnswer parsed = codec_.event(event);
  if (const auto* failure = std::get_if<CallFailure>(&parsed)) {
    failure_ = *failure;
    return {};
  }
  return Take(std::get<AnswerDelta>(parsed));
}

Status AnswerReader::TakeDocument() {
  const ParsedAnswer parsed = codec_.document(document_);
  if (const auto* failure = std::get_if<CallFailure>(&parsed)) {
    failure_ = *failure;
    return {};
  }
  const auto& delta = std::get<AnswerDelta>(parsed);
  if (!delta.answer) {
    failure_ = FailedAnswer(CallFailure::Kind::kMalformed, document_);
    return {};
  }
  return Take(delta);
}

// An error that a server wrote into its stream without making an event of it.
void AnswerReader::TakeStray() {
  const ParsedAnswer parsed = codec_.document(sse_.Stray());
  const auto* failure = std::get_if<CallFailure>(&parsed);
  if (failure != nullptr && failure->kind == CallFailure::Kind::kInStream) failure_ = *failure;
}

Status AnswerReader::Take(const AnswerDelta& delta) {
  if (!delta.model.empty()) answer_.model = delta.model;
  if (!delta.request_id.empty()) answer_.request_id = delta.request_id;
  if (!delta.finish_reason.empty()) answer_.finish_reason = delta.finish_reason;
  answer_.done = answer_.done || delta.last;
  Apply(delta.tokens, answer_.tokens);
  said_input_ = said_input_ || delta.tokens.input.has_value();
  said_output_ = said_output_ || delta.tokens.output.has_value();
  answer_.tokens.reported = said_input_ && said_output_;
  if (answer_.refusal.size() + delta.refusal.size() <= kRefusalBytesMax)
    answer_.refusal += delta.refusal;
  if (answer_.refusal.empty() && delta.whole_refusal.size() <= kRefusalBytesMax)
    answer_.refusal = delta.whole_refusal;
  TRY(TakeReasoning(delta.reasoning));
  if (answer_.reasoning.empty()) TRY(TakeReasoning(delta.whole_reasoning));
  TRY(TakeText(delta.text));
  if (answer_.text.empty()) TRY(TakeText(delta.whole_text));
  return {};
}

Status AnswerReader::TakeReasoning(const std::string& reasoning) {
  if (reasoning.empty() || answer_.reasoning.size() + reasoning.size() > reply_bytes_max_)
    return {};
  answer_.reasoning += reasoning;
  return sink_.OnReasoning(reasoning);
}

Status AnswerReader::TakeText(const std::string& text) {
  if (text.empty()) return {};
  answer_.cut = answer_.cut || answer_.text.size() + text.size() > reply_bytes_max_;
  if (answer_.cut) return {};
  answer_.text += text;
  return sink_.OnText(text);
}

}  // namespace caesar
