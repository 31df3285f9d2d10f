// run.json: made once by whoever comes first, and the same for all who come later.
#include "base/format.h"
#include "base/strings.h"
#include "record/paths.h"
#include "session/session.h"

namespace caesar {
namespace {

constexpr std::uint64_t kRunBytesMax = std::uint64_t{1} << 20;
constexpr const char* kAdvice =
    "Go on with the same options, or start a new run directory with --out.";

}  // namespace

Status OpenRun(const std::string& run, const RunConfig& config, Files& files) {
  const std::string path = RunFile(run);
  TRY(files.MakeFolders(run));
  if (TRY(files.WriteNew(path, ToJson(config)))) return {};

  const auto theirs = ParseRunConfig(TRY(files.Read(path, kRunBytesMax)));
  if (!theirs.ok()) {
    return Error{ErrorCode::kBadInput, Format("{}: {}", path, theirs.error().message),
                 theirs.error().detail.empty() ? kAdvice : theirs.error().detail};
  }
  if (theirs.value().caesar_version != config.caesar_version) {
    return Error{ErrorCode::kBadInput,
                 Format("{} was begun by caesar {}, but this is caesar {}", run,
                        theirs.value().caesar_version, config.caesar_version),
                 "Go on with that version, or start a new run directory with --out."};
  }
  const auto differences = Differences(config, theirs.value());
  if (differences.empty()) return {};
  return Error{ErrorCode::kBadInput,
               Format("{} holds another configuration than this command", path),
               Join(differences, "\n") + "\n" + kAdvice};
}

}  // namespace caesar
