// What the steps of one sample share: who they work for, the world, and what they remember in
// memory. All that is remembered here can be had again, which is what happens after a resume.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "session/budget.h"
#include "session/call_log.h"
#include "session/preparation.h"
#include "session/round_files.h"
#include "session/session.h"
#include "session/world.h"

namespace caesar {

class Workbench {
 public:
  // `device`: the one that the sample's journal speaks of; empty: none yet.
  Workbench(const SampleSpec& spec, World& world, std::string folder, std::string device)
      : spec_(spec),
        world_(world),
        folder_(std::move(folder)),
        device_(std::move(device)),
        budget_(world, spec.config, spec.run, folder_.substr(spec.run.size() + 1)),
        preparation_(spec, world) {}

  const SampleSpec& spec() const { return spec_; }
  World& world() const { return world_; }
  const std::string& folder() const { return folder_; }
  Preparation& preparation() { return preparation_; }
  Budget& budget() { return budget_; }
  // A new log of the calls of the round whose files these are; the one before it is written.
  RoundCallLog& Calls(const RoundFiles& files);
  // Writes what the last log keeps of a call.
  Status FlushCalls();
  RoundFiles Round(int round) const { return RoundFiles(world_.files, folder_, round); }

  // The device, or null where there is none: prompts and compiles can do without.
  // Errors: kInterrupted; kEnvironment if it is another one than the sample was begun on.
  Result<const DeviceInfo*> Device();
  // The same, for steps that cannot do without. Error kEnvironment: why there is none.
  Result<const DeviceInfo*> RequireDevice(int round);
  // Of the device; sm_90a where there is none.
  Result<std::string> Arch();

  // The candidate's compile, which is remembered for the round's later steps.
  Result<CompileOutcome> Compile(int round, const std::string& source);
  // What Compile gave, compiled again (from the cache) if that was before a resume.
  Result<Compiled> Candidate(int round);
  // The same for the best round so far.
  Result<Compiled> Best(int round);

 private:
  const SampleSpec& spec_;
  World& world_;
  std::string folder_;
  std::string device_;
  std::optional<Result<DeviceInfo>> hello_;
  using OfRound = std::optional<std::pair<int, Compiled>>;
  Result<Compiled> Remembered(OfRound& known, int round);
  Result<CompileOutcome> CompileSource(const std::string& source);

  OfRound candidate_;
  OfRound best_;
  Budget budget_;
  std::unique_ptr<RoundCallLog> calls_;
  Preparation preparation_;
};

}  // namespace caesar
