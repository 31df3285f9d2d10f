// `caesar problem check PROBLEM`: whether a problem is sound.
#pragma once

#include "cli/command.h"

namespace caesar {

CommandSpec CheckSpec();  // its help; with the flags that are its own

Result<int> CheckProblemCommand(const Invocation& invocation, CliContext& context);

}  // namespace caesar
