// Fat binaries for tests, as the toolkit's fatbinary writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace caesar::sim::test {

// One entry, without compression: a file of PTX of this version.
inline std::vector<std::byte> FatBinary(std::string_view text, std::uint16_t major,
                                        std::uint16_t minor) {
  constexpr std::uint32_t kHeader = 16, kEntry = 64;
  const std::uint64_t payload = (text.size() + 8) / 8 * 8;
  std::vector<std::byte> image(kHeader + kEntry + payload);
  const auto put = [&](std::size_t at, auto value) {
    std::memcpy(image.data() + at, &value, sizeof value);
  };
  put(0, std::uint32_t{0xBA55ED50});
  put(4, std::uint16_t{1});
  put(6, std::uint16_t{kHeader});
  put(8, std::uint64_t{kEntry + payload});
  put(kHeader, std::uint16_t{1});  // PTX
  put(kHeader + 2, std::uint16_t{0x101});
  put(kHeader + 4, kEntry);
  put(kHeader + 8, payload);
  put(kHeader + 24, minor);
  put(kHeader + 26, major);
  put(kHeader + 28, std::uint32_t{90});  // architecture
  std::memcpy(image.data() + kHeader + kEntry, text.data(), text.size());
  return image;
}

}  // namespace caesar::sim::test
