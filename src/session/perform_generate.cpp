// Generate: asks the model, saves its reply as it comes, and takes the code out of it. Meanwhile
// the judge gets ready.
#include "base/log.h"
#include "llm/extract.h"
#include "record/paths.h"
#include "session/feedback.h"
#include "session/perform.h"
#include "session/reply_file.h"

namespace caesar {
namespace {

Replied About(const ModelReply& reply, std::int64_t model_ms) {
  return {.model = OneLine(reply.model),
          .finish_reason = OneLine(reply.finish_reason, 80),
          .request_id = OneLine(reply.request_id, 200),
          .tokens = reply.tokens,
          .attempts = reply.attempts,
          .model_ms = model_ms};
}

// Asks, and leaves a complete reply.md; or says that the model refused.
Result<std::optional<Refused>> Ask(int round, RoundFiles& files, Workbench& bench) {
  World& world = bench.world();
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, TRY(files.Read(kPromptFile))});
  request.round = round;
  ReplyFile reply(world.files, files, world.progress);
  TRY(reply.Open());
  const SteadyTime began = world.clock.Now();
  const ModelOutcome outcome = TRY(world.model.Ask(request, reply, world.stop));
  const auto took = std::chrono::duration_cast<Milliseconds>(world.clock.Now() - began);
  if (const auto* refused = std::get_if<ModelRefused>(&outcome)) {
    TRY(reply.Discard());
    return std::optional(Refused{.reason = OneLine(refused->reason), .tokens = refused->tokens});
  }
  if (const auto* too_long = std::get_if<PromptTooLong>(&outcome)) {
    TRY(reply.Discard());
    return std::optional(Refused{.reason = OneLine(too_long->reason), .tokens = too_long->tokens});
  }
  const auto& replied = std::get<ModelReply>(outcome);
  TRY(reply.Commit(replied, About(replied, took.count())));
  if (!replied.note.empty()) LogWarning("{}", replied.note);
  return std::optional<Refused>();
}

std::string WhyNoCode(const Extraction& extraction, const Replied& about) {
  if (about.finish_reason != "length") return extraction.missing;
  return extraction.missing + " The reply was cut off at the limit of its length.";
}

Result<Answer> TakeCode(int round, const SavedReply& saved, RoundFiles& files, Workbench& bench) {
  const Extraction extraction = ExtractKernel(saved.text, bench.spec().problem->launcher);
  if (!extraction.code) {
    const std::string missing = WhyNoCode(extraction, saved.about);
    TRY(files.Write(kFeedbackFile, TRY(FeedbackOnNoCode(bench, missing))));
    return Answer{Outcome::kNoCode, NoCode{.reply = saved.about, .missing = OneLine(missing)},
                  files.stamps()};
  }
  TRY(files.Write(kKernelFile, *extraction.code));
  const Outcome outcome =
      Evaluated(bench.spec().config, round) ? Outcome::kReplied : Outcome::kReplyKept;
  return Answer{outcome, saved.about, files.stamps()};
}

}  // namespace

Result<Answer> AskModel(int round, Workbench& bench) {
  const bool judged = JudgedOnDevice(bench.spec().config, round);
  if (judged) bench.preparation().Start(TRY(bench.Device()));
  RoundFiles files = bench.Round(round);
  auto saved = TRY(LoadReply(bench.world().files, files));
  if (!saved) {
    if (auto refused = TRY(Ask(round, files, bench))) {
      return Answer{Outcome::kRefused, *refused, files.stamps()};
    }
    saved = TRY(LoadReply(bench.world().files, files));
  }
  if (!saved)
    return Error{ErrorCode::kIo, files.Path(kReplyFile) + " vanished while it was used", ""};
  Answer answer = TRY(TakeCode(round, *saved, files, bench));
  // Where the round ends here, Compile cannot tell that the problem's own code is broken.
  if (judged && answer.outcome == Outcome::kNoCode) {
    TRY(bench.preparation().Wait(TRY(bench.Device())));
  }
  return answer;
}

}  // namespace caesar
