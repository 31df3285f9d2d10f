#include "session/reply_file.h"

#include "base/log.h"
#include "record/paths.h"

namespace caesar {

Status ReplyFile::Open() {
  part_ = TRY(files_.Append(round_.Path(kReplyPartFile), 0));
  text_bytes_ = 0;
  reasoning_bytes_ = 0;
  return {};
}

Status ReplyFile::OnText(std::string_view delta) {
  TRY(part_->Append(delta));
  text_bytes_ += static_cast<std::int64_t>(delta.size());
  progress_.OnReply(text_bytes_, reasoning_bytes_);
  return {};
}

Status ReplyFile::OnReasoning(std::string_view delta) {
  reasoning_bytes_ += static_cast<std::int64_t>(delta.size());
  progress_.OnReply(text_bytes_, reasoning_bytes_);
  return {};
}

Status ReplyFile::OnReset() {
  part_.reset();
  return Open();
}

void ReplyFile::OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) {
  progress_.OnRetry(reason, delay_ms, attempt);
}

Status ReplyFile::Commit(const ModelReply& reply, const Replied& about) {
  if (static_cast<std::size_t>(text_bytes_) !=
      reply.text.size()) {  // a provider that does not stream
    TRY(OnReset());
    TRY(OnText(reply.text));
  }
  TRY(part_->Sync());
  part_.reset();
  if (reply.reasoning.empty()) {
    TRY(files_.Remove(round_.Path(kReasoningFile)));  // of an attempt that was not committed
  } else {
    TRY(round_.Write(kReasoningFile, reply.reasoning));
  }
  TRY(round_.Write(kReplyMetaFile, ToJson(about)));
  return files_.Rename(round_.Path(kReplyPartFile), round_.Path(kReplyFile));
}

Status ReplyFile::Discard() {
  part_.reset();
  return files_.Remove(round_.Path(kReplyPartFile));
}

Result<std::optional<SavedReply>> LoadReply(RoundFiles& round) {
  if (!TRY(round.Exists(kReplyFile))) return std::optional<SavedReply>();
  SavedReply saved;
  saved.text = TRY(round.Read(kReplyFile));
  round.Stamp(kReplyFile, saved.text);
  const std::string meta = TRY(round.ReadIfThere(kReplyMetaFile));
  if (auto about = ParseReplied(meta); about.ok()) {
    saved.about = std::move(about).value();
    round.Stamp(kReplyMetaFile, meta);
  } else {
    LogWarning("{}: {}; the tokens of this reply are not counted", round.Path(kReplyMetaFile),
               about.error().message);
  }
  const std::string reasoning = TRY(round.ReadIfThere(kReasoningFile));
  if (!reasoning.empty()) round.Stamp(kReasoningFile, reasoning);
  return std::optional(std::move(saved));
}

}  // namespace caesar
