// What the judge needs besides the candidate, made ready while the model answers: the problem's
// reference and baseline are compiled in a background thread, and the judge is told to load them.
// Without a device they are compiled all the same: a problem whose own code is broken is told as
// such, and not as a device that is missing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "session/session.h"
#include "session/world.h"
#include "sys/stop.h"

namespace caesar {

// What to compile for: the device's architecture, or sm_90a where there is no device.
std::string ArchFor(const DeviceInfo* device);

struct Prepared {
  std::string reference;         // paths of shared objects
  std::string baseline;          // empty: the problem has none, or it was skipped
  std::string baseline_skipped;  // why it cannot run on the simulated GPU
};

class Preparation {
 public:
  Preparation(const SampleSpec& spec, World& world) : spec_(spec), world_(world) {}
  ~Preparation();  // stops what is under way, and waits for that
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  // Begins, unless it is under way. While it is, nothing else may talk to the judge.
  // `device`: null where there is none; then the judge is told nothing.
  void Start(const DeviceInfo* device);
  // Begins if nothing did, and waits. Errors: kBadInput (the problem's own code does not compile),
  // what the compiler returned, kInterrupted.
  Result<Prepared> Wait(const DeviceInfo* device);

 private:
  void Run(const std::string& arch, bool warm);
  Result<Prepared> Prepare(const std::string& arch, bool warm);

  const SampleSpec& spec_;
  World& world_;
  StopSource cancel_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable finished_;
  bool done_ = false;                         // guarded by mutex_
  std::optional<Result<Prepared>> prepared_;  // guarded by mutex_
};

// Compiles one of the problem's own sources. Error kBadInput where it does not compile.
Result<Compiled> CompileOwn(const SampleSpec& spec, Compiler& compiler, Role role,
                            const std::string& arch, StopToken stop);

JudgeRequest RequestFor(const SampleSpec& spec, const Prepared& prepared,
                        const std::string& candidate);

}  // namespace caesar
