// What a round's calls of the provider were and what they cost: api.jsonl, and the run's budget.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "llm/model.h"
#include "record/api_call.h"
#include "record/paths.h"
#include "session/budget.h"
#include "session/round_files.h"
#include "session/world.h"

namespace caesar {

class RoundCallLog final : public CallLog {
 public:
  // Calls of an earlier attempt at the round stay in the file.
  RoundCallLog(World& world, const RoundFiles& files, Budget& budget)
      : world_(world), path_(files.Path(kApiFile)), budget_(budget) {}

  ~RoundCallLog() override;  // writes what is kept, as far as it can be

  Result<bool> OnCall(const CallStart& call) override;
  // A complete answer is kept in memory until Flush: first the reply itself must be safe, and the
  // round go on, since megabytes of a stream take tens of milliseconds to write as JSON.
  Status OnCallEnd(const CallEnd& end) override;
  // Writes what is kept.
  Status Flush();

 private:
  Status Append(const std::string& line);

  World& world_;
  std::string path_;
  Budget& budget_;
  std::unique_ptr<AppendFile> file_;
  int attempt_ = 0;
  std::optional<CallEnd> pending_;
  std::string pending_utc_;
};

}  // namespace caesar
