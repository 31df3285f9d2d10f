// Allocation, copies and pointers.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "unit/sim/runtime_fake.h"

namespace caesar::sim::test {
namespace {

using Memory = Runtime;

// For EXPECT_EXIT. A sanitizer's own handler of the signal would exit with a code.
[[noreturn]] void ExitWith(const void* memory) {
  std::signal(SIGSEGV, SIG_DFL);
  std::_Exit(*static_cast<const int*>(memory));
}

TEST_F(Memory, GoesThereAndBack) {
  int there[4] = {1, 2, 3, 4}, back[4] = {};
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, sizeof there), abi::kSuccess);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 256, 0U);
  ASSERT_EQ(cudaMemcpy(memory, there, sizeof there, abi::kHostToDevice), abi::kSuccess);
  ASSERT_EQ(cudaMemcpy(back, memory, sizeof there, abi::kDefault), abi::kSuccess);
  EXPECT_EQ(std::memcmp(there, back, sizeof there), 0);
  EXPECT_EQ(device().EndCall().host_copies.count, 2U);
  EXPECT_EQ(cudaFree(memory), abi::kSuccess);
  EXPECT_EQ(cudaFree(memory), abi::kInvalidValue) << "twice";
  EXPECT_EQ(cudaFree(there), abi::kInvalidValue);
  EXPECT_EQ(cudaFree(nullptr), abi::kSuccess);
}

TEST_F(Memory, RefusesWhatDoesNotFit) {
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, std::size_t{1} << 40), abi::kMemoryAllocation);
  EXPECT_EQ(cudaMalloc(&memory, ~std::size_t{0}), abi::kMemoryAllocation);
  EXPECT_EQ(cudaMallocManaged(&memory, std::size_t{1} << 40, 1), abi::kMemoryAllocation);
  EXPECT_EQ(cudaMalloc(nullptr, 4), abi::kInvalidValue);
  EXPECT_EQ(cudaMalloc(&memory, 0), abi::kSuccess);
  EXPECT_EQ(memory, nullptr);
  std::size_t free = 0, total = 0;
  ASSERT_EQ(cudaMemGetInfo(&free, &total), abi::kSuccess);
  EXPECT_EQ(total, std::size_t{64} << 20);
  EXPECT_LE(free, total);
}

TEST_F(Memory, ChecksDirectionsAndRanges) {
  int host[4] = {};
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, sizeof host), abi::kSuccess);
  EXPECT_EQ(cudaMemcpy(memory, host, 16, abi::kDeviceToHost), abi::kInvalidValue);
  EXPECT_EQ(cudaMemcpy(host, memory, 16, abi::kHostToHost), abi::kInvalidValue);
  EXPECT_EQ(cudaMemcpy(host, memory, 16, 9), abi::kInvalidMemcpyDirection);
  EXPECT_EQ(cudaMemcpy(nullptr, memory, 16, abi::kDeviceToHost), abi::kInvalidValue);
  EXPECT_TRUE(Findings().empty());
  EXPECT_EQ(cudaMemcpy(memory, host, 17, abi::kHostToDevice), abi::kInvalidValue);
  EXPECT_EQ(cudaMemset(memory, 0, 17), abi::kInvalidValue);
  EXPECT_EQ(cudaMemset(host, 0, 16), abi::kInvalidValue);
  const std::vector<Finding> findings = Findings();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].kind, FindingKind::kOutOfBounds);
  EXPECT_NE(findings[0].text.find("cudaMemcpy: it would write 17 bytes"), std::string::npos)
      << findings[0].text;
  EXPECT_NE(findings[0].text.find("behind the end of"), std::string::npos) << findings[0].text;
  EXPECT_EQ(cudaMemcpy(memory, host, 0, abi::kHostToDevice), abi::kSuccess);
  cudaFree(memory);
}

