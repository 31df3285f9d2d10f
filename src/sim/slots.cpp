#include "sim/slots.h"

#include <algorithm>

namespace caesar::sim {

std::uint32_t SlotBytes(Type type) {
  const auto bits = static_cast<std::uint32_t>(BitsOf(type));
  return bits == 1 ? sizeof(Mask) : std::max(bits, 16U) / 8 * kLanes;
}

SlotPlan PlanSlots(const Trace& trace, const std::vector<Type>& types, bool /*share*/) {
  SlotPlan plan;
  plan.slots.assign(types.size(), kNoSlot);
  for (const auto& [reg, write] : trace.accesses) {
    if (plan.slots[reg] != kNoSlot) continue;
    plan.slots[reg] = 0;
    plan.zeroed.push_back(reg);
  }
  // Masks first: they alone are not multiples of 64 bytes.
  const auto place = [&](bool masks) {
    for (std::size_t reg = 0; reg < types.size(); ++reg) {
      const std::uint32_t bytes = SlotBytes(types[reg]);
      if (plan.slots[reg] == kNoSlot || (bytes == sizeof(Mask)) != masks) continue;
      plan.slots[reg] = plan.bytes;
      plan.bytes += bytes;
    }
    plan.bytes = (plan.bytes + 63) / 64 * 64;
  };
  place(true);
  place(false);
  return plan;
}

}  // namespace caesar::sim
