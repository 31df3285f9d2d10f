// problem.json from top to bottom.
#include "problem/parse.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kJsonBytesMax = std::size_t{1} << 20;

Result<std::string> ParseWord(const JsonField& field, std::string_view allowed,
                              std::string_view rule) {
  std::string text = TRY(field.String(kNameBytesMax));
  if (text.empty() || text.find_first_not_of(allowed) != text.npos) {
    return field.Wrong(Format("'{}' must be made of {}", text, rule));
  }
  return text;
}

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view kTagCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::string_view kShapeCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

// Items of an optional array.
Result<std::vector<JsonField>> OptionalItems(const JsonField& parent, std::string_view name,
                                             std::size_t count_max) {
  const auto field = parent.Find(name);
  if (!field) return std::vector<JsonField>();
  return field->Items(count_max);
}

Result<std::vector<std::string>> ParseLibraries(const JsonField& parent, std::string_view name) {
  static const std::vector<std::string> known = {"cublas", "cublaslt", "cub", "thrust"};
  std::vector<std::string> libraries;
  for (const JsonField& item : TRY(OptionalItems(parent, name, known.size()))) {
    const std::string library = TRY(item.String(kNameBytesMax));
    if (std::find(known.begin(), known.end(), library) == known.end()) {
      return item.Wrong(Format("unknown library '{}'", library) + Hint(library, known));
    }
    libraries.push_back(library);
  }
  return libraries;
}

Status ParsePolicy(const JsonField& root, Problem& problem) {
  const auto policy = root.Find("policy");
  if (!policy) return {};
  TRY(policy->OnlyMembers({"tf32", "libraries"}));
  if (const auto tf32 = policy->Find("tf32")) problem.tf32_allowed = TRY(tf32->Bool());
  problem.libraries = TRY(ParseLibraries(*policy, "libraries"));
  return {};
}

Status ParseHead(const JsonField& root, Problem& problem) {
  const JsonField version = TRY(root.Member("version"));
  const std::int64_t number = TRY(version.Integer());
  if (number != 1) return version.Wrong(Format("is {}, but this caesar reads version 1", number));
  problem.name = TRY(ParseWord(TRY(root.Member("name")), kLower, "a-z, 0-9 and _"));
  const JsonField summary = TRY(root.Member("summary"));
  problem.summary = TRY(summary.String(200));
  if (Trim(problem.summary).empty()) return summary.Wrong("is empty");
  for (const JsonField& tag : TRY(OptionalItems(root, "tags", 16))) {
    problem.tags.push_back(TRY(ParseWord(tag, kTagCharacters, "a-z, 0-9, _ and -")));
  }
  problem.launcher = TRY(ParseIdentifier(TRY(root.Member("launcher"))));
  for (const JsonField& dim : TRY(TRY(root.Member("dims")).Items(kDimsMax))) {
    problem.dims.push_back(TRY(ParseIdentifier(dim)));
  }
  return {};
}

Result<std::vector<Fill>> ParseCheckFills(const JsonField& root,
                                          const std::vector<TensorSpec>& inputs) {
  std::vector<Fill> fills;
  std::set<std::string> seen;
  for (const JsonField& item : TRY(OptionalItems(root, "check_fills", kCheckFillsMax))) {
    fills.push_back(TRY(ParseCheckFill(item, inputs)));
    const std::string text = Describe(fills.back());
    if (!seen.insert(text).second) return item.Wrong(Format("{} is there twice", text));
  }
  return fills;
}

Result<Problem> ParseRoot(const JsonField& root) {
  TRY(root.OnlyMembers({"version", "name", "summary", "tags", "launcher", "dims", "inputs",
                        "outputs", "scalars", "shapes", "check_fills", "flops", "bytes", "policy",
                        "baseline_libraries"}));
  Problem problem;
  TRY(ParseHead(root, problem));
  for (const JsonField& input : TRY(TRY(root.Member("inputs")).Items(kInputsMax))) {
    problem.inputs.push_back(TRY(ParseInput(input, problem.dims)));
  }
  for (const JsonField& output : TRY(TRY(root.Member("outputs")).Items(kOutputsMax))) {
    problem.outputs.push_back(TRY(ParseOutput(output, problem.dims)));
  }
  for (const JsonField& scalar : TRY(OptionalItems(root, "scalars", kScalarsMax))) {
    problem.scalars.push_back(TRY(ParseScalar(scalar)));
  }
  for (const JsonField& shape : TRY(TRY(root.Member("shapes")).Items(kShapesMax))) {
    problem.shapes.push_back(TRY(ParseShape(shape, problem.dims)));
  }
  problem.check_fills = TRY(ParseCheckFills(root, problem.inputs));
  problem.flops = TRY(ParseExpression(TRY(root.Member("flops")), problem.dims));
  problem.bytes = TRY(ParseExpression(TRY(root.Member("bytes")), problem.dims));
  TRY(ParsePolicy(root, problem));
  problem.baseline_libraries = TRY(ParseLibraries(root, "baseline_libraries"));
  TRY(CheckConsistency(problem, root));
  return problem;
}

}  // namespace

Result<ShapeSpec> ParseShape(const JsonField& field, const std::vector<std::string>& dims) {
  std::vector<std::string> known = {"name", "roles"};
  known.insert(known.end(), dims.begin(), dims.end());
  TRY(field.OnlyMembers(known));
  ShapeSpec shape;
  shape.name =
      TRY(ParseWord(TRY(field.Member("name")), kShapeCharacters, "A-Z, a-z, 0-9, _ and -"));
  const JsonField roles = TRY(field.Member("roles"));
  for (const JsonField& item : TRY(roles.Items(4))) {
    const std::string role = TRY(item.String(kNameBytesMax));
    bool* const flag = role == "bench"       ? &shape.bench
                       : role == "check"     ? &shape.check
                       : role == "sim"       ? &shape.sim
                       : role == "sim_bench" ? &shape.sim_bench
                                             : nullptr;
    if (!flag) {
      return item.Wrong(Format("unknown role '{}'", role) +
                        Hint(role, {"bench", "check", "sim", "sim_bench"}));
    }
    if (*flag) return item.Wrong(Format("role '{}' is given twice", role));
    *flag = true;
  }
  if (!shape.bench && !shape.check && !shape.sim && !shape.sim_bench)
    return roles.Wrong("is empty; a shape without a role is never used");
  for (const std::string& dim : dims) {
    const JsonField value = TRY(field.Member(dim));
    shape.dims[dim] = TRY(value.Integer());
    if (shape.dims[dim] < 1)
      return value.Wrong(Format("is {}, but must be at least 1", shape.dims[dim]));
  }
  return shape;
}

Result<Problem> ParseProblem(const std::string& json, const std::string& name) {
  if (json.size() > kJsonBytesMax) {
    return Error{
        ErrorCode::kBadInput,
        Format("{} has {} bytes; at most {} are allowed", name, json.size(), kJsonBytesMax), ""};
  }
  const JsonTree tree = TRY(ParseJsonTree(json, name));
  Problem problem = TRY(ParseRoot(JsonField(tree, name, "")));
  problem.json = json;
  return problem;
}

}  // namespace caesar
