// The settings of a run, and where each value comes from: flags beat the environment (CAESAR_*),
// which beats the configuration file, which beats the defaults. One table drives all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "llm/provider.h"
#include "record/run_config.h"
#include "sys/files.h"

namespace caesar {

struct Settings {
  RunConfig run;
  std::string out;            // run directory; empty: a new one
  bool rounds_given = false;  // false: run.rounds is the default, which a replay need not keep
};

// Who takes a setting: `run` all of them, `eval` those of compiler and judge, `problem check` those
// of compiles and checked calls, `doctor` the device.
// In this order, so that a command takes the settings of its own scope and of those behind it.
enum class Scope { kRun, kEval, kCheck, kDoctor };

struct Setting {
  std::string_view
      name;  // "base_url": the key in the configuration file; --base-url; CAESAR_BASE_URL
  std::string_view hint;  // "URL"; empty: a switch
  std::string_view help;
  Scope scope;  // the first command in that order that takes it
  Status (*apply)(Settings&, std::string_view value);
};

std::span<const Setting> AllSettings();
std::string FlagName(const Setting& setting);         // "base-url"
std::string EnvironmentName(const Setting& setting);  // "CAESAR_BASE_URL"

// The flags of a command with that scope: its settings and --config.
std::vector<FlagSpec> SettingFlags(Scope scope);

// Defaults, then file, then environment, then flags. The file is that of --config (which must
// exist), else the one of the XDG configuration folder, if there is one. Errors: kUsage for flags,
// kBadInput for file and environment; all name the source.
Result<Settings> ResolveSettings(const Arguments& arguments, const Environment& environment,
                                 Files& files);

// Which of the environment's variables look like a setting mistyped, in words; others may be
// somebody else's.
std::vector<std::string> SuspectVariables(const std::vector<std::string>& names);

// Only the flags, on top of `base`: for a run directory whose run.json holds the settings already.
Result<Settings> ApplyFlags(Settings base, const Arguments& arguments);

// <XDG configuration folder>/caesar/config.json; empty if there is no home.
std::string DefaultConfigFile(const Environment& environment);

}  // namespace caesar
