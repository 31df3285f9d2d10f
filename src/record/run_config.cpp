#include "record/run_config.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/format.h"
#include "record/json_io.h"

namespace caesar {

std::string_view Name(TableName table) {
  switch (table) {
    case TableName::kFull:
      return "full";
    case TableName::kCompile:
      return "compile";
    case TableName::kReflect:
      return "reflect";
  }
  CHECK(false);
}

std::string_view Name(HistoryKind history) {
  switch (history) {
    case HistoryKind::kLast:
      return "last";
    case HistoryKind::kAll:
      return "all";
    case HistoryKind::kBest:
      return "best";
  }
  CHECK(false);
}

static void Describe(JsonIo& io, FeedbackChoice& feedback) {
  io.Field("compile", feedback.compile);
  io.Field("correct", feedback.correct);
  io.Field("timing", feedback.timing);
  io.Later("human", feedback.human);
}

static void Describe(JsonIo& io, ModelConfig& model) {
  io.Field("provider", model.provider);
  io.Field("model", model.model);
  io.Field("base_url", model.base_url);
  io.Field("temperature", model.temperature);
  io.Field("top_p", model.top_p);
  io.Field("max_tokens", model.max_tokens);
  io.Field("seed", model.seed);
  io.Field("reasoning_effort", model.reasoning_effort);
  io.Field("extra_json", model.extra_json);
  io.Field("replies", model.replies);
  io.Later("command", model.command);
  io.Later("api_key_file", model.api_key_file);
  io.Later("prices", model.prices);
  io.Later("timeout_ms", model.timeout_ms);
  io.Later("idle_timeout_ms", model.idle_timeout_ms);
}

static void Describe(JsonIo& io, TimingConfig& timing) {
  io.Field("hot", timing.hot);
  io.Field("samples_min", timing.samples_min);
  io.Field("samples_max", timing.samples_max);
  io.Field("ci_target", timing.ci_target);
  io.Field("budget_ms", timing.budget_ms);
  io.Field("check_calls", timing.check_calls);
}

static void Describe(JsonIo& io, RunConfig& config) {
  io.Version("version", config.version, 1);
  io.Field("caesar_version", config.caesar_version);
  io.Field("rounds", config.rounds);
  io.Field("target_speedup", config.target_speedup);
  io.Field("patience", config.patience);
  io.Field("budget_tokens", config.budget_tokens);
  io.Later("budget_usd", config.budget_usd);
  io.Choice("table", config.table, {TableName::kFull, TableName::kCompile, TableName::kReflect});
  io.Choice("history", config.history, {HistoryKind::kLast, HistoryKind::kAll, HistoryKind::kBest});
  io.Field("feedback", config.feedback);
  io.Field("model", config.model);
  io.Field("timing", config.timing);
  io.Field("device", config.device);
  if (!io.Lacks("sandbox")) {
    io.Choice("sandbox", config.sandbox,
              {SandboxMode::kRequired, SandboxMode::kBestEffort, SandboxMode::kOff});
  }
  io.Field("prompts", config.prompts);
  io.Field("compile_timeout_ms", config.compile_timeout_ms);
  io.Field("call_timeout_ms", config.call_timeout_ms);
  io.Later("sim_threads", config.sim_threads);
}

std::string ToJson(const RunConfig& config) {
  return WriteJson(config, 2, KeyOrder::kSorted) + "\n";
}

Result<RunConfig> ParseRunConfig(const std::string& json) {
  RunConfig config = TRY(ReadJson<RunConfig>(json, "run.json", UnknownFields::kRefuse));
  if (Status status = CheckRunConfig(config); !status.ok()) {
    return Error{ErrorCode::kBadInput, "run.json: " + status.error().message, ""};
  }
  return config;
}

Status CheckRunConfig(const RunConfig& config) {
  const auto between = [](std::string_view name, auto value, auto low, auto high) -> Status {
    // Written so that NaN fails.
    if (value >= low && value <= high) return {};
    return Error{ErrorCode::kBadInput,
                 Format("{} is {}, but must be between {} and {}", name, value, low, high), ""};
  };
  constexpr std::int64_t kDayMs = 86'400'000;
  constexpr std::int64_t kTokensMax = 1'000'000'000'000;
  const TimingConfig& timing = config.timing;
  TRY(between("rounds", config.rounds, 1, 999));
  TRY(between("target_speedup", config.target_speedup, 0.0, 1e6));
  TRY(between("patience", config.patience, 0, 999));
  TRY(between("budget_tokens", config.budget_tokens, std::int64_t{0}, kTokensMax));
  TRY(between("budget_usd", config.budget_usd, 0.0, 1e9));
  TRY(between("model.timeout_ms", config.model.timeout_ms, std::int64_t{1}, kDayMs));
  TRY(between("model.idle_timeout_ms", config.model.idle_timeout_ms, std::int64_t{0}, kDayMs));
  TRY(between("timing.samples_min", timing.samples_min, 1, 1'000'000));
  TRY(between("timing.samples_max", timing.samples_max, timing.samples_min, 1'000'000));
  TRY(between("timing.ci_target", timing.ci_target, 0.0, 1.0));
  TRY(between("timing.budget_ms", timing.budget_ms, std::int64_t{0}, kDayMs));
  TRY(between("timing.check_calls", timing.check_calls, 1, 1000));
  TRY(between("compile_timeout_ms", config.compile_timeout_ms, std::int64_t{1}, kDayMs));
  TRY(between("call_timeout_ms", config.call_timeout_ms, std::int64_t{1}, kDayMs));
  TRY(between("sim_threads", config.sim_threads, 0, 1024));
  return {};
}

std::vector<std::string> Differences(const RunConfig& ours, const RunConfig& theirs) {
  const auto flat = [](const RunConfig& config) {
    return nlohmann::json::parse(ToJson(config)).flatten();
  };
  const nlohmann::json here = flat(ours);
  const nlohmann::json there = flat(theirs);
  const auto shown = [](const nlohmann::json& fields, const std::string& pointer) {
    if (!fields.contains(pointer) || fields[pointer].is_null()) return std::string("none");
    const auto text =
        fields[pointer].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text == "\"\"" ? "none" : Shorten(text, 200);
  };
  std::vector<std::string> lines;
  for (const auto& [pointer, value] : here.items()) {
    if (there.contains(pointer) && there[pointer] == value) continue;
    lines.push_back(Format("{}: {} here, {} in run.json", ReplaceAll(pointer.substr(1), "/", "."),
                           shown(here, pointer), shown(there, pointer)));
  }
  return lines;
}

}  // namespace caesar
