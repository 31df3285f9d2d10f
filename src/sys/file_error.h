// What a failed file operation says: the action, the path, the system's words, and what to do about
// it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

std::string SystemMessage(int error_number);  // "No space left on device"

// FileError("write", "/a/b", ENOSPC): "cannot write /a/b: No space left on device".
Error FileError(std::string_view action, const std::string& path, int error_number);

}  // namespace caesar
