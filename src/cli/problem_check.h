// `caesar problem check PROBLEM`: whether a problem is sound.
#pragma once

#include "cli/command.h"

namespace caesar {

Result<int> CheckProblemCommand(const Invocation& invocation, CliContext& context);

}  // namespace caesar
