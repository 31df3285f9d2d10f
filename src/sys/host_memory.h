// How much memory this process may use.
#pragma once

#include <cstdint>

namespace caesar {

// Bytes of the machine, or of the control group (a container's limit) where that is less. 0: the
// system does not say.
std::uint64_t HostMemoryBytes();

}  // namespace caesar