TEST_F(Memory, CopiesAndFillsRows) {
  std::vector<unsigned char> host(12), back(12, 9);
  for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<unsigned char>(i);
  void* memory = nullptr;
  std::size_t pitch = 0;
  ASSERT_EQ(cudaMallocPitch(&memory, &pitch, 4, 3), abi::kSuccess);
  EXPECT_EQ(pitch, 512U);
  ASSERT_EQ(cudaMemcpy2D(memory, pitch, host.data(), 4, 4, 3, abi::kHostToDevice), abi::kSuccess);
  ASSERT_EQ(cudaMemset2D(memory, pitch, 0xAB, 2, 2), abi::kSuccess);
  ASSERT_EQ(cudaMemcpy2D(back.data(), 4, memory, pitch, 4, 3, abi::kDeviceToHost), abi::kSuccess);
  const std::vector<unsigned char> want = {0xAB, 0xAB, 2, 3, 0xAB, 0xAB, 6, 7, 8, 9, 10, 11};
  EXPECT_EQ(back, want);
  EXPECT_EQ(cudaMemcpy2D(memory, 3, host.data(), 4, 4, 3, abi::kHostToDevice),
            abi::kInvalidPitchValue);
  EXPECT_EQ(cudaMemset2D(memory, ~std::size_t{0}, 1, 4, 3), abi::kInvalidValue) << "overflow";
  cudaFree(memory);
}

// Boxes of 2 x 2 x 2 bytes in rows of 4, three to a plane.
TEST_F(Memory, CopiesAndFillsPlanes) {
  std::vector<unsigned char> host(24), back(24, 9);
  for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<unsigned char>(i);
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 24), abi::kSuccess);
  ASSERT_EQ(cudaMemset3D({memory, 4, 4, 3}, 7, {4, 3, 2}), abi::kSuccess);
  abi::Memcpy3D copy{};
  copy.srcPtr = {host.data(), 4, 4, 3};
  copy.srcPos = {1, 1, 0};
  copy.dstPtr = {memory, 4, 4, 3};
  copy.dstPos = {2, 0, 0};
  copy.extent = {2, 2, 2};
  copy.kind = abi::kHostToDevice;
  ASSERT_EQ(cudaMemcpy3D(&copy), abi::kSuccess);
  ASSERT_EQ(cudaMemcpy(back.data(), memory, 24, abi::kDeviceToHost), abi::kSuccess);
  const std::vector<unsigned char> want = {7, 7, 5,  6,  7, 7, 9,  10, 7, 7, 7, 7,
                                           7, 7, 17, 18, 7, 7, 21, 22, 7, 7, 7, 7};
  EXPECT_EQ(back, want);
  cudaFree(memory);
}

// None of which may reach memory of the host, where nothing checks it, or never end.
TEST_F(Memory, RefusesBoxesThatLeadAstray) {
  constexpr std::size_t kMost = ~std::size_t{0};
  void *memory = nullptr, *other = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 24), abi::kSuccess);
  ASSERT_EQ(cudaMalloc(&other, 24), abi::kSuccess);
  const auto copy = [&](abi::PitchedPointer from, abi::Position at, abi::Extent extent) {
    const abi::Memcpy3D what{nullptr,          at,     from,         nullptr, {0, 0, 0},
                             {other, 4, 4, 3}, extent, abi::kDefault};
    return cudaMemcpy3D(&what);
  };
  EXPECT_EQ(copy({memory, kMost, kMost, kMost}, {kMost, kMost, kMost}, {kMost, kMost, kMost}),
            abi::kInvalidPitchValue);
  EXPECT_EQ(copy({memory, kMost, kMost, kMost}, {kMost, kMost, kMost}, {1, 1, 1}),
            abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 0, std::size_t{1} << 58}, {4, 1, 1}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 4, 4, 3}, {kMost - 3, 0, 0}, {4, 1, 1}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 4, 4, 3}, {std::size_t{1} << 46, 0, 0}, {4, 1, 1}), abi::kInvalidValue)
      << "on the host";
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 0, 0}, {4, 1, kMost}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 0, 0}, {4, 1, std::size_t{1} << 44}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 0, 0}, {4, 4, 2}), abi::kInvalidValue) << "planes overlap";
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 2, 0}, {4, 2, 2}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, 0, 4, 3}, {0, 0, 0}, {4, 1, 2}), abi::kInvalidPitchValue);
  EXPECT_EQ(copy({nullptr, 4, 4, 3}, {64, 0, 0}, {4, 1, 1}), abi::kInvalidValue);
  EXPECT_EQ(copy({memory, kMost, kMost, kMost}, {kMost, kMost, kMost}, {0, 1, kMost}),
            abi::kSuccess)
      << "nothing";
  EXPECT_EQ(copy({memory, 4, 4, 3}, {0, 0, 0}, {4, 3, 2}), abi::kSuccess);
  EXPECT_EQ(cudaMemset3D({memory, 0, 0, 1}, 1, {1, 1, kMost}), abi::kInvalidPitchValue);
  EXPECT_EQ(cudaMemset3D({memory, 4, 4, 0}, 1, {1, 1, kMost}), abi::kInvalidValue);
  EXPECT_EQ(cudaMemset3D({memory, kMost, 4, 3}, 1, {1, 1, 2}), abi::kInvalidValue);
  std::vector<char> host(16);
  EXPECT_EQ(cudaMemcpy(host.data(), host.data() + 1, kMost, abi::kHostToHost), abi::kInvalidValue);
  EXPECT_EQ(cudaMemcpy2D(host.data(), kMost, host.data(), kMost, 4, 4, abi::kHostToHost),
            abi::kInvalidValue);
  cudaFree(memory);
  cudaFree(other);
}

