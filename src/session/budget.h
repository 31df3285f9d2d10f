// The budget that all samples of a run directory share: its ledger, read and written under a lock,
// so that processes side by side count each other's calls.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "llm/model.h"
#include "record/ledger.h"
#include "record/run_config.h"
#include "session/world.h"

namespace caesar {

class Budget {
 public:
  // `who` is the sample's folder in that of the run: "softmax/sample_0000".
  Budget(World& world, const RunConfig& config, std::string run, std::string who)
      : world_(world), config_(config), run_(std::move(run)), who_(std::move(who)) {}

  // Why no call may begin any more: "11,820 of 10,000 tokens are spent"; empty: one may, now or
  // once calls under way have cost less than was expected.
  Result<std::string> Exhausted();

  // Announces a call, unless the budget is exhausted: false then. It is expected to cost what the
  // run's calls did so far, or, before any has ended, `expected`. No call begins while what was
  // spent, and what calls under way are expected to cost, reaches the budget: it waits for those of
  // other samples that are alive. So the budget is passed by the cost of the last calls at most.
  Result<bool> Begin(const TokenUsage& expected);
  // The call that Begin announced has cost this.
  Status End(const TokenUsage& counted);

 private:
  bool Limited() const { return config_.budget_tokens > 0 || config_.budget_usd > 0; }
  std::string WhyNot(const Ledger& ledger) const;
  Ledger WithoutLiving(Ledger ledger);
  bool Lives(const std::string& who);
  Status Announce(const Ledger& ledger, const TokenUsage& expected);
  Result<std::unique_ptr<FileLock>> Lock();
  Status Write(const Ledger& ledger, LedgerLine line);

  World& world_;
  const RunConfig& config_;
  std::string run_;
  std::string who_;
  std::int64_t announced_ = 0;  // line of the call under way; 0: none
};

// What all samples of the run have spent of its budget, for people; empty: it has none. Error:
// kBadInput, kIo.
Result<std::string> SpentText(const RunConfig& config, const std::string& run, Files& files);

}  // namespace caesar
