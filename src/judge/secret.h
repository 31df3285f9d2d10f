// Random bits from the operating system. Seeds are drawn here, in the judge, after the candidate
// was built, and never leave it.
#pragma once

#include <cstdint>
#include <string>

#include "device/elementwise.h"

namespace caesar {

std::uint64_t RandomBits();
std::uint32_t RandomBelow(std::uint32_t bound);  // uniform enough for a choice of order; bound > 0
element::Key RandomKey();

// Names a key without giving it away.
std::string SeedId(const element::Key& key);

}  // namespace caesar
