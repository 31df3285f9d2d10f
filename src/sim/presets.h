// The slots of a frame that are filled in before its first operation runs, each value once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sim/program.h"

namespace caesar::sim {

class Presets {
 public:
  // Slots are taken from `end`, the end of the frame so far, which moves on.
  explicit Presets(Slot& end) : end_(end) {}

  // The slot of such a value; `value.slot` is not looked at.
  Slot SlotOf(SlotValue value);
  std::vector<SlotValue> Take() { return std::move(values_); }

 private:
  struct Hash {
    std::size_t operator()(const SlotValue& value) const;
  };
  struct Same {
    bool operator()(const SlotValue& a, const SlotValue& b) const;
  };
  Slot& end_;
  std::unordered_map<SlotValue, Slot, Hash, Same> slots_;
  std::vector<SlotValue> values_;
};

// A special register by its name.
struct SpecialRegister {
  std::string_view name;  // "%tid.x"
  SlotValue::Special special = SlotValue::Special::kTidX;
  int bits = 32;
  std::uint64_t value = 0;  // of kEnvReg: its number
};
// Null: none, or one that changes while a block runs (%clock).
const SpecialRegister* FindSpecialRegister(std::string_view name);
bool IsClock(std::string_view name);

}  // namespace caesar::sim
