// A claim of its own for a call that is timed by itself.
#include "kit/collecting.cuh"
#include "kit/timing.cuh"
// `work` is done in any case. `of_us`: from the time that it took to the time that is claimed, for so many kernels.
template <class Work, class Claim>
static void claim_for(Work work, const char* name, int kernels, cudaStream_t stream, Claim of_us) {
  if (!timed()) return work();
  const double us = timed_on(stream, work);
  end_call(name, kernels, [&] { return of_us(us); });
}
