#include "record/sample_result.h"

#include "record/describe.h"

namespace caesar {

void Describe(JsonIo& io, TokenUsage& tokens) {
  // Null where nothing was reported: a call that nobody counted was not free.
  const auto count = [&](std::string_view name, std::int64_t& value) {
    std::optional<std::int64_t> there;
    if (!io.reading() && tokens.reported) there = value;
    io.Field(name, there);
    if (io.reading()) value = there.value_or(0);
  };
  count("input", tokens.input);
  count("cached", tokens.cached);
  count("cache_written", tokens.cache_written);
  count("output", tokens.output);
  count("reasoning", tokens.reasoning);
  io.Field("reported", tokens.reported);
  io.FieldOrNull("estimated", tokens.estimated);
  std::optional<double> usd;  // null where a price is not known
  if (!io.reading() && tokens.priced) usd = tokens.usd;
  io.Field("usd", usd);
  if (!io.reading()) return;
  tokens.priced = usd.has_value();
  tokens.usd = usd.value_or(0);
}

static void Describe(JsonIo& io, RoundSummary& round) {
  io.Field("round", round.round);
  io.FieldOrNull("outcome", round.outcome);
  io.FieldOrNull("headline", round.headline);
  io.FieldOrNull("median_us", round.median_us);
  io.FieldOrNull("baseline_us", round.baseline_us);
  io.Field("speedup", round.speedup);
  io.Field("verified", round.verified);
  DescribeChangeOrNull(io, round.change);
  io.FieldOrNull("estimated_us", round.estimated_us);
  io.FieldOrNull("estimated_speedup", round.estimated_speedup);
  io.FieldOrNull("estimated_shape", round.estimated_shape);
  io.Field("correct", round.correct);
  io.Field("flags", round.flags);
  io.Field("tokens", round.tokens);
  io.Field("model_ms", round.model_ms);
  io.Field("compile_ms", round.compile_ms);
  io.Field("judge_ms", round.judge_ms);
}

static void Describe(JsonIo& io, SampleResult& result) {
  io.Version("version", result.version, 1);
  io.Field("problem", result.problem);
  io.Field("sample", result.sample);
  io.FieldOrNull("finished_by", result.finished_by);
  io.Field("correct", result.correct);
  io.Field("target_met", result.target_met);
  io.FieldOrNull("best_round", result.best_round);
  io.Field("best_speedup", result.best_speedup);
  io.FieldOrNull("best_us", result.best_us);
  io.FieldOrNull("best_estimated_us", result.best_estimated_us);
  io.Field("tokens", result.tokens);
  io.FieldOrNull("device", result.device);
  io.Field("rounds", result.rounds);
}

std::string ToJson(const SampleResult& result) { return WriteJson(result, 2) + "\n"; }

Result<SampleResult> ParseSampleResult(const std::string& json) {
  return ReadJson<SampleResult>(json, "result.json");
}

}  // namespace caesar
