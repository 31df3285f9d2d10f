// A register's slot is shared with another's if no lane needs both at a time. Slots are lane-wise
// and a lane outside of an operation's mask keeps its value, so what other lanes of the warp do at
// other pcs meanwhile does not matter: each lane by itself is a sequential program.
#include "sim/slots.h"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>

namespace caesar::sim {
namespace {

using Instruction = std::uint32_t;
using Reg = std::uint32_t;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

struct Block {
  Instruction begin = 0, end = 0;  // end is exclusive
  std::vector<std::uint32_t> successors;
  std::vector<std::uint64_t> reads, writes, live_in;  // bits of registers that cross blocks
};

// From the first to the last instruction at which a register's value may be needed.
struct Range {
  Instruction first = kNone, last = 0;
  void Add(Instruction at) {
    first = std::min(first, at);
    last = std::max(last, at);
  }
};

class Planner {
 public:
  Planner(const Trace& trace, const std::vector<Type>& types) : trace_(trace), types_(types) {
    ranges_.resize(types.size());
    crossing_.assign(types.size(), kNone);
  }

  // Ranges of all registers; those live where the function begins.
  std::vector<Reg> Analyse() {
    FindBlocks();
    FindCrossing();
    for (Block& block : blocks_) Summarise(block);
    Solve();
    for (const Block& block : blocks_) Extend(block);
    std::vector<Reg> zeroed;
    if (blocks_.empty()) return zeroed;
    for (std::uint32_t i = 0; i < crossing_list_.size(); ++i) {
      if (Test(blocks_.front().live_in, i)) zeroed.push_back(crossing_list_[i]);
    }
    return zeroed;
  }
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  static bool Test(const std::vector<std::uint64_t>& bits, std::uint32_t i) {
    return (bits[i / 64] >> (i % 64) & 1U) != 0;
  }
  static void Set(std::vector<std::uint64_t>& bits, std::uint32_t i) {
    bits[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  Instruction count() const { return static_cast<Instruction>(trace_.instructions.size()); }
  std::uint32_t FirstAccess(Instruction at) const {
    return at < count() ? trace_.instructions[at].first_access
                        : static_cast<std::uint32_t>(trace_.accesses.size());
  }

  void FindBlocks() {
    if (count() == 0) return;
    std::vector<bool> begins(count() + std::size_t{1}, false);
    begins[0] = true;
    for (const auto& [from, to] : trace_.jumps) {
      begins[std::min<Instruction>(to, count())] = true;
      begins[from + std::size_t{1}] = true;
    }
    std::vector<std::uint32_t> block_of(count() + std::size_t{1}, kNone);
    for (Instruction at = 0; at < count(); ++at) {
      if (begins[at]) {
        if (!blocks_.empty()) blocks_.back().end = at;
        blocks_.emplace_back().begin = at;
      }
      block_of[at] = static_cast<std::uint32_t>(blocks_.size() - 1);
    }
    blocks_.back().end = count();
    for (std::uint32_t i = 0; i + 1 < blocks_.size(); ++i) {
      if (trace_.instructions[blocks_[i].end - 1].falls_through) {
        blocks_[i].successors.push_back(i + 1);
      }
    }
    for (const auto& [from, to] : trace_.jumps) {
      if (to < count()) blocks_[block_of[from]].successors.push_back(block_of[to]);
    }
  }

  // Most registers are written and read in one block alone, which keeps the bit sets small.
  void FindCrossing() {
    std::vector<std::uint32_t> home(types_.size(), kNone);
    std::vector<std::uint32_t> written_in(types_.size(), kNone);
    const auto cross = [&](Reg reg) {
      if (crossing_[reg] != kNone) return;
      crossing_[reg] = static_cast<std::uint32_t>(crossing_list_.size());
      crossing_list_.push_back(reg);
    };
    for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
      for (Instruction at = blocks_[b].begin; at < blocks_[b].end; ++at) {
        // What an instruction reads it reads before it writes, in whatever order it was noted.
        ForEach(at, false, [&](Reg reg) {
          if (home[reg] == kNone) home[reg] = b;
          if (home[reg] != b || written_in[reg] != b) cross(reg);
        });
        ForEach(at, true, [&](Reg reg) {
          if (home[reg] == kNone) home[reg] = b;
          if (home[reg] != b) cross(reg);
          if (!trace_.instructions[at].guarded) written_in[reg] = b;
        });
      }
    }
  }

  template <class Visit>
  void ForEach(Instruction at, bool write, const Visit& visit) const {
    for (std::uint32_t i = FirstAccess(at); i < FirstAccess(at + 1); ++i) {
      if (trace_.accesses[i].write == write) visit(trace_.accesses[i].reg);
    }
  }

  void Summarise(Block& block) {
    const std::size_t words = crossing_list_.size() / 64 + 1;
    block.reads.assign(words, 0);
    block.writes.assign(words, 0);
    for (Instruction at = block.begin; at < block.end; ++at) {
      ForEach(at, false, [&](Reg reg) {
        const std::uint32_t i = crossing_[reg];
        if (i != kNone && !Test(block.writes, i)) Set(block.reads, i);
      });
      if (trace_.instructions[at].guarded) continue;  // some lanes keep what they had
      ForEach(at, true, [&](Reg reg) {
        if (crossing_[reg] != kNone) Set(block.writes, crossing_[reg]);
      });
    }
    block.live_in = block.reads;
  }

  // live_in = reads | (live_out & ~writes), to the fixed point; it only grows, so it ends.
  void Solve() {
    std::vector<std::vector<std::uint32_t>> predecessors(blocks_.size());
    for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
      for (const std::uint32_t next : blocks_[b].successors) predecessors[next].push_back(b);
    }
    std::vector<std::uint32_t> work;
    std::vector<bool> waits(blocks_.size(), true);
    for (std::uint32_t b = 0; b < blocks_.size(); ++b) work.push_back(b);
    while (!work.empty()) {
      const std::uint32_t b = work.back();
      work.pop_back();
      waits[b] = false;
      for (const std::uint32_t p : predecessors[b]) {
        bool grown = false;
        for (std::size_t word = 0; word < blocks_[b].live_in.size(); ++word) {
          const std::uint64_t more = blocks_[b].live_in[word] & ~blocks_[p].writes[word];
          grown |= (more & ~blocks_[p].live_in[word]) != 0;
          blocks_[p].live_in[word] |= more;
        }
        if (grown && !waits[p]) {
          waits[p] = true;
          work.push_back(p);
        }
      }
    }
  }

