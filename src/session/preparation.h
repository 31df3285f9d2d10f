// What the judge needs besides the candidate, made ready while the model answers: the problem's
// reference and baseline are compiled in a background thread, and the judge is told to load them.
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

struct Prepared {
  std::string reference;  // paths of shared objects
  std::string baseline;   // empty: the problem has none
};

class Preparation {
 public:
  Preparation(const SampleSpec& spec, World& world) : spec_(spec), world_(world) {}
  ~Preparation();  // stops what is under way, and waits for that
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  // Begins, unless it is under way. While it is, nothing else may talk to the judge.
  void Start(const std::string& arch);
  // Begins if nothing did, and waits. Errors: kBadInput (the problem's own code does not compile),
  // what the compiler returned, kInterrupted.
  Result<Prepared> Wait(const std::string& arch);

 private:
  void Run(const std::string& arch);
  Result<Prepared> Prepare(const std::string& arch);

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
