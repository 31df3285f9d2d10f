#include "gate/findings.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "gate/margins.h"
#include "gate/tolerance.h"

namespace caesar {
namespace {

constexpr double kNarrow = 0.5;  // of the tolerance: an honest error above leaves little room
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
    {"replay", "Make results depend on the inputs by more than the tolerance."},
    {"stale", "Make results depend on the inputs by more than the tolerance."},
    {"first_half", "Make results in the second half differ from 0 by more than atol."},
    {"no_tail", "Make results at the end differ from 0 by more than atol."},
    {"zeroed_inputs", "Make results differ from 0 by much more than atol."},
    {"nan", "Let the reference give no NaN for the declared fills."},
};

bool IsRandom(const TensorSpec& input) {
  return input.fill.kind != Fill::Kind::kConstant && input.fill.kind != Fill::Kind::kRamp;
}

std::string AdviceFor(const std::string& name, const Problem& problem) {
  const bool repeats = name == "replay" || name == "stale";
  if (repeats && std::none_of(problem.inputs.begin(), problem.inputs.end(), IsRandom))
    return "Make results depend on the inputs: random fills instead of constants and ramps.";
  for (const Advice& advice : kAdvice) {
    if (name.rfind(advice.trial, 0) == 0) return advice.text;
  }
  return "Make the tolerance smaller.";
}

std::string At(const ShapeMargin& margin) {
  return Format("at shape {} ({})", margin.shape, margin.fill);
}

bool IsFloatOutput(const Problem& problem, const std::string& name) {
  return std::any_of(problem.outputs.begin(), problem.outputs.end(), [&](const TensorSpec& output) {
    return output.name == name && IsFloat(output.dtype);
  });
}

// Outputs for which all calls passed. No integer is a NaN.
std::vector<std::string> PassingOutputs(const GateTrial& trial, const Problem& problem) {
  std::map<std::string, bool> passing;
  for (const GateCall& call : trial.calls) {
    if (trial.name == "nan" && !IsFloatOutput(problem, call.output)) continue;
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

std::string SwallowedText(const Swallowed& swallowed, const std::string& where) {
  const TensorSpec& output = *swallowed.output;
  if (!(swallowed.result_max > 0))
    return Format("every result of output {} is 0 {}", output.name, where);
  return Format(
      "the tolerance of output {} is larger than every result {}: atol is {:g}{}, the largest "
      "result {:.3g}",
      output.name, where, output.atol,
      output.rtol > 0 ? Format(", rtol {:g}", output.rtol) : std::string(), swallowed.result_max);
}

// Without the calls that tell nothing but that a tolerance is larger than all results, and the
// trials that are left with none.
std::vector<GateTrial> WithoutSwallowed(std::vector<GateTrial> trials,
                                        const std::vector<Swallowed>& all) {
  const auto explained = [&](const GateCall& call) {
    return std::any_of(all.begin(), all.end(), [&](const Swallowed& swallowed) {
      return swallowed.output->name == call.output &&
             std::find(swallowed.shapes.begin(), swallowed.shapes.end(), call.shape) !=
                 swallowed.shapes.end();
    });
  };
  std::vector<GateTrial> left;
  for (GateTrial& trial : trials) {
    const bool fewer = trial.kind != kHonest && std::erase_if(trial.calls, explained) > 0;
    if (!fewer || !trial.calls.empty() || trial.outcome != "correct")
      left.push_back(std::move(trial));
  }
  return left;
}

class Trials {
 public:
  Trials(const Problem& problem, const std::vector<GateTrial>& trials)
      : problem_(problem),
        swallowed_(SwallowedOutputs(problem, trials)),
        trials_(WithoutSwallowed(trials, swallowed_)),
        suggestion_(SuggestedTolerances(problem, trials)) {}

  std::vector<GateFinding> Findings() {
    for (const Swallowed& swallowed : swallowed_) TooLarge(swallowed);
    for (const GateTrial& trial : trials_) {
      if (!Ran(trial)) {
        if (trial.name != kFloatTrial && trial.outcome != "skipped")
          Warn(Format("{} could not be tried: {}", trial.name, trial.reason), "");
        continue;
      }
      if (trial.kind == kHonest) Honest(trial);
      if (trial.kind == kCheat) MustFail(trial, AdviceFor(trial.name, problem_));
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

  // Said once, for all the trials that pass because of it.
  void TooLarge(const Swallowed& swallowed) {
    const bool zeros = !(swallowed.result_max > 0);
    const std::string advice =
        zeros ? "Choose fills for which results differ from 0, or leave the output out."
              : "Zeros pass, and much else that is wrong. Make the tolerance smaller" + suggestion_;
    if (swallowed.everywhere) return Fail(SwallowedText(swallowed, "at every shape"), advice);
    for (const std::string& shape : swallowed.shapes) {
      const std::string text = SwallowedText(swallowed, "at shape " + shape);
      if (shape == problem_.Bench().name)
        Fail(text + "; candidates know the shapes", advice);
      else if (OutputsAt(shape) >= kManyOutputs)
        Warn(text, advice);
    }
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
      for (const std::string& output : PassingOutputs(trial, problem_))
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
    MustFail(trial, "Make atol and rtol smaller" + suggestion_);
    if (trial.outcome == "correct" || worst == nullptr || !(worst->error_max < kBarely)) return;
    Warn(
        Format("{} fails by a factor of {:.2g} only, {}", trial.text, worst->error_max, At(*worst)),
        "Make atol and rtol smaller" + suggestion_);
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
  const std::vector<Swallowed> swallowed_;
  const std::vector<GateTrial> trials_;  // without what these explain
  const std::string suggestion_;
  std::vector<GateFinding> findings_;
};

}  // namespace

std::vector<GateFinding> TrialFindings(const Problem& problem,
                                       const std::vector<GateTrial>& trials) {
  return Trials(problem, trials).Findings();
}

}  // namespace caesar
