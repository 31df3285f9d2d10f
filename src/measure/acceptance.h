// Whether a claimed time stands against the judge's own clock, and how many calls that clock needs.
// Pure.
#pragma once

namespace caesar {

// Below this, one call's trusted time says too little, and batches are timed too.
inline constexpr double kBatchBelowUs = 300.0;

// Calls per batch so that the hand-over is small against its work: between 2 and 64. The baseline
// makes them, too, and gets a second for a batch, or eight calls: with these each has the least
// slack.
int BatchSize(double claimed_us, double baseline_us);

// By the judge's clock, less what a null call or a null batch takes.
struct TrustedTimes {
  double single_us = 0;  // of a call alone, which begins with a clean L2
  double spread_us = 0;  // that null calls have among each other: it is no better known
  double alone_us = 0;   // likewise, but without the delay kernel; where `calls` > 1
  double batch_us = 0;   // of a call without the delay kernel: in a batch, if `calls` > 1
  int calls = 1;
  // The dirty lines of L2 that a call in a batch finds, and one alone does not: what they cost by
  // the judge's clock, and what it takes at most to write them back.
  double dirty_us = 0;
  double dirty_max_us = 0;
};

// Both times may exceed the claim by at most max(15 us, 3 %), a call alone also by the spread; in a
// batch the 15 us are divided among its calls, down to 2 us, and dirty lines are granted. Where a
// batch takes longer still, and dirty lines can explain it (they also displace what would be read
// again), a call alone has to lie within 10 us.
//
// Dirty lines are granted only to who needs no delay kernel either: what they cost shows in calls
// of the candidate's own, which it may know and make longer, and from a call alone it may hide work
// in that kernel's place.
bool ClaimStands(double claimed_us, const TrustedTimes& trusted);

}  // namespace caesar
