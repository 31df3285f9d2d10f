// What is in a fat binary, as nvcc embeds it in a program (fatbinary's container; layout from what
// nvcc 12 and 13 emit): PTX and machine code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace caesar::sim::ptx {

struct PtxImage {
  std::string text;
  int architecture = 0;                      // 90 for compute_90
  int version_major = 0, version_minor = 0;  // of the PTX language
  std::string name;                          // of the source; mostly empty
};

// Errors (kBadInput): not a fat binary, or one that is cut off; compressed PTX, which says to
// compile with --no-compress. No PTX in it is no error: an empty list.
Result<std::vector<PtxImage>> ReadFatbin(std::span<const std::byte> data);

// Machine code: an ELF image for one architecture, see sim/ptx/cubin.h.
struct MachineImage {
  int architecture = 0;              // 90 for sm_90
  std::span<const std::byte> bytes;  // in the fat binary
};
// That of a fat binary; compressed images, which nothing depends on, are left out. Errors as above.
Result<std::vector<MachineImage>> ReadMachineCode(std::span<const std::byte> data);

// The bytes behind the data pointer of a __fatBinC_Wrapper_t, which comes without a length:
// believes the header, up to `bytes_max`. The memory that the header claims must be readable.
Result<std::span<const std::byte>> FatbinBytes(const void* data, std::size_t bytes_max);
Result<std::vector<PtxImage>> ReadFatbin(const void* data, std::size_t bytes_max);

}  // namespace caesar::sim::ptx
