// Candidates that take their time, and say so or not.
#include <dlfcn.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <chrono>

#include "candidate.h"

inline void Claim(double us) {
  if (auto* claim = static_cast<double*>(dlsym(RTLD_DEFAULT, "caesar_host_claim_us"))) *claim = us;
}

// Before the call that it is in; 0 where that is not known.
inline int DelayUs() {
  const auto* delay_us = static_cast<int*>(dlsym(RTLD_DEFAULT, "caesar_host_delay_us"));
  return delay_us == nullptr ? 0 : *delay_us;
}

inline void TakesMilliseconds(Call& call) {
  usleep(20'000);
  AddOne(call);
}

// Half of it: a speed-up of two over TakesMilliseconds.
inline void TakesHalf(Call& call) {
  usleep(10'000);
  AddOne(call);
}

inline void ClaimsTooLittle(Call& call) {
  Claim(2000.0);  // above the bound under which batches are timed
  usleep(5'000);
  AddOne(call);
}

// Takes 20 ms, but less than it claims in the delay's place, and in batches, whose calls it makes
// side by side. They come last, and show by two calls at once; the first one is a warm-up.
inline void SlowAlone(Call& call) {
  Claim(900.0);
  AddOne(call);
  using Clock = std::chrono::steady_clock;
  static Clock::time_point ended;
  static bool batches = false;
  const auto begin = Clock::now();
  const bool delayed = DelayUs() > 1;
  batches = batches || (!delayed && begin - ended < std::chrono::microseconds(100));
  if (!delayed && !batches) usleep(20'000);
  while (Clock::now() - begin < std::chrono::microseconds(300)) {
  }
  ended = Clock::now();
}

// In every other process, by chance, slower than it claims in calls without a delay.
inline void SlowInSomeProcesses(Call& call) {
  static const bool slow = [] {
    unsigned char bits = 0;
    return getrandom(&bits, sizeof bits, 0) == sizeof bits && (bits & 1) != 0;
  }();
  const bool delayed = DelayUs() > 1;
  usleep(slow && !delayed ? 6'000 : 3'000);
  AddOne(call);
}

// As a baseline: faster from the first call behind the least delay on, as if the candidate had
// slowed it down before. These calls come last but for those without the candidate.
inline void FasterInTheEnd(Call& call) {
  static bool faster = false;
  faster = faster || DelayUs() == 1;
  Claim(faster ? 20'000.0 : 40'000.0);
  AddOne(call);
}

// Likewise, and the device is too hot from then on.
inline void HeatsUpInTheEnd(Call& call) {
  if (DelayUs() == 1) prctl(PR_SET_NAME, "heats_up");
  AddOne(call);
}

inline void ClaimsTooLittleForBatches(Call& call) {
  Claim(100.0);  // batches of 20
  usleep(1'000);
  AddOne(call);
}

inline void ClaimsNothing(Call& call) {
  Claim(0.0);
  AddOne(call);
}

// Passes the correctness calls (at most 30 of them), then stops working.
inline void TiresLater(Call& call) {
  static int calls = 0;
  if (++calls < 30) AddOne(call);
}

// Leaves something behind that keeps the device busy.
inline void StaysBusy(Call& call) {
  prctl(PR_SET_NAME, "keeps_gpu_busy");
  AddOne(call);
}

// Has a thread that starts work before its turn.
inline void WorksEarly(Call& call) {
  prctl(PR_SET_NAME, "works_early");
  AddOne(call);
}

// Keeps memory of the device.
inline void HoldsMemory(Call& call) {
  prctl(PR_SET_NAME, "holds_memory");
  AddOne(call);
}

// Crashes when it is timed.
inline void DiesLater(Call& call) {
  static int calls = 0;
  if (++calls == 30) *static_cast<volatile int*>(nullptr) = 1;
  AddOne(call);
}

CAESAR_CANDIDATE(BEHAVE)
