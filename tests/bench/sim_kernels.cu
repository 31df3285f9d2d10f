// What scripts/bench.d/sim.sh runs on the simulated GPU: kernels as they are commonly written.
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cub/block/block_load.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>

extern "C" __global__ void vector_add(const float* a, const float* b, float* c, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) c[i] = a[i] + b[i];
}

constexpr int kTile = 32;

extern "C" __global__ void matmul(const float* a, const float* b, float* c, int n) {
  __shared__ float tile_a[kTile][kTile], tile_b[kTile][kTile];
  const int row = static_cast<int>(blockIdx.y) * kTile + static_cast<int>(threadIdx.y);
  const int col = static_cast<int>(blockIdx.x) * kTile + static_cast<int>(threadIdx.x);
  float sum = 0.0f;
  for (int k = 0; k < n; k += kTile) {
    tile_a[threadIdx.y][threadIdx.x] = a[row * n + k + static_cast<int>(threadIdx.x)];
    tile_b[threadIdx.y][threadIdx.x] = b[(k + static_cast<int>(threadIdx.y)) * n + col];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kTile; ++i) sum += tile_a[threadIdx.y][i] * tile_b[i][threadIdx.x];
    __syncthreads();
  }
  c[row * n + col] = sum;
}

// Padded: the reads of columns meet no bank conflict.
extern "C" __global__ void transpose(const float* a, float* b, int n) {
  __shared__ float tile[kTile][kTile + 1];
  const int x = static_cast<int>(blockIdx.x) * kTile, y = static_cast<int>(blockIdx.y) * kTile;
  const int tx = static_cast<int>(threadIdx.x);
  for (int i = static_cast<int>(threadIdx.y); i < kTile; i += static_cast<int>(blockDim.y)) {
    tile[i][tx] = a[(y + i) * n + x + tx];
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.y); i < kTile; i += static_cast<int>(blockDim.y)) {
    b[(x + i) * n + y + tx] = tile[tx][i];
  }
}

constexpr int kScanThreads = 256, kScanItems = 4;

extern "C" __global__ void block_scan(const int* in, int* out) {
  using Load = cub::BlockLoad<int, kScanThreads, kScanItems, cub::BLOCK_LOAD_TRANSPOSE>;
  using Store = cub::BlockStore<int, kScanThreads, kScanItems, cub::BLOCK_STORE_TRANSPOSE>;
  using Scan = cub::BlockScan<int, kScanThreads>;
  __shared__ union {
    typename Load::TempStorage load;
    typename Store::TempStorage store;
    typename Scan::TempStorage scan;
  } storage;
  const std::int64_t base = static_cast<std::int64_t>(blockIdx.x) * kScanThreads * kScanItems;
  int items[kScanItems];
  Load(storage.load).Load(in + base, items);
  __syncthreads();
  Scan(storage.scan).InclusiveSum(items, items);
  __syncthreads();
  Store(storage.store).Store(out + base, items);
}

// C[n, n] = A B^T of half precision, row-major: each warp a tile of 16 x 32 by mma.sync.m16n8k16,
// fragments by ldmatrix from shared memory; a block's four warps lie below each other.
extern "C" __global__ void mma_f16(const __half* a, const __half* b, float* c, int n) {
  constexpr int kStep = 32;
  __shared__ __align__(16) __half tile_a[64][kStep + 8], tile_b[32][kStep + 8];
  const int t = static_cast<int>(threadIdx.x), lane = t % 32, warp = t / 32;
  const int row = static_cast<int>(blockIdx.y) * 64, col = static_cast<int>(blockIdx.x) * 32;
  float sum[4][4] = {};
  for (int k = 0; k < n; k += kStep) {
    for (int i = t; i < 64 * kStep / 8; i += 128) {
      const int r = i / (kStep / 8), x = i % (kStep / 8) * 8;
      *reinterpret_cast<uint4*>(&tile_a[r][x]) =
          *reinterpret_cast<const uint4*>(&a[(row + r) * n + k + x]);
    }
    const int r = t / (kStep / 8), x = t % (kStep / 8) * 8;
    *reinterpret_cast<uint4*>(&tile_b[r][x]) =
        *reinterpret_cast<const uint4*>(&b[(col + r) * n + k + x]);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kStep; i += 16) {
      unsigned fa[4];
      const auto at_a = static_cast<unsigned>(
          __cvta_generic_to_shared(&tile_a[warp * 16 + lane % 16][i + lane / 16 * 8]));
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                   : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3])
                   : "r"(at_a));
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        unsigned fb[2];
        const auto at_b = static_cast<unsigned>(
            __cvta_generic_to_shared(&tile_b[j * 8 + lane % 8][i + lane / 8 % 2 * 8]));
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
                     : "=r"(fb[0]), "=r"(fb[1])
                     : "r"(at_b));
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
            "{%8,%9}, {%0,%1,%2,%3};"
            : "+f"(sum[j][0]), "+f"(sum[j][1]), "+f"(sum[j][2]), "+f"(sum[j][3])
            : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    float* to = &c[(row + warp * 16 + lane / 4) * n + col + j * 8 + lane % 4 * 2];
    to[0] = sum[j][0];
    to[1] = sum[j][1];
    to[8 * n] = sum[j][2];
    to[8 * n + 1] = sum[j][3];
  }
}
