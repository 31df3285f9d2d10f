// Who keeps the device busy between calls: the candidate, or somebody else?
#pragma once

#include "judge/timed_calls.h"

namespace caesar {

// The candidate, if in several trials the device was mostly busy right after its calls, although
// none of them was under way, and hardly ever after the baseline's calls once its process had
// ended. Somebody else's load does not follow the life of a process that ends and begins several
// times. Takes a few seconds; the candidate has its code in a fresh process afterwards. False, too,
// where its verdict was settled meanwhile.
Result<bool> CandidateKeepsBusy(TimedCalls& calls, int delay_us);

}  // namespace caesar
