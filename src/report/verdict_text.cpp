#include "report/verdict_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "report/console.h"
#include "report/simulation_text.h"
#include "report/sink.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

constexpr std::size_t kDetailBytesMax = 16'000;
constexpr std::size_t kFailedCallsShown = 5;
constexpr std::size_t kKernelsShown = 12;

using Align = TextTable::Align;

// Two spaces before every line that is not empty; empty lines at the end are dropped.
std::string Indent(std::string_view text) {
  std::string indented;
  for (const std::string_view line : Lines(text.substr(0, text.find_last_not_of('\n') + 1))) {
    indented.append(line.empty() ? "" : "  ").append(line).append("\n");
  }
  return indented;
}

std::string Dims(const Check& check) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : check.dims) parts.push_back(Format("{}={}", name, value));
  return Join(parts, " ");
}

std::string Index(const std::vector<std::int64_t>& index) {
  std::vector<std::string> parts;
  for (const std::int64_t i : index) parts.push_back(Format("{}", i));
  return Format("[{}]", Join(parts, ","));
}

// The largest error over a check's outputs; a NaN beats every number.
double ErrorMax(const Check& check) {
  double worst = 0;
  for (const OutputCheck& output : check.outputs) {
    if (!(output.error_max <= worst)) worst = output.error_max;
  }
  return worst;
}

std::string ErrorCell(double error) {
  return std::isfinite(error) ? Format("{:.3g}", error) : FormatValue(error);
}

// A line for every call.
std::string CallTable(const Verdict& verdict, bool cut) {
  TextTable table({{"shape", Align::kLeft, 24},
                   {"dims", Align::kLeft, 40},
                   {"fill", Align::kLeft, 32},
                   {"error/tolerance", Align::kRight},
                   {"", Align::kLeft}},
                  cut);
  for (const Check& check : verdict.correctness) {
    table.AddRow({check.shape, Dims(check), check.fill, ErrorCell(ErrorMax(check)),
                  check.passed ? "ok" : "WRONG"});
  }
  return table.Text("  ");
}

// A line for every shape: its calls in one.
std::string ShapeTable(const Verdict& verdict, bool cut) {
  struct Row {
    const Check* first = nullptr;
    std::int64_t calls = 0, passed = 0;
    double error = 0;
  };
  std::vector<Row> rows;
  for (const Check& check : verdict.correctness) {
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const Row& each) { return each.first->shape == check.shape; });
    if (row == rows.end()) row = rows.insert(rows.end(), Row{&check});
    ++row->calls;
    row->passed += check.passed ? 1 : 0;
    if (const double error = ErrorMax(check); !(error <= row->error)) row->error = error;
  }
  TextTable table({{"shape", Align::kLeft, 24},
                   {"dims", Align::kLeft, 40},
                   {"calls", Align::kRight},
                   {"largest error/tolerance", Align::kRight},
                   {"", Align::kLeft}},
                  cut);
  for (const Row& row : rows) {
    table.AddRow(
        {row.first->shape, Dims(*row.first), FormatCount(row.calls), ErrorCell(row.error),
         row.passed == row.calls ? "ok" : Format("{} WRONG", FormatCount(row.calls - row.passed))});
  }
  return table.Text("  ");
}

std::string CorrectnessText(const Verdict& verdict, const TextStyle& style) {
  if (verdict.correctness.empty()) return "";
  const auto passed = std::count_if(verdict.correctness.begin(), verdict.correctness.end(),
                                    [](const Check& c) { return c.passed; });
  return Format("\ncorrectness: {} of {} passed\n", passed,
                Plural(static_cast<std::int64_t>(verdict.correctness.size()), "call")) +
         (style.verbose ? CallTable(verdict, style.cut) : ShapeTable(verdict, style.cut));
}

std::string ValueCell(const OutputCheck& output, double value) {
  return std::isfinite(value) ? ValueText(output, value) : FormatValue(value);
}

std::string MismatchText(const Check& check, const OutputCheck& output) {
  std::string text = Format("\n{} in shape {}, fill {}: ", FitLine(output.output, 40),
                            FitLine(check.shape, 40), FitLine(check.fill, 40));
  if (output.mismatches == 0 && output.guard_bytes_changed == 0) return "";
  text += Format("{} of {} elements differ", FormatCount(output.mismatches),
                 FormatCount(output.elements));
  if (output.unwritten > 0)
    text += Format(", {} of them never written", FormatCount(output.unwritten));
  text += "\n";
  if (output.guard_bytes_changed > 0) {
    text += Format("  {} outside the tensor were overwritten\n",
                   Plural(output.guard_bytes_changed, "byte"));
  }
  if (output.mismatches == 0) return text;
  if (!output.where.empty()) text += Format("  {}\n", FitLine(output.where, 400));
  TextTable table({{"", Align::kLeft},
                   {"index", Align::kLeft},
                   {"got", Align::kRight},
                   {"want", Align::kRight}});
  for (const BadValue& bad : output.first_bad)
    table.AddRow(
        {"first", Index(bad.index), ValueCell(output, bad.got), ValueCell(output, bad.want)});
  table.AddRow({"worst", Index(output.worst.index), ValueCell(output, output.worst.got),
                ValueCell(output, output.worst.want)});
  return text + table.Text("  ");
}

