// Where a program is: what execvp() does, but before the fork and with an Error that says what was
// tried.
#pragma once

#include <string>

#include "base/result.h"

namespace caesar {

// An absolute path of the executable file `name`: as it is if it contains '/' (relative to our
// working folder), else looked up on our PATH. Errors: kEnvironment.
Result<std::string> FindProgram(const std::string& name);

}  // namespace caesar
