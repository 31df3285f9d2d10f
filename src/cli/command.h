// The table of subcommands, which drives dispatch and help.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/context.h"
#include "report/table.h"

namespace caesar {

// What every command is given: its own words, and the flags that all commands share, already
// applied.
struct Invocation {
  Arguments arguments;
  bool json = false;
  bool quiet = false;
  bool color_out = false;
  bool color_err = false;
  TextStyle style;  // of text on standard output
};

struct Subcommand {
  const char* name;
  const char* help;  // one line
  CommandSpec (*spec)();
  Result<int> (*run)(const Invocation&, CliContext&);  // the exit code
};

std::span<const Subcommand> Subcommands();

CommandSpec RunSpec();
CommandSpec EvalSpec();
CommandSpec ShowSpec();
CommandSpec ProblemSpec();
CommandSpec DoctorSpec();
CommandSpec CacheSpec();

Result<int> RunCommand(const Invocation& invocation, CliContext& context);
Result<int> EvalCommand(const Invocation& invocation, CliContext& context);
Result<int> ShowCommand(const Invocation& invocation, CliContext& context);
Result<int> ProblemCommand(const Invocation& invocation, CliContext& context);
Result<int> DoctorCommand(const Invocation& invocation, CliContext& context);
Result<int> CacheCommand(const Invocation& invocation, CliContext& context);

}  // namespace caesar
