#include "llm/replay.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "llm/answer_reader.h"
#include "record/paths.h"

namespace caesar {
namespace {

constexpr int kRepliesMax = 10'000;

// 12 of "012"; 0 if it is no number from 1 to kRepliesMax.
int NumberOf(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole =
      error == std::errc() && end == digits.data() + digits.size() && digits.front() != '-';
  return whole && number <= kRepliesMax ? number : 0;
}

// Paths of the replies in `folder`, in the order of their numbers.
Result<std::vector<std::string>> FindReplies(const std::string& folder, Files& files) {
  std::map<int, std::string> by_number;
  for (const std::string& name : TRY(files.List(folder))) {
    static constexpr std::string_view kRound = "round_";
    if (EndsWith(name, ".md")) {
      const int number = NumberOf(std::string_view(name).substr(0, name.size() - 3));
      if (number > 0) by_number[number] = folder + "/" + name;
    } else if (StartsWith(name, kRound)) {
      const int number = NumberOf(std::string_view(name).substr(kRound.size()));
      const std::string path = folder + "/" + name + "/" + std::string(kReplyFile);
      if (number > 0 && TRY(files.Stat(path)).has_value()) by_number[number] = path;
    }
  }
  std::vector<std::string> paths;
  for (const auto& [number, path] : by_number) paths.push_back(path);
  return paths;
}

class ReplayModel : public Model {
 public:
  // Either `paths` or `texts` has something.
  ReplayModel(std::string origin, std::vector<std::string> paths, std::vector<std::string> texts,
              Files& files)
      : origin_(std::move(origin)),
        paths_(std::move(paths)),
        texts_(std::move(texts)),
        files_(files) {}

  int rounds_max() const override {
    return static_cast<int>(std::max(paths_.size(), texts_.size()));
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
    reply.text = ToValidUtf8(paths_.empty() ? texts_[index]
                                            : TRY(files_.Read(paths_[index], kReplyBytesMax)));
    reply.finish_reason = "stop";
    reply.model = "replay";
    TRY(sink.OnText(reply.text));
    return ModelOutcome(std::move(reply));
  }

 private:
  std::string origin_;
  std::vector<std::string> paths_;
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
    return std::unique_ptr<Model>(
        std::make_unique<ReplayModel>(origin, std::vector<std::string>{}, problem.replies, files));
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
  std::vector<std::string> paths = TRY(FindReplies(folder, files));
  if (paths.empty()) {
    return Error{ErrorCode::kBadInput, Format("There are no recorded replies in {}.", folder),
                 "Expected 001.md, 002.md, ..., or an earlier run's round_001/reply.md, ..."};
  }
  return std::unique_ptr<Model>(
      std::make_unique<ReplayModel>(folder, std::move(paths), std::vector<std::string>{}, files));
}

}  // namespace caesar
