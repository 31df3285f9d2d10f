// The blocks that one host thread has at work: one after the other where they are independent,
// side by side where they may wait for one another.
//
// Blocks begin in ascending order, as on the hardware: who takes turns by block numbers may rely on
// it. The reversed schedule begins with the last one where blocks are independent, so that a race
// between them in global memory shows in the results.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/block.h"
#include "sim/launch.h"
#include "sim/machine.h"

namespace caesar::sim {

class Residents {
 public:
  // `room`: blocks that the device holds at once.
  Residents(Grid& grid, Worker& worker, const LaunchOptions& options, std::uint64_t room);

  // Runs the units (clusters; mostly of one block) begin, begin + 1, ... end - 1, or with `sampled`
  // that many of them, evenly spread. False: a finding ended the grid.
  bool Run(std::uint64_t begin, std::uint64_t end, std::uint64_t sampled);

  std::uint64_t blocks_run() const { return blocks_run_; }

 private:
  struct Unit {
    std::vector<std::unique_ptr<Block>> blocks;  // a cluster, by rank
    std::vector<Block*> ranks;
    std::vector<bool> done;
    ClusterBarrier barrier;
  };
  std::unique_ptr<Unit> MakeUnit();
  void Start(std::uint64_t number);
  bool independent() const;
  bool WantsMore() const;
  Round RunUnit(Unit& unit);
  Round RunAll();
  bool Unstick();
  bool EndWaits();

  Grid& grid_;
  Worker& worker_;
  const LaunchOptions& options_;
  std::uint64_t room_ = 1;             // units
  std::uint32_t idle_ = 0, busy_ = 0;  // rounds without progress; with it
  // Times that all mbarrier.try_wait were made to say no since one of them (Worker::waits_met) last
  // said yes.
  std::uint32_t waits_ended_ = 0;
  std::uint64_t waits_met_ = 0;
  std::uint64_t blocks_run_ = 0;
  std::vector<std::unique_ptr<Unit>> running_, free_;
};

}  // namespace caesar::sim
