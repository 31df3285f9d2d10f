// Who keeps the device busy between calls: the candidate, or somebody else?
#pragma once

#include "judge/timed_calls.h"

namespace caesar {

// The candidate, if in every one of several trials the device was busy right after its calls while
// its process lived, although none of its calls was under way, and idle after the baseline's calls
// once its process had ended. Somebody else's load does not follow the life of a process. Takes a
// few seconds; the candidate has its code in a fresh process afterwards. False, too, where its
// verdict was settled meanwhile.
Result<bool> CandidateKeepsBusy(TimedCalls& calls, int delay_us);

}  // namespace caesar
