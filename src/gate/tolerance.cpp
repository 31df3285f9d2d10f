#include "gate/tolerance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/strings.h"
#include "gate/margins.h"

namespace caesar {
namespace {

constexpr const char* kTellingTrials[] = {"zeros", "mean", "first_half"};

const GateTrial* Find(const std::vector<GateTrial>& trials, const std::string& name) {
  const auto found = std::find_if(trials.begin(), trials.end(),
                                  [&](const GateTrial& trial) { return trial.name == name; });
  return found == trials.end() ? nullptr : &*found;
}

// The calls for one output.
GateTrial Of(const GateTrial& trial, const std::string& output) {
  GateTrial part = trial;
  std::erase_if(part.calls, [&](const GateCall& call) { return call.output != output; });
  return part;
}

// From |result| / (atol + rtol |result|), which is how far off zeros are.
double ResultOf(double error, const TensorSpec& output) {
  return error > 0 ? error * output.atol / (1 - error * output.rtol) : 0;
}

// How far off a trial is for an output at most; nothing: it was not called.
std::optional<double> ErrorFor(const GateTrial& trial, const std::string& output) {
  const std::vector<ShapeMargin> margins = MarginsOf(Of(trial, output));
  const ShapeMargin* worst = Worst(margins);
  if (worst == nullptr) return std::nullopt;
  return worst->error_max;
}

// By how much the tolerance of an output is to be multiplied.
std::optional<double> Factor(const std::string& output, const std::vector<GateTrial>& trials) {
  double honest = 0;
  for (const GateTrial& trial : trials) {
    if (trial.kind == kHonest && trial.outcome == "correct")
      honest = std::max(honest, ErrorFor(trial, output).value_or(0));
  }
  std::optional<double> lowest;
  for (const GateTrial& trial : trials) {
    if (trial.kind != kPrecision) continue;
    const double error = ErrorFor(trial, output).value_or(0);
    if (honest > 0 && error > 4 * honest && error < kBarely)
      lowest = std::min(error, lowest.value_or(error));
  }
  if (!lowest) return std::nullopt;
  return std::sqrt(honest * *lowest);
}

}  // namespace

std::vector<Swallowed> SwallowedOutputs(const Problem& problem,
                                        const std::vector<GateTrial>& trials) {
  std::vector<Swallowed> all;
  for (const TensorSpec& output : problem.outputs) {
    std::map<std::string, int> passing;  // by shape: how many of the telling trials
    for (const char* name : kTellingTrials) {
      const GateTrial* trial = Find(trials, name);
      if (trial == nullptr) return {};
      for (const ShapeMargin& margin : MarginsOf(Of(*trial, output.name)))
        passing[margin.shape] += margin.passed ? 1 : 0;
    }
    Swallowed swallowed{&output, {}, true, 0};
    for (const ShapeMargin& margin : MarginsOf(Of(*Find(trials, "zeros"), output.name))) {
      if (passing[margin.shape] < static_cast<int>(std::size(kTellingTrials))) {
        swallowed.everywhere = false;
        continue;
      }
      swallowed.shapes.push_back(margin.shape);
      swallowed.result_max = std::max(swallowed.result_max, ResultOf(margin.error_max, output));
    }
    if (!swallowed.shapes.empty()) all.push_back(std::move(swallowed));
  }
  return all;
}

std::string SuggestedTolerances(const Problem& problem, const std::vector<GateTrial>& trials) {
  std::vector<std::string> values;
  for (const TensorSpec& output : problem.outputs) {
    const std::optional<double> factor = Factor(output.name, trials);
    if (!factor) continue;
    values.push_back(
        Format("{}atol {:.2g}, rtol {:.2g}",
               problem.outputs.size() > 1 ? Format("for {} ", output.name) : std::string(),
               *factor * output.atol, *factor * output.rtol));
  }
  if (values.empty()) return ".";
  return Format(": {}. Honest errors and those of lower precision lie equally far from that.",
                Join(values, "; "));
}

}  // namespace caesar
