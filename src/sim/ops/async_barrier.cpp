// mbarrier objects in shared memory, and cp.async.mbarrier.arrive.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "sim/ops/async.h"

namespace caesar::sim {
namespace {

constexpr int kPendingShift = 20, kBytesShift = 40, kPhaseShift = 61, kMarkShift = 62;
constexpr std::uint64_t kMark = 2;  // neither zeros nor the poison of unwritten memory
constexpr std::uint64_t kBytesMask = (1U << 21) - 1;
constexpr std::size_t kCopyArrivalsMax = 65536;  // under way in one block

enum class Action : std::uint8_t {
  kInit,
  kInvalidate,
  kArrive,
  kExpect,
  kComplete,
  kTest,
  kPendingCount,
  kCopyArrive
};

struct BarrierDetail {
  Action action = Action::kArrive;
  Space space = Space::kShared;
  AddressOperand address;
  Slot result = kNoSlot;  // state, or predicate
  Slot count = kNoSlot;   // kInit, kArrive: arrivals; kNoSlot: 1
  Slot bytes = kNoSlot;   // expect_tx, complete_tx
  Slot state = kNoSlot;   // kTest: a state (64 bits) or a parity
  bool parity = false, may_wait = false, drop = false, no_increment = false;
  bool relaxed = false;
};

Step Misuse(Warp& warp, int lane, std::string text) {
  return warp.Report(FindingKind::kIllegalInstruction, Mask{1} << lane, std::move(text));
}

Step TooManyBytes(Warp& warp, int lane) {
  return Misuse(warp, lane,
                Format("an mbarrier counts at most {} bytes that are missing, or too many",
                       kBarrierCountMax));
}

// The block that a shared memory's byte belongs to, and the offset in it.
Block* OwnerOf(Warp& warp, const std::byte* at, std::uint32_t* offset) {
  const auto inside = [&](Block& block) {
    const auto distance = reinterpret_cast<std::uintptr_t>(at) -
                          reinterpret_cast<std::uintptr_t>(block.shared.data());
    *offset = static_cast<std::uint32_t>(distance);
    return distance < block.shared.bytes();
  };
  if (inside(*warp.block)) return warp.block;
  for (std::uint32_t rank = 0; warp.block->cluster != nullptr && rank < warp.block->cluster_blocks;
       ++rank) {
    if (inside(*warp.block->cluster[rank])) return warp.block->cluster[rank];
  }
  return nullptr;
}

// Copies, stores and reductions that this mbarrier counts arrive when somebody asks for it. False:
// they are more bytes than it can count.
bool CompleteIncoming(Block& block, std::uint32_t barrier, BarrierWord* word) {
  if (!block.copies) return true;
  std::int64_t arrived = 0;
  auto& incoming = CopiesOf(block).incoming;
  std::erase_if(incoming, [&](const IncomingCopy& copy) {
    if (copy.barrier != barrier) return false;
    Combine(copy.how, block.shared.data() + copy.to,
            copy.from == nullptr ? copy.value.data() : copy.from, copy.bytes);
    block.shared.NoteForeignWrite(copy.to, copy.bytes);
    arrived += copy.bytes;
    return true;
  });
  if (!word->CountBytes(-arrived)) return false;
  word->CompletePhaseIfDone();
  return true;
}

// The arrival of a lane whose copies have completed. False: nobody waits for it.
bool Settle(const CopyArrival& arrival, BarrierWord* word) {
  arrival.warp->block->shared.Release(arrival.barrier, arrival.warp->index);
  return Arrive(word, 1, false);
}

// The phase that is waited for may depend on cp.async under way: they complete now.
Step CompleteArrivals(Warp& waiting, int lane, Block& block, std::uint32_t barrier,
                      BarrierWord* word) {
  if (!block.copies) return Step::kNext;
  bool settled = true;
  std::erase_if(CopiesOf(block).arrivals, [&](const CopyArrival& arrival) {
    if (arrival.barrier != barrier) return false;
    CompleteElementsUpTo(*arrival.warp, arrival.lane, arrival.number, waiting);
    settled &= Settle(arrival, word);
    return true;
  });
  if (settled) return Step::kNext;
  return Misuse(waiting, lane,
                Format("waits for an mbarrier (offset {}) at which more copies arrive than it "
                       "waits for",
                       barrier));
}

std::uint32_t Value(const Warp& warp, Slot slot, int lane, std::uint32_t otherwise) {
  return slot == kNoSlot ? otherwise : warp.Lanes<std::uint32_t>(slot)[lane];
}

// One lane's operation on one object. kNext unless it is misused.
Step Act(Warp& warp, const BarrierDetail& detail, int lane, Block& owner, std::uint32_t offset,
         BarrierWord* word) {
  SharedMemory& shared = owner.shared;
  const bool own = &owner == warp.block && !detail.relaxed;
  switch (detail.action) {
    case Action::kCopyArrive: {
      if (&owner != warp.block) return Misuse(warp, lane, "copies arrive at another block");
      if (!detail.no_increment && ++word->pending > kBarrierCountMax) {
        return Misuse(warp, lane, "arrives too often at an mbarrier");
      }
      auto& arrivals = CopiesOf(owner).arrivals;
      if (arrivals.size() >= kCopyArrivalsMax) {
        const Step step = CompleteArrivals(warp, lane, owner, offset, word);
        if (step != Step::kNext) return step;
        if (arrivals.size() >= kCopyArrivalsMax) {
          return Misuse(warp, lane, "has more copies arrive at mbarriers than can be under way");
        }
      }
      arrivals.push_back({offset, &warp, lane, CopiesOf(warp).begun});
      return Step::kNext;
    }
    case Action::kArrive: {
      const std::uint32_t count = Value(warp, detail.count, lane, 1);
      const std::uint32_t bytes = Value(warp, detail.bytes, lane, 0);
      if (!word->CountBytes(bytes)) return TooManyBytes(warp, lane);
      if (own) shared.Release(offset, warp.index);
      if (count == 0 || !Arrive(word, count, detail.drop)) {
        return Misuse(warp, lane,
                      Format("arrives {} times at an mbarrier (offset {}) that waits for {}", count,
                             offset, word->pending));
      }
      return Step::kNext;
    }
    case Action::kExpect:
    case Action::kComplete: {
      const std::int64_t bytes = Value(warp, detail.bytes, lane, 0);
      if (!word->CountBytes(detail.action == Action::kExpect ? bytes : -bytes)) {
        return TooManyBytes(warp, lane);
      }
      if (detail.action == Action::kComplete) word->CompletePhaseIfDone();
      return Step::kNext;
    }
    case Action::kTest: {
      if (!CompleteIncoming(owner, offset, word)) return TooManyBytes(warp, lane);
      bool waited_for = false;  // the parity of the phase that is waited for
      if (detail.parity) {
        waited_for = (warp.Lanes<std::uint32_t>(detail.state)[lane] & 1) != 0;
      } else {
        waited_for = (warp.Lanes<std::uint64_t>(detail.state)[lane] >> kPhaseShift & 1) != 0;
      }
      if (word->phase == waited_for) {
        const Step step = CompleteArrivals(warp, lane, owner, offset, word);
        if (step != Step::kNext) return step;
      }
      const bool done = word->phase != waited_for;
      if (done && own) shared.Acquire(offset, warp.index);
      Mask& result = warp.Predicate(detail.result);
      result = (result & ~(Mask{1} << lane)) | Mask{done} << lane;
      return Step::kNext;
    }
    case Action::kInit:
    case Action::kInvalidate:
    case Action::kPendingCount:
      break;
  }
  return Step::kNext;
}

Step ActOnLane(Warp& warp, const BarrierDetail& detail, int lane, std::byte* at) {
  std::uint32_t offset = 0;
  Block* owner = OwnerOf(warp, at, &offset);
  if (owner == nullptr) return Misuse(warp, lane, "uses an mbarrier outside of shared memory");
  BarrierWord word;
  if (detail.action == Action::kInit) {
    word.expected = word.pending = warp.Lanes<std::uint32_t>(detail.count)[lane];
    if (word.expected == 0 || word.expected > kBarrierCountMax) {
      return Misuse(warp, lane, Format("initialises an mbarrier for {} arrivals", word.expected));
    }
    const std::uint64_t bits = word.Pack();
    std::memcpy(at, &bits, sizeof bits);
    return Step::kNext;
  }
  std::uint64_t before = 0;
  std::memcpy(&before, at, sizeof before);
  if (!BarrierWord::Unpack(before, &word)) {
    return Misuse(warp, lane,
                  Format("uses an mbarrier at offset {} that was not initialised", offset));
  }
  if (detail.action == Action::kInvalidate) {
    std::memset(at, 0xFF, sizeof before);
    return Step::kNext;
  }
  const Step step = Act(warp, detail, lane, *owner, offset, &word);
  if (step != Step::kNext) return step;
  const std::uint64_t after = word.Pack();
  std::memcpy(at, &after, sizeof after);
  if (detail.result != kNoSlot && detail.action == Action::kArrive) {
    warp.Lanes<std::uint64_t>(detail.result)[lane] = before;
  }
  return Step::kNext;
}

// try_wait holds its threads up until the phase completes, or for as long as the machine likes:
// sim/resident.cpp.
Step WaitInVain(Warp& warp, const std::byte* at) {
  if ((warp.active & ~warp.timed_out) == 0) {
    warp.timed_out &= ~warp.active;
    return Step::kYield;
  }
  std::uint64_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  BarrierWord word;
  BarrierWord::Unpack(bits, &word);
  std::uint32_t offset = 0;
  OwnerOf(warp, at, &offset);
  warp.wait = {};
  warp.wait.reason = Wait::Reason::kMemoryBarrier;
  warp.wait.address = offset;
  warp.wait.number = static_cast<int>(word.pending);
  warp.wait.expected = static_cast<std::uint32_t>(std::max(word.bytes, 0));
  return Step::kWait;
}

Step RunBarrier(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const BarrierDetail*>(op.detail);
  LaneAddresses addresses;
  LanePointers pointers;
  AddressesOf(warp, detail.address, &addresses);
  // What is tried again is counted once.
  const OpCounts before = warp.counts == nullptr ? OpCounts() : warp.counts[warp.pc];
  // The object's own state is no data that could race, but init must come before its uses.
  const bool plain = detail.action == Action::kInit;
  const Touch touch =
      plain || detail.action == Action::kInvalidate ? Touch::kWrite : Touch::kAtomic;
  Step step = Resolve(warp, {detail.space, touch, !plain, 8, true}, addresses, warp.active, nullptr,
                      &pointers);
  if (step != Step::kNext) return step;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    step = ActOnLane(warp, detail, lane, pointers.of[lane]);
    if (step != Step::kNext) return step;
  }
  if (detail.action != Action::kTest) return Step::kNext;
  if ((warp.Predicate(detail.result) & warp.active) != 0) {
    ++warp.worker->waits_met;
    return Step::kNext;
  }
  if (!detail.may_wait) return Step::kNext;
  step = WaitInVain(warp, pointers.of[std::countr_zero(warp.active) % kLanes]);
  if (step == Step::kWait && warp.counts != nullptr) warp.counts[warp.pc] = before;
  return step;
}

Step RunPendingCount(Warp& warp, const Op& op) {
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    BarrierWord word;
    if (!BarrierWord::Unpack(warp.Lanes<std::uint64_t>(op.a)[lane], &word)) {
      return Misuse(warp, lane, "asks for the pending count of what is no mbarrier state");
    }
    warp.Lanes<std::uint32_t>(op.dst)[lane] = word.pending;
  }
  return Step::kNext;
}

