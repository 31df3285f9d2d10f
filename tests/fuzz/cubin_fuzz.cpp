// Any bytes as machine code: no access outside of them, an error says what is wrong, and there are
// no more functions than the image can name.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "sim/ptx/cubin.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto resources = caesar::sim::ptx::ReadCubin(std::as_bytes(std::span(data, size)));
  if (!resources.ok()) {
    CHECK(resources.error().code == caesar::ErrorCode::kBadInput);
    CHECK(!resources.error().message.empty());
    return 0;
  }
  CHECK(resources.value().size() <= size);
  for (const auto& [name, needs] : resources.value()) {
    CHECK(name.size() <= size && needs.registers >= 0);
  }
  return 0;
}
