#include "session/judged.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "session/headline.h"

namespace caesar {
namespace {

constexpr std::size_t kFlagsMax = 32;

// What failed elements hold: "max error 3.2e+04", or poison: "not written".
std::string ErrorText(const OutputCheck& output) {
  if (output.unwritten == output.mismatches) return "not written";
  if (output.unwritten > 0) return FormatCount(output.unwritten) + " not written";
  return std::isnan(output.abs_error_max) ? "NaN"
                                          : Format("max error {:.2g}", output.abs_error_max);
}

// Whether the reason is what the simulated GPU found, which says more than what came of it.
bool BlamesFinding(const Verdict& verdict) {
  if (!verdict.simulation) return false;
  const auto& findings = verdict.simulation->report.findings;
  return std::any_of(findings.begin(), findings.end(), [&](const SimFinding& finding) {
    return StartsWith(verdict.reason, finding.kind + ": ");
  });
}

// "37,777 of 37,777 wrong on shape odd, max error 3.2e+04"
std::string MismatchHeadline(const Verdict& verdict) {
  if (BlamesFinding(verdict)) return verdict.reason;
  const auto failed = FailedChecksOf(verdict);
  if (failed.empty()) return verdict.reason;
  for (const OutputCheck& output : failed.front()->outputs) {
    if (output.mismatches == 0) continue;
    return Format("{} of {} wrong on shape {}, {}{}", FormatCount(output.mismatches),
                  FormatCount(output.elements), failed.front()->shape, ErrorText(output),
                  output.where.empty() ? "" : ": " + output.where);
  }
  return verdict.reason;
}

std::string_view ChangeText(Change change) {
  switch (change) {
    case Change::kImproved:
      return "better than the best";
    case Change::kSlower:
      return "slower than the best";
    case Change::kSame:
      return "as fast as the best";
    case Change::kUndecided:
      return "not told apart from the best";
  }
  return "";
}

std::string VerdictHeadline(const Verdict& verdict, const Judged& judged) {
  if (verdict.kind == VerdictKind::kWrong) return MismatchHeadline(verdict);
  if (verdict.kind != VerdictKind::kCorrect) return verdict.reason;
  if (judged.estimated_us > 0) {
    std::string text = "estimated " + TimeText(judged.estimated_us);
    if (!judged.estimated_shape.empty()) text += " at shape " + judged.estimated_shape;
    if (judged.estimated_speedup > 0) text += ", estimated " + RatioText(judged.estimated_speedup);
    return text;
  }
  if (judged.median_us <= 0)
    return Format("{} passed", verdict.correctness.size() == 1
                                   ? "1 check"
                                   : Format("{} checks", verdict.correctness.size()));
  std::string text = TimeText(judged.median_us);
  if (judged.speedup) text += ", " + RatioText(*judged.speedup);
  if (!judged.verified) return text + ", unverified";
  return judged.change ? text + ", " + std::string(ChangeText(*judged.change)) : text;
}

bool Finite(const Ratio& ratio) {
  return std::isfinite(ratio.value) && std::isfinite(ratio.ci_low) && std::isfinite(ratio.ci_high);
}

}  // namespace

Judged Summarize(const Verdict& verdict) {
  Judged judged;
  judged.kind = verdict.kind;
  judged.reason = OneLine(verdict.reason);
  judged.device = OneLine(verdict.device.name);
  for (std::size_t i = 0; i < std::min(verdict.flags.size(), kFlagsMax); ++i) {
    judged.flags.push_back({.name = OneLine(verdict.flags[i].name, 80),
                            .evidence = OneLine(verdict.flags[i].evidence)});
  }
  if (verdict.timing && verdict.timing->cold && std::isfinite(verdict.timing->cold->median_us)) {
    judged.median_us = verdict.timing->cold->median_us;
    judged.verified = verdict.kind == VerdictKind::kCorrect && verdict.timing->verified;
  }
  if (verdict.baseline && std::isfinite(verdict.baseline->cold.median_us)) {
    judged.baseline_us = verdict.baseline->cold.median_us;
  }
  if (verdict.comparison) judged.change = verdict.comparison->change;
  if (verdict.speedup) {
    if (Finite(*verdict.speedup)) {
      judged.speedup = verdict.speedup;
    } else {
      judged.verified = false;
    }
  }
  if (verdict.simulation && verdict.kind == VerdictKind::kCorrect) {
    const Simulation& simulation = *verdict.simulation;
    if (std::isfinite(simulation.report.estimated_us))
      judged.estimated_us = simulation.report.estimated_us;
    if (std::isfinite(simulation.estimated_speedup))
      judged.estimated_speedup = simulation.estimated_speedup;
    if (judged.estimated_us > 0) judged.estimated_shape = OneLine(simulation.profile_shape, 80);
  }
  judged.headline = OneLine(VerdictHeadline(verdict, judged));
  return judged;
}

Result<Outcome> OutcomeOf(State state, const Verdict& verdict) {
  CHECK(state == State::kCorrect || state == State::kProfile);
  const auto not_its_to_give = [&] {
    return Error{ErrorCode::kInternal,
                 Format("the judge answered {} with '{}'", Name(state), Name(verdict.kind)),
                 verdict.reason};
  };
  switch (verdict.kind) {
    case VerdictKind::kCorrect:
      if (state == State::kCorrect) return Outcome::kCorrect;
      if (verdict.simulation && verdict.simulation->report.estimated_us > 0)
        return Outcome::kMeasured;
      return verdict.timing && verdict.timing->cold ? Outcome::kMeasured : Outcome::kProfileFailed;
    case VerdictKind::kWrong:
      return Outcome::kWrong;
    case VerdictKind::kCrashed:
      return Outcome::kCrashed;
    case VerdictKind::kTimedOut:
      return Outcome::kTimedOut;
    case VerdictKind::kCheated:
      return Outcome::kCheated;
    case VerdictKind::kAmbiguous:
      if (state == State::kProfile) return Outcome::kAmbiguous;
      return not_its_to_give();
    case VerdictKind::kNotSimulated:
      return Outcome::kNotSimulated;
    case VerdictKind::kCompileFailed:
      return not_its_to_give();
    case VerdictKind::kInfra:
      return Error{ErrorCode::kEnvironment,
                   "the judge could not decide: " + OneLine(verdict.reason), verdict.detail};
  }
  return not_its_to_give();
}

}  // namespace caesar
