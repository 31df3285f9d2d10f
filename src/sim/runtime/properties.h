// Attributes of the simulated device by CUDA's numbers, and cudaDeviceProp as CUDA 12 and 13 lay it
// out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace caesar::sim {

// cudaDeviceGetAttribute; no value: there is no such attribute, or it is one of textures, which are
// not simulated.
std::optional<int> DeviceAttribute(int attribute);

// Bytes of cudaDeviceProp in CUDA 13 (cudaGetDeviceProperties) and CUDA 12
// (cudaGetDeviceProperties_v2).
inline constexpr std::size_t kProperties13Bytes = 1008, kProperties12Bytes = 1032;
// Where a member of CUDA 13's is; the size where there is none of that name.
std::size_t OffsetOfProperty13(std::string_view member);
void FillProperties13(void* properties, std::uint64_t memory_bytes);
void FillProperties12(void* properties, std::uint64_t memory_bytes);

}  // namespace caesar::sim
