// fence and membar: order accesses. Warps run one operation after the other, so all that is to do
// is to tell the shadow of shared memory, and other host threads.
#include <atomic>

#include "sim/ops/memory.h"

namespace caesar::sim {
namespace {

Step RunFence(Warp& warp, const Op&) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  warp.block->shared.Fence(warp.index);
  return Step::kNext;
}

// Between proxies there is nothing to order: all accesses go through one.
Step RunNothing(Warp&, const Op&) { return Step::kNext; }

}  // namespace

Result<Op> DecodeFence(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  Op op;
  op.op_class = OpClass::kOther;
  if (modifiers.Take("proxy")) {
    if (modifiers.TakeAny({"alias", "async", "async::generic", "async.global", "async::shared"})
            .empty()) {
      return NotSimulated(instruction, "this proxy");
    }
    modifiers.TakeAny({"global", "shared::cta", "shared::cluster"});
    if (modifiers.TakeAny({"acquire", "release"}) != "") {
      modifiers.TakeAny({"sync_restrict::shared::cta", "sync_restrict::shared::cluster"});
      modifiers.Take("cluster");
    }
    op.run = RunNothing;
  } else {
    modifiers.Take("mbarrier_init");
    const std::string_view semantics = modifiers.TakeAny({"sc", "acq_rel", "acquire", "release"});
    if (modifiers.TakeAny({"sync_restrict::shared::cta", "sync_restrict::shared::cluster"}) != "") {
      if (semantics.empty()) return NotSimulated(instruction);
    }
    const std::string_view scope = modifiers.TakeAny({"cta", "cluster", "gpu", "sys", "gl"});
    if (scope.empty()) return NotSimulated(instruction, "no scope");
    if (scope != "cta" && scope != "cluster") binder.NoteDependence();
    op.run = RunFence;
  }
  TRY(modifiers.Done());
  if (!instruction.operands.empty()) return NotSimulated(instruction, "operands");
  return op;
}

}  // namespace caesar::sim
