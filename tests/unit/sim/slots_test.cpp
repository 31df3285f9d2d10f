// Registers that share slots against registers that do not: random programs with loops and
// divergence must compute the same.
#include "sim/slots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/format.h"
#include "sim/decode.h"
#include "sim/machine.h"
#include "sim/module.h"
#include "sim/names.h"
#include "unit/sim/toy_family.h"

namespace caesar::sim {
namespace {

using Accesses = std::vector<Trace::Access>;

// Rows of (accesses, guarded, falls through).
struct Row {
  Accesses accesses;
  bool guarded = false, falls_through = true;
};
Trace Make(const std::vector<Row>& rows,
           std::vector<std::pair<std::uint32_t, std::uint32_t>> jumps = {}) {
  Trace trace;
  for (const Row& row : rows) {
    trace.instructions.push_back(
        {static_cast<std::uint32_t>(trace.accesses.size()), row.guarded, row.falls_through});
    trace.accesses.insert(trace.accesses.end(), row.accesses.begin(), row.accesses.end());
  }
  trace.jumps = std::move(jumps);
  return trace;
}
constexpr bool kRead = false, kWrite = true;

TEST(Slots, ChainsNeedTwoOfAWidth) {
  // r0 = ..; r1 = r0; r2 = r1; r3 = r2
  const Trace trace = Make({{{{0, kWrite}}},
                            {{{1, kWrite}, {0, kRead}}},
                            {{{2, kWrite}, {1, kRead}}},
                            {{{3, kWrite}, {2, kRead}}}});
  const SlotPlan plan = PlanSlots(trace, std::vector<Type>(5, Type::kB32), true);
  EXPECT_TRUE(plan.zeroed.empty());
  EXPECT_EQ(plan.bytes, 256U);
  EXPECT_NE(plan.slots[0], plan.slots[1]);
  EXPECT_EQ(plan.slots[0], plan.slots[2]);
  EXPECT_EQ(plan.slots[4], kNoSlot);
  EXPECT_EQ(PlanSlots(trace, std::vector<Type>(5, Type::kB32), false).bytes, 512U);
}

TEST(Slots, WidthsNeverMix) {
  const std::vector<Type> types = {Type::kPred, Type::kB16, Type::kF32, Type::kB64,
                                   Type::kB128, Type::kB8,  Type::kPred};
  std::vector<Row> rows;
  for (std::uint32_t reg = 0; reg < types.size(); ++reg) rows.push_back({{{reg, kWrite}}});
  const SlotPlan plan = PlanSlots(Make(rows), types, true);
  EXPECT_EQ(plan.slots[0], 0U);
  EXPECT_EQ(plan.slots[6], 0U);
  EXPECT_EQ(plan.slots[1], 64U);
  EXPECT_EQ(plan.slots[5], 64U);  // 8 bits live in a slot of 16
  EXPECT_EQ(plan.slots[2], 128U);
  EXPECT_EQ(plan.slots[3], 256U);
  EXPECT_EQ(plan.slots[4], 512U);
  EXPECT_EQ(plan.bytes, 1024U);
}

TEST(Slots, GuardedWritesLeaveOldValues) {
  // @p r0 = ..; .. = r0: lanes without p read what was there before the function began.
  const Trace trace = Make({{{{0, kWrite}}, true}, {{{0, kRead}}}});
  EXPECT_EQ(PlanSlots(trace, {Type::kB32}, true).zeroed, std::vector<std::uint32_t>{0});
  const Trace plain = Make({{{{0, kWrite}}}, {{{0, kRead}}}});
  EXPECT_TRUE(PlanSlots(plain, {Type::kB32}, true).zeroed.empty());
}

TEST(Slots, LoopsKeepWhatTheNextTurnReads) {
  // 0: r0 = ..   1: .. = r0   2: r1 = ..   3: .. = r1, branch to 1
  const Trace trace =
      Make({{{{0, kWrite}}}, {{{0, kRead}}}, {{{1, kWrite}}}, {{{1, kRead}}, true}}, {{3, 1}});
  const SlotPlan plan = PlanSlots(trace, std::vector<Type>(2, Type::kB32), true);
  EXPECT_NE(plan.slots[0], plan.slots[1]);
}

// Programs of the toy family.
class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {}

