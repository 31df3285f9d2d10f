#include "report/gate_text.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "report/console.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

using Align = TextTable::Align;
using Key = std::pair<std::string, std::string>;  // shape, fill

constexpr const char* kNotCalled = "-";

std::string ErrorText(double error) {
  return std::isfinite(error) ? Format("{:.2g}", error) : FormatValue(error);
}

// The largest error of a trial at a shape and fill.
std::string ErrorAt(const GateTrial& trial, const Key& key) {
  double worst = 0;
  bool there = false;
  for (const GateCall& call : trial.calls) {
    if (Key(call.shape, call.fill) != key) continue;
    there = true;
    if (!(call.error <= worst)) worst = call.error;
  }
  return there ? ErrorText(worst) : kNotCalled;
}

// Every shape in the order of the problem, with its fills: the declared one first.
std::vector<Key> Keys(const std::vector<const GateTrial*>& trials) {
  std::vector<std::string> shapes;
  std::vector<Key> keys;
  for (const GateTrial* trial : trials) {
    for (const GateCall& call : trial->calls) {
      const Key key(call.shape, call.fill);
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      if (std::find(shapes.begin(), shapes.end(), call.shape) == shapes.end())
        shapes.push_back(call.shape);
    }
  }
  // Fills are tried in random order.
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    const auto rank = [&](const Key& key) {
      return std::tuple(std::find(shapes.begin(), shapes.end(), key.first),
                        key.second != "as declared", key.second);
    };
    return rank(a) < rank(b);
  });
  return keys;
}

// Errors of what must pass beside those of lower precision, which must not.
std::string MarginText(const GateReport& report, bool cut) {
  std::vector<const GateTrial*> shown;
  for (const char* kind : {kHonest, kPrecision}) {
    for (const GateTrial& trial : report.trials) {
      if (trial.kind == kind && !trial.calls.empty()) shown.push_back(&trial);
    }
  }
  if (shown.empty()) return "";
  constexpr std::size_t kWidth = 24;
  std::vector<TextTable::Column> columns = {{"shape", Align::kLeft, kWidth},
                                            {"fill", Align::kLeft, kWidth}};
  for (const GateTrial* trial : shown)
    columns.push_back({(trial->kind == kHonest ? "" : "! ") +
                           FitLine(trial->name, cut ? kWidth : trial->name.size()),
                       Align::kRight});
  TextTable table(columns, cut);
  bool gaps = false;
  for (const Key& key : Keys(shown)) {
    std::vector<std::string> cells = {key.first, key.second};
    for (const GateTrial* trial : shown) {
      cells.push_back(ErrorAt(*trial, key));
      gaps = gaps || cells.back() == kNotCalled;
    }
    table.AddRow(cells);
  }
  return "\nlargest error over tolerance; above 1 fails, as the columns with ! must" +
         std::string(gaps ? "; -: not called, since a call before it failed" : "") + ":\n" +
         table.Text("  ");
}

const char* Must(const GateTrial& trial) {
  if (trial.name == kFloatTrial) return "may fail";
  return trial.kind == kHonest ? "pass" : "fail";
}

std::string TrialText(const GateReport& report, bool cut) {
  TextTable table({{"trial", Align::kLeft, 24},
                   {"what it gives", Align::kLeft},
                   {"must", Align::kLeft},
                   {"verdict", Align::kLeft}},
                  cut);
  for (const GateTrial& trial : report.trials) {
    table.AddRow({trial.name, trial.text, Must(trial),
                  trial.outcome == "skipped" ? "skipped: " + trial.reason : trial.outcome});
  }
  return report.trials.empty() ? "" : "\n" + table.Text("  ");
}

}  // namespace

std::string GateText(const GateReport& report, const TextStyle& style) {
  const bool color = style.color;
  std::string text =
      Format("problem {}: ", FitLine(report.problem, 80)) +
      Paint(report.sound ? "sound" : "refused", report.sound ? Tone::kGood : Tone::kBad, color) +
      Format("  ({})\n", FitLine(report.device, 80));
  for (const GateFinding& finding : report.findings) {
    const bool error = finding.level == "error";
    text += "\n" + Paint(error ? "error:" : "warning:", error ? Tone::kBad : Tone::kWarn, color) +
            " " + ForTerminal(finding.text) + "\n";
    if (!finding.advice.empty()) text += "  " + ForTerminal(finding.advice) + "\n";
  }
  return text + MarginText(report, style.cut) + TrialText(report, style.cut);
}

}  // namespace caesar
