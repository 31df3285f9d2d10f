#include "device/gpu_lock.h"

#include "base/format.h"
#include "record/paths.h"

namespace caesar {
namespace {

constexpr unsigned kEverybody = 0666;
constexpr Milliseconds kPoll{2};

Result<std::string> LockFolder(Files& files) {
  for (const char* folder : {"/run/lock", "/tmp"}) {
    const auto info = TRY(files.Stat(folder));
    if (!info.has_value() || info->kind != FileInfo::Kind::kFolder) continue;
    // The folder may be there and not be ours to write: a probe tells.
    if (files.TryLock(std::string(folder) + "/caesar.probe", LockMode::kShared, kEverybody).ok())
      return std::string(folder);
  }
  return Error{ErrorCode::kIo,
               "no folder for the GPU lock: neither /run/lock nor /tmp can be written", ""};
}

Result<std::unique_ptr<FileLock>> WaitFor(const std::string& path, LockMode mode,
                                          SteadyTime deadline, Files& files, Clock& clock,
                                          StopToken stop) {
  for (;;) {
    auto lock = TRY(files.TryLock(path, mode, kEverybody));
    if (lock != nullptr) return lock;
    if (clock.Now() >= deadline) {
      return Error{ErrorCode::kEnvironment,
                   Format("the GPU is in use: {} could not be had in time", path),
                   "Another caesar process times kernels on this GPU. Wait for it, or choose "
                   "another GPU with --device cuda:N."};
    }
    TRY(clock.Sleep(kPoll, stop));
  }
}

}  // namespace

Result<std::unique_ptr<FileLock>> LockGpu(const std::string& uuid, LockMode mode,
                                          Milliseconds timeout, Files& files, Clock& clock,
                                          StopToken stop) {
  const SteadyTime deadline = clock.Now() + timeout;
  const std::string base = TRY(LockFolder(files)) + "/caesar-" + PathComponent(uuid);
  const auto gate =
      TRY(WaitFor(base + ".gate", LockMode::kExclusive, deadline, files, clock, stop));
  return WaitFor(base + ".lock", mode, deadline, files, clock, stop);
}

}  // namespace caesar
