// st.async and red.async: values on their way to the shared memory of a block of the cluster, which
// an mbarrier of that block counts.
#include <bit>
#include <cstring>

#include "sim/ops/async.h"

namespace caesar::sim {
namespace {

struct RemoteDetail {
  AddressOperand to, barrier;
  std::vector<Slot> values;
  std::uint32_t element_bytes = 4;
  Combination how;
};

// The value of one lane, its registers one behind the other.
void TakeValue(const Warp& warp, const RemoteDetail& detail, int lane, IncomingCopy* copy) {
  const std::uint32_t bytes = detail.element_bytes;
  for (const Slot slot : detail.values) {
    const std::byte* from = warp.Lanes<std::byte>(slot) + static_cast<unsigned>(lane) * bytes;
    std::memcpy(copy->value.data() + copy->bytes, from, bytes);
    copy->bytes += bytes;
  }
}

Step RunRemote(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const RemoteDetail*>(op.detail);
  LaneAddresses to, barrier;
  AddressesOf(warp, detail.to, &to);
  AddressesOf(warp, detail.barrier, &barrier);
  // The places are checked now; their shadow hears of it when the value arrives.
  LanePointers ignored;
  const auto bytes = static_cast<std::uint8_t>(detail.element_bytes * detail.values.size());
  Step step = Resolve(warp, {Space::kSharedCluster, Touch::kWrite, true, bytes, true, false}, to,
                      warp.active, nullptr, &ignored);
  if (step != Step::kNext) return step;
  step = Resolve(warp, {Space::kSharedCluster, Touch::kAtomic, true, 8, false, false}, barrier,
                 warp.active, nullptr, &ignored);
  if (step != Step::kNext) return step;
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    Block* block = BlockAt(warp, to.of[lane]);
    if (block == nullptr || BlockAt(warp, barrier.of[lane]) != block) {
      return warp.Report(FindingKind::kIllegalInstruction, Mask{1} << lane,
                         "an asynchronous store whose mbarrier lies in another block than its "
                         "destination");
    }
    IncomingCopy copy;
    copy.barrier = OffsetAt(barrier.of[lane]);
    copy.to = OffsetAt(to.of[lane]);
    copy.how = detail.how;
    TakeValue(warp, detail, lane, &copy);
    if (!Send(*block, copy)) {
      return warp.Report(FindingKind::kIllegalInstruction, Mask{1} << lane,
                         "begins more asynchronous stores than can be under way");
    }
  }
  return Step::kNext;
}

}  // namespace

// st.async{.weak}.shared::cluster.mbarrier::complete_tx::bytes{.v2, .v4}.type [to], value, [mbar];
// red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.op.type, likewise.
Result<Op> DecodeRemote(Binder& binder, Modifiers& modifiers) {
  const ptx::Instruction& instruction = binder.instruction();
  const auto& operands = instruction.operands;
  const bool reduces = instruction.opcode == "red";
  const bool known = (reduces ? modifiers.Take("relaxed") && modifiers.Take("cluster") : true) &&
                     modifiers.Take("shared::cluster") &&
                     modifiers.Take("mbarrier::complete_tx::bytes");
  std::string_view name;
  if (reduces) {
    name = modifiers.TakeAny({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
  } else {
    modifiers.Take("weak");
  }
  const std::size_t count = reduces ? 1 : modifiers.Take("v2") ? 2 : modifiers.Take("v4") ? 4 : 1;
  const Type type = modifiers.TakeLastType();
  TRY(modifiers.Done());
  const int bits = BitsOf(type);
  if (!known || operands.size() != 3 || (bits != 32 && bits != 64) ||
      static_cast<std::size_t>(bits) * count > 128) {
    return NotSimulated(instruction, "no such form");
  }
  auto detail = std::make_shared<RemoteDetail>();
  detail->element_bytes = static_cast<std::uint32_t>(bits) / 8;
  if (reduces) {
    detail->how = AsyncReduction(name, type, false);
    if (detail->how.reduce == nullptr) return NotSimulated(instruction, "no such reduction");
  }
  const auto parts = PartsOf(operands[1]);
  if (parts.size() != count) return NotSimulated(instruction, "the number of registers");
  for (const ptx::Operand* part : parts) {
    detail->values.push_back(TRY(binder.Source(*part, BitsTypeOf(bits))));
  }
  detail->to = TRY(AddressOperandOf(binder, operands[0]));
  detail->barrier = TRY(AddressOperandOf(binder, operands[2]));
  Op op;
  op.run = RunRemote;
  op.op_class = OpClass::kAsyncCopy;
  op.detail = binder.Keep(std::move(detail));
  return op;
}

}  // namespace caesar::sim
