#include "cli/settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "cli/values.h"
#include "llm/provider_table.h"

namespace caesar {
namespace {

constexpr std::uint64_t kConfigBytesMax = 1 << 20;
constexpr std::int64_t kTokensMax = 1'000'000'000'000;

using Text = std::string_view;

Result<int> Int(Text text, int low, int high) {
  return static_cast<int>(TRY(IntegerValue(text, low, high)));
}

// Without links and relative parts: a run is resumed from other folders too, and must not find
// other replies, keys or prices there.
Result<std::string> ResolvedPath(Text text) {
  if (text.empty()) return std::string();
  std::error_code error;
  const auto path =
      std::filesystem::weakly_canonical(std::filesystem::absolute(text, error), error);
  return error ? std::string(text) : path.string();
}

Result<TableName> TableValue(Text text) {
  const std::string name = TRY(ChoiceValue(text, {"full", "compile", "reflect"}));
  return name == "compile"   ? TableName::kCompile
         : name == "reflect" ? TableName::kReflect
                             : TableName::kFull;
}

Result<HistoryKind> HistoryValue(Text text) {
  const std::string name = TRY(ChoiceValue(text, {"last", "all", "best"}));
  return name == "all"    ? HistoryKind::kAll
         : name == "best" ? HistoryKind::kBest
                          : HistoryKind::kLast;
}

Result<SandboxMode> SandboxValue(Text text) {
  return SandboxModeOf(TRY(ChoiceValue(text, {"required", "best-effort", "off"})))
      .value_or(SandboxMode::kBestEffort);
}

Result<std::string> FolderValue(Text text) {
  if (!text.empty()) return std::string(text);
  return Error{ErrorCode::kUsage, "the name of the folder is empty",
               "Name a folder, or leave it out for a new one."};
}

Result<std::string> ProviderValue(Text text) {
  const std::vector<std::string> names = ProviderNames();
  if (std::find(names.begin(), names.end(), text) != names.end()) return std::string(text);
  const auto nearest = Nearest(text, names);
  return Error{
      ErrorCode::kUsage, Format("there is no provider '{}'", ForTerminal(text)),
      nearest ? Format("Did you mean {}?", *nearest) : Format("Providers: {}.", Join(names, ", "))};
}

// Made of the table of providers, so that none is forgotten.
const std::string kProviderHelp =
    "who is asked, or for a server that is compatible with it, whose "
    "format is spoken: " +
    Join(ProviderNames(), ", ") + " [openai]";

Result<std::string> JsonObject(Text text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return Error{ErrorCode::kUsage, "this is not a JSON object", R"(Example: '{"top_k": 20}')"};
  return std::string(text);
}

// Sets one field of the settings from text that `parse` understands.
#define CAESAR_SET(field, ...)         \
  +[](Settings& s, Text v) -> Status { \
    s.field = TRY(__VA_ARGS__);        \
    return {};                         \
  }
#define CAESAR_TEXT(field)             \
  +[](Settings& s, Text v) -> Status { \
    s.field = std::string(v);          \
    return {};                         \
  }

// clang-format off
const std::array kSettings = std::to_array<Setting>({
    {"device", "DEVICE", "auto, cuda, cuda:N or sim [auto]", Scope::kDoctor, CAESAR_SET(run.device, DeviceValue(v))},
    {"sandbox", "MODE", "of the compiler and of what runs kernels: required, best-effort (what the kernel cannot enforce is said), or off for code that you trust [best-effort]",
     Scope::kDoctor, CAESAR_SET(run.sandbox, SandboxValue(v))},
    {"provider", "NAME", kProviderHelp, Scope::kRun, CAESAR_SET(run.model.provider, ProviderValue(v))},
    {"model", "NAME", "the model, as the provider names it", Scope::kRun, CAESAR_TEXT(run.model.model)},
    {"base_url", "URL", "of the server [the provider's own]", Scope::kRun, CAESAR_TEXT(run.model.base_url)},
    {"rounds", "N", "at most so many rounds [4; of a replay: all that are recorded]", Scope::kRun,
     +[](Settings& s, Text v) -> Status {
       s.run.rounds = TRY(Int(v, 1, 999));
       s.rounds_given = true;
       return {};
     }},
    {"target_speedup", "X", "stop when a kernel is X times as fast as the baseline", Scope::kRun,
     CAESAR_SET(run.target_speedup, NumberValue(v, 0, 1e6))},
    {"patience", "N", "stop after N rounds without improvement, counted from the first correct kernel on", Scope::kRun, CAESAR_SET(run.patience, Int(v, 0, 999))},
    {"budget_tokens", "N", "ask no more once all samples of the run directory together have spent so many tokens", Scope::kRun,
     CAESAR_SET(run.budget_tokens, IntegerValue(v, 1, kTokensMax))},
    {"budget_usd", "X", "likewise, in US dollars by the price list", Scope::kRun, CAESAR_SET(run.budget_usd, NumberValue(v, 1e-6, 1e9))},
    {"history", "KIND", "earlier rounds the model sees: last, all or best [last]", Scope::kRun, CAESAR_SET(run.history, HistoryValue(v))},
    {"feedback", "LIST", "of compile, correct, timing, all (these three), human (yours, asked for at the terminal); or none [all]", Scope::kRun, CAESAR_SET(run.feedback, FeedbackValue(v))},
    {"table", "NAME", "full: everything; compile: feedback from the compiler alone; reflect: the model reviews its own code, and only the last round "
     "is judged [full]", Scope::kRun, CAESAR_SET(run.table, TableValue(v))},
    {"seed", "N", "sent to the model, where its provider takes one", Scope::kRun, CAESAR_SET(run.model.seed, IntegerValue(v, INT64_MIN, INT64_MAX))},
    {"temperature", "X", "sent to the model", Scope::kRun, CAESAR_SET(run.model.temperature, NumberValue(v, 0, 100))},
    {"top_p", "X", "sent to the model", Scope::kRun, CAESAR_SET(run.model.top_p, NumberValue(v, 0, 1))},
    {"max_tokens", "N", "of one reply", Scope::kRun, CAESAR_SET(run.model.max_tokens, IntegerValue(v, 1, kTokensMax))},
    {"reasoning_effort", "LEVEL", "none, minimal, low, medium, high, xhigh or max, or a number of tokens to think, as the model takes it", Scope::kRun,
     CAESAR_TEXT(run.model.reasoning_effort)},
    {"extra_json", "OBJECT", "merged into every request", Scope::kRun, CAESAR_SET(run.model.extra_json, JsonObject(v))},
    {"replies", "DIR", "for replay: an earlier run directory, one of its samples, or 001.md, ... [the problem's own]", Scope::kRun, CAESAR_SET(run.model.replies, ResolvedPath(v))},
    {"command", "LINE", "for provider command: a shell command that reads the prompt and prints the reply", Scope::kRun, CAESAR_TEXT(run.model.command)},
    {"api_key_file", "FILE", "file with the key [the provider's environment variable]", Scope::kRun, CAESAR_SET(run.model.api_key_file, ResolvedPath(v))},
    {"prices", "FILE", "price list whose rows beat the built-in ones (prompts/prices.json shows the form)", Scope::kRun, CAESAR_SET(run.model.prices, ResolvedPath(v))},
    {"model_timeout", "TIME", "of one model call [1h]", Scope::kRun, CAESAR_SET(run.model.timeout_ms, MillisecondsValue(v))},
    {"idle_timeout", "TIME", "longest silence of a model [10min before its first word, then 5min]", Scope::kRun,
     CAESAR_SET(run.model.idle_timeout_ms, MillisecondsValue(v))},
    {"prompts", "DIR", "templates that override the built-in ones", Scope::kRun, CAESAR_TEXT(run.prompts)},
    {"out", "DIR", "run directory, new or to be resumed [runs/<utc>-<hex>]", Scope::kRun, CAESAR_SET(out, FolderValue(v))},
    {"hot", "", "time with a warm L2 cache too", Scope::kEval, CAESAR_SET(run.timing.hot, SwitchValue(v))},
    {"samples", "N", "time exactly N pairs of calls, candidate and baseline [30 to 1000, until precise]", Scope::kEval,
     +[](Settings& s, Text v) -> Status {
       s.run.timing.samples_min = s.run.timing.samples_max = TRY(Int(v, 1, 1'000'000));
       return {};
     }},
    {"check_calls", "N", "checked calls on the bench shape [5]", Scope::kEval, CAESAR_SET(run.timing.check_calls, Int(v, 1, 1'000))},
    {"time_budget", "TIME", "of measuring one kernel [10s]", Scope::kEval, CAESAR_SET(run.timing.budget_ms, MillisecondsValue(v))},
    {"compile_timeout", "TIME", "of one compilation [120s]", Scope::kCheck, CAESAR_SET(run.compile_timeout_ms, MillisecondsValue(v))},
    {"call_timeout", "TIME", "of one call of the kernel, six times as long on the simulated GPU [10s]", Scope::kCheck, CAESAR_SET(run.call_timeout_ms, MillisecondsValue(v))},
    {"sim_threads", "N", "CPU threads of the simulated GPU; 1: blocks one by one, in order [all cores]", Scope::kCheck,
     CAESAR_SET(run.sim_threads, Int(v, 0, 1'024))},
});
// clang-format on

#undef CAESAR_SET
#undef CAESAR_TEXT

// Applies one value. `source` names where it came from: "--rounds", "CAESAR_ROUNDS", "config.json:
// rounds".
Status Apply(const Setting& setting, Settings& settings, std::string_view value,
             const std::string& source, ErrorCode code) {
  Status applied = setting.apply(settings, value);
  if (applied.ok()) return {};
  Error error = std::move(applied).error();
  return Error{code, Format("{}: {}", source, error.message), error.detail};
}

std::vector<std::string> SettingNames() {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  return names;
}

// A value of the configuration file as the text that a flag would have.
Result<std::string> TextOf(const nlohmann::json& value, const std::string& source) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean() || value.is_object()) return value.dump();
  return Error{ErrorCode::kBadInput,
               Format("{}: neither a string, a number, true nor false", source), ""};
}

Status ApplyFile(Settings& settings, const std::string& path, const std::string& content) {
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(content, nullptr, /*allow_exceptions=*/true,
                                 /*ignore_comments=*/true);
  } catch (const nlohmann::json::parse_error& error) {
    return Error{ErrorCode::kBadInput, Format("{} is not JSON", path), ForTerminal(error.what())};
  }
  if (!json.is_object())
    return Error{ErrorCode::kBadInput, Format("{} is not a JSON object", path),
                 R"(Example: {"rounds": 8})"};
  for (const auto& [key, value] : json.items()) {
    const auto setting = std::find_if(kSettings.begin(), kSettings.end(),
                                      [&name = key](const Setting& s) { return s.name == name; });
    if (setting == kSettings.end()) {
      const auto nearest = Nearest(key, SettingNames());
      return Error{ErrorCode::kBadInput, Format("{}: unknown setting '{}'", path, ForTerminal(key)),
                   nearest ? Format("Did you mean {}?", *nearest)
                           : "`caesar run --help` lists them; write '_' for '-'."};
    }
    const std::string source = Format("{}: {}", path, key);
    TRY(Apply(*setting, settings, TRY(TextOf(value, source)), source, ErrorCode::kBadInput));
  }
  return {};
}

}  // namespace

std::span<const Setting> AllSettings() { return kSettings; }

std::string FlagName(const Setting& setting) { return ReplaceAll(setting.name, "_", "-"); }

std::string EnvironmentName(const Setting& setting) {
  std::string name = "CAESAR_" + std::string(setting.name);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return name;
}

std::vector<FlagSpec> SettingFlags(Scope scope) {
  std::vector<FlagSpec> flags;
  for (const Setting& setting : kSettings) {
    if (setting.scope < scope) continue;
    flags.push_back(
        {"--" + FlagName(setting), std::string(setting.hint), std::string(setting.help)});
  }
  flags.push_back({"--config", "FILE",
                   "JSON file of settings [caesar/config.json in the XDG configuration folder]"});
  return flags;
}

std::string DefaultConfigFile(const Environment& environment) {
  std::string folder = environment("XDG_CONFIG_HOME");
  // The XDG specification: a relative path is invalid and ignored.
  if (folder.empty() || folder[0] != '/') {
    const std::string home = environment("HOME");
    if (home.empty()) return "";
    folder = home + "/.config";
  }
  return folder + "/caesar/config.json";
}

Result<Settings> ApplyFlags(Settings base, const Arguments& arguments) {
  for (const Setting& setting : kSettings) {
    const std::string flag = FlagName(setting);
    if (arguments.Has(flag))
      TRY(Apply(setting, base, arguments.Value(flag), "--" + flag, ErrorCode::kUsage));
  }
  return base;
}

std::vector<std::string> SuspectVariables(const std::vector<std::string>& names) {
  constexpr std::string_view kPrefix = "CAESAR_";
  constexpr std::size_t kNameBytesMax = 40;
  std::vector<std::string> known = {"API_KEY", "CACHE_DIR", "CACHE_MAX_MB",
                                    "NVCC",    "JUDGE",     "SIM_ISA"};
  for (const Setting& setting : kSettings)
    known.push_back(EnvironmentName(setting).substr(kPrefix.size()));
  std::vector<std::string> suspects;
  for (const std::string& name : names) {
    if (!StartsWith(name, kPrefix) || name.size() > kNameBytesMax) continue;
    const std::string own = name.substr(kPrefix.size());
    const auto nearest = Nearest(own, known);
    if (!nearest || *nearest == own) continue;
    suspects.push_back(
        Format("{} is no setting; did you mean {}{}?", ForTerminal(name), kPrefix, *nearest));
  }
  return suspects;
}

Result<Settings> ResolveSettings(const Arguments& arguments, const Environment& environment,
                                 Files& files) {
  Settings settings;
  if (arguments.Has("config")) {
    const std::string path = arguments.Value("config");
    TRY(ApplyFile(settings, path,
                  TRY(ReadNamedFile(path, kConfigBytesMax,
                                    "Pass --config FILE, a JSON file of settings.", files))));
  } else if (const std::string path = DefaultConfigFile(environment); !path.empty()) {
    if (TRY(files.Stat(path)))
      TRY(ApplyFile(settings, path, TRY(files.Read(path, kConfigBytesMax))));
  }
  for (const Setting& setting : kSettings) {
    const std::string name = EnvironmentName(setting);
    const std::string value = environment(name);
    if (!value.empty()) TRY(Apply(setting, settings, value, name, ErrorCode::kUsage));
  }
  return ApplyFlags(std::move(settings), arguments);
}

}  // namespace caesar
