#include "judge/simulation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/format.h"
#include "base/strings.h"
#include "judge/evaluator.h"

namespace caesar {
namespace {

constexpr std::size_t kFindingsMax = 64;

bool Same(const SimFinding& a, const SimFinding& b) {
  return a.kind == b.kind && a.file == b.file && a.line == b.line && a.kernel == b.kernel;
}

// What no result can excuse: the next run, or a GPU, may give another one. A race may come of a
// barrier that failed, never the other way round.
constexpr std::array<std::string_view, 3> kUndefined = {"divergent_barrier", "barrier_after_exit",
                                                        "race"};

bool IsUndefined(const SimFinding& finding) {
  return std::find(kUndefined.begin(), kUndefined.end(), finding.kind) != kUndefined.end();
}

std::string KindAndSentence(const SimFinding& finding) {
  return Format("{}: {}", finding.kind, Sentence(finding));
}

// The kind says already what errors of the simulator begin with.
SimFinding WithoutEcho(SimFinding finding) {
  constexpr std::string_view kEcho = "not simulated: ";
  if (finding.kind == "not_simulated" && StartsWith(finding.text, kEcho))
    finding.text.erase(0, kEcho.size());
  return finding;
}

}  // namespace

std::string Sentence(const SimFinding& finding) {
  std::string place;
  if (!finding.file.empty()) place = Format("{}:{}: ", finding.file, finding.line);
  std::string text = place + finding.text;
  const bool somewhere = finding.kind != "deadlock" && finding.kind != "not_simulated";
  if (somewhere && !finding.kernel.empty()) {
    text += Format(" (block {},{},{}, thread {},{},{})", finding.block[0], finding.block[1],
                   finding.block[2], finding.thread[0], finding.thread[1], finding.thread[2]);
  }
  return text;
}

bool IsChecked(const Problem& problem, const ShapeSpec& shape, bool simulated) {
  if (!simulated) return shape.check && !shape.bench;
  const bool declared = std::any_of(problem.shapes.begin(), problem.shapes.end(),
                                    [](const ShapeSpec& each) { return each.sim; });
  return declared ? shape.sim : shape.check && !shape.bench;
}

SimReport ReadReport(const std::string& json, Verdict& verdict) {
  if (json.empty()) return {};
  auto report = ParseSimReport(json);
  if (report.ok()) return std::move(report).value();
  AddFlag(verdict, "unreadable_report", report.error().message);
  return {};
}

void AddFindings(Verdict& verdict, const SimReport& report) {
  if (!verdict.simulation.has_value()) verdict.simulation.emplace();
  auto& known = verdict.simulation->report.findings;
  for (const SimFinding& finding : report.findings) {
    if (IsUndefined(finding) && verdict.kind == VerdictKind::kCorrect) {
      verdict.kind = VerdictKind::kWrong;
      verdict.reason = KindAndSentence(finding);
    }
    const auto same = std::find_if(known.begin(), known.end(),
                                   [&](const SimFinding& each) { return Same(each, finding); });
    if (same != known.end()) {
      same->count = std::min(same->count + finding.count, kSimCountMax);
    } else if (known.size() < kFindingsMax) {
      known.push_back(WithoutEcho(finding));
    } else if (finding.fatal) {
      known.back() = WithoutEcho(finding);  // it decides the verdict
    } else {
      ++verdict.simulation->report.findings_dropped;
    }
  }
}

std::string WorstFinding(const Verdict& verdict) {
  if (!verdict.simulation.has_value()) return "";
  for (const std::string_view kind : kUndefined) {
    for (const SimFinding& finding : verdict.simulation->report.findings) {
      if (finding.kind == kind) return KindAndSentence(finding);
    }
  }
  return "";
}

std::string WhyRefused(const Verdict& verdict) {
  if (!verdict.simulation.has_value()) return {};
  for (const SimFinding& finding : verdict.simulation->report.findings) {
    if (finding.kind == "launch_failed") return ": " + finding.text;
  }
  return {};
}

static std::optional<SimFinding> FatalFinding(const RunnerFailure& failure) {
  const auto report = ParseSimReport(failure.report);
  if (!report.ok()) return std::nullopt;
  for (const SimFinding& finding : report.value().findings) {
    if (finding.fatal) return finding;
  }
  return std::nullopt;
}

std::string WhyFailed(const RunnerFailure& failure) {
  const auto finding = FatalFinding(failure);
  return finding ? KindAndSentence(*finding) : failure.text;
}

bool IsFault(const RunnerFailure& failure) {
  const auto finding = FatalFinding(failure);
  return finding && finding->kind != "not_simulated" && finding->kind != "watchdog";
}

bool BlameFinding(Verdict& verdict, const std::string& where) {
  if (!verdict.simulation.has_value()) return false;
  for (const SimFinding& finding : verdict.simulation->report.findings) {
    if (!finding.fatal) continue;
    const bool late = finding.kind == "deadlock" || finding.kind == "watchdog";
    verdict.kind = finding.kind == "not_simulated" ? VerdictKind::kNotSimulated
                   : late                          ? VerdictKind::kTimedOut
                                                   : VerdictKind::kCrashed;
    const bool said = verdict.kind == VerdictKind::kNotSimulated;  // by the verdict's kind
    verdict.reason = Format("{}{}: {}", said ? "" : finding.kind + " ", where, Sentence(finding));
    return true;
  }
  return false;
}

}  // namespace caesar