std::string FailedChecksText(const Verdict& verdict) {
  std::string text;
  std::vector<const Check*> failed = FailedChecksOf(verdict);
  failed.resize(std::min(failed.size(), kFailedCallsShown));
  for (const Check* check : failed) {
    for (const OutputCheck& output : check->outputs) text += MismatchText(*check, output);
    for (const std::string& input : check->inputs_changed) {
      text += Format("\ninput {} was changed in shape {}\n", FitLine(input, 40),
                     FitLine(check->shape, 40));
    }
  }
  return text;
}

void AddTimeRow(TextTable& table, const std::string& name, const TimeStats& stats) {
  table.AddRow({name, FormatMicros(stats.median_us),
                Format("{}-{}", FormatMicros(stats.ci_low_us), FormatMicros(stats.ci_high_us)),
                FormatMicros(stats.q1_us), FormatMicros(stats.q3_us), FormatMicros(stats.min_us),
                stats.discarded > 0 ? Format("{} ({} discarded)", stats.samples, stats.discarded)
                                    : Format("{}", stats.samples)});
}

std::string ClocksText(const ClockReadings& clocks) {
  std::string text =
      Format("  clocks: {:.0f}-{:.0f} MHz, memory {:.0f} MHz", clocks.sm_clock_mhz.min,
             clocks.sm_clock_mhz.max, clocks.memory_clock_mhz.median);
  if (clocks.temperature_c_max > 0) text += Format("; {:.0f} C", clocks.temperature_c_max);
  if (clocks.power_w_max > 0) text += Format(", {:.0f} W", clocks.power_w_max);
  for (const std::string& reason : clocks.throttling)
    text += ", " + FitLine(ReplaceAll(reason, "_", " "), 40);
  return text + "\n";
}

std::string DiscardedText(const Discarded& discarded) {
  if (discarded.reason == "doubtful")
    return "  measured anew in fresh processes, since the first measurement was doubtful\n";
  return Format("  taken again: {} ({})\n", discarded.count,
                FitLine(ReplaceAll(discarded.reason, "_", " "), 40));
}

std::string TimingText(const Verdict& verdict) {
  if (!verdict.timing) return "";
  const Timing& timing = *verdict.timing;
  std::string text = Format("\ntiming, shape {}:\n", FitLine(timing.shape, 40));
  TextTable table({{"", Align::kLeft},
                   {"median", Align::kRight},
                   {"95 % interval", Align::kRight},
                   {"q1", Align::kRight},
                   {"q3", Align::kRight},
                   {"min", Align::kRight},
                   {"samples", Align::kRight}});
  if (timing.cold) AddTimeRow(table, "candidate, cold L2", *timing.cold);
  if (timing.hot) AddTimeRow(table, "candidate, warm L2", *timing.hot);
  if (verdict.baseline) {
    AddTimeRow(table, verdict.baseline->kind + ", cold L2", verdict.baseline->cold);
    if (verdict.baseline->hot)
      AddTimeRow(table, verdict.baseline->kind + ", warm L2", *verdict.baseline->hot);
  }
  text += table.Text("  ");
  text += Format("  the judge's own clock: {}{}, {}; host: {}\n", FormatMicros(timing.trusted_us),
                 timing.batch > 1 ? Format(" per call in batches of {}", timing.batch) : "",
                 timing.verified ? "which confirms the time"
                                 : "which does NOT confirm the time: it counts as unverified",
                 FormatMicros(timing.wall_us));
  if (timing.clocks) text += ClocksText(*timing.clocks);
  for (const Discarded& discarded : timing.discarded) text += DiscardedText(discarded);
  if (verdict.sol_us > 0 && timing.cold && timing.cold->median_us > 0) {
    text += Format("  memory floor: {}, {:.0f} % of it reached\n", FormatMicros(verdict.sol_us),
                   100.0 * verdict.sol_us / timing.cold->median_us);
  }
  return text;
}