TEST_F(Memory, OfManagedKindIsSeenByBothSides) {
  void* memory = nullptr;
  ASSERT_EQ(cudaMallocManaged(&memory, 8192, 1), abi::kSuccess);
  auto* words = static_cast<int*>(memory);
  words[2000] = 77;
  body = [](const Seen& launch, Arena& arena, caesar::sim::Findings&) {
    std::uint64_t address = 0;
    std::memcpy(&address, launch.params.data(), 8);
    int value = 0;
    std::memcpy(&value, arena.Host(address) + 8000, 4);
    ++value;
    std::memcpy(arena.Host(address) + 8000, &value, 4);
  };
  ASSERT_EQ(Launch(&kAdd, memory), abi::kSuccess);
  EXPECT_EQ(words[2000], 78);
  abi::PointerAttributes attributes{};
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, words + 5), abi::kSuccess);
  EXPECT_EQ(attributes.type, abi::kManaged);
  EXPECT_EQ(attributes.hostPointer, words + 5);
  EXPECT_EQ(cudaFree(memory), abi::kSuccess);
  EXPECT_EXIT(ExitWith(memory), testing::KilledBySignal(SIGSEGV), "");
}

TEST_F(Memory, OfTheDeviceFaultsOnTheHost) {
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 64), abi::kSuccess);
  EXPECT_EXIT(ExitWith(memory), testing::KilledBySignal(SIGSEGV), "");
  abi::PointerAttributes attributes{};
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, memory), abi::kSuccess);
  EXPECT_EQ(attributes.type, abi::kDevice);
  EXPECT_EQ(attributes.hostPointer, nullptr);
  int host = 0;
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, &host), abi::kSuccess);
  EXPECT_EQ(attributes.type, abi::kUnregistered);
  cudaFree(memory);
}

TEST_F(Memory, ThatIsPageLockedIsFreedByItsOwnCall) {
  void* memory = nullptr;
  ASSERT_EQ(cudaMallocHost(&memory, 100), abi::kSuccess);
  static_cast<char*>(memory)[99] = 1;
  EXPECT_EQ(cudaFree(memory), abi::kInvalidValue);
  EXPECT_EQ(cudaFreeHost(memory), abi::kSuccess);
  EXPECT_EQ(cudaFreeHost(memory), abi::kInvalidValue);
}

TEST_F(Memory, OfVariablesIsFoundByTheirHostAddress) {
  void* address = nullptr;
  std::size_t bytes = 0;
  ASSERT_EQ(cudaGetSymbolAddress(&address, &kTable), abi::kSuccess);
  ASSERT_EQ(cudaGetSymbolSize(&bytes, &kTable), abi::kSuccess);
  EXPECT_EQ(bytes, 16U);
  const int value = 5;
  int back = 0;
  ASSERT_EQ(cudaMemcpyToSymbol(&kTable, &value, 4, 12, abi::kHostToDevice), abi::kSuccess);
  ASSERT_EQ(cudaMemcpyFromSymbol(&back, &kTable, 4, 12, abi::kDeviceToHost), abi::kSuccess);
  EXPECT_EQ(back, 5);
  EXPECT_EQ(cudaMemcpyToSymbol(&kTable, &value, 4, 13, abi::kHostToDevice), abi::kInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(&kTable, &value, 4, 0, abi::kDeviceToHost),
            abi::kInvalidMemcpyDirection);
  EXPECT_EQ(cudaGetSymbolAddress(&address, &kNobody), abi::kInvalidSymbol);
  ASSERT_NE(managed_value, nullptr);
  EXPECT_EQ(*static_cast<int*>(managed_value), 42) << "its initial value, on the host";
}

}  // namespace
}  // namespace caesar::sim::test
