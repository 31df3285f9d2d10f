#include "gate/findings.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/format.h"

namespace caesar {
namespace {

constexpr double kNarrow = 0.5;  // of the tolerance: an honest error above leaves little room
constexpr double kBarely = 2.0;  // of the tolerance: a precision that fails by less
constexpr const char* kNearerFills =
    "Choose check_fills nearer to the declared fills, or a larger tolerance.";
constexpr std::int64_t kManyOutputs = 1024;  // a shape with fewer may be passed by chance

// What to change where a cheat passes.
struct Advice {
  const char* trial;  // beginning of its name
  const char* text;
};
constexpr Advice kAdvice[] = {
    {"zeros", "Make results differ from 0 by much more than atol: a smaller atol, or other fills."},
    {"mean",
     "Make results vary by more than the tolerance: fills with more spread, a smaller "
     "tolerance."},
    {"copy_", "Make results differ from the input: other fills, or a problem that changes more."},
    {"ignore_",
     "Make results depend on that input: other fills, a smaller tolerance; or leave the "
     "input out."},
    {"replay", "Make results depend on the inputs: random fills instead of constants and ramps."},
    {"stale", "Make results depend on the inputs: random fills instead of constants and ramps."},
    {"first_half", "Make results in the second half differ from 0 by more than atol."},
    {"no_tail", "Make results at the end differ from 0 by more than atol."},
    {"zeroed_inputs", "Make results differ from 0 by much more than atol."},
    {"nan", "Let the reference give no NaN for the declared fills."},
};

std::string AdviceFor(const std::string& name) {
  for (const Advice& advice : kAdvice) {
    if (name.rfind(advice.trial, 0) == 0) return advice.text;
  }
  return "Make the tolerance smaller.";
}

bool Larger(double a, double b) { return !(a <= b) && !std::isnan(b); }

std::string At(const ShapeMargin& margin) {
  return Format("at shape {} ({})", margin.shape, margin.fill);
}

const ShapeMargin* Worst(const std::vector<ShapeMargin>& margins) {
  const ShapeMargin* worst = nullptr;
  for (const ShapeMargin& margin : margins) {
    if (worst == nullptr || Larger(margin.error_max, worst->error_max)) worst = &margin;
  }
  return worst;
}

// Outputs for which all calls passed.
std::vector<std::string> PassingOutputs(const GateTrial& trial) {
  std::map<std::string, bool> passing;
  for (const GateCall& call : trial.calls) {
    const auto [found, added] = passing.emplace(call.output, call.passed);
    found->second = found->second && call.passed;
  }
  std::vector<std::string> outputs;
  for (const auto& [output, passed] : passing) {
    if (passed) outputs.push_back(output);
  }
  return outputs;
}

// An output that does not depend on an input may well ignore it; and a replay is right for those
// whose inputs did not change.
bool JudgesEveryOutput(const GateTrial& trial) {
  const auto is = [&](const char* name) { return trial.name.rfind(name, 0) == 0; };
  return trial.kind == kCheat && !is("ignore_") && !is("replay") && !is("stale");
}

bool Ran(const GateTrial& trial) {
  return trial.outcome == "correct" || trial.outcome == "wrong" || trial.outcome == "crashed" ||
         trial.outcome == "timed_out" || trial.outcome == "cheated";
}

class Trials {
 public:
  Trials(const Problem& problem, const std::vector<GateTrial>& trials)
      : problem_(problem), trials_(trials) {}

  std::vector<GateFinding> Findings() {
    for (const GateTrial& trial : trials_) {
      if (!Ran(trial)) {
        if (trial.name != kFloatTrial && trial.outcome != "skipped")
          Warn(Format("{} could not be tried: {}", trial.name, trial.reason), "");
        continue;
      }
      if (trial.kind == kHonest) Honest(trial);
      if (trial.kind == kCheat) MustFail(trial, AdviceFor(trial.name));
      if (trial.kind == kPrecision) Precision(trial);
    }
    for (const Fill& fill : problem_.check_fills) TellsSomething(Describe(fill));
    return std::move(findings_);
  }

 private:
  void Honest(const GateTrial& trial) {
    const std::vector<ShapeMargin> margins = MarginsOf(trial);
    const ShapeMargin* worst = Worst(margins);
    if (trial.outcome != "correct") {
      if (trial.name == kReferenceTrial)
        Fail("the reference disagrees with itself in another process: " + trial.reason,
             "It must compute every output from its inputs alone: no state between calls, no "
             "memory that it has not written.");
      else if (FailsWithCheckFillsAlone(trial))
        Fail(Format("{} does not pass: {}", trial.text, trial.reason), kNearerFills);
      else if (trial.name == kFloatTrial)
        Warn(Format("{} does not pass: {}", trial.text, trial.reason),
             "Honest kernels in float may fail like that: make the tolerance larger, or the sums "
             "shorter.");
      else
        Fail(Format("{} does not agree with the reference: {}", trial.text, trial.reason),
             "One of them is wrong, or the tolerance is too small for an honest kernel.");
      return;
    }
    if (worst != nullptr && worst->error_max > kNarrow)
      Warn(Format("{} comes to {:.2g} of the tolerance {}", trial.text, worst->error_max,
                  At(*worst)),
           "Honest kernels that sum in another order may fail: make the tolerance larger.");
  }

