// Candidates of the problem mixed: s = a * k over integers, h = b * w over halves, with the scalars
// k (int32) and w (float).
#include <cstdint>

#include "device/elementwise.h"

struct MixedCall {
  const std::int32_t* a;
  const std::uint16_t* b;
  std::int32_t* s;
  std::uint16_t* h;
  std::int64_t rows, cols;
  std::int32_t k;
  float w;
};

inline void Compute(const MixedCall& call) {
  for (std::int64_t i = 0; i < call.rows * call.cols; ++i) {
    call.s[i] = call.a[i] * call.k;
    call.h[i] = caesar::element::HalfOf(caesar::element::FloatOfHalf(call.b[i]) * call.w);
  }
}

inline void MixedHonest(const MixedCall& call) { Compute(call); }

inline void MixedWrongInteger(const MixedCall& call) {
  Compute(call);
  call.s[call.cols] += 1;  // row 1, column 0
}

inline void MixedWrongHalf(const MixedCall& call) {
  Compute(call);
  call.h[2 * call.cols - 1] ^= 0x8000U;  // the sign of the last element of row 1
}

inline void MixedForgetsHalves(const MixedCall& call) {
  for (std::int64_t i = 0; i < call.rows * call.cols; ++i) call.s[i] = call.a[i] * call.k;
}

// Off by so many units in the last place of the halves, each 0.25 to 0.44 of their tolerance.
inline void Drift(const MixedCall& call, int units) {
  Compute(call);
  for (std::int64_t i = 0; i < call.rows * call.cols; ++i)
    call.h[i] = static_cast<std::uint16_t>(call.h[i] + units);
}

inline void MixedRoundsHalves(const MixedCall& call) { Drift(call, 2); }

// Passes the correctness calls (at most 30 of them), then is wrong; always close to MixedRoundsHalves.
inline void MixedDriftsLater(const MixedCall& call) {
  static int calls = 0;
  Drift(call, ++calls < 30 ? 1 : 3);
}

extern "C" int caesar_entry(void* const* args, void*, const char**) {
  const auto at = [&](int i) { return args[i]; };
  MixedCall call{*static_cast<const std::int32_t* const*>(at(0)),
                 *static_cast<const std::uint16_t* const*>(at(1)),
                 *static_cast<std::int32_t* const*>(at(2)),
                 *static_cast<std::uint16_t* const*>(at(3)),
                 *static_cast<const std::int64_t*>(at(4)),
                 *static_cast<const std::int64_t*>(at(5)),
                 *static_cast<const std::int32_t*>(at(6)),
                 *static_cast<const float*>(at(7))};
  BEHAVE(call);
  return 0;
}
