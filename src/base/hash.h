// Content hashes (XXH3, 128 bits) as 32 hex digits. Not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace caesar {

std::string HashHex(std::string_view content);

// A hash over several fields in which no two different lists of fields run together.
class Hasher {
 public:
  Hasher& Add(std::string_view field);
  std::string Hex() const;

 private:
  std::string fields_;
};

}  // namespace caesar
