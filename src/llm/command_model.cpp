#include "llm/command_model.h"

#include <unistd.h>

#include "base/format.h"
#include "base/strings.h"
#include "llm/answer_reader.h"

namespace caesar {
namespace {

constexpr std::size_t kErrorsShownMax = 2'000;  // bytes of what the program said

std::vector<std::string> OurEnvironment() {
  std::vector<std::string> all;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry)
    all.emplace_back(*entry);
  return all;
}

std::string HowItEnded(const ProcessEnd& end, std::int64_t timeout_ms) {
  switch (end.how) {
    case ProcessEnd::How::kExited:
      return Format("ended with exit code {}", end.exit_code);
    case ProcessEnd::How::kSignaled:
      return Format("was killed by signal {}", end.signal);
    case ProcessEnd::How::kTimedOut:
      return Format("did not end within {} s", timeout_ms / 1000);
    case ProcessEnd::How::kStopped:
      return "was interrupted";
  }
  return "";
}

TokenUsage Guess(std::size_t input_bytes, std::int64_t output_tokens) {
  TokenUsage tokens;
  tokens.input = static_cast<std::int64_t>(input_bytes) / kBytesPerToken;
  tokens.output = output_tokens;
  tokens.reported = tokens.estimated = true;
  tokens.priced = false;
  return tokens;
}

class CommandModel : public Model {
 public:
  CommandModel(ModelConfig config, Processes& processes)
      : config_(std::move(config)), processes_(processes) {}

  Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) override {
    if (stop.now())
      return Error{ErrorCode::kInterrupted, "Interrupted before the command was started.", ""};
    Command command;
    command.argv = {"/bin/sh", "-c", config_.command};
    command.environment = OurEnvironment();
    for (const ChatMessage& message : request.messages) command.input += message.text;
    command.output_bytes_max = kReplyBytesMax;
    if (request.log != nullptr) {
      const CallStart start{1,
                            "command:" + config_.command,
                            {},
                            command.input,
                            Guess(command.input.size(), kOutputGuess)};
      if (!TRY(request.log->OnCall(start))) return ModelOutcome(BudgetReached{});
    }
    const ProcessEnd end = TRY(processes_.Run(command, Milliseconds(config_.timeout_ms), stop));
    const bool good = end.how == ProcessEnd::How::kExited && end.exit_code == 0;
    // What was cut may also be standard error, which is no part of the reply.
    const bool cut = end.output_cut && end.output.size() >= kReplyBytesMax;
    const std::string how = HowItEnded(end, config_.timeout_ms);
    ModelReply reply;
    reply.text = ToValidUtf8(end.output);
    reply.finish_reason = cut ? "length" : "stop";
    reply.model = config_.model.empty() ? "command" : config_.model;
    reply.tokens.priced = false;
    if (cut) reply.note = Format("The reply was cut at {} bytes.", kReplyBytesMax);
    if (Trim(reply.text).empty()) reply.note = "The command printed nothing.";
    if (request.log != nullptr) {
      TRY(request.log->OnCallEnd(
          {.status = 0,
           .headers = {},
           .body = reply.text,
           .body_cut = cut,
           .failure = good ? "" : how,
           .tokens = reply.tokens,
           .counted = Guess(command.input.size(),
                            static_cast<std::int64_t>(end.output.size()) / kBytesPerToken),
           .ms = end.wall.count()}));
    }
    // What fails once a stop is asked for says nothing about the command.
    if (end.how == ProcessEnd::How::kStopped || (!good && stop.now()))
      return Error{ErrorCode::kInterrupted, "Interrupted while the command ran.", ""};
    if (!good) return Failure(how, end.errors);
    TRY(sink.OnText(reply.text));
    return ModelOutcome(std::move(reply));
  }

  std::string unpriced() const override {
    return Format("command '{}'", Shorten(config_.command, 200));
  }

 private:
  Error Failure(const std::string& how, const std::string& errors) const {
    const std::string said(Trim(ForTerminal(Shorten(errors, kErrorsShownMax))));
    return Error{ErrorCode::kEnvironment,
                 Format("The model's command {}: {}", how, ForTerminal(config_.command)),
                 said.empty() ? "It said nothing on standard error." : "It said: " + said};
  }

  ModelConfig config_;
  Processes& processes_;
};

}  // namespace

Result<std::unique_ptr<Model>> MakeCommandModel(const ModelConfig& config,
                                                const ModelWorld& world) {
  if (Trim(config.command).empty()) {
    return Error{ErrorCode::kUsage, "No command was named.",
                 "Name one with --command, for example --command 'ollama run qwen3'."};
  }
  return std::unique_ptr<Model>(std::make_unique<CommandModel>(config, world.processes));
}

}  // namespace caesar
