#include "llm/describe_verdict.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kChecksShownMax = 4;
constexpr std::size_t kKernelsShownMax = 8;
constexpr std::size_t kNameBytesMax = 100;  // template instances have endless names
constexpr std::size_t kShapesShownMax = 12;

std::string Us(double us) { return us < 100 ? Format("{:.2f} us", us) : Format("{:.1f} us", us); }

std::string Value(const OutputCheck& check, const BadValue& bad) {
  std::vector<std::string> index;
  for (const std::int64_t i : bad.index) index.push_back(std::to_string(i));
  return Format("[{}]: got {}, want {}", Join(index, ", "), ValueText(check, bad.got),
                ValueText(check, bad.want));
}

std::string Dims(const Check& check) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : check.dims) parts.push_back(Format("{} = {}", name, value));
  return Join(parts, ", ");
}

std::string Plural(std::int64_t count, const char* noun) {
  return Format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// Without what the verdict's reason has said.
std::string ValueList(const OutputCheck& check, const std::string& reason) {
  std::string text;
  bool worst_listed = false;
  for (const BadValue& bad : check.first_bad) {
    const bool worst = bad.index == check.worst.index;
    worst_listed = worst_listed || worst;
    const std::string value = Value(check, bad);
    if (reason.find(value) == std::string::npos)
      text += Format("  - {}{}\n", value, worst ? " (the worst)" : "");
  }
  return worst_listed ? text : Format("  - worst at {}\n", Value(check, check.worst)) + text;
}

std::string DescribeOutput(const OutputCheck& check, const std::string& reason) {
  std::string text;
  if (check.mismatches > 0) {
    text += Format("- `{}`: {} of {} {} wrong", check.output, check.mismatches,
                   Plural(check.elements, "element"), check.mismatches == 1 ? "is" : "are");
    // What was never written holds garbage, whose error says nothing.
    if (check.unwritten == 0 || !std::isnan(check.abs_error_max)) {
      text += Format("; largest absolute error {:.4g}, largest error {:.4g} times the tolerance",
                     check.abs_error_max, check.error_max);
    }
    text += "\n";
    if (!check.where.empty() && reason.find(check.where) == std::string::npos)
      text += Format("  - where: {}\n", check.where);
    text += ValueList(check, reason);
  }
  if (check.unwritten > 0) {
    text += Format("- `{}`: {} never written\n", check.output,
                   Plural(check.unwritten, "element") + (check.unwritten == 1 ? " was" : " were"));
  }
  if (check.guard_bytes_changed > 0) {
    text += Format("- `{}`: {} outside the tensor overwritten (an index out of bounds)\n",
                   check.output, Plural(check.guard_bytes_changed, "byte"));
  }
  return text;
}

std::string DescribeCheck(const Check& check, const std::string& reason) {
  std::string text =
      Format("Shape `{}` ({}), inputs {}:\n\n", check.shape, Dims(check), check.fill);
  for (const OutputCheck& output : check.outputs) text += DescribeOutput(output, reason);
  for (const std::string& input : check.inputs_changed) {
    text += Format("- input `{}` was changed; inputs are read-only\n", input);
  }
  return text;
}

std::string SpreadText(const TimeStats& stats) {
  return Format("{} (quartiles {} to {}, {} samples)", Us(stats.median_us), Us(stats.q1_us),
                Us(stats.q3_us), stats.samples);
}

std::string RatioText(const Ratio& ratio) {
  return Format("{:.3g}x (95 % interval {:.3g} to {:.3g})", ratio.value, ratio.ci_low,
                ratio.ci_high);
}

// As the judge measured both together.
std::string AgainstBest(const BestComparison& comparison, const RoundSummary& best) {
  const std::string which = Format("the best so far (round {})", best.round);
  const std::string ratio = comparison.ratio ? ": " + RatioText(*comparison.ratio) : "";
  switch (comparison.change) {
    case Change::kImproved:
      return "faster than " + which + ratio;
    case Change::kSlower:
      return "slower than " + which + ratio;
    case Change::kSame:
      return "as fast as " + which + ratio;
    case Change::kUndecided:
      break;
  }
  return Format("not told apart from {}{}, {}", which, ratio, comparison.reason);
}

std::string AgainstBest(double median_us, const RoundSummary& best) {
  const double gain = best.median_us / median_us;
  if (gain >= 1.005)
    return Format("{:.3g}x faster than the best so far (round {}, {})", gain, best.round,
                  Us(best.median_us));
  if (gain <= 0.995)
    return Format("{:.3g}x slower than the best so far (round {}, {})", 1 / gain, best.round,
                  Us(best.median_us));
  return Format("about as fast as the best so far (round {}, {})", best.round, Us(best.median_us));
}

}  // namespace

