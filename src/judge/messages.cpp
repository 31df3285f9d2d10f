#include "judge/messages.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/format.h"

namespace caesar {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<DriverMessage::Verb, const char*>, 4> kVerbs = {
    {{DriverMessage::Verb::kHello, "hello"},
     {DriverMessage::Verb::kWarm, "warm"},
     {DriverMessage::Verb::kCheck, "check"},
     {DriverMessage::Verb::kMeasure, "measure"}}};

constexpr std::array<std::pair<JudgeMessage::Reply, const char*>, 6> kReplies = {
    {{JudgeMessage::Reply::kHello, "hello"},
     {JudgeMessage::Reply::kAlive, "alive"},
     {JudgeMessage::Reply::kProgress, "progress"},
     {JudgeMessage::Reply::kWarmed, "warmed"},
     {JudgeMessage::Reply::kVerdict, "verdict"},
     {JudgeMessage::Reply::kError, "error"}}};

constexpr std::array<std::pair<ErrorCode, const char*>, 6> kCodes = {
    {{ErrorCode::kUsage, "usage"},
     {ErrorCode::kBadInput, "bad_input"},
     {ErrorCode::kEnvironment, "environment"},
     {ErrorCode::kIo, "io"},
     {ErrorCode::kInterrupted, "interrupted"},
     {ErrorCode::kInternal, "internal"}}};

template <class T, std::size_t kCount>
const char* NameOf(const std::array<std::pair<T, const char*>, kCount>& names, T value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "?";
}

template <class T, std::size_t kCount>
T ValueOf(const std::array<std::pair<T, const char*>, kCount>& names, const std::string& name) {
  for (const auto& [value, known] : names) {
    if (name == known) return value;
  }
  throw std::invalid_argument("unknown word " + name);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json OrderJson(const JudgeRequest& request) {
  const TimingConfig& timing = request.timing;
  return {{"name", request.problem->name},
          {"problem", request.problem->json},
          {"reference", request.reference},
          {"baseline", request.baseline},
          {"baseline_skipped", request.baseline_skipped},
          {"candidate", request.candidate},
          {"best", request.best},
          {"call_timeout_ms", request.call_timeout.count()},
          {"sim_threads", request.sim_threads},
          {"thorough", request.thorough},
          {"timing",
           {{"hot", timing.hot},
            {"samples_min", timing.samples_min},
            {"samples_max", timing.samples_max},
            {"ci_target", timing.ci_target},
            {"budget_ms", timing.budget_ms},
            {"check_calls", timing.check_calls}}}};
}

Result<JudgeOrder> OrderOf(const Json& json) {
  JudgeOrder order;
  order.problem =
      TRY(ParseProblem(json.at("problem").get<std::string>(), json.at("name").get<std::string>()));
  order.reference = json.at("reference").get<std::string>();
  order.baseline = json.at("baseline").get<std::string>();
  order.baseline_skipped = json.at("baseline_skipped").get<std::string>();
  order.candidate = json.at("candidate").get<std::string>();
  order.best = json.at("best").get<std::string>();
  order.call_timeout = Milliseconds(json.at("call_timeout_ms").get<std::int64_t>());
  order.sim_threads = json.at("sim_threads").get<int>();
  order.thorough = json.at("thorough").get<bool>();
  const Json& timing = json.at("timing");
  order.timing.hot = timing.at("hot").get<bool>();
  order.timing.samples_min = timing.at("samples_min").get<int>();
  order.timing.samples_max = timing.at("samples_max").get<int>();
  order.timing.ci_target = timing.at("ci_target").get<double>();
  order.timing.budget_ms = timing.at("budget_ms").get<std::int64_t>();
  order.timing.check_calls = timing.at("check_calls").get<int>();
  return order;
}

// Runs `parse` and turns what the JSON library throws into an Error.
template <class T, class Parse>
Result<T> Guarded(const char* who, Parse parse) {
  try {
    return parse();
  } catch (const std::exception& problem) {
    return Error{ErrorCode::kInternal,
                 Format("a line of the {} cannot be read: {}", who, problem.what()), ""};
  }
}

}  // namespace

std::string ToLine(DriverMessage::Verb verb, std::int64_t id, const JudgeRequest* request,
                   const Verdict* checked) {
  Json json = {{"id", id}, {"verb", NameOf(kVerbs, verb)}};
  if (request != nullptr) json["order"] = OrderJson(*request);
  if (checked != nullptr) json["verdict"] = ToJson(*checked, -1);
  return Dump(json);
}

std::string ToLine(const JudgeMessage& message) {
  Json json = {{"id", message.id}, {"reply", NameOf(kReplies, message.reply)}};
  switch (message.reply) {
    case JudgeMessage::Reply::kHello:
      json["device"] = ToJson(message.device);
      break;
    case JudgeMessage::Reply::kProgress:
      json["text"] = message.text;
      break;
    case JudgeMessage::Reply::kVerdict:
      json["verdict"] = ToJson(message.verdict, -1);
      break;
    case JudgeMessage::Reply::kError:
      json["code"] = NameOf(kCodes, message.error.code);
      json["message"] = message.error.message;
      json["detail"] = message.error.detail;
      break;
    case JudgeMessage::Reply::kAlive:
    case JudgeMessage::Reply::kWarmed:
      break;
  }
  return Dump(json);
}

Result<DriverMessage> ParseDriverMessage(std::string_view line) {
  return Guarded<DriverMessage>("driver", [&]() -> Result<DriverMessage> {
    const Json json = Json::parse(line);
    DriverMessage message;
    message.id = json.at("id").get<std::int64_t>();
    message.verb = ValueOf(kVerbs, json.at("verb").get<std::string>());
    if (message.verb != DriverMessage::Verb::kHello) message.order = TRY(OrderOf(json.at("order")));
    if (message.verb == DriverMessage::Verb::kMeasure)
      message.checked = TRY(ParseVerdict(json.at("verdict").get<std::string>()));
    return message;
  });
}

Result<JudgeMessage> ParseJudgeMessage(std::string_view line) {
  return Guarded<JudgeMessage>("judge", [&]() -> Result<JudgeMessage> {
    const Json json = Json::parse(line);
    JudgeMessage message;
    message.id = json.at("id").get<std::int64_t>();
    message.reply = ValueOf(kReplies, json.at("reply").get<std::string>());
    switch (message.reply) {
      case JudgeMessage::Reply::kHello:
        message.device = TRY(ParseDeviceInfo(json.at("device").get<std::string>()));
        break;
      case JudgeMessage::Reply::kProgress:
        message.text = json.at("text").get<std::string>();
        break;
      case JudgeMessage::Reply::kVerdict:
        message.verdict = TRY(ParseVerdict(json.at("verdict").get<std::string>()));
        break;
      case JudgeMessage::Reply::kError:
        message.error.code = ValueOf(kCodes, json.at("code").get<std::string>());
        message.error.message = json.at("message").get<std::string>();
        message.error.detail = json.at("detail").get<std::string>();
        break;
      case JudgeMessage::Reply::kAlive:
      case JudgeMessage::Reply::kWarmed:
        break;
    }
    return message;
  });
}

}  // namespace caesar
