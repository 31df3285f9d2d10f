// The prompt of a round, made from what the sample knows.
#pragma once

#include "base/result.h"
#include "llm/prompts.h"
#include "session/fold.h"

namespace caesar {

class Workbench;

// `state` is the sample's before the round was opened, or after. `brief`: with the last attempt
// alone, cut short, for a model that the whole prompt was too long for.
Result<RoundText> PromptOf(int round, const SessionState& state, Workbench& bench, bool brief);

}  // namespace caesar
