// What `ptxas -v` says about a compile, split off the rest of nvcc's output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caesar {

struct KernelResources {
  std::string name;  // demangled where possible
  int registers = 0;
  std::int64_t spill_bytes = 0;   // stores plus loads
  std::int64_t shared_bytes = 0;  // static
  std::int64_t stack_bytes = 0;   // per thread
};

// Fed line by line.
class PtxasReader {
 public:
  // True if the line belongs to ptxas's resource report and is to be kept from the diagnostics.
  bool Take(std::string_view line);
  const std::vector<KernelResources>& kernels() const { return kernels_; }

 private:
  std::vector<KernelResources> kernels_;  // at most 256; later ones are counted in the last
  bool in_properties_ = false;            // the next line is that of a "Function properties" line
};

std::string Demangled(const std::string& name);

// "k(float*): 30 registers, 0 bytes spilled, 4000 bytes shared, 16384 bytes stack", one line per
// kernel.
std::string DescribeResources(const std::vector<KernelResources>& kernels);

}  // namespace caesar