std::string KernelText(const Verdict& verdict, bool cut) {
  if (!verdict.timing || verdict.timing->kernels.empty()) return "";
  TextTable table({{"kernel", Align::kLeft, 48},
                   {"median", Align::kRight},
                   {"launches", Align::kRight},
                   {"grid", Align::kRight},
                   {"block", Align::kRight},
                   {"registers", Align::kRight},
                   {"shared", Align::kRight}},
                  cut);
  const auto& kernels = verdict.timing->kernels;
  for (std::size_t i = 0; i < std::min(kernels.size(), kKernelsShown); ++i) {
    const KernelTime& kernel = kernels[i];
    table.AddRow({kernel.name, FormatMicros(kernel.median_us), Format("{}", kernel.launches),
                  kernel.grid, kernel.block, Format("{}", kernel.registers),
                  Format("{} B", kernel.shared_bytes)});
  }
  std::string text = "\n" + table.Text("  ");
  if (kernels.size() > kKernelsShown)
    text += Format("  and {} more\n", kernels.size() - kKernelsShown);
  return text;
}

std::string CompileText(const CompileInfo& compile) {
  std::string text =
      Format("compile:  {}{}, {}", compile.arch.empty() ? "" : FitLine(compile.arch, 20) + ", ",
             FormatDuration(compile.ms), compile.cached ? "cached" : "not cached");
  text += Format(", {} registers", compile.registers);
  if (compile.spill_bytes > 0) text += Format(", {} B spilled", compile.spill_bytes);
  if (compile.shared_bytes > 0) text += Format(", {} B shared", compile.shared_bytes);
  return text + "\n";
}

std::string ComparisonText(const BestComparison& comparison) {
  std::string text = Format("against the best so far: {}", Name(comparison.change));
  if (comparison.ratio) text += ", " + FormatRatio(*comparison.ratio);
  if (comparison.again) text += ", again " + FormatRatio(*comparison.again);
  if (!comparison.reason.empty()) text += ": " + FitLine(comparison.reason, 200);
  return text + "\n";
}

}  // namespace

std::string VerdictText(const Verdict& verdict, const TextStyle& style) {
  const bool color = style.color;
  const std::string kind(Name(verdict.kind));
  std::string text = "verdict:  " + Paint(kind, ToneOf(kind), color);
  if (!verdict.reason.empty()) text += ": " + FitLine(verdict.reason, 400);
  text += "\n";
  if (verdict.speedup) {
    text += Format("speed-up: {} against the {}\n", FormatRatio(*verdict.speedup),
                   verdict.baseline ? FitLine(verdict.baseline->kind, 20) : "baseline");
  }
  if (verdict.comparison) text += ComparisonText(*verdict.comparison);
  if (verdict.simulation && verdict.simulation->report.estimated_us > 0) {
    const Simulation& simulation = *verdict.simulation;
    text += Format("estimate: {} at shape {}", FormatMicros(simulation.report.estimated_us),
                   FitLine(simulation.profile_shape, 40));
    if (simulation.estimated_speedup > 0) {
      text += Format(", {:.2f}x against the {}'s estimate", simulation.estimated_speedup,
                     FitLine(simulation.baseline_kind, 20));
    }
    text += " (a model of the hardware; nothing was timed)\n";
    if (!simulation.baseline_skipped.empty()) {
      text += Format("          no comparison with the baseline: {}\n",
                     FitLine(simulation.baseline_skipped, 400));
    }
    if (simulation.bench_estimated_us > 0) {
      text += Format("          {} at the bench shape, from a sample of its blocks\n",
                     FormatMicros(simulation.bench_estimated_us));
    } else if (!simulation.bench_skipped.empty()) {
      text += Format("          the bench shape could not be sampled: {}\n",
                     FitLine(simulation.bench_skipped, 400));
    }
  }
  if (!verdict.device.name.empty())
    text += Format("device:   {}\n", FitLine(verdict.device.name, 80));
  if (!verdict.sandbox.empty() && verdict.sandbox != "full")
    text += Format("sandbox:  {}\n", FitLine(verdict.sandbox, 80));
  if (verdict.compile) text += CompileText(*verdict.compile);
  for (const Flag& flag : verdict.flags) {
    text += Paint("flag:", Tone::kWarn, color) +
            Format("     {}: {}\n", FitLine(flag.name, 40), FitLine(flag.evidence, 400));
  }
  if (!verdict.detail.empty())
    text += "\n" + Indent(ForTerminal(Shorten(verdict.detail, kDetailBytesMax)));
  return text + CorrectnessText(verdict, style) + FailedChecksText(verdict) + TimingText(verdict) +
         KernelText(verdict, style.cut) +
         (verdict.simulation ? "\n" + SimulationText(*verdict.simulation, style) : "");
}

}  // namespace caesar
