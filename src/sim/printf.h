// Device printf: formats what a kernel printed. The format is the kernel's, so it is taken apart
// here and never given to the host's printf.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace caesar::sim {

inline constexpr std::size_t kPrintedLineMax = 16384;  // bytes that one call prints

struct PrintfSource {
  // The next argument, of 4 or 8 bytes.
  std::function<std::uint64_t(std::size_t bytes)> next;
  // The string at a device address.
  std::function<std::string(std::uint64_t address)> text;
};

// Unknown conversions are printed as they stand.
std::string FormatPrintf(std::string_view format, const PrintfSource& source);

}  // namespace caesar::sim
