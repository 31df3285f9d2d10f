// Whether a claimed time stands against the judge's own clock, and how many calls that clock needs.
// Pure.
#pragma once

#include <span>

namespace caesar {

// Below this, one call's trusted time says too little, and batches are timed too: a hand-over that
// is not what a null call's is (who says `done` as soon as it has launched saves 20 to 40 us)
// counts a fourth there, or less.
inline constexpr double kBatchBelowUs = 1000.0;

// Calls per batch so that the hand-over is small against its work: between 4 and 64. The baseline
// makes them, too, and gets a second for a batch, or eight calls: with these each has the least
// slack.
int BatchSize(double claimed_us, double baseline_us);

// What a null call takes, or a null batch of so many calls: a lower quartile, since what disturbs a
// call makes it longer. 0 without any, so that no claim stands.
struct NullTime {
  double us = 0;
  double spread_us = 0;  // between the quartiles, at most 5: the clock is no better than that
};
// From those made `beside` the candidate's process, and those made `without` it, once it had ended.
//
// What a candidate leaves on the device rests with its process, but for copies: a kernel behind one
// can meet a null call, and the two switches of contexts then cost that 120 to 270 us on an H100
// (null_stretcher of the corpus). Beside honest candidates null calls took up to 17 us longer,
// null batches up to 3 us a call, and 92 in all. So those beside are believed within that, which is
// less than one such kernel, else those without. These are the less of what two processes take: one
// may be 30 or 40 us late in every call (Evaluator::MeasureOnDevice), null calls too. The
// quartile lies on a value of its own, not between two, or some hits would count in part.
NullTime NullTimeOf(std::span<const double> beside_us, std::span<const double> without_us,
                    int calls);

// By the judge's clock, less what a null call or a null batch takes.
struct TrustedTimes {
  double single_us = 0;  // of a call alone, which begins with a clean L2
  double spread_us = 0;  // that null calls have among each other: it is no better known
  double alone_us = 0;   // likewise, but behind the least delay; where `calls` > 1
  double batch_us = 0;   // of a call behind the least delay: in a batch, if `calls` > 1
  int calls = 1;
  // The dirty lines of L2 that a call in a batch finds, and one alone does not: what they cost by
  // the judge's clock, and what it takes at most to write them back.
  double dirty_us = 0;
  double dirty_max_us = 0;
};

// All three times may exceed the claim by at most max(15 us, 3 %), calls alone also by the spread;
// in a batch the 15 us are divided among its calls, down to 2 us, and dirty lines are granted.
// Where a batch takes longer still, and dirty lines can explain it (they also displace what would
// be read again), calls alone have to lie within 10 us, and both kinds on average within 8 us.
//
// Each covers the others' back: behind a long delay work can be hidden in the delay kernel's place;
// in a batch calls that leave most of the device idle can be made to run side by side; and a call
// alone behind the least delay is known no better than that.
bool ClaimStands(double claimed_us, const TrustedTimes& trusted);

}  // namespace caesar