Result<Op> Finish(Binder& binder, std::shared_ptr<BarrierDetail> detail) {
  Op op;
  op.run = RunBarrier;
  op.op_class = OpClass::kBarrier;
  op.detail = binder.Keep(std::move(detail));
  return op;
}

// {state,} [address] {, number}: what arrive, expect_tx, complete_tx and their kin share.
Status TakeArrival(Binder& binder, Modifiers& modifiers, BarrierDetail* detail) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  const bool expects = modifiers.Take("expect_tx") || modifiers.Take("complete_tx");
  modifiers.Take("noComplete");
  const bool has_state = !operands.empty() && operands[0].kind != ptx::Operand::Kind::kAddress;
  const std::size_t first = has_state ? 1 : 0;
  if (operands.size() <= first || operands.size() > first + 2 ||
      (expects && operands.size() != first + 2)) {
    return NotSimulated(instruction);
  }
  if (has_state && operands[0].kind != ptx::Operand::Kind::kSink) {
    detail->result = TRY(binder.Destination(operands[0], Type::kB64));
  }
  detail->address = TRY(AddressOperandOf(binder, operands[first]));
  if (operands.size() == first + 2) {
    Slot& number = expects ? detail->bytes : detail->count;
    number = TRY(binder.Source(operands[first + 1], Type::kB32));
  }
  return {};
}

