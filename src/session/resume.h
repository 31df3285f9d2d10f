// From a sample's folder to the state it is in: takes the lock, folds the journal, and checks that
// the folder holds what the journal says.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "session/fold.h"
#include "session/session.h"
#include "sys/clock.h"
#include "sys/files.h"

namespace caesar {

// An open sample. While it lives, no other process can open it.
struct OpenedSample {
  std::string folder;
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<AppendFile> journal;  // null: the sample has finished
  SessionState state;
};

// Errors: kIo (another process holds the lock; a file cannot be read), kBadInput (a damaged
// journal, a file that is not what the journal says, another problem than the one the sample was
// begun with).
Result<OpenedSample> OpenSample(const SampleSpec& spec, World& world);

// Appends one step, durably.
Status AppendStep(OpenedSample& sample, const Step& step, Clock& clock);

// best.cu, made from the best round's kernel wherever it is missing or another one. Nothing if
// there is no best round.
Status KeepBest(const std::string& folder, const SessionState& state, Files& files);

}  // namespace caesar
