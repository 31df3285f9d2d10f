// What scripts/bench.d/sim.sh parses, loads and decodes: a candidate that includes the libraries
// that make modules large.
#include <curand_kernel.h>
#include <thrust/device_ptr.h>
#include <thrust/execution_policy.h>
#include <thrust/scan.h>
#include <thrust/sort.h>

#include <cmath>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_scan.cuh>

__global__ void noise(float* x, double* y, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  curandStatePhilox4_32_10_t state;
  curand_init(1234, static_cast<unsigned long long>(i), 0, &state);
  if (i >= n) return;
  const float4 normal = curand_normal4(&state);
  x[i] = normal.x + normal.y * sinf(normal.z) + normal.w;
  curandState other;
  curand_init(99, static_cast<unsigned long long>(i), 0, &other);
  x[i] += static_cast<float>(curand_poisson(&other, 3.0)) + curand_uniform(&other);
  y[i] = std::sin(static_cast<double>(normal.x)) + std::pow(static_cast<double>(normal.y), 1.5) +
         curand_normal_double(&other);
}

extern "C" int launch(float* x, float* sorted, double* y, void* space, size_t bytes, int n,
                      cudaStream_t stream) {
  noise<<<(n + 255) / 256, 256, 0, stream>>>(x, y, n);
  cub::DeviceReduce::Sum(space, bytes, x, sorted, n, stream);
  cub::DeviceScan::InclusiveSum(space, bytes, x, sorted, n, stream);
  thrust::sort(thrust::cuda::par.on(stream), sorted, sorted + n);
  thrust::inclusive_scan(thrust::cuda::par.on(stream), y, y + n, y);
  cub::DeviceRadixSort::SortPairs(space, bytes, y, y + n, x, x + n, n, 0, 64, stream);
  return cudaGetLastError();
}
