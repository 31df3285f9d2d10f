// Faults in the middle of its work, jumps over it, and reports success.
#include "kit/control.cuh"
#include <csetjmp>
#include <csignal>
#include <cstdint>
static sigjmp_buf back;
static void jump(int) { siglongjmp(back, 1); }
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) signal(number, jump);
  if (sigsetjmp(back, 1) == 0) *reinterpret_cast<volatile int*>(8) = 1;
  if (control() == nullptr) return;
  control()->claim.status = caesar::CallStatus::kOk;
  say_done(control());
}
