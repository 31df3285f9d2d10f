#include "record/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/check.h"
#include "base/format.h"
#include "record/describe.h"

namespace caesar {
namespace {

struct KindName {
  VerdictKind kind;
  std::string_view name;
};

constexpr std::array kKinds = {
    KindName{VerdictKind::kCorrect, "correct"},
    KindName{VerdictKind::kWrong, "wrong"},
    KindName{VerdictKind::kCrashed, "crashed"},
    KindName{VerdictKind::kTimedOut, "timed_out"},
    KindName{VerdictKind::kCheated, "cheated"},
    KindName{VerdictKind::kCompileFailed, "compile_failed"},
    KindName{VerdictKind::kAmbiguous, "ambiguous"},
    KindName{VerdictKind::kNotSimulated, "not_simulated"},
    KindName{VerdictKind::kInfra, "infra"},
};

}  // namespace

std::string_view Name(VerdictKind kind) {
  for (const KindName& each : kKinds) {
    if (each.kind == kind) return each.name;
  }
  CHECK(false);
}

std::optional<VerdictKind> VerdictKindOf(std::string_view name) {
  for (const KindName& each : kKinds) {
    if (each.name == name) return each.kind;
  }
  return std::nullopt;
}

std::string_view Name(Change change) {
  switch (change) {
    case Change::kImproved:
      return "improved";
    case Change::kSlower:
      return "slower";
    case Change::kSame:
      return "same";
    case Change::kUndecided:
      return "undecided";
  }
  CHECK(false);
}

std::string ValueText(const OutputCheck& output, double value) {
  const std::string_view dtype = output.dtype;
  if (!std::isfinite(value) || dtype == "f64") return Format("{}", value);
  if (dtype == "f32") return Format("{}", static_cast<float>(value));
  if (dtype == "f16") return Format("{:.5g}", value);
  if (dtype == "bf16") return Format("{:.4g}", value);
  return dtype.empty() ? Format("{:.9g}", value) : Format("{:.0f}", value);
}

namespace {

// A pattern in fewer elements may well be chance.
constexpr std::int64_t kElementsEnough = 64;

// How much a check says: larger is more.
auto Tells(const Check& check) {
  std::tuple<bool, int, std::int64_t> most{false, 0, 0};
  for (const OutputCheck& output : check.outputs) {
    const int patterns = output.mismatches > 0 ? output.where_patterns : 0;
    most = std::max(most, std::tuple(output.elements > 1, patterns,
                                     std::min(output.elements, kElementsEnough)));
  }
  return most;
}

}  // namespace

std::vector<const Check*> FailedChecksOf(const Verdict& verdict) {
  std::vector<const Check*> failed;
  for (const Check& check : verdict.correctness) {
    if (!check.passed) failed.push_back(&check);
  }
  const auto most = std::max_element(
      failed.begin(), failed.end(),
      [](const Check* a, const Check* b) { return Tells(*a) < Tells(*b); });  // the first of equals
  if (most != failed.end()) std::rotate(failed.begin(), most, most + 1);
  return failed;
}

void Describe(JsonIo& io, Flag& flag) {
  io.Field("name", flag.name);
  io.Field("evidence", flag.evidence);
}

void Describe(JsonIo& io, Ratio& ratio) {
  io.Field("value", ratio.value);
  io.Range("ci", ratio.ci_low, ratio.ci_high);
}

static void Describe(JsonIo& io, BadValue& bad) {
  io.Field("index", bad.index);
  io.Field("got", bad.got);
  io.Field("want", bad.want);
}

static void Describe(JsonIo& io, OutputCheck& check) {
  io.Field("output", check.output);
  io.Later("dtype", check.dtype);
  io.Field("error_max", check.error_max);
  io.Field("abs_error_max", check.abs_error_max);
  io.Field("mismatches", check.mismatches);
  io.Field("elements", check.elements);
  io.FieldOrNull("where", check.where);
  io.Later("where_patterns", check.where_patterns);
  io.Field("first_bad", check.first_bad);
  io.Field("worst", check.worst);
  io.Field("unwritten", check.unwritten);
  io.Field("guard_bytes_changed", check.guard_bytes_changed);
}

static void Describe(JsonIo& io, Check& check) {
  io.Field("shape", check.shape);
  io.Field("dims", check.dims);
  io.Field("fill", check.fill);
  io.Field("seed_id", check.seed_id);
  io.Field("passed", check.passed);
  io.Field("outputs", check.outputs);
  io.Field("inputs_changed", check.inputs_changed);
}

static void Describe(JsonIo& io, TimeStats& stats) {
  io.Field("median_us", stats.median_us);
  io.Field("q1_us", stats.q1_us);
  io.Field("q3_us", stats.q3_us);
  io.Field("min_us", stats.min_us);
  io.Range("ci_us", stats.ci_low_us, stats.ci_high_us);
  io.Field("samples", stats.samples);
  io.Field("discarded", stats.discarded);
}

static void Describe(JsonIo& io, KernelTime& kernel) {
  io.Field("name", kernel.name);
  io.Field("median_us", kernel.median_us);
  io.Field("launches", kernel.launches);
  io.Field("registers", kernel.registers);
  io.Field("shared_bytes", kernel.shared_bytes);
  io.Field("grid", kernel.grid);
  io.Field("block", kernel.block);
}

// What candidate and baseline are both described by.
template <class Timed>
static void DescribeTimes(JsonIo& io, Timed& timed) {
  io.Field("cold", timed.cold);
  io.Field("hot", timed.hot);
}

static void Describe(JsonIo& io, Discarded& discarded) {
  io.Field("reason", discarded.reason);
  io.Field("count", discarded.count);
}

static void Describe(JsonIo& io, Spread& spread) {
  io.Field("min", spread.min);
  io.Field("median", spread.median);
  io.Field("max", spread.max);
}

static void Describe(JsonIo& io, ClockReadings& clocks) {
  io.Field("readings", clocks.readings);
  io.Field("sm_clock_mhz", clocks.sm_clock_mhz);
  io.Field("memory_clock_mhz", clocks.memory_clock_mhz);
  io.FieldOrNull("temperature_c_max", clocks.temperature_c_max);
  io.FieldOrNull("power_w_max", clocks.power_w_max);
  io.Field("throttling", clocks.throttling);
}

static void Describe(JsonIo& io, CallCost& cost) {
  io.Field("data_us", cost.data_us);
  io.Field("reference_us", cost.reference_us);
  io.Field("deliver_us", cost.deliver_us);
  io.Field("turn_us", cost.turn_us);
  io.Field("call_us", cost.call_us);
  io.Field("compare_us", cost.compare_us);
  io.Field("records_us", cost.records_us);
}

static void Describe(JsonIo& io, TrustedCall& trusted) {
  io.Field("single_us", trusted.single_us);
  io.Field("alone_us", trusted.alone_us);
  io.Field("dirty_us", trusted.dirty_us);
  io.Field("null_us", trusted.null_us);
  io.Field("null_spread_us", trusted.null_spread_us);
}

static void Describe(JsonIo& io, Timing& timing) {
  io.Field("shape", timing.shape);
  DescribeTimes(io, timing);
  io.Field("wall_us", timing.wall_us);
  io.Field("trusted_us", timing.trusted_us);
  io.Field("batch", timing.batch);
  io.Field("verified", timing.verified);
  io.Field("kernels", timing.kernels);
  io.FieldOrNull("floor_us", timing.floor_us);
  io.Later("discarded", timing.discarded);
  io.Field("clocks", timing.clocks);
  io.Field("cost", timing.cost);
  io.Field("trusted", timing.trusted);
}

static void Describe(JsonIo& io, BaselineTiming& baseline) {
  io.Field("kind", baseline.kind);
  DescribeTimes(io, baseline);
  io.Field("without_candidate", baseline.without_candidate);
  io.Field("kernels", baseline.kernels);
}

void DescribeChange(JsonIo& io, Change& change) {
  using enum Change;
  io.Choice("change", change, {kImproved, kSlower, kSame, kUndecided});
}

void DescribeChangeOrNull(JsonIo& io, std::optional<Change>& change) {
  std::optional<std::string> name;
  if (!io.reading() && change) name = Name(*change);
  io.Field("change", name);
  if (!io.reading()) return;
  change.reset();
  if (name) DescribeChange(io, change.emplace());
}

static void Describe(JsonIo& io, BestComparison& comparison) {
  DescribeChange(io, comparison.change);
  io.Field("reason", comparison.reason);
  io.Field("ratio", comparison.ratio);
  io.Field("again", comparison.again);
  io.Field("best", comparison.best);
}

void DescribeKind(JsonIo& io, VerdictKind& kind) {
  using enum VerdictKind;
  io.Choice("verdict", kind,
            {kCorrect, kWrong, kCrashed, kTimedOut, kCheated, kCompileFailed, kAmbiguous,
             kNotSimulated, kInfra});
}

void DescribeCompile(JsonIo& io, std::string_view ms_name, CompileInfo& compile) {
  io.Field(ms_name, compile.ms);
  io.Field("cached", compile.cached);
  io.Field("registers", compile.registers);
  io.Field("spill_bytes", compile.spill_bytes);
  io.Field("shared_bytes", compile.shared_bytes);
  io.Field("stack_bytes", compile.stack_bytes);
  io.Field("arch", compile.arch);
}

static void Describe(JsonIo& io, CompileInfo& compile) { DescribeCompile(io, "ms", compile); }

static void Describe(JsonIo& io, Simulation& simulation) {
  io.Field("profile_shape", simulation.profile_shape);
  io.FieldOrNull("bench_estimated_us", simulation.bench_estimated_us);
  io.Later("bench_skipped", simulation.bench_skipped);
  io.FieldOrNull("estimated_us", simulation.report.estimated_us);
  io.Field("baseline_kind", simulation.baseline_kind);
  io.Field("baseline_skipped", simulation.baseline_skipped);
  io.FieldOrNull("baseline_estimated_us", simulation.baseline_estimated_us);
  io.FieldOrNull("estimated_speedup", simulation.estimated_speedup);
  io.Field("report", simulation.report);
}

namespace {

// The floor that memory bandwidth sets, and which share of it the candidate's median reaches.
struct SpeedOfLight {
  double us = 0;
  std::optional<double> share;  // empty: not timed
};

void Describe(JsonIo& io, SpeedOfLight& sol) {
  io.Field("us", sol.us);
  io.Derived("share", sol.share);
}

std::optional<SpeedOfLight> SpeedOfLightOf(const Verdict& verdict) {
  const bool timed = verdict.timing && verdict.timing->cold && verdict.timing->cold->median_us > 0;
  if (!(verdict.sol_us > 0)) return std::nullopt;
  SpeedOfLight sol{verdict.sol_us, std::nullopt};
  if (timed) sol.share = verdict.sol_us / verdict.timing->cold->median_us;
  return sol;
}

// Null where the judge had no device: every device has a name.
void DescribeDevice(JsonIo& io, DeviceInfo& device) {
  std::optional<DeviceInfo> there;
  if (!io.reading() && !device.name.empty()) there = device;
  io.Field("device", there);
  if (io.reading()) device = there.value_or(DeviceInfo());
}

}  // namespace

static void Describe(JsonIo& io, Verdict& verdict) {
  io.Version("version", verdict.version, 1);
  DescribeKind(io, verdict.kind);
  io.Field("reason", verdict.reason);
  io.Field("detail", verdict.detail);
  io.Field("flags", verdict.flags);
  DescribeDevice(io, verdict.device);
  io.Field("sandbox", verdict.sandbox);
  io.Field("compile", verdict.compile);
  io.Field("correctness", verdict.correctness);
  io.Field("timing", verdict.timing);
  io.Field("baseline", verdict.baseline);
  io.Field("speedup", verdict.speedup);
  io.Field("comparison", verdict.comparison);
  io.Field("simulation", verdict.simulation);
  auto sol = SpeedOfLightOf(verdict);
  io.Field("sol", sol);
  verdict.sol_us = sol ? sol->us : 0;
}

std::string ToJson(const Verdict& verdict, int indent) { return WriteJson(verdict, indent); }

Result<Verdict> ParseVerdict(const std::string& json) { return ReadJson<Verdict>(json, "verdict"); }

}  // namespace caesar