  std::string Make() {
    text_ =
        ".version 9.0\n.target sm_90\n.address_size 64\n.visible .entry k() {\n"
        ".reg .b32 %r<25>; .reg .b64 %rd<9>; .reg .pred %p<7>; .reg .b32 %loop<9>;\n"
        ".reg .b32 out; .reg .b64 wide;\n";
    if (Below(2) == 0) text_ += "mov.u32 %r0, %tid.x;\n";
    text_ += "mov.u32 %r1, %tid.x; setp.lt.u32 %p0, %r1, 13;\n";
    Statements(3);
    text_ +=
        Format("add.u32 out, %r{}, %r{};\nadd.u32 out, out, %r{};\nadd.u64 wide, %rd{}, %rd{};\n",
               Below(24), Below(24), Below(24), Below(8), Below(8));
    for (int p = 0; p < 6; p += 2) text_ += Format("@%p{} add.u32 out, out, {};\n", p, 1000 << p);
    return text_ + "}\n";
  }

 private:
  unsigned Below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  void Statements(int depth) {
    for (unsigned n = 3 + Below(8); n > 0; --n) Statement(depth);
  }
  void Statement(int depth) {
    const std::string guard =
        Below(4) == 0 ? Format("@{}%p{} ", Below(2) == 0 ? "!" : "", Below(6)) : "";
    const unsigned d = Below(24), a = Below(24), b = Below(24);
    switch (Below(depth > 0 ? 10 : 7)) {
      case 0:
        text_ += guard + Format("mov.u32 %r{}, {};\n", d, Below(40));
        break;
      case 1:
        text_ += guard + Format("mov.u32 %r{}, %laneid;\n", d);
        break;
      case 2:
        text_ += guard + Format("setp.lt.u32 %p{}, %r{}, %r{};\n", Below(6), a, b);
        break;
      case 3:
        text_ += guard + Format("twice.u32 %r{}, %r{}, %r{};\n", d, a, b);
        break;
      case 4:
        text_ += guard + Format("scratch.u32 %r{}, %r{}, %r{};\n", d, a, b);
        break;
      case 5:
        text_ += guard + Format("add.u64 %rd{}, %rd{}, {};\n", Below(8), Below(8), Below(9));
        break;
      case 6:
        text_ += guard + Format("add.u32 %r{}, %r{}, %r{};\n", d, a, b);
        break;
      case 7: {  // if
        const int label = labels_++;
        text_ += Format("@%p{} bra L{};\n", Below(6), label);
        Statements(depth - 1);
        text_ += Format("L{}:\n", label);
        break;
      }
      case 8: {  // if, else
        const int label = labels_++, end = labels_++;
        text_ += Format("@!%p{} bra L{};\n", Below(6), label);
        Statements(depth - 1);
        text_ += Format("bra L{};\nL{}:\n", end, label);
        Statements(depth - 1);
        text_ += Format("L{}:\n", end);
        break;
      }
      default: {  // a loop that some lanes may leave early, its counter in a register of its own
        const int label = labels_++, end = labels_++;
        text_ += Format("mov.u32 %loop{}, 0;\nL{}:\n", depth, label);
        Statements(depth - 1);
        text_ += Format("@%p{} bra L{};\n", Below(6), end);
        text_ += Format(
            "add.u32 %loop{0}, %loop{0}, 1;\nsetp.lt.u32 %p6, %loop{0}, {1};\n"
            "@%p6 bra L{2};\nL{3}:\n",
            depth, 1 + Below(3), label, end);
      }
    }
  }

  std::mt19937 random_;
  std::string text_;
  int labels_ = 0;
};

struct Outcome {
  std::vector<std::uint32_t> out;
  std::vector<std::uint64_t> wide;
  std::uint32_t bytes = 0;
  bool operator==(const Outcome& other) const { return out == other.out && wide == other.wide; }
};

// Lanes start together, and those at the lowest pc run; or, `alone`, one after the other.
class Machine {
 public:
  Machine(const std::string& text, Arena& arena, bool share) {
    auto loaded = LoadModule(text, arena, Isa::kPortable, ToyFamily);
    if (!loaded.ok()) throw std::runtime_error(loaded.error().message);
    module_ = std::move(loaded).value();
    module_->share_slots = share;
    function_ = module_->Declare("k");
    const Status decoded = DecodeFunction(*module_, *function_, &slots_);
    if (!decoded.ok()) throw std::runtime_error(decoded.error().message);
  }

