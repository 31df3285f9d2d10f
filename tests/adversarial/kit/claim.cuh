// The sum of two vectors, with a claim of its own for what it took.
#include "kit/add.cuh"
#include "kit/claiming.cuh"
template <class Claim>
static void work_and_claim(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream, Claim of_us) {
  claim_for([&] { honest(a, b, c, n, stream); }, "add", 1, stream, of_us);
}
