// The command line: words in, exit code out.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "record/sample_result.h"
#include "record/verdict.h"

namespace caesar {

// Runs the command that `words` (without the program's name) ask for. Prints its errors.
int RunCli(const std::vector<std::string>& words, CliContext& context);

// 0 done and a correct kernel found (and the target met, if set); 1 done without; 2 wrong usage or
// unusable problem; 3 the environment cannot do it; 4 internal error; 130 interrupted.
int ExitCode(ErrorCode code);
int ExitCode(const SampleResult& result, double target_speedup);
int ExitCode(const Verdict& verdict);  // of `eval`

// "caesar: <message>" and the detail below it, fit for a terminal.
std::string ErrorText(const Error& error);

// The same for programs: {"error": {"code": "environment", "message", "detail", "exit_code"}}.
std::string ErrorJson(const Error& error);

const char* Name(ErrorCode code);  // usage | bad_input | environment | io | interrupted | internal

const char* Version();  // "0.1.0"

}  // namespace caesar
