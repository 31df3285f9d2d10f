// The prompt of a round, made from what the sample knows.
#pragma once

#include "base/result.h"
#include "llm/prompts.h"
#include "session/fold.h"

namespace caesar {

class Workbench;

enum class PromptLength { kWhole, kBrief, kTaskAlone };

// `state` is the sample's before the round was opened, or after. For a model that the whole prompt
// was too long for: kBrief has the last attempt alone, cut short; kTaskAlone has none.
Result<RoundText> PromptOf(int round, const SessionState& state, Workbench& bench,
                           PromptLength length);

}  // namespace caesar
