#include "build/ptxas.h"

#include <cxxabi.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <memory>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kKernelsMax = 256;
constexpr std::size_t kNameMax = 200;  // bytes shown of a template's name
constexpr std::string_view kInfo = "ptxas info";
constexpr std::string_view kCompiling = "Compiling entry function '";

// The number that stands before `unit`: NumberBefore("... 456 bytes stack frame, ...", " bytes
// stack frame") == 456.
std::int64_t NumberBefore(std::string_view line, std::string_view unit) {
  const std::size_t end = line.find(unit);
  if (end == std::string_view::npos) return 0;
  std::size_t start = end;
  while (start > 0 && line[start - 1] >= '0' && line[start - 1] <= '9') --start;
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(line.data() + start, line.data() + end, value);
  return error == std::errc() ? value : 0;
}

int ToInt(std::int64_t value) {
  return static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
}

// "name' for 'sm_90a'" -> "name".
std::string UpToQuote(std::string_view text) {
  return std::string(text.substr(0, text.find('\'')));
}

}  // namespace

std::string Demangled(const std::string& name) {
  if (name.size() > 4096) return Shorten(name, kNameMax);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return Shorten(status == 0 ? std::string(text.get()) : name, kNameMax);
}

bool PtxasReader::Take(std::string_view line) {
  if (in_properties_) {
    in_properties_ = false;
    if (line.find("bytes stack frame") != std::string_view::npos) {
      // A device function's own properties follow the kernel that it was compiled with.
      if (!kernels_.empty()) {
        KernelResources& kernel = kernels_.back();
        kernel.stack_bytes = std::max(kernel.stack_bytes, NumberBefore(line, " bytes stack frame"));
        kernel.spill_bytes =
            std::max(kernel.spill_bytes, NumberBefore(line, " bytes spill stores") +
                                             NumberBefore(line, " bytes spill loads"));
      }
      return true;
    }
  }
  if (!StartsWith(line, kInfo)) return false;
  if (const std::size_t at = line.find(kCompiling); at != std::string_view::npos) {
    if (kernels_.size() < kKernelsMax) {
      kernels_.emplace_back().name = Demangled(UpToQuote(line.substr(at + kCompiling.size())));
    }
    return true;
  }
  if (line.find("Function properties for") != std::string_view::npos) {
    in_properties_ = true;
    return true;
  }
  if (line.find(": Used ") != std::string_view::npos && !kernels_.empty()) {
    KernelResources& kernel = kernels_.back();
    kernel.registers = std::max(kernel.registers, ToInt(NumberBefore(line, " registers")));
    kernel.shared_bytes = std::max(kernel.shared_bytes, NumberBefore(line, " bytes smem"));
    kernel.stack_bytes =
        std::max(kernel.stack_bytes, NumberBefore(line, " bytes cumulative stack size"));
    return true;
  }
  // "0 bytes gmem", "Compile time = 2.4 ms": nothing that anybody asked for. Other remarks stay in
  // the log.
  return line.find(" bytes gmem") != std::string_view::npos ||
         line.find("Compile time = ") != std::string_view::npos;
}

std::string DescribeResources(const std::vector<KernelResources>& kernels) {
  std::string text;
  for (const KernelResources& kernel : kernels) {
    text +=
        Format("{}: {} registers, {} bytes spilled, {} bytes shared, {} bytes stack\n", kernel.name,
               kernel.registers, kernel.spill_bytes, kernel.shared_bytes, kernel.stack_bytes);
  }
  return text;
}

}  // namespace caesar
