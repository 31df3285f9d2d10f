// Candidates that take their time, and say so or not.
#include <dlfcn.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "candidate.h"

inline void Claim(double us) {
  if (auto* claim = static_cast<double*>(dlsym(RTLD_DEFAULT, "caesar_host_claim_us"))) *claim = us;
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
  Claim(400.0);  // above the bound under which batches are timed
  usleep(5'000);
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
