// `caesar cache info|clear`: the compile cache.
#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "build/compile.h"
#include "cli/command.h"
#include "cli/values.h"
#include "report/units.h"

namespace caesar {

CommandSpec CacheSpec() {
  CommandSpec spec;
  spec.positionals = {{"ACTION", "info or clear [info]", false}};
  spec.flags = {{"--json", "", "info as JSON"}};
  spec.examples = "  caesar cache info\n  caesar cache clear\n";
  return spec;
}

Result<int> CacheCommand(const Invocation& invocation, CliContext& context) {
  const std::string given = invocation.arguments.Positional("ACTION");
  const std::string action = TRY(ChoiceValue(given.empty() ? "info" : given, {"info", "clear"}));
  const CacheConfig config = DefaultCache();
  const CacheInfo info = TRY(InspectCache(config, context.files));
  if (action == "clear") {
    TRY(ClearCache(config, context.files));
    TRY(context.out.Write(Format("removed {} ({}) from {}\n", Plural(info.entries, "object"),
                                 FormatBytes(info.bytes), ForTerminal(info.folder))));
    return 0;
  }
  if (invocation.json) {
    const nlohmann::json json = {{"folder", ToValidUtf8(info.folder)},
                                 {"entries", info.entries},
                                 {"bytes", info.bytes},
                                 {"bytes_max", info.bytes_max}};
    TRY(context.out.Write(json.dump(2) + "\n"));
    return 0;
  }
  TRY(context.out.Write(Format("folder:  {}\nobjects: {}\nsize:    {} of at most {}\n",
                               ForTerminal(info.folder), FormatCount(info.entries),
                               FormatBytes(info.bytes), FormatBytes(info.bytes_max))));
  return 0;
}

}  // namespace caesar
