#include "sys/group_place.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "sys/command_group.h"
#include "sys/file_error.h"
#include "sys/files.h"

namespace caesar {
namespace {

constexpr const char* kMainGroup = "caesar.main";
constexpr std::size_t kProcFileBytesMax = std::size_t{4} << 20;

Error NoGroups(std::string why) { return Error{ErrorCode::kEnvironment, std::move(why), ""}; }

// "a" and "/a/b" are below "/"; "/ab" is not below "/a". What is left of `path`: "" or "/...".
std::optional<std::string_view> Below(std::string_view path, std::string_view root) {
  if (root == "/") root = "";
  if (!StartsWith(path, root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (path == "/") path = "";
  if (!path.empty() && path[0] != '/') return std::nullopt;
  return path;
}

// "0::/user.slice": the line of version 2.
std::optional<std::string_view> OwnPath(std::string_view own) {
  for (const std::string_view line : Lines(own)) {
    if (StartsWith(line, "0::/")) return line.substr(3);
  }
  return std::nullopt;
}

std::string ReadAt(int folder, const char* name) {
  std::string text(std::size_t{64} << 10, '\0');
  const UniqueFd file(::openat(folder, name, O_RDONLY | O_CLOEXEC));
  if (!file.open()) return "";
  const ssize_t count = Uninterrupted([&] { return ::read(file.get(), text.data(), text.size()); });
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return text;
}

bool WriteAt(int folder, const char* name, std::string_view text) {
  const UniqueFd file(::openat(folder, name, O_WRONLY | O_CLOEXEC));
  return file.open() && WriteAll(file.get(), text);
}

bool HasWord(const std::string& text, const char* word) {
  const std::vector<std::string> words = Split(Trim(text), ' ');
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Into a group below `folder`, if we are the only process in there.
bool MoveOut(int folder) {
  if (Trim(ReadAt(folder, "cgroup.procs")) != std::to_string(::getpid())) return false;
  if (::mkdirat(folder, kMainGroup, 0755) != 0 && errno != EEXIST) return false;
  const UniqueFd leaf(::openat(folder, kMainGroup, O_PATH | O_DIRECTORY | O_CLOEXEC));
  return leaf.open() && WriteAt(leaf.get(), "cgroup.procs", "0");
}

// Whether groups below may have controllers: there must be no process beside them, except in the
// root. The kernel refuses "+memory" otherwise, but takes "+pids", and then no process into groups.
bool MayHaveControllers(int folder, bool root) {
  return root || Trim(ReadAt(folder, "cgroup.procs")).empty() || MoveOut(folder);
}

// Switches a controller on for the groups below. True if it is on.
bool Enable(int folder, const char* controller) {
  return HasWord(ReadAt(folder, "cgroup.subtree_control"), controller) ||
         WriteAt(folder, "cgroup.subtree_control", Format("+{}", controller));
}

void EnableControllers(GroupPlace& place, bool root) {
  const int folder = place.folder.get();
  const std::string controllers = ReadAt(folder, "cgroup.controllers");
  const bool pids = HasWord(controllers, "pids");
  const bool memory = HasWord(controllers, "memory");
  if ((pids || memory) && MayHaveControllers(folder, root)) {
    place.tasks = pids && Enable(folder, "pids");
    place.memory = memory && Enable(folder, "memory");
  }
  if (place.tasks && place.memory) return;
  place.no_limits =
      !pids || !memory
          ? "the controllers pids and memory are not given to the group that caesar runs in"
      : !place.tasks && !place.memory
          ? "other processes are in the group that caesar runs in"
          : "the kernel does not let caesar switch on both of the controllers pids and memory";
}

Result<GroupPlace> FindPlace() {
  const std::string mounts = TRY(RealFiles().Read("/proc/self/mountinfo", kProcFileBytesMax));
  const std::string own = TRY(RealFiles().Read("/proc/self/cgroup", kProcFileBytesMax));
  std::string path = TRY(OwnGroupFolder(mounts, own));
  const std::string main_group = Format("/{}", kMainGroup);
  if (EndsWith(path, main_group)) path.resize(path.size() - main_group.size());
  GroupPlace place;
  place.folder.Reset(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!place.folder.open() || ::faccessat(place.folder.get(), ".", W_OK, AT_EACCESS) != 0)
    return NoGroups(Format("{}: {}", path, SystemMessage(errno)));
  if (::faccessat(place.folder.get(), "cgroup.procs", W_OK, AT_EACCESS) != 0)
    return NoGroups(Format("{}/cgroup.procs: {}", path, SystemMessage(errno)));
  const std::string type(Trim(ReadAt(place.folder.get(), "cgroup.type")));
  const bool root = type.empty();
  if (!root && type != "domain")
    return NoGroups(
        Format("{}: no group of processes can be made in a cgroup of type \"{}\"", path, type));
  EnableControllers(place, root);
  RemoveStaleGroups(place.folder.get());
  return place;
}

}  // namespace

Result<std::string> OwnGroupFolder(std::string_view mountinfo, std::string_view own) {
  const auto path = OwnPath(own);
  if (!path) return NoGroups("the kernel has no cgroups of version 2");
  for (const std::string_view line : Lines(mountinfo)) {
    // 31 23 0:27 ROOT WHERE OPTIONS [MORE...] - TYPE SOURCE OPTIONS
    const std::size_t behind = line.find(" - ");
    if (behind == std::string_view::npos || !StartsWith(line.substr(behind), " - cgroup2 "))
      continue;
    const std::vector<std::string> words = Split(line.substr(0, behind), ' ');
    if (words.size() < 6) continue;
    const auto rest = Below(*path, words[3]);
    // A path that begins with ".." lies outside of our cgroup namespace.
    if (rest && !StartsWith(*rest, "/..")) return words[4] + std::string(*rest);
  }
  return NoGroups("the group that caesar runs in is not in any file system of cgroups (version 2)");
}

void RemoveStaleGroups(int folder) {
  const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(again), ::closedir);
  if (entries == nullptr) {
    ::close(again);
    return;
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    if (!StartsWith(entry->d_name, kGroupPrefix)) continue;
    const UniqueFd group(::openat(folder, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!group.open()) continue;
    const UniqueFd kill(::openat(group.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
    if (!kill.open() || ::flock(kill.get(), LOCK_EX | LOCK_NB) != 0) continue;
    const GroupHandle stale{folder, group.get(), kill.get(), entry->d_name};
    stale.Kill();
    stale.Remove();
  }
}

const GroupPlace& OwnGroupPlace() {
  static const GroupPlace place = [] {
    Result<GroupPlace> found = FindPlace();
    if (found.ok()) return std::move(found).value();
    GroupPlace none;
    none.why_not = found.error().message;
    return none;
  }();
  return place;
}

}  // namespace caesar
