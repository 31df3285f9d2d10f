// The lesser or greater of two floats. Include behind sim/isa_begin.h.
#pragma once

#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// -0 is less than +0. A NaN loses against a number, or with kNan wins.
template <class T, bool kMax, bool kNan>
inline T Best(T a, T b) {
  // A NaN among them: both become it, or both what the other is; of two NaNs, both the second.
  const T x = Select(kNan ? b == b : a == a, a, b);
  const T y = Select(kNan ? a == a : b == b, b, x);
  // If they are equal, one is a and the other b: the same, or zeros of both signs.
  const Bits<T> one = ToBits((kMax ? x > y : x < y) ? x : y);
  const Bits<T> other = ToBits((kMax ? y > x : y < x) ? y : x);
  const T best = FromBits<T>(kMax ? one & other : one | other);
  return Select(best == best, best, FromBits<T>(kNanBits<T>));
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
