#include "record/sample_result.h"

#include "record/describe.h"

namespace caesar {

void Describe(JsonIo& io, TokenUsage& tokens) {
  io.Field("input", tokens.input);
  io.Field("cached", tokens.cached);
  io.Field("output", tokens.output);
  io.Field("reasoning", tokens.reasoning);
  io.Field("reported", tokens.reported);
}

static void Describe(JsonIo& io, RoundSummary& round) {
  io.Field("round", round.round);
  io.Field("outcome", round.outcome);
  io.Field("headline", round.headline);
  io.Field("median_us", round.median_us);
  io.Field("baseline_us", round.baseline_us);
  io.Field("speedup", round.speedup);
  io.Field("verified", round.verified);
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
  io.Field("finished_by", result.finished_by);
  io.Field("correct", result.correct);
  io.Field("target_met", result.target_met);
  io.Field("best_round", result.best_round);
  io.Field("best_speedup", result.best_speedup);
  io.Field("best_us", result.best_us);
  io.Field("tokens", result.tokens);
  io.Field("device", result.device);
  io.Field("rounds", result.rounds);
}

std::string ToJson(const SampleResult& result) { return WriteJson(result, 2) + "\n"; }

Result<SampleResult> ParseSampleResult(const std::string& json) {
  return ReadJson<SampleResult>(json, "result.json");
}

}  // namespace caesar
