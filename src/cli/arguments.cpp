#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>  // CLI::App makes one, though we print none
#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

std::string LongName(const FlagSpec& flag) { return flag.name.substr(flag.name.rfind("--") + 2); }

const FlagSpec* Find(const CommandSpec& command, std::string_view dashed) {
  for (const FlagSpec& flag : command.flags) {
    const std::vector<std::string> names = Split(flag.name, ',');
    if (std::find(names.begin(), names.end(), dashed) != names.end()) return &flag;
  }
  return nullptr;
}

// CLI11 names an unknown flag but suggests none, and counts the words behind it as arguments first.
Status CheckFlags(const CommandSpec& command, const std::vector<std::string>& words) {
  std::vector<std::string> known = {"--help"};
  for (const FlagSpec& flag : command.flags) known.push_back("--" + LongName(flag));
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-') continue;
    const std::string name = word.substr(0, word.find('='));
    const FlagSpec* flag = Find(command, name);
    if (flag == nullptr && word[1] != '-' && Find(command, word.substr(0, 2)) != nullptr)
      continue;  // -vv, -qv
    if (flag == nullptr) {
      const std::optional<std::string> nearest = Nearest(name, known);
      return Error{ErrorCode::kUsage, Format("unknown flag {} of `caesar {}`", name, command.name),
                   nearest ? Format("Did you mean {}?", *nearest)
                           : Format("`caesar {} --help` lists its flags.", command.name)};
    }
    if (!flag->hint.empty() && name == word)
      ++i;  // its value is the next word, whatever that looks like
  }
  return {};
}

// A CLI11 parser for `command` with the places that it fills.
struct Parser {
  explicit Parser(const CommandSpec& command) : app(command.help, "caesar " + command.name) {
    for (const PositionalSpec& positional : command.positionals) {
      auto* option = app.add_option(positional.name, positionals.emplace_back(), positional.help);
      option->required(positional.required)->type_name("");
    }
    for (const FlagSpec& flag : command.flags) {
      if (flag.hint.empty()) {
        options.push_back(app.add_flag(flag.name, flag.help));
      } else {
        options.push_back(app.add_option(flag.name, values.emplace_back(), flag.help)
                              ->type_name(flag.hint)
                              ->take_all()
                              ->allow_extra_args(false));
      }
    }
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  CLI::App app;
  std::deque<std::string> positionals;  // deques: CLI11 keeps references
  std::deque<std::vector<std::string>> values;
  std::vector<CLI::Option*> options;
};

constexpr std::size_t kHelpColumn = 30;
constexpr std::size_t kHelpWidth = 80;

// "  --name VALUE      what it is,
//                      in as many lines as it takes"; CLI11 breaks no lines.
std::string HelpEntry(const std::string& name, const std::string& help) {
  std::string text = "  " + name;
  std::size_t column = text.size();
  const auto next_line = [&] {
    text.append("\n").append(kHelpColumn, ' ');
    column = kHelpColumn;
  };
  if (column + 1 > kHelpColumn) {
    next_line();
  } else {
    text.append(kHelpColumn - column, ' ');
    column = kHelpColumn;
  }
  for (const std::string& word : Split(help, ' ')) {
    const bool first = column == kHelpColumn;
    if (!first && column + 1 + word.size() > kHelpWidth) next_line();
    if (column > kHelpColumn) text += ' ';
    column += word.size() + (column > kHelpColumn ? 1 : 0);
    text += word;
  }
  return text + "\n";
}

Error UsageError(const CommandSpec& command, const CLI::ParseError& error) {
  return Error{ErrorCode::kUsage, Format("`caesar {}`: {}", command.name, error.what()),
               Format("`caesar {} --help` shows how it is used.", command.name)};
}

}  // namespace

std::string Arguments::Value(const std::string& flag, const std::string& otherwise) const {
  const auto found = values.find(flag);
  return found == values.end() ? otherwise : found->second;
}

std::vector<std::string> Arguments::Values(const std::string& flag) const {
  if (const auto found = all.find(flag); found != all.end()) return found->second;
  return Has(flag) ? std::vector{Value(flag)} : std::vector<std::string>();
}

std::string Arguments::Positional(const std::string& name) const {
  const auto found = positionals.find(name);
  return found == positionals.end() ? "" : found->second;
}

Result<Arguments> ParseArguments(const CommandSpec& command,
                                 const std::vector<std::string>& words) {
  Arguments arguments;
  const auto end = std::find(words.begin(), words.end(), "--");
  if (std::find(words.begin(), end, "--help") != end ||
      std::find(words.begin(), end, "-h") != end) {
    arguments.help = true;
    return arguments;
  }
  TRY(CheckFlags(command, words));
  Parser parser(command);
  try {
    parser.app.parse(
        std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 wants them reversed
  } catch (const CLI::ParseError& error) {
    return UsageError(command, error);
  }
  for (std::size_t i = 0; i < command.positionals.size(); ++i) {
    const std::string& name = command.positionals[i].name;
    if (parser.app.get_option(name)->count() > 0)
      arguments.positionals[name] = parser.positionals[i];
  }
  std::size_t value = 0;
  for (std::size_t i = 0; i < command.flags.size(); ++i) {
    const bool takes_value = !command.flags[i].hint.empty();
    const std::vector<std::string> given =
        takes_value ? parser.values[value++] : std::vector<std::string>{"true"};
    if (parser.options[i]->count() == 0 || given.empty()) continue;
    const std::string name = LongName(command.flags[i]);
    arguments.values[name] = given.back();
    if (given.size() > 1) arguments.all[name] = given;
  }
  return arguments;
}

std::string HelpText(const CommandSpec& command, const std::vector<std::string>& words) {
  const auto first = std::find_if(words.begin(), words.end(),
                                  [](const std::string& word) { return !StartsWith(word, "-"); });
  for (const CommandSpec& action : command.actions) {
    if (first != words.end() && action.name == command.name + " " + *first) return HelpText(action);
  }
  std::string text = Format("{}\nUsage: caesar {} [OPTIONS]", command.help, command.name);
  for (const PositionalSpec& positional : command.positionals)
    text += positional.required ? " " + positional.name : Format(" [{}]", positional.name);
  text += "\n";
  if (!command.positionals.empty()) text += "\nArguments:\n";
  for (const PositionalSpec& positional : command.positionals)
    text += HelpEntry(positional.name, positional.help);
  text += "\nOptions:\n" + HelpEntry("-h,--help", "print this and exit");
  for (const FlagSpec& flag : command.flags)
    text += HelpEntry(flag.name + (flag.hint.empty() ? "" : " " + flag.hint), flag.help);
  if (!command.examples.empty()) text += "\nExamples:\n" + command.examples;
  return text;
}

}  // namespace caesar
