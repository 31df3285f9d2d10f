// Constant memory: initialised tables of several types, one of them with addresses of others.
// in: 2048
// fill: u32 bits
// out: u32 512
// compare: exact
#include "kit.cuh"

__constant__ uint8_t bytes[16] = {1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 121, 98, 219};
__constant__ int32_t words[8] = {-1, 2, -3, 4, -5, 6, -7, 1 << 30};
__constant__ float floats[4] = {0.5f, -1.25f, 1e10f, 3.0f};
__constant__ double wide = 6.25;
__constant__ struct {
  short id;
  const int32_t* table;
  long long value;
} rows[2] = {{7, words + 2, -1}, {-9, words, 1ll << 40}};
__device__ const char text[] = "constant";

CORPUS_ROWS(uint32_t, 1, uint32_t, 1) {
  const uint32_t at = in[0];
  const auto& row = rows[at % 2];
  out[0] = bytes[at % 16] + static_cast<uint32_t>(words[(at >> 4) % 8]) +
           static_cast<uint32_t>(static_cast<int>(floats[(at >> 7) % 2] * 8.0f)) +
           static_cast<uint32_t>(wide * 4.0) + static_cast<uint32_t>(row.id) +
           static_cast<uint32_t>(row.table[(at >> 9) % 6]) +
           static_cast<uint32_t>(row.value >> 20) + static_cast<uint32_t>(text[at % 8]);
}