Status TakeTest(Binder& binder, Modifiers& modifiers, BarrierDetail* detail) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  detail->parity = modifiers.Take("parity");
  const std::size_t most = detail->may_wait ? 4 : 3;  // a limit on the time that is waited
  if (operands.size() < 3 || operands.size() > most) return NotSimulated(instruction);
  detail->result = TRY(binder.Destination(operands[0], Type::kPred));
  detail->address = TRY(AddressOperandOf(binder, operands[1]));
  detail->state = TRY(binder.Source(operands[2], detail->parity ? Type::kB32 : Type::kB64));
  if (operands.size() == 4) TRY(binder.Source(operands[3], Type::kB32));
  return {};
}

}  // namespace

bool BarrierWord::Unpack(std::uint64_t bits, BarrierWord* word) {
  if (bits >> kMarkShift != kMark) return false;
  word->expected = static_cast<std::uint32_t>(bits & kBarrierCountMax);
  word->pending = static_cast<std::uint32_t>(bits >> kPendingShift & kBarrierCountMax);
  const auto bytes = static_cast<std::int32_t>(bits >> kBytesShift & kBytesMask);
  word->bytes = bytes >= 1 << 20 ? bytes - (1 << 21) : bytes;
  word->phase = (bits >> kPhaseShift & 1) != 0;
  return true;
}

