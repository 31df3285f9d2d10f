// Any bytes as a fat binary: no access outside of them, and every image is part of them.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"
#include "sim/ptx/fatbin.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto images = caesar::sim::ptx::ReadFatbin(bytes);
  if (!images.ok()) {
    CHECK(images.error().code == caesar::ErrorCode::kBadInput);
    return 0;
  }
  std::size_t total = 0;
  for (const auto& image : images.value()) total += image.text.size() + image.name.size();
  CHECK(total <= size);
  const auto machine = caesar::sim::ptx::ReadMachineCode(bytes);
  CHECK(machine.ok());
  for (const auto& image : machine.value()) {
    const auto offset = static_cast<std::size_t>(image.bytes.data() - bytes.data());
    CHECK(offset <= size && image.bytes.size() <= size - offset);
  }
  // What is good in its bounds is good by its header alone.
  const auto trusted = caesar::sim::ptx::ReadFatbin(static_cast<const void*>(data), size);
  CHECK(trusted.ok() && trusted.value().size() == images.value().size());
  return 0;
}
