// Edge values, and running one instruction over all pairs or triples of them, on both instruction
// sets and with several masks, against a function of the host.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/ops/float_forms.h"
#include "unit/sim/op_harness.h"

namespace caesar::sim {

inline std::vector<Isa> TestedIsas() {
  std::vector<Isa> isas = {Isa::kPortable};
  if (BestIsa() == Isa::kAvx2) isas.push_back(Isa::kAvx2);
  return isas;
}

inline const std::vector<std::uint32_t>& FloatEdges() {
  static const std::vector<std::uint32_t> edges = {
      0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000, 0x7FC00000,
      0xFFC12345, 0x7F800001, 0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000,
      0x80800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F7FFFFF, 0x3F800001, 0x3F000000, 0xBF000001,
      0x40490FDB, 0xC2F60000, 0x33800000, 0x4B800001, 0x7E800000, 0x7F000000, 0x00400000,
      0x1F800000, 0x9F812345, 0x5F345678};
  return edges;
}
inline const std::vector<std::uint64_t>& DoubleEdges() {
  static const std::vector<std::uint64_t> edges = {
      0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0xBFF0000000000000,
      0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0xFFF8000000012345,
      0x0000000000000001, 0x800FFFFFFFFFFFFF, 0x0010000000000000, 0x7FEFFFFFFFFFFFFF,
      0xFFEFFFFFFFFFFFFF, 0x3FEFFFFFFFFFFFFF, 0x3FF0000000000001, 0x400921FB54442D18,
      0x1FF0000000000001, 0x9FF1234567890ABC, 0x5FE0000000000003, 0xC0F86A0000000000};
  return edges;
}

// NaN is 0x7FFFFFFF, as the hardware has it.
inline std::uint32_t Canonical(float value) {
  return value != value ? 0x7FFFFFFFu : std::bit_cast<std::uint32_t>(value);
}
inline std::uint64_t Canonical(double value) {
  return value != value ? 0xFFF8000000000000u : std::bit_cast<std::uint64_t>(value);
}
inline float Flushed(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits & 0x7F800000u) == 0 ? bits & 0x80000000u : bits);
}

// `body` computes %0 of the registers %1, %2, %3 with names `prefix` + number. B: bits of a lane.
template <class B>
void ExpectLanes(Decode family, const std::string& prefix, const std::string& body,
                 const std::vector<std::array<B, 3>>& inputs,
                 const std::function<B(B, B, B)>& expected) {
  for (const Isa isa : TestedIsas()) {
    for (const Mask mask : {kAllLanes, Mask{0x5A5A1234}, Mask{1} << 7}) {
      OpHarness harness(family, isa);
      harness.mask = mask;
      const std::size_t step = mask == kAllLanes ? kLanes : 5 * kLanes;
      for (std::size_t first = 0; first < inputs.size(); first += step) {
        std::array<B, kLanes> sources[3], old;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          for (std::size_t i = 0; i < 3; ++i) {
            sources[i][lane] = inputs[(first + lane) % inputs.size()][i];
          }
          old[lane] = static_cast<B>(lane * 3 + 1);
        }
        for (std::size_t i = 0; i < 3; ++i) harness.Set(prefix + std::to_string(i + 1), sources[i]);
        harness.Set(prefix + "0", old);
        ASSERT_EQ(harness.Run(body), "") << body;
        const auto got = harness.Get<B>(prefix + "0");
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          const B want = (mask >> lane & 1) != 0
                             ? expected(sources[0][lane], sources[1][lane], sources[2][lane])
                             : old[lane];
          ASSERT_EQ(got[lane], want)
              << body << std::hex << " of " << sources[0][lane] << ", " << sources[1][lane] << ", "
              << sources[2][lane] << ", mask " << mask << ", lane " << std::dec << lane
              << (isa == Isa::kAvx2 ? ", AVX2" : ", portable");
        }
      }
    }
  }
}

template <class B>
std::vector<std::array<B, 3>> Pairs(const std::vector<B>& edges) {
  std::vector<std::array<B, 3>> all;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    for (std::size_t j = 0; j < edges.size(); ++j) {
      all.push_back({edges[i], edges[j], edges[(i * 7 + j * 3) % edges.size()]});
    }
  }
  return all;
}

// A fixed sequence (splitmix64).
class Sequence {
 public:
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = 42;
};

}  // namespace caesar::sim
