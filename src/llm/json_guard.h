// How deep a JSON text nests, before it is given to a library that recurses over it.
#pragma once

#include <string_view>

namespace caesar {

inline constexpr int kJsonDepthMax = 64;

// Brackets inside strings do not count. Right for JSON, harmless for any other text.
int JsonDepth(std::string_view text);

}  // namespace caesar
