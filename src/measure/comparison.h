// Whether a candidate is faster than another kernel. Pure.
//
// A difference counts from 0.5 % on: less than that lies between two processes that run the same
// kernel (where their memory lies, how warm the device is), and no interval of one pair of
// processes can know of it. So a decision also needs a second measurement, after both runners were
// restarted, that says the same. With 95 % intervals, two measurements wrongly call a true ratio at
// the very margin improved in 0.025^2 of all cases, far below the 1 % that an A/A test is held to.
#pragma once

#include <span>

#include "record/verdict.h"

namespace caesar {

// The smallest relative difference that counts (nvbench's compare script calls it the clear gap).
inline constexpr double kClearGap = 0.005;

// What one measurement says of `ratio` (the other's time over the candidate's): improved or slower
// if the interval lies beyond the gap, the same if it lies within, else undecided.
Change ChangeOf(const Ratio& ratio);

// Whether a second measurement must agree. Nothing depends on `slower`, so that one that is far
// from the gap stands alone.
bool NeedsConfirmation(const Ratio& ratio);

// What both together say.
Change Agreed(const Ratio& first, const Ratio& second);

// How many times as long a kernel took `beside` a candidate's process as it does `without` it, both
// at least one: by the medians or the upper quartiles, whichever says more. 1 if that is no more
// than 0.5 us, or 2 % (4 % for quartiles): beside honest candidates it is less than 1 % on an H100.
double Slowdown(std::span<const double> beside_us, std::span<const double> without_us);

}  // namespace caesar
