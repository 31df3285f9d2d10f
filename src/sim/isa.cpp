// Chooses between the two builds of the executors.
#include "sim/isa.h"

#include <cstdlib>
#include <string_view>

namespace caesar::sim {

Isa BestIsa() {
  const char* wish = std::getenv("CAESAR_SIM_ISA");
  if (wish != nullptr && std::string_view(wish) == "portable") return Isa::kPortable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
      __builtin_cpu_supports("lzcnt")) {
    return Isa::kAvx2;
  }
#endif
  return Isa::kPortable;
}

}  // namespace caesar::sim
