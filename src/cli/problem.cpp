// `caesar problem list|show|check`: what can be solved, and whether it is worth it.
#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/problem_check.h"
#include "cli/settings.h"
#include "cli/values.h"
#include "problem/problem.h"
#include "problem/signature.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

using Align = TextTable::Align;

std::string DimsText(const Dims& dims, const std::vector<std::string>& order) {
  std::vector<std::string> parts;
  for (const std::string& name : order) {
    if (const auto found = dims.find(name); found != dims.end())
      parts.push_back(Format("{}={}", name, found->second));
  }
  return Join(parts, " ");
}

std::string ShapeText(const TensorSpec& tensor) {
  std::vector<std::string> extents;
  for (const Expression& extent : tensor.shape) extents.push_back(extent.text());
  return Format("[{}]", Join(extents, ", "));
}

std::string RolesText(const ShapeSpec& shape) {
  std::vector<std::string> roles;
  if (shape.bench) roles.emplace_back("bench");
  if (shape.check) roles.emplace_back("check");
  if (shape.sim) roles.emplace_back("sim");
  if (shape.sim_bench) roles.emplace_back("sim_bench");
  return Join(roles, ", ");
}

Result<int> ListProblems(bool json, CliContext& context) {
  TextTable table({{"name", Align::kLeft},
                   {"summary", Align::kLeft},
                   {"bench shape", Align::kLeft},
                   {"tags", Align::kLeft}});
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : BundledProblems()) {
    const Problem problem = TRY(BundledProblem(name));
    table.AddRow({name, problem.summary, DimsText(problem.Bench().dims, problem.dims),
                  Join(problem.tags, ", ")});
    list.push_back({{"name", name},
                    {"summary", problem.summary},
                    {"tags", problem.tags},
                    {"bench", problem.Bench().dims}});
  }
  TRY(context.out.Write(json ? list.dump(2) + "\n" : table.Text()));
  return 0;
}

std::string TensorTable(const Problem& problem) {
  TextTable tensors({{"", Align::kLeft},
                     {"tensor", Align::kLeft},
                     {"dtype", Align::kLeft},
                     {"shape", Align::kLeft},
                     {"", Align::kLeft}});
  for (const TensorSpec& input : problem.inputs) {
    tensors.AddRow({"in", input.name, std::string(Name(input.dtype)), ShapeText(input),
                    "filled with " + Describe(input.fill)});
  }
  for (const TensorSpec& output : problem.outputs) {
    tensors.AddRow({"out", output.name, std::string(Name(output.dtype)), ShapeText(output),
                    Format("tolerance {:g} + {:g} * |expected|", output.atol, output.rtol)});
  }
  return tensors.Text("  ");
}

std::string ShapeTable(const Problem& problem) {
  TextTable shapes({{"shape", Align::kLeft}, {"roles", Align::kLeft}, {"dims", Align::kLeft}});
  for (const ShapeSpec& shape : problem.shapes)
    shapes.AddRow({shape.name, RolesText(shape), DimsText(shape.dims, problem.dims)});
  return shapes.Text("  ");
}

std::string ProblemText(const Problem& problem) {
  std::string text = Format("{}: {}\n", problem.name, problem.summary);
  text += Format("\n  {}\n\n", LauncherPrototype(problem));
  text += TensorTable(problem) + "\n" + ShapeTable(problem) + "\n";
  if (!problem.check_fills.empty()) {
    std::vector<std::string> fills;
    for (const Fill& fill : problem.check_fills) fills.push_back(Describe(fill));
    text += Format("  also checked with: {}\n", Join(fills, ", "));
  }
  text +=
      Format("  baseline: {}\n",
             problem.baseline ? "baseline.cu" : "none; candidates are compared with the reference");
  text += Format("  recorded replies: {}\n", problem.replies.size());
  text += Format("  from: {}\n\n{}", problem.origin, problem.statement);
  return ForTerminal(text);
}

// problem.json in the order of the file, without the comments that other readers of JSON refuse.
Result<std::string> PlainJson(const Problem& problem) {
  try {
    return nlohmann::ordered_json::parse(problem.json, nullptr, /*allow_exceptions=*/true,
                                         /*ignore_comments=*/true)
               .dump(2) +
           "\n";
  } catch (const nlohmann::json::exception& error) {
    return Error{ErrorCode::kBadInput, Format("problem {}: problem.json is not JSON", problem.name),
                 ForTerminal(error.what())};
  }
}

}  // namespace

CommandSpec ProblemSpec() {
  CommandSpec spec;
  spec.positionals = {{"ACTION", "list (the bundled problems), show or check [list]", false},
                      {"PROBLEM", "for show and check: a folder or a name", false}};
  spec.flags = SettingFlags(Scope::kCheck);
  spec.flags.push_back(
      {"--honest", "FILE",
       "for check: one more kernel (.cu) that must pass, to see its margin; up to 16 times"});
  spec.flags.push_back(
      {"--json", "", "list, check: as JSON; show: problem.json without its comments"});
  spec.examples =
      "  caesar problem list\n"
      "  caesar problem show softmax\n"
      "  caesar problem check my_problem --device sim\n"
      "\n"
      "`caesar problem check --help` says what check does.\n";
  spec.actions = {CheckSpec()};
  return spec;
}

Result<int> ProblemCommand(const Invocation& invocation, CliContext& context) {
  const std::string given = invocation.arguments.Positional("ACTION");
  const std::string action =
      TRY(ChoiceValue(given.empty() ? "list" : given, {"list", "show", "check"}));
  const std::string name = invocation.arguments.Positional("PROBLEM");
  if (action == "list") {
    if (!name.empty())
      return Error{ErrorCode::kUsage, "`caesar problem list` takes no name",
                   "Did you mean `caesar problem show " + name + "`?"};
    return ListProblems(invocation.json, context);
  }
  if (name.empty())
    return Error{ErrorCode::kUsage, "`caesar problem " + action + "` needs a folder or a name",
                 "`caesar problem list` lists the names."};
  if (action == "check") return CheckProblemCommand(invocation, context);
  const Problem problem = TRY(LoadProblem(name, context.files));
  TRY(context.out.Write(invocation.json ? TRY(PlainJson(problem)) : ProblemText(problem)));
  return 0;
}

}  // namespace caesar