  void Extend(const Block& block) {
    for (Instruction at = block.begin; at < block.end; ++at) {
      const auto add = [&](Reg reg) { ranges_[reg].Add(at); };
      ForEach(at, false, add);
      ForEach(at, true, add);
    }
    const auto live = [&](const std::vector<std::uint64_t>& bits, Instruction at) {
      for (std::size_t word = 0; word < bits.size(); ++word) {
        for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
          const auto bit = static_cast<std::size_t>(__builtin_ctzll(left));
          ranges_[crossing_list_[word * 64 + bit]].Add(at);
        }
      }
    };
    live(block.live_in, block.begin);
    for (const std::uint32_t next : block.successors) {
      live(blocks_[next].live_in, block.end - 1);
    }
  }

  const Trace& trace_;
  const std::vector<Type>& types_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> crossing_;  // of each register: its bit, or kNone
  std::vector<Reg> crossing_list_;
  std::vector<Range> ranges_;
};

// Hands out slots of one width to ranges in order of their beginnings: the lowest that is free. Two
// registers of one instruction never share, not even a source that ends with a destination that
// begins: an instruction may be several operations.
void Share(const std::vector<Reg>& by_first, const std::vector<Range>& ranges, std::uint32_t bytes,
           SlotPlan& plan) {
  using Ending = std::pair<Instruction, Slot>;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> busy;
  std::priority_queue<Slot, std::vector<Slot>, std::greater<>> free;
  for (const Reg reg : by_first) {
    for (; !busy.empty() && busy.top().first < ranges[reg].first; busy.pop()) {
      free.push(busy.top().second);
    }
    if (free.empty()) {
      free.push(plan.bytes);
      plan.bytes += bytes;
    }
    plan.slots[reg] = free.top();
    free.pop();
    busy.emplace(ranges[reg].last, plan.slots[reg]);
  }
}

}  // namespace

std::uint32_t SlotBytes(Type type) {
  const auto bits = static_cast<std::uint32_t>(BitsOf(type));
  return bits == 1 ? sizeof(Mask) : std::max(bits, 16U) / 8 * kLanes;
}

SlotPlan PlanSlots(const Trace& trace, const std::vector<Type>& types, bool share) {
  SlotPlan plan;
  plan.slots.assign(types.size(), kNoSlot);
  Planner planner(trace, types);
  plan.zeroed = planner.Analyse();
  std::vector<Range> ranges = planner.ranges();
  std::vector<Reg> used;
  for (Reg reg = 0; reg < types.size(); ++reg) {
    if (ranges[reg].first != kNone) used.push_back(reg);
    if (!share && ranges[reg].first != kNone) ranges[reg] = {0, kNone - 1};
  }
  std::stable_sort(used.begin(), used.end(),
                   [&](Reg a, Reg b) { return ranges[a].first < ranges[b].first; });
  // Masks first: they alone are not multiples of 64 bytes.
  for (const std::uint32_t bytes : {4U, 64U, 128U, 256U, 512U}) {
    std::vector<Reg> wide;
    std::copy_if(used.begin(), used.end(), std::back_inserter(wide),
                 [&](Reg reg) { return SlotBytes(types[reg]) == bytes; });
    Share(wide, ranges, bytes, plan);
    plan.bytes = (plan.bytes + 63) / 64 * 64;
  }
  return plan;
}

}  // namespace caesar::sim