std::string FailedChecks(const Verdict& verdict) {
  const std::vector<const Check*> failed = FailedChecksOf(verdict);
  const std::size_t shown = std::min(failed.size(), kChecksShownMax);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += DescribeCheck(*failed[i], i == 0 ? verdict.reason : "") + "\n";
  if (failed.size() > shown)
    text += Format("{} failed. ",
                   Plural(static_cast<std::int64_t>(failed.size() - shown), "more check"));
  const std::size_t good = verdict.correctness.size() - failed.size();
  if (!verdict.correctness.empty())
    text += Format("Passed: {} of {}.", good,
                   Plural(static_cast<std::int64_t>(verdict.correctness.size()), "check"));
  return text;
}

std::string CheckedShapes(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const Check& check : verdict.correctness) {
    const bool known = std::find(names.begin(), names.end(), check.shape) != names.end();
    if (!known && names.size() < kShapesShownMax) names.push_back(check.shape);
  }
  return Join(names, ", ");
}

std::string TimingText(const Verdict& verdict, const RoundSummary* best) {
  if (!verdict.timing || !verdict.timing->cold) return "It was not timed.";
  const Timing& timing = *verdict.timing;
  const double median_us = timing.cold->median_us;
  std::string text =
      Format("Time at shape `{}`, cold L2: {}\n\n", timing.shape, SpreadText(*timing.cold));
  if (timing.hot) text += Format("- with a warm L2: {}\n", SpreadText(*timing.hot));
  if (verdict.baseline) {
    const char* what =
        verdict.baseline->kind == "baseline" ? "baseline" : "reference (there is no baseline)";
    text += Format("- {}: {}\n", what, SpreadText(verdict.baseline->cold));
  }
  if (verdict.speedup) text += Format("- speed-up: {}\n", RatioText(*verdict.speedup));
  if (best != nullptr && verdict.comparison)
    text += "- " + AgainstBest(*verdict.comparison, *best) + "\n";
  else if (best != nullptr && best->median_us > 0 && median_us > 0)
    text += "- " + AgainstBest(median_us, *best) + "\n";
  if (verdict.sol_us > 0 && median_us > 0) {
    text += Format(
        "- moving the task's bytes alone takes {} at measured bandwidth: the kernel is at {:.0f} % "
        "of that bound\n",
        Us(verdict.sol_us), 100 * verdict.sol_us / median_us);
  }
  if (!timing.verified) {
    text += Format(
        "- this time does not count: an independent clock measured {}, so work is done outside the "
        "records "
        "of the GPU's own profiler\n",
        Us(timing.trusted_us));
  }
  return text;
}

std::string KernelTable(const Verdict& verdict) {
  if (!verdict.timing || verdict.timing->kernels.empty()) return "";
  const std::vector<KernelTime>& kernels = verdict.timing->kernels;
  std::string table =
      "| kernel | median | launches per call | grid | block | registers | shared memory |\n"
      "|---|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(kernels.size(), kKernelsShownMax); ++i) {
    const KernelTime& kernel = kernels[i];
    table += Format("| `{}` | {} | {} | {} | {} | {} | {} bytes |\n",
                    ForTerminal(Shorten(ReplaceAll(kernel.name, "\n", " "), kNameBytesMax)),
                    Us(kernel.median_us), kernel.launches, kernel.grid, kernel.block,
                    kernel.registers, kernel.shared_bytes);
  }
  if (kernels.size() > kKernelsShownMax)
    table += Format("\n{} more kernels.\n", kernels.size() - kKernelsShownMax);
  return table;
}

std::string FlagList(const Verdict& verdict) {
  std::string text;
  for (const Flag& flag : verdict.flags) text += Format("- {}: {}\n", flag.name, flag.evidence);
  return text.empty() ? "" : "Noted by the judge:\n\n" + text;
}

}  // namespace caesar
