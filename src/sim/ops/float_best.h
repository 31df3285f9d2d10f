// The lesser or greater of two floats. Include behind sim/isa_begin.h.
#pragma once

#include "sim/ops/float_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {

// -0 is less than +0. A NaN loses against a number, or with kNan wins.
template <class T, bool kMax, bool kNan>
inline T Best(T a, T b) {
  const Bits<T> x = ToBits(a), y = ToBits(b);
  // Equal: the same bits, or zeros of both signs.
  const T equal = FromBits<T>(kMax ? x & y : x | y);
  T best = (kMax ? a > b : a < b) ? a : (a == b ? equal : b);
  if constexpr (kNan) {
    best = a == a ? best : a;
  } else {
    best = a == a ? best : b;
    best = b == b ? best : a;
  }
  return CanonicalNan(best);
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
