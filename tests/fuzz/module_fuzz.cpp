// Any text as a module of the simulated GPU: parsed, loaded, and every function decoded. No crash;
// an error says what is not simulated, and what is accepted is ready to run.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "sim/arena.h"
#include "sim/module.h"

namespace {

using namespace caesar::sim;

constexpr std::uint64_t kMemoryBytes = std::uint64_t{64} << 20;

void CheckFunction(const Function& function) {
  CHECK(function.decoded && !function.ops.empty());
  CHECK(function.ops.size() == function.lines.size());
  CHECK(function.ops.size() == function.locations.size());
  for (const Op& op : function.ops) {
    CHECK(op.run != nullptr);
    CHECK(op.target < function.ops.size());
    for (const Slot slot : {op.dst, op.a, op.b, op.c, op.guard}) {
      CHECK(slot == kNoSlot || slot < function.register_bytes);
    }
  }
  for (const SlotValue& preset : function.preset) {
    const std::size_t bytes = preset.bytes == 0 ? sizeof(Mask) : preset.bytes * std::size_t{32};
    CHECK(preset.slot + bytes <= function.register_bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<Arena> arena = Arena::Make(kMemoryBytes).value();
  const std::uint64_t used = arena->bytes_used();
  {
    const Isa isa = size % 2 == 0 ? Isa::kPortable : BestIsa();
    auto module = LoadModule(std::string(reinterpret_cast<const char*>(data), size), *arena, isa);
    if (module.ok()) {
      for (const auto& source : module.value()->source.functions) {
        const auto function = Prepare(*module.value(), source.name);
        if (function.ok()) CheckFunction(*function.value());
        if (!function.ok()) CHECK(!function.error().message.empty());
      }
    }
  }
  CHECK(arena->bytes_used() == used);
  return 0;
}