std::uint64_t BarrierWord::Pack() const {
  return kMark << kMarkShift | std::uint64_t{phase} << kPhaseShift |
         (static_cast<std::uint64_t>(bytes) & kBytesMask) << kBytesShift |
         std::uint64_t{pending & kBarrierCountMax} << kPendingShift | (expected & kBarrierCountMax);
}

bool BarrierWord::CountBytes(std::int64_t change) {
  const std::int64_t after = bytes + change;
  if (after < -std::int64_t{kBarrierCountMax} || after > kBarrierCountMax) return false;
  bytes = static_cast<std::int32_t>(after);
  return true;
}

void BarrierWord::CompletePhaseIfDone() {
  if (pending != 0 || bytes != 0) return;
  phase = !phase;
  pending = expected;
}

bool Arrive(BarrierWord* word, std::uint32_t count, bool drop) {
  if (count > word->pending || (drop && count > word->expected)) return false;
  word->pending -= count;
  if (drop) word->expected -= count;
  word->CompletePhaseIfDone();
  return true;
}

void SettleArrivals(Warp& warp, Mask lanes) {
  if (!warp.block->copies) return;
  const auto under_way = [&](const CopyArrival& arrival) {
    const auto& elements = CopiesOf(warp).elements;
    return std::any_of(elements.begin(), elements.end(), [&](const ElementCopies& copy) {
      return copy.number <= arrival.number && (copy.lanes >> arrival.lane & 1) != 0;
    });
  };
  std::erase_if(CopiesOf(*warp.block).arrivals, [&](const CopyArrival& arrival) {
    if (arrival.warp != &warp || (lanes >> arrival.lane & 1) == 0 || under_way(arrival)) {
      return false;
    }
    std::byte* const at = warp.block->shared.data() + arrival.barrier;
    std::uint64_t bits = 0;
    std::memcpy(&bits, at, sizeof bits);
    BarrierWord word;
    if (!BarrierWord::Unpack(bits, &word)) return true;  // the object is gone
    if (!Settle(arrival, &word)) {
      Misuse(warp, arrival.lane, "copies arrive at an mbarrier that waits for none");
      return true;
    }
    bits = word.Pack();
    std::memcpy(at, &bits, sizeof bits);
    return true;
  });
}

