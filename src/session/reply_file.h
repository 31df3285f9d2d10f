// A reply on its way to disk: streamed to reply.part, and made reply.md only when it is complete,
// so that a kill in between never pays twice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "llm/model.h"
#include "record/progress.h"
#include "session/outcome.h"
#include "session/round_files.h"
#include "sys/files.h"

namespace caesar {

class ReplyFile final : public ReplySink {
 public:
  ReplyFile(Files& files, RoundFiles& round, Progress& progress)
      : files_(files), round_(round), progress_(progress) {}

  Status Open();  // empties what an earlier attempt left
  Status OnText(std::string_view delta) override;
  Status OnReasoning(std::string_view delta) override;
  Status OnReset() override;
  void OnRetry(std::string_view reason, std::int64_t delay_ms, int attempt) override;

  // The reply is complete. Whatever fails in here, LoadReply finds it again: in reply.md, or in a
  // reply.part that reply.json proves to be whole.
  Status Commit(const ModelReply& reply, const Replied& about);
  Status Discard();

 private:
  Status WriteReasoning(const std::string& reasoning);

  Files& files_;
  RoundFiles& round_;
  Progress& progress_;
  std::unique_ptr<AppendFile> part_;
  std::int64_t text_bytes_ = 0;
  bool broken_ = false;  // the part lacks something that came
  std::int64_t reasoning_bytes_ = 0;
};

struct SavedReply {
  std::string text;
  Replied about;
};

// The complete reply in the round's folder, whose files are stamped; empty if there is none. One
// whose reply.json is unusable still counts, with its tokens unknown.
Result<std::optional<SavedReply>> LoadReply(Files& files, RoundFiles& round);

}  // namespace caesar
