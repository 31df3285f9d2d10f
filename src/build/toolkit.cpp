#include "build/toolkit.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr const char* kWhatToDo =
    "Run scripts/setup, which puts a CUDA toolkit into build/toolkit; or install the CUDA toolkit "
    "13 and set CAESAR_NVCC "
    "to the path of its nvcc.";
constexpr const char* kCorrectIt =
    "Correct CAESAR_NVCC, or unset it: then nvcc is looked for in the usual places.";
constexpr Milliseconds kVersionTimeout{20'000};
constexpr int kParentsMax =
    4;  // <repo>/build/<preset>/src/caesar: the repository is three above the binary's folder

struct Place {
  std::string nvcc;
  std::string why;
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The folders above the binary, nearest first: build/toolkit and toolkit of each are places to look
// at.
void AddPlacesAbove(const std::string& own_path, std::vector<Place>& places) {
  std::filesystem::path folder = std::filesystem::path(own_path).parent_path();
  for (int level = 0; level < kParentsMax && folder.has_relative_path(); ++level) {
    for (const char* below : {"toolkit/bin/nvcc", "build/toolkit/bin/nvcc"}) {
      places.push_back({(folder / below).string(), "beside this program"});
    }
    folder = folder.parent_path();
  }
}

std::vector<Place> PlacesToLook(const ToolkitHints& hints) {
  if (!hints.caesar_nvcc.empty()) return {{hints.caesar_nvcc, "CAESAR_NVCC"}};
  std::vector<Place> places;
  if (!hints.cuda_home.empty()) places.push_back({hints.cuda_home + "/bin/nvcc", "CUDA_HOME"});
  if (!hints.cuda_path.empty()) places.push_back({hints.cuda_path + "/bin/nvcc", "CUDA_PATH"});
  for (const std::string& folder : Split(hints.path, ':')) {
    // A relative entry would make the result depend on the working folder, which may be anybody's.
    if (StartsWith(folder, "/")) places.push_back({folder + "/nvcc", "PATH"});
  }
  places.push_back({"/usr/local/cuda/bin/nvcc", "the usual place"});
  AddPlacesAbove(hints.own_path, places);
  return places;
}

// The one use of the real file system beside the Files seam: nvcc finds its own parts relative to
// its real place.
std::string ResolveLinks(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

// "Cuda compilation tools, release 13.0, V13.0.88" -> "13.0.88".
std::optional<std::string> VersionIn(std::string_view text) {
  for (std::string_view line : Lines(text)) {
    const std::size_t mark = line.rfind(", V");
    if (mark == std::string_view::npos || line.find("release") == std::string_view::npos) continue;
    const std::string_view version = Trim(line.substr(mark + 3));
    if (version.empty() || version.size() > 32) continue;
    if (version.find_first_not_of("0123456789.") != std::string_view::npos) continue;
    return std::string(version);
  }
  return std::nullopt;
}

// What a wrong program says may be long; its beginning tells which one it is.
std::string FirstLine(std::string_view text) {
  for (const std::string_view line : Lines(text)) {
    if (!Trim(line).empty()) return ToValidUtf8(Trim(line).substr(0, 100));
  }
  return "";
}

Result<std::string> AskVersion(const std::string& nvcc, Processes& processes) {
  Command command;
  command.argv = {nvcc, "--version"};
  command.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
  command.output_bytes_max = 64 << 10;
  const ProcessEnd end = TRY(processes.Run(command, kVersionTimeout, StopToken()));
  if (end.how == ProcessEnd::How::kTimedOut) {
    return Error{ErrorCode::kEnvironment, "it did not answer to --version in time", ""};
  }
  const std::optional<std::string> version = VersionIn(end.output);
  if (end.how != ProcessEnd::How::kExited || end.exit_code != 0 || !version) {
    return Error{ErrorCode::kEnvironment, "it does not answer to --version as nvcc does",
                 FirstLine(ForTerminal(end.errors + end.output))};
  }
  return *version;
}

// One question per nvcc and process. A replaced nvcc has another size or time, and is asked again.
Result<std::string> VersionOf(const std::string& nvcc, const FileInfo& info, Processes& processes) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  const std::string id = Format("{} {} {}", nvcc, info.bytes, info.modified_ns);
  {
    const std::lock_guard<std::mutex> guard(mutex);
    if (auto found = known.find(id); found != known.end()) return found->second;
  }
  std::string version = TRY(AskVersion(nvcc, processes));
  const std::lock_guard<std::mutex> guard(mutex);
  known[id] = version;
  return version;
}

}  // namespace

ToolkitHints HintsOfThisProcess() {
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
  return {Environment("CAESAR_NVCC"), Environment("CUDA_HOME"), Environment("CUDA_PATH"),
          Environment("PATH"), error ? "" : own.string()};
}

Result<Toolkit> FindToolkit(const ToolkitHints& hints, Files& files, Processes& processes) {
  std::string looked_at;
  for (const Place& place : PlacesToLook(hints)) {
    const Result<std::optional<FileInfo>> info = files.Stat(place.nvcc);
    std::string problem = "not there";
    if (!info.ok()) {
      problem = info.error().message;
    } else if (info.value() && info.value()->kind != FileInfo::Kind::kFile) {
      problem = "not a file";
    } else if (info.value()) {
      const std::string nvcc = ResolveLinks(place.nvcc);
      const Result<std::string> version = VersionOf(nvcc, *info.value(), processes);
      if (version.ok()) {
        const std::filesystem::path bin = std::filesystem::path(nvcc).parent_path();
        return Toolkit{nvcc, version.value(), bin.parent_path().string()};
      }
      problem = version.error().message;
      if (!version.error().detail.empty()) problem += ": " + version.error().detail;
    }
    looked_at += Format("  {} ({}): {}\n", place.nvcc, place.why, problem);
  }
  const std::string message = hints.caesar_nvcc.empty()
                                  ? "No CUDA compiler (nvcc) was found."
                                  : "CAESAR_NVCC is set, but is not a working nvcc.";
  return Error{ErrorCode::kEnvironment, message,
               "Looked at:\n" + looked_at + (hints.caesar_nvcc.empty() ? kWhatToDo : kCorrectIt)};
}

Result<Toolkit> FindToolkit(Files& files, Processes& processes) {
  return FindToolkit(HintsOfThisProcess(), files, processes);
}

}  // namespace caesar