Result<Op> DecodeBarrierObject(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  Modifiers modifiers(instruction);
  const std::string_view what =
      modifiers.TakeAny({"init", "inval", "arrive", "arrive_drop", "test_wait", "try_wait",
                         "pending_count", "expect_tx", "complete_tx"});
  auto detail = std::make_shared<BarrierDetail>();
  detail->space = TakeSpace(modifiers);
  const std::string_view semantics = modifiers.TakeAny({"relaxed", "acquire", "release"});
  modifiers.TakeAny({"cta", "cluster"});
  modifiers.Take("b64");
  // Of expect_tx and complete_tx, relaxed is the only one, and they order nothing.
  detail->relaxed = semantics == "relaxed";
  if (what == "init" || what == "inval") {
    const bool init = what == "init";
    if (operands.size() != (init ? 2U : 1U)) return NotSimulated(instruction);
    detail->action = init ? Action::kInit : Action::kInvalidate;
    detail->address = TRY(AddressOperandOf(binder, operands[0]));
    if (init) detail->count = TRY(binder.Source(operands[1], Type::kB32));
  } else if (what == "arrive" || what == "arrive_drop") {
    detail->drop = what == "arrive_drop";
    TRY(TakeArrival(binder, modifiers, detail.get()));
  } else if (what == "expect_tx" || what == "complete_tx") {
    detail->action = what == "expect_tx" ? Action::kExpect : Action::kComplete;
    if (operands.size() != 2) return NotSimulated(instruction);
    detail->address = TRY(AddressOperandOf(binder, operands[0]));
    detail->bytes = TRY(binder.Source(operands[1], Type::kB32));
  } else if (what == "test_wait" || what == "try_wait") {
    detail->action = Action::kTest;
    detail->may_wait = what == "try_wait";
    TRY(TakeTest(binder, modifiers, detail.get()));
  } else if (what == "pending_count") {
    TRY(modifiers.Done());
    if (operands.size() != 2) return NotSimulated(instruction);
    Op op;
    op.a = TRY(binder.Source(operands[1], Type::kB64));
    op.dst = TRY(binder.Destination(operands[0], Type::kB32));
    op.run = RunPendingCount;
    op.op_class = OpClass::kBarrier;
    return op;
  } else {
    return NotSimulated(instruction);
  }
  TRY(modifiers.Done());
  return Finish(binder, std::move(detail));
}

// The arrival comes when all earlier cp.async of the thread have completed: here when somebody
// waits for the mbarrier, or the thread for its copies. A missing wait shows.
Result<Op> DecodeCopyArrive(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  auto detail = std::make_shared<BarrierDetail>();
  const bool arrive = modifiers.Take("arrive");
  detail->no_increment = modifiers.Take("noinc");
  detail->space = TakeSpace(modifiers);
  modifiers.Take("b64");
  TRY(modifiers.Done());
  if (!arrive || instruction.operands.size() != 1) return NotSimulated(instruction);
  detail->action = Action::kCopyArrive;
  detail->address = TRY(AddressOperandOf(binder, instruction.operands[0]));
  return Finish(binder, std::move(detail));
}

}  // namespace caesar::sim