  Outcome Run(bool alone) {
    // What was there before: a register that must be 0 and is not said to be shows.
    frame_.assign(function_->register_bytes / 64 + 1, Line{});
    std::fill_n(frame_.front().bytes, function_->register_bytes, std::byte{0xA5});
    std::byte* base = frame_.front().bytes;
    for (const SlotValue& preset : function_->preset) {
      Mask mask = 0;
      for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
        const std::uint64_t bits = preset.kind == SlotValue::Kind::kZero      ? 0
                                   : preset.kind == SlotValue::Kind::kSpecial ? lane
                                                                              : preset.value;
        mask |= (bits != 0 ? Mask{1} : Mask{0}) << lane;
        if (preset.bytes != 0)
          std::memcpy(base + preset.slot + lane * preset.bytes, &bits, preset.bytes);
      }
      if (preset.bytes == 0) std::memcpy(base + preset.slot, &mask, sizeof mask);
    }
    warp_.registers = base;
    if (alone) {
      for (int lane = 0; lane < kLanes; ++lane) Step(Mask{1} << lane);
    } else {
      Step(kAllLanes);
    }
    Outcome outcome;
    outcome.bytes = function_->register_bytes;
    const Names names = Names::Make(*function_->source).value();
    const auto* out = warp_.Lanes<std::uint32_t>(slots_[names.Find("out", 0).index]);
    const auto* wide = warp_.Lanes<std::uint64_t>(slots_[names.Find("wide", 0).index]);
    outcome.out.assign(out, out + kLanes);
    outcome.wide.assign(wide, wide + kLanes);
    return outcome;
  }

 private:
  void Step(Mask lanes) {
    std::vector<std::uint32_t> pcs(kLanes, 0);
    for (int steps = 0; lanes != 0 && steps < 200'000; ++steps) {
      std::uint32_t lowest = ~std::uint32_t{0};
      for (std::size_t i = 0; i < kLanes; ++i) {
        if ((lanes >> i & 1U) != 0) lowest = std::min(lowest, pcs[i]);
      }
      const Op& op = function_->ops[lowest];
      Mask here = 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        if ((lanes >> i & 1U) != 0 && pcs[i] == lowest) here |= Mask{1} << i;
      }
      warp_.active = here;
      if (op.guard != kNoSlot) {
        warp_.active &= op.guard_negated ? ~warp_.Predicate(op.guard) : warp_.Predicate(op.guard);
      }
      const Mask active = warp_.active;
      const bool jumped = active != 0 && op.run(warp_, op) == sim::Step::kJump;
      for (std::size_t i = 0; i < kLanes; ++i) {
        if ((here >> i & 1U) == 0) continue;
        pcs[i] = jumped && (active >> i & 1U) != 0 ? op.target : lowest + 1;
        if (pcs[i] >= function_->ops.size()) lanes &= ~(Mask{1} << i);
      }
    }
    EXPECT_EQ(lanes, 0U) << "a program that does not end";
  }

  struct Line {
    alignas(64) std::byte bytes[64];
  };
  std::unique_ptr<LoadedModule> module_;
  Function* function_ = nullptr;
  std::vector<Slot> slots_;
  std::vector<Line> frame_;
  Warp warp_;
};

TEST(Slots, SharingChangesNoResult) {
  const auto arena = Arena::Make(1 << 20).value();
  std::uint64_t apart = 0, shared = 0;
  for (unsigned seed = 0; seed < 120; ++seed) {
    const std::string text = Program(seed).Make();
    Machine plain(text, *arena, false), sharing(text, *arena, true);
    const Outcome expected = plain.Run(true);
    const Outcome together = sharing.Run(false);
    ASSERT_EQ(expected, together) << "seed " << seed << "\n" << text;
    ASSERT_EQ(expected, sharing.Run(true)) << "seed " << seed;
    apart += expected.bytes;
    shared += together.bytes;
  }
  EXPECT_LT(shared, apart);
}

}  // namespace
}  // namespace caesar::sim
