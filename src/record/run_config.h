// run.json: the configuration that all samples of a run share. Made once; a different one is
// refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/sandbox.h"

namespace caesar {

enum class TableName { kFull, kCompile, kReflect };
enum class HistoryKind { kLast, kAll, kBest };

std::string_view Name(TableName table);      // full | compile | reflect
std::string_view Name(HistoryKind history);  // last | all | best

// Which kinds of feedback the model sees.
struct FeedbackChoice {
  bool compile = true;
  bool correct = true;
  bool timing = true;
  bool human = false;  // asks at the terminal, or reads human.md of the round
};

struct ModelConfig {
  std::string provider = "openai";  // a name that llm/provider_table.h knows
  std::string model;
  std::string base_url;  // empty: the provider's own
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::string reasoning_effort;  // empty: not sent
  std::string extra_json;        // an object that is merged into the request; empty: none
  std::string replies;  // replay: a folder of NNN.md, an earlier run or one of its samples; empty:
                        // the problem's own
  std::string command;  // of provider `command`, for /bin/sh
  std::string api_key_file;             // beats the environment; empty: none
  std::string prices;                   // a price list that beats the built-in one; empty: none
  std::int64_t timeout_ms = 3'600'000;  // of one call, all together
  std::int64_t idle_timeout_ms = 0;     // longest silence; 0: 600 s for the first byte, then 300 s
};

struct TimingConfig {
  bool hot = false;  // also with a warm L2
  int samples_min = 30;
  int samples_max = 1000;
  double ci_target = 0.005;         // half-width of the median's interval, relative
  std::int64_t budget_ms = 10'000;  // of measuring
  int check_calls = 5;              // correctness calls at the bench shape
};

struct RunConfig {
  int version = 1;
  std::string caesar_version;
  int rounds = 4;
  double target_speedup = 0;       // 0: none
  int patience = 0;                // rounds without improvement; 0: never give up
  std::int64_t budget_tokens = 0;  // of all samples of the run together; 0: none
  double budget_usd = 0;           // likewise
  TableName table = TableName::kFull;
  HistoryKind history = HistoryKind::kLast;
  FeedbackChoice feedback;
  ModelConfig model;
  TimingConfig timing;
  std::string device = "auto";                     // auto | cuda | cuda:N
  SandboxMode sandbox = SandboxMode::kBestEffort;  // of nvcc and of the runners
  std::string prompts;  // folder that overrides the embedded templates; empty: none
  std::int64_t compile_timeout_ms = 120'000;
  std::int64_t call_timeout_ms = 10'000;  // one launcher call
  int sim_threads =
      0;  // of the simulated GPU, for blocks that cannot depend on others; 0: all cores
};

std::string ToJson(const RunConfig& config);  // sorted keys, indented: a file people read
Result<RunConfig> ParseRunConfig(
    const std::string& json);  // unknown and missing fields are errors that name them; those that
                               // older versions did not write may be missing

// The limits of each number, also those of the command line. Error kBadInput, naming the field.
Status CheckRunConfig(const RunConfig& config);

// One line for each field that differs ("rounds: 4 here, 8 in run.json"); empty if none does.
std::vector<std::string> Differences(const RunConfig& ours, const RunConfig& theirs);

}  // namespace caesar
