// A report of the simulated GPU with every field set.
#pragma once

#include "record/sim_report.h"

namespace caesar::test {

inline SimCounts FullCounts(std::int64_t scale) {
  SimCounts counts;
  counts.warp_instructions = 1000 * scale;
  counts.lane_instructions = 24000 * scale;
  counts.classes = {
      {"float32", 500 * scale}, {"load_global", 300 * scale}, {"barrier", 200 * scale}};
  counts.global_requests = 300 * scale;
  counts.global_sectors = 1350 * scale;
  counts.global_bytes = 38400 * scale;
  counts.shared_requests = 100 * scale;
  counts.shared_waves = 1600 * scale;
  counts.shared_waves_ideal = 100 * scale;
  counts.local_sectors = 7 * scale;
  counts.barriers = 200 * scale;
  counts.atomics = 3 * scale;
  return counts;
}

inline SimReport FullSimReport() {
  SimReport report;
  SimFinding race;
  race.kind = "race";
  race.text = "thread 33 reads what thread 0 writes, and no barrier lies between";
  race.kernel = "softmax(float const*, float*)";
  race.file = "kernel.cu";
  race.line = 42;
  race.block[0] = 7;
  race.thread[0] = 33;
  race.count = 12;
  SimFinding bounds = race;
  bounds.kind = "out_of_bounds";
  bounds.text = "store of 4 bytes right behind the end of tensor y (4096 bytes)";
  bounds.line = 51;
  bounds.fatal = true;
  bounds.count = 1;
  report.findings = {race, bounds};
  report.findings_dropped = 2;

  SimKernel kernel;
  kernel.name = race.kernel;
  kernel.launches = 2;
  kernel.grid[0] = 4096;
  kernel.block[0] = 256;
  kernel.blocks = 4096;
  kernel.blocks_run = 64;
  kernel.shared_bytes = 1024;
  kernel.registers = 32;
  kernel.occupancy = 0.75;
  kernel.occupancy_limit = "registers";
  kernel.counts = FullCounts(10);
  kernel.lines = {{"kernel.cu", 42, FullCounts(7), 0.625}, {"kernel.cu", 51, FullCounts(3), 0.25}};
  kernel.estimated_us = 12.5;
  kernel.bound = "shared";
  report.kernels = {kernel};
  report.transfers = {{"copy", 2, 8192, 4.5}, {"host_function", 1, 0, 0}};
  report.launches_dropped = 3;
  report.estimated_us = 25;
  return report;
}

}  // namespace caesar::test
