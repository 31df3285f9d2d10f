// A family for tests of the decoder: a few instructions with handlers as simple as can be, so that
// what is tested is where operands lie and not how operations work.
//
// mov.T, add.T (b32, b64 and pred mov), setp.lt.u32, bra, ld.param of kernels, st.shared-like `st`
// of one .u32 that keeps its address in `immediate`, call of a named function, twice.u32 (two
// operations, the first of which writes the destination), scratch.u32 (adds through two scratch
// slots).
#pragma once

#include "sim/binder.h"

namespace caesar::sim {
Decode ToyFamily(std::string_view opcode);
}  // namespace caesar::sim
