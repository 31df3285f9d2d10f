#include "session/headline.h"

#include "base/format.h"
#include "base/strings.h"
#include "record/usd.h"

namespace caesar {
namespace {

struct Writer {
  Outcome outcome;

  std::string operator()(const RoundOpened& opened) const {
    return opened.device.empty() ? "no device found" : opened.device;
  }
  std::string operator()(const Finished& finished) const {
    if (!finished.reason.empty()) return finished.reason;
    if (outcome == Outcome::kTargetReached) return "the target speed-up is reached";
    if (outcome == Outcome::kPlateaued)
      return "no improvement for as many rounds as --patience allows";
    if (outcome == Outcome::kBudgetSpent) return "the budget is spent";
    return "all rounds are used";
  }
  std::string operator()(const Replied& replied) const {
    std::string text =
        replied.tokens.reported ? FormatCount(replied.tokens.total()) + " tokens" : replied.model;
    if (replied.tokens.priced && replied.tokens.usd > 0)
      text += ", " + FormatUsd(replied.tokens.usd);
    if (!replied.finish_reason.empty() && replied.finish_reason != "stop")
      text += ", ended by " + replied.finish_reason;
    if (replied.shortened) text += ", history shortened";
    if (replied.attempts > 1) text += Format(", {} attempts", replied.attempts);
    return text;
  }
  std::string operator()(const NoCode& no_code) const { return no_code.missing; }
  std::string operator()(const Refused& refused) const { return refused.reason; }
  std::string operator()(const CompilePassed& passed) const {
    std::string text = Format("{} registers", passed.info.registers);
    if (passed.info.spill_bytes > 0)
      text += Format(", {} bytes spilled", FormatCount(passed.info.spill_bytes));
    return passed.info.cached ? text + ", cached" : text;
  }
  std::string operator()(const CompileRejected& rejected) const {
    return Format("{} {}: {}", rejected.errors, rejected.errors == 1 ? "error" : "errors",
                  rejected.headline);
  }
  std::string operator()(const CompileCutOff& cut_off) const {
    return Format("no result within {:.3g} s", static_cast<double>(cut_off.timeout_ms) / 1000);
  }
  std::string operator()(const Judged& judged) const { return judged.headline; }
};

// As tables show it.
std::string Digits(double ratio) {
  return Format("{:.{}f}", ratio, ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0);
}

}  // namespace

std::string HeadlineOf(Outcome outcome, const Payload& payload) {
  return OneLine(std::visit(Writer{outcome}, payload));
}

std::string TimeText(double us) {
  if (us < 1000) return Format("{:.3g} us", us);
  return Format("{:.3g} ms", us / 1000);
}

std::string RatioText(double ratio) { return Digits(ratio) + "x"; }

std::string RatioText(const Ratio& ratio) {
  return Format("{} ({}-{})", RatioText(ratio.value), Digits(ratio.ci_low), Digits(ratio.ci_high));
}

}  // namespace caesar
