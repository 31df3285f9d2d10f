#include "sim/resident.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/barriers.h"
#include "sim/stuck.h"

namespace caesar::sim {
namespace {

// A block of a grid whose blocks communicate gets company once it has run this long: it may be
// waiting for a block that has not begun. The first one is given much longer than the rest.
constexpr std::uint64_t kSampledBlocksMin = 2;
constexpr std::uint64_t kSampledOperations = 200'000'000;  // of lanes
constexpr std::uint64_t kAlone = std::uint64_t{1} << 22, kCompany = std::uint64_t{1} << 17;
constexpr std::uint32_t kIdleMax = 3;  // rounds in which nobody could run: a deadlock
// A program may look for something else whenever mbarrier.try_wait says no, but not for ever.
constexpr std::uint32_t kWaitsEndedMax = 1024;
constexpr std::uint32_t kBusyRounds = 4;  // in which others run until it says no

}  // namespace

Residents::Residents(Grid& grid, Worker& worker, const LaunchOptions& options, std::uint64_t room)
    : grid_(grid),
      worker_(worker),
      options_(options),
      room_(std::max<std::uint64_t>(room / grid.cluster.count(), 1)) {}

std::unique_ptr<Residents::Unit> Residents::MakeUnit() {
  auto unit = std::make_unique<Unit>();
  const auto count = static_cast<std::uint32_t>(grid_.cluster.count());
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    unit->blocks.push_back(MakeBlock(grid_, worker_));
    unit->ranks.push_back(unit->blocks.back().get());
  }
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    Block& block = *unit->blocks[rank];
    block.cluster = unit->ranks.data();
    block.cluster_blocks = count;
    block.cluster_rank = rank;
    block.cluster_barrier = &unit->barrier;
  }
  return unit;
}

bool Residents::independent() const {
  return !grid_.cooperative && !grid_.kernel->uses_atomics_or_fences;
}

void Residents::Start(std::uint64_t number) {
  if (options_.reversed_warps && independent()) {
    number = grid_.blocks.count() / grid_.cluster.count() - 1 - number;
  }
  if (free_.empty()) free_.push_back(MakeUnit());
  running_.push_back(std::move(free_.back()));
  free_.pop_back();
  Unit& unit = *running_.back();
  unit.barrier = {};
  unit.done.assign(unit.blocks.size(), false);
  const Dim3& shape = grid_.cluster;
  const std::uint64_t wide = grid_.blocks.x / shape.x, high = grid_.blocks.y / shape.y;
  const std::uint64_t x = number % wide * shape.x, y = number / wide % high * shape.y,
                      z = number / wide / high * shape.z;
  for (std::uint64_t rank = 0; rank < unit.blocks.size(); ++rank) {
    const std::uint64_t at_x = x + rank % shape.x, at_y = y + rank / shape.x % shape.y,
                        at_z = z + rank / shape.x / shape.y;
    StartBlock(*unit.blocks[rank], (at_z * grid_.blocks.y + at_y) * grid_.blocks.x + at_x,
               options_.check_shared);
  }
  blocks_run_ += unit.blocks.size();
}

bool Residents::WantsMore() const {
  if (running_.empty() || grid_.cooperative) return true;
  if (independent()) return false;
  return running_.back()->blocks.front()->operations > (running_.size() == 1 ? kAlone : kCompany);
}

Round Residents::RunUnit(Unit& unit) {
  bool progress = false, all_done = true;
  for (std::size_t rank = 0; rank < unit.blocks.size(); ++rank) {
    if (unit.done[rank]) continue;
    const Round round = RunRound(*unit.blocks[rank], options_.reversed_warps);
    if (round == Round::kFault) return round;
    unit.done[rank] = round == Round::kDone;
    progress |= round != Round::kNoProgress;
    all_done &= unit.done[rank];
  }
  if (all_done) return Round::kDone;
  return progress ? Round::kProgress : Round::kNoProgress;
}

Round Residents::RunAll() {
  bool progress = false;
  for (std::size_t i = 0; i < running_.size();) {
    const Round round = RunUnit(*running_[i]);
    if (round == Round::kFault) return round;
    progress |= round != Round::kNoProgress;
    if (round != Round::kDone) {
      ++i;
      continue;
    }
    free_.push_back(std::move(running_[i]));
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return progress ? Round::kProgress : Round::kNoProgress;
}

// Lets those who wait for mbarriers by asking go on with a no; false: there are none.
bool Residents::EndWaits() {
  bool ended = false;
  for (const auto& unit : running_) {
    for (const auto& block : unit->blocks) {
      for (Warp& warp : block->warps) {
        for (const Split& split : warp.splits) {
          if (split.wait.reason != Wait::Reason::kMemoryBarrier) continue;
          warp.timed_out |= split.lanes;
          ended = true;
        }
      }
    }
  }
  return ended;
}

// Nobody could run in the last round. False: a deadlock, reported.
bool Residents::Unstick() {
  bool forced = false;
  for (const auto& unit : running_) {
    for (const auto& block : unit->blocks) forced |= ForceAligned(*block);
  }
  if (forced || ++idle_ < kIdleMax) return true;
  if (std::exchange(waits_met_, worker_.waits_met) != worker_.waits_met) waits_ended_ = 0;
  if (waits_ended_++ < kWaitsEndedMax && EndWaits()) return true;
  std::vector<std::unique_ptr<Block>> stuck;
  for (const auto& unit : running_) {
    std::move(unit->blocks.begin(), unit->blocks.end(), std::back_inserter(stuck));
  }
  ReportDeadlock(stuck);
  return false;
}

bool Residents::Run(std::uint64_t begin, std::uint64_t end, std::uint64_t sampled) {
  std::uint64_t count = sampled == 0 ? end - begin : std::min(sampled, end - begin);
  std::uint64_t next = 0;
  while (next < count || !running_.empty()) {
    while (next < count && running_.size() < room_ && WantsMore()) {
      // Evenly spread: number * units / count, without overflow.
      const std::uint64_t step = (end - begin) / count, extra = (end - begin) % count;
      Start(begin + next * step + next * extra / count);
      ++next;
    }
    const Round round = RunAll();
    if (round == Round::kFault) return false;
    if (round == Round::kProgress) {
      idle_ = 0;
      if (++busy_ % kBusyRounds == 0) EndWaits();
    } else if (!Unstick()) {
      return false;
    }
    if (grid_.stop.load(std::memory_order_relaxed)) return false;
    // Costly blocks: a few of them tell as much.
    if (sampled != 0 && next >= kSampledBlocksMin &&
        grid_.operations->load(std::memory_order_relaxed) > kSampledOperations)
      count = next;
  }
  return true;
}

}  // namespace caesar::sim
