// Compares one instruction on a warp with arithmetic of the host, lane by lane: both instruction
// sets, several masks, edge values in all combinations that random choice gives.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/isa.h"
#include "unit/sim/op_harness.h"

namespace caesar::sim {

inline std::vector<Isa> Isas() {
  // What BestIsa says unless the environment forbids it.
  if (BestIsa() == Isa::kAvx2) return {Isa::kPortable, Isa::kAvx2};
  return {Isa::kPortable};
}
inline constexpr Mask kMasks[] = {kAllLanes, 0x0F0F'3355, Mask{1} << 17, 0x8000'0000};

// Register n of the width of T.
template <class T>
std::string Register(int n) {
  return (sizeof(T) == 2 ? "%h" : sizeof(T) == 4 ? "%r" : "%rd") + std::to_string(n);
}

// Numbers near the ends of types and powers of two, small ones, and any bits.
inline std::uint64_t EdgeBits(std::mt19937_64& random) {
  const std::uint64_t any = random();
  switch (any & 7) {
    case 0:
      return (any >> 8) % 70;
    case 1:
      return ~((any >> 8) % 70) + 1;
    case 2:
      return (std::uint64_t{1} << (any >> 8 & 63)) - 1 + (any >> 16) % 3;
    case 3:
      return 0x8000'0000'8000'8000 + (any >> 8) % 5 - 2;
    case 4:
      return 0x7FFF'FFFF'7FFF'7FFF + (any >> 8) % 5 - 2;
    default:
      return random();
  }
}
template <class T>
std::array<T, kLanes> EdgeValues(std::mt19937_64& random) {
  std::array<T, kLanes> values{};
  for (T& value : values) value = static_cast<T>(EdgeBits(random));
  return values;
}

// Carries out "<opcode> d, s1, s2...;" (`suffix` in front of the semicolon) and compares lanes of
// d with expected(s1, s2...); lanes that do not run keep their value.
template <class D, class... S, class F>
void CheckLanes(Decode family, const std::string& opcode, F expected,
                const std::string& suffix = "") {
  std::mt19937_64 random(12345);
  std::string text = opcode + " " + Register<D>(0);
  int index = 0;
  ((text += ", " + Register<S>(++index)), ...);
  text += suffix + ";";
  for (const Isa isa : Isas()) {
    OpHarness harness(family, isa);
    for (int round = 0; round < 8; ++round) {
      harness.mask = kMasks[static_cast<std::size_t>(round) % std::size(kMasks)];
      const auto old = EdgeValues<D>(random);
      const std::tuple<std::array<S, kLanes>...> sources{EdgeValues<S>(random)...};
      harness.Set(Register<D>(0), old);
      index = 0;
      std::apply([&](const auto&... s) { (harness.Set(Register<S>(++index), s), ...); }, sources);
      ASSERT_EQ(harness.Run(text), "") << text;
      const auto result = harness.Get<D>(Register<D>(0));
      for (std::size_t i = 0; i < kLanes; ++i) {
        const bool active = (harness.mask >> i & 1) != 0;
        const D wanted = std::apply(
            [&](const auto&... s) { return active ? static_cast<D>(expected(s[i]...)) : old[i]; },
            sources);
        ASSERT_EQ(result[i], wanted)
            << text << " lane " << i << " isa " << static_cast<int>(isa) << " of "
            << std::apply(
                   [&](const auto&... s) {
                     std::string all;
                     ((all += std::to_string(s[i]) + " "), ...);
                     return all;
                   },
                   sources);
      }
    }
  }
}

}  // namespace caesar::sim
