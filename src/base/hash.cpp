#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/format.h"

namespace caesar {

std::string HashHex(std::string_view content) {
  const XXH128_hash_t hash = XXH3_128bits(content.data(), content.size());
  return Format("{:016x}{:016x}", hash.high64, hash.low64);
}

Hasher& Hasher::Add(std::string_view field) {
  fields_ += Format("{}:", field.size());
  fields_ += field;
  return *this;
}

std::string Hasher::Hex() const { return HashHex(fields_); }

}  // namespace caesar
