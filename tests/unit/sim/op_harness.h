// Runs a few lines of PTX on one warp without a scheduler: for tests of one family of operations
// against arithmetic of the host.
//
//   OpHarness harness(DecodeInteger, isa);
//   harness.SetAll<std::uint32_t>("%r1", 7);
//   ASSERT_EQ(harness.Run("add.u32 %r0, %r1, %r2;"), "");
//   EXPECT_EQ(harness.Get<std::uint32_t>("%r0")[3], ...);
//
// Registers: %p<16> predicates, %c<16> 8 bits, %h<32> 16, %r<96> and %f<64> 32, %rd<64> and %d<64>
// 64, %q<8> 128 bits. Each has a slot of its own and keeps its value from one Run to the next;
// those never set are 0. Special registers: one block of one warp, %tid.x the lane.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/binder.h"
#include "sim/machine.h"
#include "sim/module.h"

namespace caesar::sim {

class OpHarness {
 public:
  static constexpr std::uint32_t kSharedBytes = 65536;  // of the block, static and dynamic
  static constexpr std::uint32_t kLocalBytes = 4096;    // of each lane

  // All instructions but ret are decoded by this family, or by those the lookup gives.
  OpHarness(Decode family, Isa isa);
  OpHarness(std::function<Decode(std::string_view opcode)> families, Isa isa);
  ~OpHarness();

  // What is put in front of the next Run.
  std::string module_text;        // ".const .b32 table[2] = {1, 2};", declarations of functions
  std::string parameters;         // ".param .u64 p, .param .u32 n"
  std::string local_text;         // declarations in the body: ".local .align 16 .b8 stack[64];"
  std::vector<std::byte> params;  // the parameters' values
  Mask mask = kAllLanes;          // lanes that run

  template <class T>
  void Set(std::string_view name, const std::array<T, kLanes>& values) {
    SetBytes(name, values.data(), sizeof values);
  }
  template <class T>
  void SetAll(std::string_view name, T value) {
    std::array<T, kLanes> values;
    values.fill(value);
    Set(name, values);
  }
  void SetPredicate(std::string_view name, Mask value) { SetBytes(name, &value, sizeof value); }
  template <class T>
  std::array<T, kLanes> Get(std::string_view name) const {
    std::array<T, kLanes> values{};
    GetBytes(name, values.data(), sizeof values);
    return values;
  }
  Mask GetPredicate(std::string_view name) const {
    Mask value = 0;
    GetBytes(name, &value, sizeof value);
    return value;
  }

  // Decodes and carries out the lines once, in order (jumps are followed; at most 100,000
  // operations). The error's message, or nothing. See last_step for faults and waits.
  std::string Run(std::string_view body);

  Step last_step = Step::kNext;  // of the operation that ended it, if it was not the last
  std::vector<OpCounts> counts;  // of each operation of the last Run
  std::vector<Op> ops;           // of the last Run, ret included
  bool dependent = false;        // NoteDependence was called

  Arena& arena() { return *arena_; }
  SharedMemory& shared() { return block_->shared; }
  Findings& findings() { return findings_; }
  Warp& warp() { return block_->warps.front(); }
  Block& block() { return *block_; }
  Grid& grid() { return *grid_; }
  LoadedModule& module() { return *module_; }  // of the last Run
  std::byte* Local(int lane) { return warp().local.data() + lane * std::ptrdiff_t{kLocalBytes}; }

 private:
  void SetBytes(std::string_view name, const void* from, std::size_t bytes);
  void GetBytes(std::string_view name, void* to, std::size_t bytes) const;
  void Fill(const Function& function);
  void Execute(const Function& function);

  std::function<Decode(std::string_view)> families_;
  Isa isa_;
  std::unique_ptr<Arena> arena_;
  Findings findings_;
  std::unique_ptr<Grid> grid_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<LoadedModule> module_;
  std::unique_ptr<Frame> frame_;
  std::map<std::string, std::vector<std::byte>, std::less<>> values_;  // of registers, by name
  struct Aligned {
    alignas(64) std::byte bytes[64];
  };
  std::vector<Aligned> registers_;
};

}  // namespace caesar::sim
