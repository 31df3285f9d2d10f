// Google's Gemini: generateContent, streamed. Requests; what comes back is read in
// gemini_answer.cpp.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "llm/codec.h"
#include "llm/gemini_answer.h"

namespace caesar {
namespace {

using nlohmann::json;

// In Dialect::chosen.
constexpr const char* kOtherThinking = "other thinking";  // level where it was budget, or back
constexpr const char* kSystemAsUser = "system as user";

// thinkingLevel is for Gemini 3 and later, thinkingBudget (tokens) for 2.5. The budgets are those
// of inspect_ai for models that know no effort. Thinking cannot be turned off on Gemini 3.
struct Effort {
  std::string_view name;
  const char* level;
  std::int64_t budget;
};
constexpr std::array<Effort, 7> kEfforts = {{{"none", "MINIMAL", 0},
                                             {"minimal", "MINIMAL", 2048},
                                             {"low", "LOW", 4096},
                                             {"medium", "MEDIUM", 10000},
                                             {"high", "HIGH", 16000},
                                             {"xhigh", "HIGH", 32000},
                                             {"max", "HIGH", 32000}}};

const Effort* FindEffort(const ModelConfig& config) {
  const std::string name = ToLower(config.reasoning_effort);
  const auto* found = std::find_if(kEfforts.begin(), kEfforts.end(),
                                   [&](const Effort& effort) { return effort.name == name; });
  return found == kEfforts.end() ? nullptr : found;
}

// An effort that is a number of tokens; -1 lets the model choose.
std::optional<std::int64_t> NumberOf(const std::string& effort) {
  if (effort == "-1") return -1;
  const bool digits =
      std::all_of(effort.begin(), effort.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (effort.empty() || effort.size() > 7 || !digits) return std::nullopt;
  return std::stoll(effort);
}

// The model's name without the folder that it is listed in.
std::string_view BareName(std::string_view model) {
  static constexpr std::string_view kFolder = "models/";
  if (StartsWith(model, kFolder)) model.remove_prefix(kFolder.size());
  return model;
}

// "gemini-2.5-flash" and older ones; a name without a number ("gemini-flash-latest") is new.
bool IsBeforeGemini3(std::string_view model) {
  const std::string_view name = BareName(model);
  return StartsWith(name, "gemini-1") || StartsWith(name, "gemini-2");
}

bool UsesBudget(const ModelConfig& config, const Dialect& dialect) {
  if (NumberOf(config.reasoning_effort)) return true;
  return IsBeforeGemini3(config.model) != dialect.chosen.contains(kOtherThinking);
}

// Source of the ranges: Google's table of thinking budgets. Pro cannot stop thinking.
std::int64_t BudgetOf(const Effort& effort, std::string_view model) {
  const bool pro = StartsWith(BareName(model), "gemini-2.5-pro");
  return std::clamp<std::int64_t>(effort.budget, pro ? 128 : 0, pro ? 32768 : 24576);
}

Result<json> ThinkingConfig(const ModelConfig& config, const Dialect& dialect) {
  const Effort* effort = FindEffort(config);
  const auto number = NumberOf(config.reasoning_effort);
  if (effort == nullptr && !number) {
    std::vector<std::string> names;
    for (const Effort& known : kEfforts) names.emplace_back(known.name);
    return Error{
        ErrorCode::kUsage,
        Format("Gemini knows no reasoning effort '{}'.", Shorten(config.reasoning_effort, 50)),
        "Use one of " + Join(names, ", ") + ", or a number of tokens."};
  }
  json thinking = json::object();
  const std::int64_t budget = number ? *number : BudgetOf(*effort, config.model);
  if (UsesBudget(config, dialect)) {
    thinking["thinkingBudget"] = budget;
  } else {
    thinking["thinkingLevel"] = effort->level;
  }
  // Refused where there are no thoughts.
  if (budget != 0) thinking["includeThoughts"] = true;
  return thinking;
}

// The base URL is taken with and without the version of the API at its end.
std::string Url(std::string_view base_url, std::string_view model) {
  std::string url(base_url);
  const bool versioned =
      EndsWith(url, "/v1beta") || EndsWith(url, "/v1") || EndsWith(url, "/v1alpha");
  if (!versioned) url += "/v1beta";
  url += StartsWith(model, "tunedModels/") ? "/tunedModels/" : "/models/";
  for (const char c : model.substr(model.rfind('/') + 1)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : Format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url + ":streamGenerateContent?alt=sse";
}

Dialect Guess(const ModelConfig&, std::string_view) { return {}; }

json Text(const std::string& text) { return {{"text", text}}; }

// Turns without text are left out: an empty part is refused.
void AddMessages(const ModelRequest& request, bool system_as_user, json& body) {
  json system = json::array();
  json contents = json::array();
  for (const ChatMessage& message : request.messages) {
    if (message.text.empty()) continue;
    const bool user = message.role == ChatMessage::Role::kUser;
    if (message.role == ChatMessage::Role::kSystem) {
      system.push_back(Text(message.text));
    } else {
      contents.push_back(
          {{"role", user ? "user" : "model"}, {"parts", json::array({Text(message.text)})}});
    }
  }
  if (!system.empty() && system_as_user) {
    contents.insert(contents.begin(), json{{"role", "user"}, {"parts", system}});
  } else if (!system.empty()) {
    body["systemInstruction"] = {{"parts", system}};
  }
  body["contents"] = std::move(contents);
}

Result<std::string> Body(const ModelConfig& config, const ModelRequest& request,
                         const Dialect& dialect) {
  json body = json::object();
  AddMessages(request, dialect.chosen.contains(kSystemAsUser), body);
  json generation = json::object();
  if (const auto limit = AskedLimit(config, dialect)) generation["maxOutputTokens"] = *limit;
  if (config.temperature) generation["temperature"] = *config.temperature;
  if (config.top_p) generation["topP"] = *config.top_p;
  if (config.seed) generation["seed"] = *config.seed;
  if (!config.reasoning_effort.empty())
    generation["thinkingConfig"] = TRY(ThinkingConfig(config, dialect));
  for (const std::string& field : dialect.dropped) generation.erase(field);
  if (!generation.empty()) body["generationConfig"] = std::move(generation);
  return WithExtraJson(body.dump(-1, ' ', false, json::error_handler_t::replace),
                       config.extra_json);
}

// "Thinking level", "thinking_level" and "thinkingLevel" alike: the servers write all three.
std::string Squeezed(const ApiError& error) {
  return ReplaceAll(ReplaceAll(ToLower(error.message), "_", ""), " ", "");
}

bool Says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

// The level and the budget are tried one for the other; what names neither of them, or comes a
// second time, is a model that does not think.
std::optional<Repair> RepairThinking(const Dialect& dialect, const ModelConfig& config,
                                     const CallFailure& failure) {
  const std::string text = Squeezed(failure.error);
  const bool budget = UsesBudget(config, dialect);
  const bool named = Says(text, budget ? "budget" : "thinkinglevel");
  if (config.reasoning_effort.empty() || dialect.dropped.contains("thinkingConfig") ||
      (!named && !Says(text, "thinking")))
    return std::nullopt;
  Repair repair{dialect, "without thinkingConfig", true};
  if (NumberOf(config.reasoning_effort)) {
    if (!SaysUnsupported(failure.error))
      return std::nullopt;  // out of range: the user's to correct
  } else if (named && repair.dialect.chosen.insert(kOtherThinking).second) {
    repair.what = budget ? "with thinkingLevel" : "with thinkingBudget";
    repair.loses = false;
    return repair;
  }
  repair.dialect.dropped.insert("thinkingConfig");
  return repair;
}

// Gemma: "Developer instruction is not enabled for models/...".
std::optional<Repair> RepairSystem(const Dialect& dialect, const CallFailure& failure) {
  const std::string text = Squeezed(failure.error);
  if (!Says(text, "developerinstruction") && !Says(text, "systeminstruction")) return std::nullopt;
  Repair repair{dialect, "with the instructions in a user's turn", false};
  if (!repair.dialect.chosen.insert(kSystemAsUser).second) return std::nullopt;
  return repair;
}

// "... but the supported range is from 1 (inclusive) to 65537 (exclusive)."
std::optional<Repair> RepairLimit(const Dialect& dialect, const ModelConfig& config,
                                  const CallFailure& failure) {
  const auto limit = AskedLimit(config, dialect);
  const auto said = limit ? SaidOutputLimit(failure.error, *limit) : std::nullopt;
  if (!said || !Says(Squeezed(failure.error), Format("{}(exclusive)", *said))) return std::nullopt;
  Repair repair{dialect, Format("for at most {} tokens", *said - 1), true};
  repair.dialect.max_tokens = *said - 1;
  return repair;
}

std::optional<Repair> RepairRefused(const Dialect& dialect, const ModelConfig& config,
                                    const CallFailure& failure) {
  if (auto repair = RepairLimit(dialect, config, failure)) return repair;
  if (auto repair = RepairSystem(dialect, failure)) return repair;
  if (SaysUnsupported(failure.error)) {
    const bool top_p = config.top_p.has_value();
    if (auto repair = DropRefused(dialect, failure,
                                  {{"temperature", "temperature", config.temperature.has_value()},
                                   {"topP", "topP", top_p},
                                   {"top_p", "topP", top_p},
                                   {"seed", "seed", config.seed.has_value()}}))
      return repair;
  }
  return RepairThinking(dialect, config, failure);
}

}  // namespace

const Codec kGemini = {.name = "generateContent",
                       .url_tail = "/v1beta/models",
                       .url = &Url,
                       .headers = &NoHeaders,
                       .guess = &Guess,
                       .body = &Body,
                       .output_limit = &AskedLimit,
                       .event = &GeminiEvent,
                       .document = &GeminiDocument,
                       .repair = &RepairRefused};

}  // namespace caesar
