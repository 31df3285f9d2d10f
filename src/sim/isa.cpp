// Chooses between the two builds of the executors.
#include "sim/isa.h"

#include <cstdlib>
#include <string_view>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace caesar::sim {
namespace {

#if defined(__x86_64__)
// clang's __builtin_cpu_supports does not know these two.
bool HasF16cAndLzcnt() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_F16C) == 0) return false;
  return __get_cpuid(0x8000'0001, &a, &b, &c, &d) != 0 && (c & bit_LZCNT) != 0;
}
#endif

}  // namespace

Isa BestIsa() {
  const char* wish = std::getenv("CAESAR_SIM_ISA");
  if (wish != nullptr && std::string_view(wish) == "portable") return Isa::kPortable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("popcnt") && HasF16cAndLzcnt()) {
    return Isa::kAvx2;
  }
#endif
  return Isa::kPortable;
}

}  // namespace caesar::sim