  bool IsCheckFill(const std::string& name) const {
    return std::any_of(problem_.check_fills.begin(), problem_.check_fills.end(),
                       [&](const Fill& fill) { return Describe(fill) == name; });
  }
  bool FailsWithCheckFillsAlone(const GateTrial& trial) const {
    bool some = false;
    for (const GateCall& call : trial.calls) {
      if (!call.passed && !IsCheckFill(call.fill)) return false;
      some = some || !call.passed;
    }
    return some;
  }

  // A fill with which everything passes that must fail costs calls and shows no error.
  void TellsSomething(const std::string& fill) {
    bool tried = false;
    for (const GateTrial& trial : trials_) {
      for (const GateCall& call : trial.calls) {
        if (trial.kind == kHonest || call.fill != fill) continue;
        if (!call.passed) return;
        tried = true;
      }
    }
    if (tried)
      Warn(Format("nothing that must fail does so with check fill {}", fill),
           "Choose values whose results differ by more than atol, or leave it out.");
  }

  void MustFail(const GateTrial& trial, const std::string& advice) {
    const std::vector<ShapeMargin> margins = MarginsOf(trial);
    if (trial.outcome == "correct") {
      const ShapeMargin* worst = Worst(margins);
      Fail(Format("{} passes at every shape{}", trial.text,
                  worst == nullptr ? ""
                                   : Format("; its largest error is {:.2g} of the tolerance, {}",
                                            worst->error_max, At(*worst))),
           advice);
      return;
    }
    if (JudgesEveryOutput(trial)) {
      for (const std::string& output : PassingOutputs(trial))
        Fail(Format("{} passes for output {} at every shape", trial.text, output), advice);
    }
    for (const ShapeMargin& margin : margins) {
      if (!margin.passed) continue;
      const bool bench = margin.shape == problem_.Bench().name;
      const std::string text = Format("{} passes at shape {}: {:.2g} of the tolerance", trial.text,
                                      margin.shape, margin.error_max);
      if (bench)
        Fail(text + ", and candidates know the shapes", advice);
      else if (trial.kind == kCheat && OutputsAt(margin.shape) >= kManyOutputs)
        Warn(text, advice);
    }
  }

  void Precision(const GateTrial& trial) {
    const std::vector<ShapeMargin> margins = MarginsOf(trial);
    const ShapeMargin* worst = Worst(margins);
    MustFail(trial, "Make atol and rtol smaller" + Suggestion(worst));
    if (trial.outcome == "correct" || worst == nullptr || !(worst->error_max < kBarely)) return;
    Warn(
        Format("{} fails by a factor of {:.2g} only, {}", trial.text, worst->error_max, At(*worst)),
        "Make atol and rtol smaller" + Suggestion(worst));
  }

  // Half way, in orders of magnitude, between honest errors and this one.
  std::string Suggestion(const ShapeMargin* lower) const {
    double honest = 0;
    for (const GateTrial& trial : trials_) {
      if (trial.kind != kHonest || trial.outcome != "correct") continue;
      for (const ShapeMargin& margin : MarginsOf(trial))
        honest = std::max(honest, margin.error_max);
    }
    if (lower == nullptr || !(honest > 0) || !(lower->error_max > 4 * honest)) return ".";
    const double factor = std::sqrt(honest * lower->error_max);
    return Format(": times {:.2g}, honest errors and this one lie equally far from it.", factor);
  }

  std::int64_t OutputsAt(const std::string& name) const {
    std::int64_t most = 0;
    for (const ShapeSpec& shape : problem_.shapes) {
      if (shape.name != name) continue;
      for (const TensorSpec& output : problem_.outputs) {
        const auto elements = ElementsOf(output, shape.dims);
        if (elements.ok()) most = std::max(most, elements.value());
      }
    }
    return most;
  }

  void Fail(std::string text, std::string advice) {
    findings_.push_back({"error", std::move(text), std::move(advice)});
  }
  void Warn(std::string text, std::string advice) {
    findings_.push_back({"warning", std::move(text), std::move(advice)});
  }

  const Problem& problem_;
  const std::vector<GateTrial>& trials_;
  std::vector<GateFinding> findings_;
};

}  // namespace

std::vector<ShapeMargin> MarginsOf(const GateTrial& trial) {
  std::vector<ShapeMargin> margins;
  for (const GateCall& call : trial.calls) {
    auto found = std::find_if(margins.begin(), margins.end(), [&](const ShapeMargin& margin) {
      return margin.shape == call.shape;
    });
    if (found == margins.end())
      found = margins.insert(margins.end(), ShapeMargin{call.shape, true, 0, call.fill});
    found->passed = found->passed && call.passed;
    if (Larger(call.error, found->error_max)) {
      found->error_max = call.error;
      found->fill = call.fill;
    }
  }
  return margins;
}

std::vector<GateFinding> TrialFindings(const Problem& problem,
                                       const std::vector<GateTrial>& trials) {
  return Trials(problem, trials).Findings();
}

}  // namespace caesar
