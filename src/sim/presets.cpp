#include "sim/presets.h"

namespace caesar::sim {

std::size_t Presets::Hash::operator()(const SlotValue& value) const {
  const auto rest = static_cast<std::uint64_t>(value.kind) |
                    static_cast<std::uint64_t>(value.bytes) << 8 |
                    static_cast<std::uint64_t>(value.source_bytes) << 16 |
                    static_cast<std::uint64_t>(value.special) << 24 |
                    static_cast<std::uint64_t>(value.sign_extended) << 32;
  const std::uint64_t mixed = (value.value ^ rest << 20) * 0x9E37'79B9'7F4A'7C15U;
  return static_cast<std::size_t>(mixed ^ mixed >> 32);
}

bool Presets::Same::operator()(const SlotValue& a, const SlotValue& b) const {
  return a.kind == b.kind && a.bytes == b.bytes && a.source_bytes == b.source_bytes &&
         a.sign_extended == b.sign_extended && a.value == b.value && a.special == b.special;
}

Slot Presets::SlotOf(SlotValue value) {
  const auto [found, fresh] = slots_.try_emplace(value, end_);
  if (fresh) {
    value.slot = end_;
    values_.push_back(value);
    end_ += value.bytes == 0 ? 64 : value.bytes * std::uint32_t{kLanes};
  }
  return found->second;
}

}  // namespace caesar::sim
