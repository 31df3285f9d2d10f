// verdict.json: what the judge decided about one candidate, with the evidence. Also the output of
// `caesar eval --json`. Units are in the names. NaN and infinity are written as null with a reason
// beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/device_info.h"
#include "record/sim_report.h"

namespace caesar {

enum class VerdictKind {
  kCorrect,
  kWrong,
  kCrashed,
  kTimedOut,
  kCheated,
  kCompileFailed,
  kAmbiguous,
  kNotSimulated,  // the simulated GPU lacks what the kernel needs: neither right nor wrong
  kInfra
};

std::string_view Name(VerdictKind kind);  // "correct", "wrong", "crashed", "timed_out", ...
std::optional<VerdictKind> VerdictKindOf(std::string_view name);

struct Flag {
  // side_stream, host_work, unverified_time, under_floor, legacy_stream, leak, ...
  std::string name;
  std::string evidence;  // in words
};

struct BadValue {
  std::vector<std::int64_t> index;
  double got = 0;  // may be NaN or infinite
  double want = 0;
};

// One output tensor of one checked call.
struct OutputCheck {
  std::string output;
  // Largest |got-want| / (atol + rtol*|want|); at most 1 passes. NaN: a NaN where none is due.
  double error_max = 0;
  double abs_error_max = 0;     // largest |got-want|
  std::int64_t mismatches = 0;  // elements that fail
  std::int64_t elements = 0;
  std::vector<BadValue> first_bad;       // in memory order, at most 5
  BadValue worst;                        // meaningful if mismatches > 0
  std::int64_t unwritten = 0;            // mismatching elements that still hold the poison
  std::int64_t guard_bytes_changed = 0;  // bytes outside the tensor that were overwritten
  std::string where{};     // which elements fail, and what they hold, in words; may be empty
  int where_patterns = 0;  // that it names: 0 none, 1 what the values are, 2 which place, 3 both
  std::string dtype{};     // of the tensor, "f32"; empty: unknown
};

// A value of an output as few digits tell it apart from all others of its type: at most 9 of f32,
// 17 of f64; integers as such; "nan", "inf".
std::string ValueText(const OutputCheck& output, double value);

// One correctness call.
struct Check {
  std::string shape;  // its name in problem.json
  std::vector<std::pair<std::string, std::int64_t>> dims;
  std::string fill;     // "as declared", "ones", ...
  std::string seed_id;  // names the draw, without giving the seed away
  bool passed = false;
  std::vector<OutputCheck> outputs;
  std::vector<std::string> inputs_changed;  // inputs whose content is not what was put there
};

// Median, quartiles, minimum, and the 95 % confidence interval of the median, all in microseconds.
struct TimeStats {
  double median_us = 0;
  double q1_us = 0;
  double q3_us = 0;
  double min_us = 0;
  double ci_low_us = 0;
  double ci_high_us = 0;
  int samples = 0;
  int discarded = 0;
};

struct KernelTime {
  std::string name;
  double median_us = 0;
  int launches = 0;  // per call
  int registers = 0;
  std::int64_t shared_bytes = 0;
  std::string grid;  // "4096x1x1"
  std::string block;
};

// What was thrown away and taken again: timed calls, or (doubtful) a whole measurement.
struct Discarded {
  std::string reason;  // time_slicing, throttled, clock_drift, no_records, doubtful
  int count = 0;
};

struct Spread {
  double min = 0;
  double median = 0;
  double max = 0;
};

// What the device said of itself around the samples that count. Its clocks are never changed.
struct ClockReadings {
  int readings = 0;
  Spread sm_clock_mhz;
  Spread memory_clock_mhz;
  double temperature_c_max = 0;
  double power_w_max = 0;
  std::vector<std::string> throttling;  // reasons seen, also those that do not disqualify a sample
};

// What a timed call took of the judge's time, in us, on average. Draws of inputs serve all who are
// timed on them; the rest is the candidate's alone.
struct CallCost {
  double data_us = 0;       // inputs
  double reference_us = 0;  // 0 where the baseline stood in for it
  double deliver_us = 0;    // the candidate's own copy of the inputs, poison in its outputs
  double turn_us = 0;       // rehearsed, the device held, L2 flushed
  double call_us = 0;       // delay kernel, the work, hand-overs
  double compare_us = 0;
  double records_us = 0;  // collecting what was recorded
};

// What a claim is held against: a call by the judge's own clock in us, less a null call. See
// measure/acceptance.h.
struct TrustedCall {
  double single_us = 0;  // a lower quartile, of the timed calls
  double alone_us = 0;   // likewise, behind the least delay
  double dirty_us = 0;   // how much longer it takes with a dirty L2; 0: not known
  double null_us = 0;    // what a null call took, and its spread
  double null_spread_us = 0;
};

struct Timing {
  std::string shape;
  std::optional<TimeStats> cold;  // the headline: L2 flushed before every call
  std::optional<TimeStats> hot;   // on request
  double wall_us = 0;  // median host time from the launcher's call to its work's end, in the runner
  double trusted_us = 0;  // median of the judge's own clock, null call subtracted
  int batch = 1;          // calls per trusted interval
  bool verified = false;  // the claim stands against the trusted time
  std::vector<KernelTime> kernels;
  double floor_us = 0;  // no call can be faster: see judge/floor.h; 0: unknown
  std::vector<Discarded> discarded;
  std::optional<ClockReadings> clocks;  // empty: the device cannot be asked
  std::optional<CallCost> cost;
  std::optional<TrustedCall> trusted;
};

struct BaselineTiming {
  std::string kind;  // baseline | reference
  TimeStats cold;
  std::optional<TimeStats> hot;
  std::optional<TimeStats> without_candidate;  // cold, once the candidate's process had ended
  std::vector<KernelTime> kernels;
};

struct Ratio {
  double value = 0;
  double ci_low = 0;
  double ci_high = 0;
};

// Whether a candidate is faster than the best kernel so far.
enum class Change {
  kImproved,
  kSlower,
  kSame,
  kUndecided  // also: the time is unverified, or the best one failed
};

std::string_view Name(Change change);  // improved | slower | same | undecided

struct BestComparison {
  Change change = Change::kUndecided;
  std::string reason;             // why undecided; else empty
  std::optional<Ratio> ratio;     // time of the best over time of the candidate
  std::optional<Ratio> again;     // the same, after both runners were restarted
  std::optional<TimeStats> best;  // of the best, beside the candidate
};

// What the simulated GPU brought: findings, counts and estimates, in the place of times.
struct Simulation {
  SimReport report;           // of all checked calls (findings) and of the profiled one (kernels)
  std::string profile_shape;  // empty: nothing was profiled
  // At the bench shape, from a sample of blocks: to be read, and nothing to rank by. 0: unknown.
  double bench_estimated_us = 0;
  std::string bench_skipped;     // why it is unknown
  std::string baseline_kind;     // baseline | reference; empty: none ran
  std::string baseline_skipped;  // why none ran
  double baseline_estimated_us = 0;
  double estimated_speedup = 0;  // 0: unknown. Of estimates: never a measured speed-up
};

struct CompileInfo {
  std::int64_t ms = 0;
  bool cached = false;
  int registers = 0;  // largest over the kernels
  std::int64_t spill_bytes = 0;
  std::int64_t shared_bytes = 0;
  std::int64_t stack_bytes = 0;
  std::string arch;
};

struct Verdict {
  int version = 1;
  VerdictKind kind = VerdictKind::kInfra;
  std::string reason;  // one sentence: why; empty where correct
  std::string detail;  // evidence: launch error, signal, printed text; may be empty
  std::vector<Flag> flags;
  DeviceInfo device;  // without a name: there was none
  std::string sandbox = "off";
  std::optional<CompileInfo> compile;
  std::vector<Check> correctness;
  std::optional<Timing> timing;
  std::optional<BaselineTiming> baseline;
  std::optional<Ratio> speedup;              // baseline time over candidate time
  std::optional<BestComparison> comparison;  // empty: there was no best one
  std::optional<Simulation> simulation;
  double sol_us = 0;  // bytes over measured bandwidth; 0: unknown
};

// The checks that failed: first the one that tells most of what is wrong, then in their order. In a
// tensor of one element every pattern vanishes, and one in few elements may be chance.
std::vector<const Check*> FailedChecksOf(const Verdict& verdict);

std::string ToJson(const Verdict& verdict, int indent = 2);
Result<Verdict> ParseVerdict(const std::string& json);

}  // namespace caesar
