// Generate: asks the model, saves its reply as it comes, and takes the code out of it. Meanwhile
// the judge gets ready.
#include "base/log.h"
#include "llm/extract.h"
#include "record/paths.h"
#include "session/call_log.h"
#include "session/feedback.h"
#include "session/perform.h"
#include "session/reply_file.h"
#include "session/round_prompt.h"

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

// What a question came to: a reply that lies in the round's folder, the end of the round without
// one, or a prompt that may be shortened.
enum class Asked { kSaved, kEnded, kTooLong };

ModelRequest RequestOf(int round, std::string prompt, std::int64_t stable_bytes,
                       const Workbench& bench) {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, std::move(prompt)});
  request.round = round;
  request.stable_bytes = static_cast<std::size_t>(stable_bytes);
  request.sufficient = [&launcher = bench.spec().problem->launcher](std::string_view text) {
    return ExtractKernel(text, launcher).code.has_value();
  };
  return request;
}

// The round's prompt again with less history; empty where it has none.
Result<std::optional<RoundText>> ShorterPrompt(int round, std::string_view asked,
                                               const SessionState& state, Workbench& bench) {
  if (round == 1) return std::optional<RoundText>();
  RoundText brief = TRY(PromptOf(round, state, bench, PromptLength::kBrief));
  // Nobody knows how much too long it was: a little shorter helps little.
  if (brief.text.size() * 4 > asked.size() * 3)
    brief = TRY(PromptOf(round, state, bench, PromptLength::kTaskAlone));
  return std::optional(std::move(brief));
}

// One question to the model, and its calls to api.jsonl and the budget.
class Questioner {
 public:
  Questioner(int round, RoundFiles& files, Workbench& bench)
      : round_(round),
        files_(files),
        bench_(bench),
        world_(bench.world()),
        reply_(world_.files, files, world_.progress),
        log_(bench.Calls(files)),
        began_(world_.clock.Now()) {}

  Result<Asked> Ask(std::string prompt, std::int64_t stable_bytes, bool shortened) {
    TRY(reply_.Open());
    ModelRequest request = RequestOf(round_, std::move(prompt), stable_bytes, bench_);
    request.log = &log_;
    Result<ModelOutcome> outcome = world_.model.Ask(request, reply_, world_.stop);
    if (outcome.ok() && std::holds_alternative<ModelReply>(outcome.value()))
      return Save(std::get<ModelReply>(outcome.value()), shortened);
    const Status logged = log_.Flush();
    const ModelOutcome without = TRY(std::move(outcome));
    TRY(logged);
    TRY(reply_.Discard());
    if (const auto* refused = std::get_if<ModelRefused>(&without)) {
      spent_ += refused->tokens;
      end_ = Refused{.reason = OneLine(refused->reason), .tokens = spent_};
      return Asked::kEnded;
    }
    if (const auto* reached = std::get_if<BudgetReached>(&without)) {
      spent_ += reached->tokens;
      end_ = Finished{TRY(bench_.budget().Exhausted()), spent_};
      return Asked::kEnded;
    }
    const auto& too_long = std::get<PromptTooLong>(without);
    spent_ += too_long.tokens;
    end_ = Refused{.reason = OneLine(too_long.reason), .tokens = spent_};
    return Asked::kTooLong;
  }

  // How the round ends after kEnded, and after a kTooLong that nothing was made of.
  Answer End(const FileStamps& stamps) const {
    const bool budget = std::holds_alternative<Finished>(end_);
    return Answer{budget ? Outcome::kBudgetSpent : Outcome::kRefused, end_, stamps};
  }

 private:
  Result<Asked> Save(ModelReply replied, bool shortened) {
    replied.tokens += spent_;
    const auto took = std::chrono::duration_cast<Milliseconds>(world_.clock.Now() - began_);
    Replied about = About(replied, took.count());
    about.shortened = shortened;
    TRY(reply_.Commit(replied, about));
    if (!replied.note.empty()) LogWarning("{}", replied.note);
    return Asked::kSaved;
  }

  int round_;
  RoundFiles& files_;
  Workbench& bench_;
  World& world_;
  ReplyFile reply_;
  RoundCallLog& log_;  // of a reply: flushed once the step is in the journal
  SteadyTime began_;
  TokenUsage spent_;
  Payload end_;
};

// Asks, and leaves a complete reply.md; or says how the round ends without one. A prompt that is
// too long for the model is shortened once.
Result<std::optional<Answer>> Ask(int round, const SessionState& state, RoundFiles& files,
                                  Workbench& bench) {
  Questioner questioner(round, files, bench);
  const std::string prompt = TRY(files.Read(kPromptFile));
  Asked asked = TRY(questioner.Ask(prompt, state.stable_bytes, /*shortened=*/false));
  if (asked == Asked::kTooLong) {
    if (const auto brief = TRY(ShorterPrompt(round, prompt, state, bench))) {
      LogWarning("the prompt is too long for the model: asking again with less of the history ({})",
                 files.Path(kShortPromptFile));
      TRY(files.Write(kShortPromptFile, brief->text));
      asked = TRY(questioner.Ask(brief->text, static_cast<std::int64_t>(brief->stable_bytes),
                                 /*shortened=*/true));
    }
  }
  if (asked == Asked::kSaved) return std::optional<Answer>();
  return std::optional(questioner.End(files.stamps()));
}

std::string WhyNoCode(const Extraction& extraction, const Replied& about) {
  if (about.finish_reason != "length" && about.finish_reason != "context_length")
    return extraction.missing;
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

Result<Answer> AskModel(int round, const SessionState& state, Workbench& bench) {
  const bool judged = JudgedOnDevice(bench.spec().config, round);
  if (judged) bench.preparation().Start(TRY(bench.Device()));
  RoundFiles files = bench.Round(round);
  auto saved = TRY(LoadReply(bench.world().files, files));
  if (!saved) {
    if (auto ended = TRY(Ask(round, state, files, bench))) return std::move(*ended);
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
