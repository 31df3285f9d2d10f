// What ptxas says about the kernels in machine code (a cubin: an ELF image of NVIDIA's machine).
// The code itself is not looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "base/result.h"

namespace caesar::sim::ptx {

struct KernelResources {
  int registers = 0;              // of a thread
  std::uint32_t stack_bytes = 0;  // of a thread: local arrays and spilled registers
};
using ResourcesByName = std::map<std::string, KernelResources, std::less<>>;  // mangled

// By the section .nv.info. Functions that are no kernels may be among them. Error (kBadInput): no
// such image, or one that is cut off.
Result<ResourcesByName> ReadCubin(std::span<const std::byte> image);

}  // namespace caesar::sim::ptx
