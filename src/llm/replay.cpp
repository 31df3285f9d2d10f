#include "llm/replay.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "llm/answer_reader.h"
#include "record/paths.h"

namespace caesar {
namespace {

constexpr int kRepliesMax = 10'000;
constexpr std::uint64_t kMetaBytesMax = 1 << 20;

// 12 of "012"; 0 if it is no number from 1 to kRepliesMax.
int NumberOf(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole =
      error == std::errc() && end == digits.data() + digits.size() && digits.front() != '-';
  return whole && number <= kRepliesMax ? number : 0;
}

struct RecordedReply {
  std::string path;
  std::string meta;  // reply.json of the round, if it is one of an earlier run
};

// The replies of an earlier sample: round n's is the n-th. Its last rounds may lack theirs, being
// interrupted, refused or over budget; a gap would answer the rounds after it with others' replies.
Result<std::vector<RecordedReply>> RepliesOfRounds(const std::map<int, std::string>& rounds,
                                                   const std::string& folder, Files& files) {
  std::vector<RecordedReply> replies;
  for (const auto& [number, name] : rounds) {
    const std::string path = folder + "/" + name + "/";
    if (!TRY(files.Stat(path + std::string(kReplyFile)))) continue;
    replies.push_back({path + std::string(kReplyFile), path + std::string(kReplyMetaFile)});
    if (number == static_cast<int>(replies.size())) continue;
    return Error{ErrorCode::kBadInput,
                 Format("{} is there, but round {} before it has no {}.", replies.back().path,
                        replies.size(), kReplyFile),
                 "Restore it, or put the replies into a folder of their own as 001.md, 002.md, "
                 "..., and name that."};
  }
  return replies;
}

// In the order of their numbers.
Result<std::vector<RecordedReply>> FindReplies(const std::string& folder, Files& files) {
  static constexpr std::string_view kRound = "round_";
  std::map<int, std::string> texts;
  std::map<int, std::string> rounds;
  for (const std::string& name : TRY(files.List(folder))) {
    if (EndsWith(name, ".md")) {
      const int number = NumberOf(std::string_view(name).substr(0, name.size() - 3));
      if (number > 0) texts[number] = name;
    } else if (StartsWith(name, kRound)) {
      const int number = NumberOf(std::string_view(name).substr(kRound.size()));
      if (number > 0) rounds[number] = name;
    }
  }
  if (!rounds.empty()) return RepliesOfRounds(rounds, folder, files);
  std::vector<RecordedReply> replies;
  for (const auto& [number, name] : texts) replies.push_back({folder + "/" + name, ""});
  return replies;
}

// How the recorded reply ended ("length" is told to the model); "stop" where nothing is known.
std::string FinishReason(const std::string& meta, Files& files) {
  if (meta.empty()) return "stop";
  const auto text = files.Read(meta, kMetaBytesMax);
  if (!text.ok()) return "stop";
  const auto json = nlohmann::json::parse(text.value(), nullptr, /*allow_exceptions=*/false);
  const auto reason = json.is_object() ? json.find("finish_reason") : json.end();
  return reason != json.end() && reason->is_string() ? reason->get<std::string>() : "stop";
}

class ReplayModel : public Model {
 public:
  // Either `replies` or `texts` has something.
  ReplayModel(std::string origin, std::vector<RecordedReply> replies,
              std::vector<std::string> texts, Files& files)
      : origin_(std::move(origin)),
        replies_(std::move(replies)),
        texts_(std::move(texts)),
        files_(files) {}

  int rounds_max() const override {
    return static_cast<int>(std::max(replies_.size(), texts_.size()));
  }

  Result<ModelOutcome> Ask(const ModelRequest& request, ReplySink& sink, StopToken stop) override {
    if (stop.now())
      return Error{ErrorCode::kInterrupted, "Interrupted before the reply was replayed.", ""};
    if (request.round < 1 || request.round > rounds_max()) {
      return Error{ErrorCode::kBadInput,
                   Format("Round {} asks for a reply, but {} has only {} recorded.", request.round,
                          origin_, rounds_max()),
                   Format("Use --rounds {} or fewer with --provider replay.", rounds_max())};
    }
    const std::size_t index = static_cast<std::size_t>(request.round) - 1;
    ModelReply reply;
    reply.text = ToValidUtf8(
        replies_.empty() ? texts_[index] : TRY(files_.Read(replies_[index].path, kReplyBytesMax)));
    reply.finish_reason = replies_.empty() ? "stop" : FinishReason(replies_[index].meta, files_);
    reply.model = "replay";
    TRY(sink.OnText(reply.text));
    return ModelOutcome(std::move(reply));
  }

 private:
  std::string origin_;
  std::vector<RecordedReply> replies_;
  std::vector<std::string> texts_;
  Files& files_;
};

}  // namespace

Result<std::unique_ptr<Model>> MakeReplayModel(const ModelConfig& config, const Problem& problem,
                                               int sample, Files& files) {
  if (config.replies.empty()) {
    const std::string origin = "problem " + problem.name;
    if (problem.replies.empty()) {
      return Error{ErrorCode::kBadInput, Format("There are no recorded replies for {}.", origin),
                   "Put them into its folder as replies/001.md, 002.md, ..., or name a folder with "
                   "--replies."};
    }
    return std::unique_ptr<Model>(std::make_unique<ReplayModel>(
        origin, std::vector<RecordedReply>{}, problem.replies, files));
  }
  const bool is_run = TRY(files.Stat(RunFile(config.replies))).has_value();
  const std::string folder =
      is_run ? SampleFolder(config.replies, problem.name, sample) : config.replies;
  if (!TRY(files.Stat(folder))) {
    return Error{ErrorCode::kBadInput,
                 is_run ? Format("The run {} has no sample {} of problem {}.", config.replies,
                                 sample, problem.name)
                        : Format("There is no folder {}.", folder),
                 "Name a run directory with --replies, the folder of one of its samples, or a "
                 "folder of 001.md, 002.md, ..."};
  }
  std::vector<RecordedReply> replies = TRY(FindReplies(folder, files));
  if (replies.empty()) {
    return Error{ErrorCode::kBadInput, Format("There are no recorded replies in {}.", folder),
                 "Expected 001.md, 002.md, ..., or an earlier run's round_001/reply.md, ..."};
  }
  return std::unique_ptr<Model>(
      std::make_unique<ReplayModel>(folder, std::move(replies), std::vector<std::string>{}, files));
}

}  // namespace caesar
