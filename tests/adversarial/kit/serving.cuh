// Serves the judge's orders in the runner's place, from within the launcher of a timed call, until one comes that it does not
// know, such as a message.
#include "kit/control.cuh"
#include "kit/timing.cuh"
// `answer` does what is left of a call and says in microseconds what that took; at the first call until then it is `us`.
// `rehearsal` comes when the judge has woken the process before a call, `collect` behind a call.
template <class Rehearsal, class Collect, class Answer>
static void serve(const char* name, double us, Rehearsal rehearsal, Collect collect, Answer answer) {
  caesar::ControlBlock* block = control();
  say_done(block);
  for (uint32_t seen = block->go.load();; say_done(block)) {
    while (block->go.load() == seen) {}
    seen = block->go.load();
    const caesar::CallOrder order = block->order;
    block->claim = caesar::CallClaim();
    if (order.mode == caesar::CallMode::kNull) {
      rehearsal();
    } else if (order.mode == caesar::CallMode::kCollect) {
      collect();
    } else if (order.mode == caesar::CallMode::kTimed || order.mode == caesar::CallMode::kBatch) {
      us = answer();
    } else {
      return;
    }
    block->claim.envelope_us = us;
    block->claim.wall_us = us + order.delay_us;
    block->claim.kernel_count = 1;
    block->claim.kernels[0].us = us;
    strcpy(block->claim.kernels[0].name, name);
  }
}
