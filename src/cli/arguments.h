// The words of a command line, as strings, in their places. What they mean is the command's
// business (settings.h). arguments.cpp is the only user of CLI11.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace caesar {

struct FlagSpec {
  std::string name;  // "--rounds", "-v,--verbose"; the long name comes last
  std::string hint;  // "N"; empty: a switch without value
  std::string help;
};

struct PositionalSpec {
  std::string name;  // "PROBLEM"
  std::string help;
  bool required = true;
};

struct CommandSpec {
  std::string name;
  std::string help;  // one line; of an action, lines of at most 80 columns
  std::vector<PositionalSpec> positionals;
  std::vector<FlagSpec> flags;
  std::string examples;  // shown at the end of its help
  // What its first word may be, where that has a help of its own; `words` are parsed by this
  // command.
  std::vector<CommandSpec> actions;
};

struct Arguments {
  std::map<std::string, std::string> positionals;  // by name; absent: not given
  std::map<std::string, std::string>
      values;  // by long name without dashes, "base-url"; a switch is "true"
  std::map<std::string, std::vector<std::string>> all;  // of flags given more than once
  bool help = false;

  bool Has(const std::string& flag) const { return values.count(flag) > 0; }
  std::string Value(const std::string& flag, const std::string& otherwise = "") const;
  // In the order given, for flags of which each one counts.
  std::vector<std::string> Values(const std::string& flag) const;
  std::string Positional(const std::string& name) const;
};

// `words` without program and command. Of a flag given twice Value is the last one. With -h or
// --help anywhere the rest is not looked at. Errors: kUsage, with the nearest flag for an unknown
// one.
Result<Arguments> ParseArguments(const CommandSpec& command, const std::vector<std::string>& words);

// Of the command, or of the action that `words` begin with, flags aside.
std::string HelpText(const CommandSpec& command, const std::vector<std::string>& words = {});

}  // namespace caesar
