#include "judge/secret.h"

#include <sys/random.h>

#include <cerrno>
#include <string_view>

#include "base/check.h"
#include "base/hash.h"

namespace caesar {

std::uint64_t RandomBits() {
  std::uint64_t bits = 0;
  ssize_t count;
  do {
    count = getrandom(&bits, sizeof bits, 0);
  } while (count < 0 && errno == EINTR);
  CHECK(count == sizeof bits);
  return bits;
}

std::uint32_t RandomBelow(std::uint32_t bound) {
  return static_cast<std::uint32_t>(((RandomBits() >> 32) * std::uint64_t{bound}) >> 32);
}

element::Key RandomKey() { return {RandomBits(), RandomBits()}; }

std::string SeedId(const element::Key& key) {
  const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
  return HashHex(bytes).substr(0, 8);
}

}  // namespace caesar
