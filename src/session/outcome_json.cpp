// JSON of the payloads: the "data" of a journal line, and reply.json.
#include "base/strings.h"
#include "record/describe.h"
#include "record/json_io.h"
#include "session/outcome.h"

namespace caesar {
namespace {

constexpr const char* kWhat = "data";

}  // namespace

static void Describe(JsonIo& io, RoundOpened& opened) {
  io.FieldOrNull("device", opened.device);
  io.Field("problem_xxh", opened.problem_xxh);
  io.FieldOrNull("stable_bytes", opened.stable_bytes);
}

static void Describe(JsonIo& io, Finished& finished) {
  io.FieldOrNull("reason", finished.reason);
  std::optional<TokenUsage> tokens;
  if (!io.reading() && finished.tokens.reported) tokens = finished.tokens;
  io.Field("tokens", tokens);
  if (io.reading()) finished.tokens = tokens.value_or(TokenUsage{});
}

static void Describe(JsonIo& io, Replied& replied) {
  io.Field("model", replied.model);
  io.Field("finish_reason", replied.finish_reason);
  io.Field("request_id", replied.request_id);
  io.Field("tokens", replied.tokens);
  io.Field("attempts", replied.attempts);
  std::optional<bool> shortened;
  if (!io.reading() && replied.shortened) shortened = true;
  io.Field("shortened", shortened);
  if (io.reading()) replied.shortened = shortened.value_or(false);
  io.Field("model_ms", replied.model_ms);
}

static void Describe(JsonIo& io, ReplyMeta& meta) {
  Describe(io, meta.about);
  io.Field("reply_xxh", meta.reply_xxh);
}

static void Describe(JsonIo& io, NoCode& no_code) {
  Describe(io, no_code.reply);
  io.Field("missing", no_code.missing);
}

static void Describe(JsonIo& io, Refused& refused) {
  io.Field("reason", refused.reason);
  io.Field("tokens", refused.tokens);
}

static void Describe(JsonIo& io, CompilePassed& passed) {
  DescribeCompile(io, "compile_ms", passed.info);
}

static void Describe(JsonIo& io, CompileRejected& rejected) {
  io.Field("headline", rejected.headline);
  io.Field("errors", rejected.errors);
  io.Field("compile_ms", rejected.compile_ms);
  io.Field("cached", rejected.cached);
}

static void Describe(JsonIo& io, CompileCutOff& cut_off) {
  io.Field("timeout_ms", cut_off.timeout_ms);
}

static void Describe(JsonIo& io, Judged& judged) {
  DescribeKind(io, judged.kind);
  io.Field("reason", judged.reason);
  io.Field("headline", judged.headline);
  io.Field("flags", judged.flags);
  io.FieldOrNull("device", judged.device);
  io.FieldOrNull("median_us", judged.median_us);
  io.FieldOrNull("baseline_us", judged.baseline_us);
  io.Field("speedup", judged.speedup);
  io.Field("verified", judged.verified);
  DescribeChangeOrNull(io, judged.change);
  io.FieldOrNull("estimated_us", judged.estimated_us);
  io.FieldOrNull("estimated_speedup", judged.estimated_speedup);
  io.FieldOrNull("estimated_shape", judged.estimated_shape);
}

namespace {

template <class T>
Result<Payload> Parse(std::string_view json) {
  return Payload(TRY(ReadJson<T>(json, kWhat)));
}

}  // namespace

std::string ToJson(const Payload& payload) {
  return std::visit([](const auto& alternative) { return WriteJson(alternative, -1); }, payload);
}

Result<Payload> ParsePayload(Outcome outcome, std::string_view json) {
  switch (outcome) {
    case Outcome::kRoundOpened:
      return Parse<RoundOpened>(json);
    case Outcome::kRoundsUsedUp:
    case Outcome::kTargetReached:
    case Outcome::kPlateaued:
    case Outcome::kBudgetSpent:
      return Parse<Finished>(json);
    case Outcome::kReplied:
    case Outcome::kReplyKept:
      return Parse<Replied>(json);
    case Outcome::kNoCode:
      return Parse<NoCode>(json);
    case Outcome::kRefused:
      return Parse<Refused>(json);
    case Outcome::kCompiled:
      return Parse<CompilePassed>(json);
    case Outcome::kCompileFailed:
      return Parse<CompileRejected>(json);
    case Outcome::kCompileTimedOut:
      return Parse<CompileCutOff>(json);
    case Outcome::kCorrect:
    case Outcome::kWrong:
    case Outcome::kCrashed:
    case Outcome::kTimedOut:
    case Outcome::kCheated:
    case Outcome::kMeasured:
    case Outcome::kAmbiguous:
    case Outcome::kProfileFailed:
    case Outcome::kNotSimulated:
      return Parse<Judged>(json);
  }
  return Error{ErrorCode::kInternal, "an outcome without a payload", ""};
}

std::string ToJson(const ReplyMeta& meta) { return WriteJson(meta, 2) + "\n"; }

Result<ReplyMeta> ParseReplyMeta(std::string_view json) {
  return ReadJson<ReplyMeta>(json, "reply.json");
}

std::string OneLine(std::string_view text, std::size_t bytes_max) {
  std::string line = ForTerminal(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  line = std::string(Trim(line));
  if (line.size() <= bytes_max) return line;
  std::size_t end = bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return line.substr(0, end) + "...";
}

}  // namespace caesar
