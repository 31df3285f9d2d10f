// Right and wrong results, and memory that is none of the candidate's business.
#include <sys/mman.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "candidate.h"

inline void Honest(Call& call) { AddOne(call); }

// Off by three quarters of add_one's tolerance.
inline void RoundsCoarsely(Call& call) {
  AddOne(call);
  for (std::int64_t i = 0; i < call.n; ++i) call.y[i] += 0.75e-6F * (1.0F + std::fabs(call.y[i]));
}

inline void StartsThread(Call& call) {
  static std::thread* thread = new std::thread([] {
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  });
  static_cast<void>(thread);
  AddOne(call);
}

inline void DoesNothing(Call&) {}

inline void OnlyOnce(Call& call) {
  static bool done = false;
  if (!done) AddOne(call);
  done = true;
}

inline void Replays(Call& call) {
  static std::vector<float> kept;
  if (static_cast<std::int64_t>(kept.size()) != call.n) {
    AddOne(call);
    kept.assign(call.y, call.y + call.n);
  }
  for (std::int64_t i = 0; i < call.n; ++i) call.y[i] = kept[static_cast<std::size_t>(i)];
}

// Takes inputs that begin alike for the same.
inline void KnowsByItsHead(Call& call) {
  static std::vector<float> kept;
  static float head = NAN;
  if (static_cast<std::int64_t>(kept.size()) != call.n || head != call.x[0]) {
    AddOne(call);
    kept.assign(call.y, call.y + call.n);
    head = call.x[0];
  }
  for (std::int64_t i = 0; i < call.n; ++i) call.y[i] = kept[static_cast<std::size_t>(i)];
}

// As a sum in no fixed order does.
inline void RoundsDifferently(Call& call) {
  static bool up = false;
  AddOne(call);
  if (up) call.y[call.n / 2] = std::nextafter(call.y[call.n / 2], INFINITY);
  up = !up;
}

inline void WrongFirst(Call& call) {
  AddOne(call);
  call.y[0] += 1.0F;
}

inline void WrongMiddle(Call& call) {
  AddOne(call);
  call.y[call.n / 2] += 1.0F;
}

inline void WrongLast(Call& call) {
  AddOne(call);
  call.y[call.n - 1] += 1.0F;
}

inline void LeavesLast(Call& call) {
  --call.n;
  AddOne(call);
}

inline void AllNan(Call& call) {
  for (std::int64_t i = 0; i < call.n; ++i) call.y[i] = NAN;
}

// Changes every byte, whatever it was.
inline void Flip(float* element) {
  std::uint32_t bits;
  std::memcpy(&bits, element, sizeof bits);
  bits = ~bits;
  std::memcpy(element, &bits, sizeof bits);
}

inline void WritesBehind(Call& call) {
  AddOne(call);
  Flip(call.y + call.n);  // slack, as long as n is no multiple of 64
}

inline void WritesFarBehind(Call& call) {
  AddOne(call);
  const_cast<volatile float*>(call.y)[call.n + 4096] = 0.0F;
}

inline void WritesBefore(Call& call) {
  AddOne(call);
  Flip(call.y - 1);
  Flip(call.y - 2);
}

inline void WritesFarBefore(Call& call) {
  AddOne(call);
  const_cast<volatile float*>(call.y)[-(1 << 16)] = 0.0F;
}

// An element that depends on what lies behind the input, as an unmasked tile does.
inline void ReadsBehind(Call& call) {
  AddOne(call);
  call.y[call.n - 1] += call.x[call.n] * 0.0F;
}

inline void ReadsFarBehind(Call& call) {
  AddOne(call);
  call.y[0] += const_cast<const volatile float*>(call.x)[call.n + 4096] * 0.0F;
}

inline void WritesInput(Call& call) {
  AddOne(call);
  const_cast<volatile float*>(call.x)[0] = 0.0F;
}

inline void UnlocksInput(Call& call) {
  AddOne(call);
  auto page = reinterpret_cast<std::uintptr_t>(call.x) & ~std::uintptr_t{4095};
  mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE);
  const_cast<float*>(call.x)[0] = 42.0F;
}

// Leaves a right result behind a changed input: x = 0, y = 1.
inline void EasesInput(Call& call) {
  UnlocksInput(call);
  const_cast<float*>(call.x)[0] = 0.0F;
}

inline void ReturnsError(Call& call) {
  *call.error_name = "cudaErrorInvalidConfiguration: invalid configuration argument";
  call.error = 9;
}

inline void ReturnsNumber(Call& call) { call.error = 700; }

CAESAR_CANDIDATE(BEHAVE)
