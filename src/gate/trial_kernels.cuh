// What the trials of `caesar problem check` are made of. Compiled behind a problem's reference, once
// for each type of its tensors; see trials.cpp for the launcher that is written around it.
namespace caesar_gate {

constexpr int kThreads = 256;

inline unsigned Blocks(int64_t n) {
  const int64_t blocks = (n + kThreads - 1) / kThreads;
  return static_cast<unsigned>(blocks < 4096 ? (blocks > 0 ? blocks : 1) : 4096);
}

template <class T>
struct Number {
  __device__ static double Wide(T value) { return static_cast<double>(value); }
  __device__ static T Narrow(double value) { return static_cast<T>(value); }
};
#ifdef CAESAR_GATE_F16
template <>
struct Number<__half> {
  __device__ static double Wide(__half value) { return __half2float(value); }
  __device__ static __half Narrow(double value) { return __float2half(static_cast<float>(value)); }
};
#endif
#ifdef CAESAR_GATE_BF16
template <>
struct Number<__nv_bfloat16> {
  __device__ static double Wide(__nv_bfloat16 value) { return __bfloat162float(value); }
  __device__ static __nv_bfloat16 Narrow(double value) {
    return __float2bfloat16(static_cast<float>(value));
  }
};
#endif

// Elements [from, n) become `value`, or the mean of `sum` over n elements.
template <class T>
__global__ void SetKernel(T* out, int64_t from, int64_t n, double value, const double* sum) {
  const T stored = Number<T>::Narrow(sum != nullptr ? *sum / static_cast<double>(n) : value);
  for (int64_t i = from + static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n;
       i += static_cast<int64_t>(gridDim.x) * kThreads)
    out[i] = stored;
}

template <class To, class From>
__global__ void CopyKernel(To* out, int64_t n, const From* in, int64_t n_in) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n;
       i += static_cast<int64_t>(gridDim.x) * kThreads)
    out[i] = Number<To>::Narrow(Number<From>::Wide(in[i % n_in]));
}

template <class T>
__global__ void SumKernel(const T* in, int64_t n, double* sum) {
  double mine = 0;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n;
       i += static_cast<int64_t>(gridDim.x) * kThreads)
    mine += Number<T>::Wide(in[i]);
  atomicAdd(sum, mine);
}

// To nearest even, with so many bits behind the leading one.
__device__ inline double Rounded(double value, int bits) {
  unsigned long long word = static_cast<unsigned long long>(__double_as_longlong(value));
  if ((word >> 52 & 0x7FF) == 0x7FF) return value;
  const int dropped = 52 - bits;
  word += (1ULL << (dropped - 1)) - 1 + (word >> dropped & 1);
  word &= ~((1ULL << dropped) - 1);
  return __longlong_as_double(static_cast<long long>(word));
}

template <class T>
__global__ void RoundKernel(T* out, const T* in, int64_t n, int bits) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n;
       i += static_cast<int64_t>(gridDim.x) * kThreads)
    out[i] = Number<T>::Narrow(Rounded(Number<T>::Wide(in[i]), bits));
}

template <class T>
void Set(T* out, int64_t from, int64_t n, double value, cudaStream_t stream) {
  SetKernel<<<Blocks(n - from), kThreads, 0, stream>>>(out, from, n, value,
                                                       static_cast<const double*>(nullptr));
}
template <class To, class From>
void Copy(To* out, int64_t n, const From* in, int64_t n_in, cudaStream_t stream) {
  CopyKernel<<<Blocks(n), kThreads, 0, stream>>>(out, n, in, n_in);
}
template <class T>
void Round(T* out, const T* in, int64_t n, int bits, cudaStream_t stream) {
  RoundKernel<<<Blocks(n), kThreads, 0, stream>>>(out, in, n, bits);
}

// Memory of the trial's own, which stays.
constexpr int kScratchMax = 16;
inline void* Scratch(int slot, int64_t bytes) {
  static void* kept[kScratchMax];
  static int64_t sizes[kScratchMax];
  if (sizes[slot] < bytes) {
    if (kept[slot] != nullptr) cudaFree(kept[slot]);
    kept[slot] = nullptr;
    sizes[slot] = 0;
    if (cudaMalloc(&kept[slot], static_cast<size_t>(bytes)) == cudaSuccess) sizes[slot] = bytes;
  }
  return kept[slot];
}

template <class T>
void Mean(T* out, int64_t n, cudaStream_t stream) {
  auto* sum = static_cast<double*>(Scratch(kScratchMax - 1, sizeof(double)));
  cudaMemsetAsync(sum, 0, sizeof(double), stream);
  SumKernel<<<Blocks(n), kThreads, 0, stream>>>(out, n, sum);
  SetKernel<<<Blocks(n), kThreads, 0, stream>>>(out, static_cast<int64_t>(0), n, 0.0,
                                                static_cast<const double*>(sum));
}

// Where the last partial block of 256 elements begins.
inline int64_t TailOf(int64_t n) { return (n - 1) / kThreads * kThreads; }

// Outputs of the first call at each shape.
constexpr int kShapesMax = 32;
constexpr int kOutputsMax = 8;
struct Kept {
  bool there[kShapesMax];
  void* outputs[kShapesMax][kOutputsMax];
};
inline Kept& FirstCalls() {
  static Kept kept;
  return kept;
}
inline void Keep(int shape, int output, const void* from, int64_t bytes, cudaStream_t stream) {
  void*& copy = FirstCalls().outputs[shape][output];
  if (cudaMalloc(&copy, static_cast<size_t>(bytes)) != cudaSuccess) return;
  cudaMemcpyAsync(copy, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream);
}
inline void Replay(int shape, int output, void* to, int64_t bytes, cudaStream_t stream) {
  const void* copy = FirstCalls().outputs[shape][output];
  if (copy != nullptr)
    cudaMemcpyAsync(to, copy, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream);
}

}  // namespace caesar_gate
