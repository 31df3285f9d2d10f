// The old values that atomics answer, one thread per address; exchanges and comparisons of all
// widths, scopes and orders.
// in: 512
// fill: u32 mixed
// out: u32 1024
// compare: exact
#include <cuda/atomic>

#include "kit.cuh"

__global__ void Results(const uint32_t* in, uint32_t* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  uint32_t* row = out + 8 * static_cast<size_t>(i);
  const uint32_t value = in[i];
  row[0] = value;
  row[1] = atomicInc(row, 77) ^ atomicDec(row, value >> 1) ^ atomicExch(row, value * 5);
  row[2] = atomicCAS(row, value * 5, value + 1) + atomicCAS(row, 3, 4);
  auto* wide = reinterpret_cast<unsigned long long*>(row + 4);
  *wide = static_cast<unsigned long long>(value) << 32 | i;
  const unsigned long long old = atomicCAS(wide, *wide, 0x123456789abcdefull ^ value);
  row[3] = static_cast<uint32_t>(old >> 32) ^ static_cast<uint32_t>(atomicExch(wide, old * 3));
  auto* narrow = reinterpret_cast<unsigned short*>(row + 6);
  *narrow = static_cast<unsigned short>(value);
  narrow[1] = atomicCAS(narrow, static_cast<unsigned short>(value), static_cast<unsigned short>(9));
  cuda::atomic_ref<uint32_t, cuda::thread_scope_block> ref(row[7]);
  ref.store(value, cuda::std::memory_order_release);
  ref.fetch_add(5, cuda::std::memory_order_acq_rel);
  uint32_t expected = value + 5;
  if (ref.compare_exchange_strong(expected, value ^ 0xff)) ref.fetch_max(1000);
  atomicMax_system(row + 7, 12);
  atomicAdd_block(row + 7, ref.load(cuda::std::memory_order_acquire) & 0xf);
}

CORPUS_RUN {
  Results<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
