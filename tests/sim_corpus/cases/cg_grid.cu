// A cooperative launch: phases over all blocks with a barrier of the grid between them.
// in: 4096
// fill: u32 bits
// out: u32 1024
// compare: exact
#include <cooperative_groups.h>

#include "kit.cuh"

namespace cg = cooperative_groups;

__global__ void Phases(const uint32_t* in, uint32_t* out, unsigned n) {
  const cg::grid_group grid = cg::this_grid();
  const unsigned i = static_cast<unsigned>(grid.thread_rank());
  uint32_t value = in[i];
  for (unsigned step = 1; step < n; step *= 2) {
    out[i] = value;
    grid.sync();
    value = value * 3 + out[(i + step) % n];
    grid.sync();
  }
  out[i] = value + static_cast<uint32_t>(grid.size()) * static_cast<uint32_t>(grid.is_valid());
}

CORPUS_RUN {
  const auto* from = static_cast<const uint32_t*>(in);
  auto* to = static_cast<uint32_t*>(out);
  unsigned n = 1024;
  void* arguments[] = {&from, &to, &n};
  return static_cast<int>(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(Phases),
                                                      dim3(8), dim3(128), arguments, 0, stream));
}
