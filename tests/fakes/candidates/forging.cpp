// Attacks on the runner protocol from inside the runner's process.
#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "candidate.h"
#include "judge/runner_protocol.h"

using caesar::CallClaim;
using caesar::CallMode;
using caesar::ControlBlock;

constexpr int kSocket = 3;

inline ControlBlock* Control() {
  static ControlBlock* found = nullptr;
  if (found != nullptr) return found;
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0;
    if (std::strstr(line, "caesar-control") != nullptr && std::sscanf(line, "%lx-", &begin) == 1)
      found = reinterpret_cast<ControlBlock*>(begin);
  }
  if (maps != nullptr) std::fclose(maps);
  return found;
}

inline void SayDone(ControlBlock* control) {
  control->done.store(control->go.load());
  syscall(SYS_futex, &control->done, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

// Signals the end of the call, and then the end of collecting its records, with the claim as it
// stands; the runner comes too late to correct either.
inline void Done(ControlBlock* control) {
  const CallClaim forged = control->claim;
  const auto call = control->go.load();
  SayDone(control);
  for (int i = 0; i < 5'000 && control->go.load() == call; ++i) usleep(200);
  if (control->go.load() == call || control->order.mode != CallMode::kCollect) return;
  control->claim = forged;
  SayDone(control);
  usleep(20'000);
}

inline void AbsurdRecords(CallClaim& claim) {
  claim.kernel_count = INT_MAX;
  claim.host_copies = INT_MAX;
  claim.other_stream_records = INT_MAX;
  claim.dropped = INT_MIN;
  claim.wall_us = -INFINITY;
  claim.launcher_us = 1e300;
  std::memset(claim.text, 0xFF, sizeof claim.text);
  for (auto& kernel : claim.kernels) {
    std::memset(kernel.name, 0xFF, sizeof kernel.name);
    kernel.name[0] = '\033';
    kernel.name[1] = '"';
    kernel.us = NAN;
    kernel.registers = INT_MIN;
    kernel.shared_bytes = LLONG_MIN;
    kernel.grid[0] = kernel.block[0] = UINT_MAX;
  }
}

// Right result, absurd claim.
inline void Forge(Call& call, double envelope_us) {
  AddOne(call);
  CallClaim& claim = Control()->claim;
  claim.status = caesar::CallStatus::kOk;
  AbsurdRecords(claim);
  claim.envelope_us = envelope_us;
  Done(Control());
}

inline void ClaimsNan(Call& call) { Forge(call, NAN); }
inline void ClaimsNegative(Call& call) { Forge(call, -1.0); }
inline void ClaimsHuge(Call& call) { Forge(call, 1e300); }
// So long that no batches are made, in which the end of one call is not that of the order.
inline void ClaimsAbsurdKernels(Call& call) { Forge(call, 2000.0); }

inline void ClaimsUnknownStatus(Call& call) {
  AddOne(call);
  Control()->claim.status = static_cast<caesar::CallStatus>(77);
  Done(Control());
}

// Says that it is done, and works afterwards.
inline void DoneTooEarly(Call& call) {
  Control()->claim.envelope_us = 1.0;
  Control()->claim.status = caesar::CallStatus::kOk;
  Done(Control());
  AddOne(call);
}

// Says that it is done, and ends its work while the judge waits for its records, which nobody
// times.
inline void SayDoneAndWork(double claimed_us, void (*work)()) {
  ControlBlock* control = Control();
  CallClaim claim;
  claim.status = caesar::CallStatus::kOk;
  claim.envelope_us = claimed_us;
  control->claim = claim;
  const auto said = control->go.load();
  SayDone(control);
  for (int i = 0; i < 5'000 && control->go.load() == said; ++i) usleep(200);
  usleep(5'000);
  work();
  control->claim = claim;
  SayDone(control);
  usleep(20'000);  // the runner comes too late to correct it
}

inline std::vector<Call>& Deferred() {
  static std::vector<Call> calls;
  return calls;
}

inline void WorkOnDeferred() {
  for (const Call& call : Deferred()) AddOne(call);
  Deferred().clear();
}

inline void WorksWhileCollected(Call& call) {
  Deferred().push_back(call);
  SayDoneAndWork(400.0, WorkOnDeferred);  // above the bound under which batches are timed
}

// Likewise with all calls of a batch but the last. On this device no batch has more than three
// calls, and the runner's stack is not searched for how many there are.
inline void WorksOnBatchesWhileCollected(Call& call) {
  static std::uint32_t order = 0;
  static int in_order = 0;
  static int calls_per_order = 1;
  const std::uint32_t now = Control()->go.load();
  if (now != order) {
    calls_per_order = std::max(calls_per_order, in_order);
    in_order = 0;
    order = now;
  }
  if (++in_order < calls_per_order) return Deferred().push_back(call);
  AddOne(call);
  if (!Deferred().empty()) SayDoneAndWork(5.0, WorkOnDeferred);
}

// Right, but in all calls of a batch but the first off by three quarters of add_one's tolerance.
inline void RoundsCoarselyInBatches(Call& call) {
  static std::uint32_t order = 0;
  AddOne(call);
  if (Control()->go.load() == order) {
    for (std::int64_t i = 0; i < call.n; ++i) call.y[i] += 0.75e-6F * (1.0F + std::fabs(call.y[i]));
  }
  order = Control()->go.load();
}

// Fakes the end of the next call too, so that its runner never sees it begin.
inline void DoneInAdvance(Call& call) {
  AddOne(call);
  ControlBlock* control = Control();
  control->claim = CallClaim();
  control->claim.envelope_us = 1.0;
  control->go.store(control->go.load() + 1);
  Done(control);
}

inline void SmashesControl(Call& call) {
  AddOne(call);
  std::memset(static_cast<void*>(Control()), 0xA5, sizeof(ControlBlock));
}

inline void SendsGarbage(Call& call) {
  AddOne(call);
  send(kSocket, "garbage", 7, MSG_DONTWAIT);
}

inline void SendsEmpty(Call& call) {
  AddOne(call);
  send(kSocket, "", 0, MSG_DONTWAIT);
}

inline void SendsWrongAnswer(Call& call) {
  AddOne(call);
  caesar::RunnerAnswer answer;
  answer.verb = caesar::RunnerVerb::kImage;
  answer.ok = 1;
  send(kSocket, &answer, sizeof answer, MSG_DONTWAIT);
}

inline void FillsSocket(Call& call) {
  AddOne(call);
  caesar::RunnerAnswer answer;
  while (send(kSocket, &answer, sizeof answer, MSG_DONTWAIT) > 0) {
  }
}

inline void ClosesSocket(Call& call) {
  AddOne(call);
  close(kSocket);
}

CAESAR_CANDIDATE(BEHAVE)
