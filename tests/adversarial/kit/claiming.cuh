// Ends a timed call itself, and then the collecting of its records, with a claim of its own; the runner comes too late to
// correct either.
#include "kit/control.cuh"
// `work` is done in any case. `of_us`: from the time that it took to the time that is claimed, for so many kernels.
template <class Work, class Claim>
static void claim_for(Work work, const char* name, int kernels, cudaStream_t stream, Claim of_us) {
  if (!timed()) return work();
  static cudaEvent_t begin = [] { cudaEvent_t made; cudaEventCreate(&made); return made; }();
  static cudaEvent_t end = [] { cudaEvent_t made; cudaEventCreate(&made); return made; }();
  cudaEventRecord(begin, stream);
  work();
  cudaEventRecord(end, stream);
  cudaEventSynchronize(end);
  float ms = 0;
  cudaEventElapsedTime(&ms, begin, end);
  caesar::ControlBlock* block = control();
  block->claim = caesar::CallClaim();
  const uint32_t call = block->go.load();
  say_done(block);
  while (block->go.load() == call) {}
  if (block->order.mode != caesar::CallMode::kCollect) return;
  caesar::CallClaim& claim = block->claim;
  claim.envelope_us = of_us(ms * 1000);
  claim.wall_us = claim.envelope_us + block->order.delay_us;
  claim.kernel_count = kernels;
  strcpy(claim.kernels[0].name, name);
  claim.kernels[0].us = claim.envelope_us;
  say_done(block);
  usleep(2000);
}
