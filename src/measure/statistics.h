// Samples -> statistics. Pure; all times in microseconds.
#pragma once

#include <span>
#include <vector>

#include "record/verdict.h"

namespace caesar {

// Median, quartiles, minimum and the 95 % interval of the median. The interval is
// distribution-free: order statistics with ranks from the binomial distribution with p = 1/2
// (Conover, Practical Nonparametric Statistics, 3.2). With fewer than 6 samples no such interval
// exists: then it is [min, max]. At least one sample.
TimeStats Summarize(std::span<const double> samples_us, int discarded);

// The upper median; 0 without any.
double Median(std::vector<double> values);

// Half-width of the median's interval over the median.
double RelativeHalfWidth(const TimeStats& stats);
double RelativeHalfWidth(const Ratio& ratio);

// Speed-up: the median of baseline[i] / candidate[i] over samples that were taken in turn on the
// same data, with its 95 % interval by order statistics. What both have in common (clocks,
// temperature) cancels; where the ratios still depend on those before them, the ranks lie further
// apart, as the variance of the number of ratios below the median does (see Inflation in the .cpp
// file; that it is this variance which counts: Sen, "Asymptotic normality of sample quantiles for
// m-dependent processes", Annals of Mathematical Statistics 39, 1968). In the order in which they
// were taken; same length, at least one, all positive.
Ratio PairedRatio(std::span<const double> baseline_us, std::span<const double> candidate_us);

}  // namespace caesar
