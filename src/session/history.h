// Which earlier rounds the model sees again.
#pragma once

#include <vector>

#include "base/result.h"
#include "llm/prompts.h"
#include "record/run_config.h"
#include "session/fold.h"

namespace caesar {

class Workbench;

// The rounds that `history` picks, oldest first. `best` falls back to the last one while none is
// correct. Pure.
std::vector<int> RoundsToShow(const SessionState& state, HistoryKind history);

// Those rounds as they lie in their folders.
Result<std::vector<PastAttempt>> PastAttempts(const SessionState& state, const Workbench& bench);

}  // namespace caesar
