#include "session/reply_file.h"

#include "base/log.h"
#include "record/paths.h"

namespace caesar {

Status ReplyFile::Open() {
  part_ = TRY(files_.Append(round_.Path(kReplyPartFile), 0));
  text_bytes_ = 0;
  broken_ = false;
  reasoning_bytes_ = 0;
  return {};
}

Status ReplyFile::OnText(std::string_view delta) {
  // Reading goes on where writing fails: what comes is paid for, and Commit tries again.
  broken_ = broken_ || !part_->Append(delta).ok();
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
  // A provider that does not stream, or a disk that was full for a while.
  if (broken_ || static_cast<std::size_t>(text_bytes_) != reply.text.size()) {
    TRY(OnReset());
    TRY(part_->Append(reply.text));
  }
  // First the proof that the part is whole: from then on a kill loses nothing.
  const Status described =
      round_.Write(kReplyMetaFile, ToJson(ReplyMeta{about, StampOf(reply.text).xxh}));
  const Status synced = part_->Sync();
  part_.reset();
  const Status reasoned = WriteReasoning(reply.reasoning);
  TRY(files_.Rename(round_.Path(kReplyPartFile), round_.Path(kReplyFile)));
  TRY(synced);
  TRY(described);
  return reasoned;
}

Status ReplyFile::WriteReasoning(const std::string& reasoning) {
  if (!reasoning.empty()) return round_.Write(kReasoningFile, reasoning);
  return files_.Remove(round_.Path(kReasoningFile));  // of an attempt that was not committed
}

Status ReplyFile::Discard() {
  part_.reset();
  return files_.Remove(round_.Path(kReplyPartFile));
}

namespace {

// Whether reply.md is there, after giving a whole reply.part its name.
Result<bool> HasReply(Files& files, const RoundFiles& round, const Result<ReplyMeta>& meta) {
  if (TRY(round.Exists(kReplyFile))) return true;
  if (!meta.ok() || !TRY(round.Exists(kReplyPartFile))) return false;
  if (StampOf(TRY(round.Read(kReplyPartFile))).xxh != meta.value().reply_xxh) return false;
  TRY(files.Rename(round.Path(kReplyPartFile), round.Path(kReplyFile)));
  return true;
}

}  // namespace

Result<std::optional<SavedReply>> LoadReply(Files& files, RoundFiles& round) {
  const std::string json = TRY(round.ReadIfThere(kReplyMetaFile));
  const Result<ReplyMeta> meta = ParseReplyMeta(json);
  if (!TRY(HasReply(files, round, meta))) return std::optional<SavedReply>();
  SavedReply saved;
  saved.text = TRY(round.Read(kReplyFile));
  round.Stamp(kReplyFile, saved.text);
  if (meta.ok()) {
    saved.about = meta.value().about;
    round.Stamp(kReplyMetaFile, json);
  } else {
    saved.about.tokens.priced = false;
    LogWarning("{} is unusable; the tokens of this reply are not counted",
               round.Path(kReplyMetaFile));
  }
  const std::string reasoning = TRY(round.ReadIfThere(kReasoningFile));
  if (!reasoning.empty()) round.Stamp(kReasoningFile, reasoning);
  return std::optional(std::move(saved));
}

}  // namespace caesar
