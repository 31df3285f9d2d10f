// alloca, stacksave and stackrestore.
#pragma once

#include "sim/binder.h"

namespace caesar::sim {

Result<Op> DecodeStack(Binder& binder);

}  // namespace caesar::sim
