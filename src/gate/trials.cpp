#include "gate/trials.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "base/embedded.h"
#include "base/format.h"
#include "base/strings.h"

namespace caesar {

std::span<const EmbeddedFile> TrialKernels();  // made by caesar_embed

namespace {

constexpr const char* kReferenceName = "caesar_reference";
constexpr std::size_t kScalarsMax = 16;

// A trial's number: what it does, times kPerKind, plus the input that it does it to.
constexpr int kPerKind = 100;
enum Number {
  kReference = 1,
  kZeros,
  kNan,
  kMean,
  kCopy,
  kStale,
  kReplay,
  kHalf,
  kTail,
  kZeroedInputs,
  kIgnored,
  kRoundedInputs,
  kRoundedResults
};

// A name that the problem has no use for.
std::string ScalarName(const Problem& problem) {
  std::string name = "trial_number";
  const auto taken = [&](const auto& each) { return each.name == name; };
  while (std::any_of(problem.inputs.begin(), problem.inputs.end(), taken) ||
         std::any_of(problem.outputs.begin(), problem.outputs.end(), taken) ||
         std::any_of(problem.scalars.begin(), problem.scalars.end(), taken) ||
         std::find(problem.dims.begin(), problem.dims.end(), name) != problem.dims.end() ||
         problem.launcher == name)
    name += "_";
  return name;
}

bool IsWide(const TensorSpec& tensor) { return IsFloat(tensor.dtype); }

// What rounding every float of them to its next lower precision is called; empty: there is none.
std::string LowerNames(const std::vector<TensorSpec>& tensors, bool tf32_allowed) {
  std::vector<std::string> names;
  for (const TensorSpec& tensor : tensors) {
    const LowerPrecision lower = LowerPrecisionOf(tensor.dtype, tf32_allowed);
    if (lower.bits > 0 && std::find(names.begin(), names.end(), lower.name) == names.end())
      names.push_back(lower.name);
  }
  return Join(names, " and ");
}

std::string Body(const Problem& problem) {
  std::string_view text = problem.reference;
  if (StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  return Format("#define {} {}\n#line 1 \"reference.cu\"\n{}\n#undef {}\n", problem.launcher,
                kReferenceName, text, problem.launcher);
}

std::string Parameters(const Problem& problem) {
  std::string text;
  for (const TensorSpec& input : problem.inputs)
    text += Format("const {}* {}, ", CType(input.dtype), input.name);
  for (const TensorSpec& output : problem.outputs)
    text += Format("{}* {}, ", CType(output.dtype), output.name);
  for (const std::string& dim : problem.dims) text += Format("int64_t {}, ", dim);
  for (const ScalarSpec& scalar : problem.scalars)
    text += Format("{} {}, ", CType(scalar.dtype), scalar.name);
  return text;
}

// What follows the tensors in a call of the reference.
std::string Rest(const Problem& problem) {
  std::string text;
  for (const std::string& dim : problem.dims) text += dim + ", ";
  for (const ScalarSpec& scalar : problem.scalars) text += scalar.name + ", ";
  return text + "stream)";
}

std::string Launcher(const Problem& problem, const std::string& body) {
  return Format("extern \"C\" void {}({}int32_t {}, cudaStream_t stream) {{\n{}}}\n",
                problem.launcher, Parameters(problem), ScalarName(problem), body);
}

// Every shape's dims, and the elements of every tensor, inputs first.
std::string ShapeTable(const Problem& problem) {
  std::string rows;
  for (const ShapeSpec& shape : problem.shapes) {
    std::vector<std::string> dims, elements;
    for (const std::string& dim : problem.dims) dims.push_back(Format("{}", shape.dims.at(dim)));
    for (const auto* tensors : {&problem.inputs, &problem.outputs}) {
      for (const TensorSpec& tensor : *tensors) {
        const auto count = ElementsOf(tensor, shape.dims);
        elements.push_back(Format("{}", count.ok() ? count.value() : 0));
      }
    }
    rows += Format("    {{{{{}}}, {{{}}}}},\n", Join(dims, ", "), Join(elements, ", "));
  }
  return Format(
      "namespace caesar_gate {{\n"
      "struct Shape {{\n  int64_t dims[{}];\n  int64_t elements[{}];\n}};\n"
      "constexpr Shape kShapes[] = {{\n{}}};\n}}\n",
      problem.dims.size(), problem.inputs.size() + problem.outputs.size(), rows);
}

// Writes the launcher's cases.
class Cases {
 public:
  explicit Cases(const Problem& problem) : problem_(problem) {}

  std::string Text() {
    Case(kReference, 0, Reference());
    Case(kZeros, 0, OfOutputs("caesar_gate::Set({0}, 0, {1}, 0.0, stream);"));
    std::string nan;
    for (std::size_t o = 0; o < problem_.outputs.size(); ++o) {
      nan += Line("caesar_gate::Set({0}, 0, {1}, {2}, stream);", o,
                  IsWide(problem_.outputs[o]) ? "nan(\"\")" : "1.0");
    }
    Case(kNan, 0, nan);
    Case(kMean, 0, Reference() + OfOutputs("caesar_gate::Mean({0}, {1}, stream);"));
    Case(kStale, 0,
         "      static bool caesar_done = false;\n      if (caesar_done) break;\n      caesar_done "
         "= true;\n" +
             Reference());
    Case(kReplay, 0, Replay());
    Case(kHalf, 0, Reference() + OfOutputs("caesar_gate::Set({0}, {1} / 2, {1}, 0.0, stream);"));
    Case(kTail, 0,
         Reference() +
             OfOutputs("caesar_gate::Set({0}, caesar_gate::TailOf({1}), {1}, 0.0, stream);"));
    std::string zeroed;
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
      zeroed += Format(
          "      cudaMemsetAsync(const_cast<{0}*>({1}), 0, sizeof(*{1}) * caesar_n[{2}], "
          "stream);\n",
          CType(problem_.inputs[i].dtype), problem_.inputs[i].name, i);
    }
    Case(kZeroedInputs, 0, zeroed + OfOutputs("caesar_gate::Set({0}, 0, {1}, 0.0, stream);"));
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
      const TensorSpec& input = problem_.inputs[i];
      Case(kCopy, i,
           OfOutputs(Format("caesar_gate::Copy({{0}}, {{1}}, {}, caesar_n[{}], stream);",
                            input.name, i)));
      Case(kIgnored, i, Stand(i, "cudaMemsetAsync({0}, 0, {1}, stream);") + Reference());
    }
    std::string rounded;
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
      const TensorSpec& input = problem_.inputs[i];
      const int bits = LowerPrecisionOf(input.dtype, problem_.tf32_allowed).bits;
      if (bits == 0) continue;
      rounded += Stand(
          i,
          Format("caesar_gate::Round(static_cast<{0}*>({{0}}), {1}, caesar_n[{2}], {3}, stream);",
                 CType(input.dtype), input.name, i, bits));
    }
    if (!rounded.empty()) Case(kRoundedInputs, 0, rounded + Reference());
    std::string results;
    for (std::size_t o = 0; o < problem_.outputs.size(); ++o) {
      const int bits = LowerPrecisionOf(problem_.outputs[o].dtype, problem_.tf32_allowed).bits;
      if (bits > 0)
        results += Line("caesar_gate::Round({0}, {0}, {1}, {2}, stream);", o, Format("{}", bits));
    }
    if (!results.empty()) Case(kRoundedResults, 0, Reference() + results);
    return cases_;
  }

 private:
  void Case(Number number, std::size_t index, const std::string& body) {
    cases_ += Format("    case {}: {{\n{}      break;\n    }}\n",
                     number * kPerKind + static_cast<int>(index), body);
  }
  // A line about an output: {0} its name, {1} its elements, {2} more.
  std::string Line(std::string text, std::size_t output, const std::string& more = "") const {
    text = ReplaceAll(text, "{0}", problem_.outputs[output].name);
    text = ReplaceAll(text, "{1}", Format("caesar_n[{}]", problem_.inputs.size() + output));
    return "      " + ReplaceAll(text, "{2}", more) + "\n";
  }
  std::string OfOutputs(const std::string& text) const {
    std::string lines;
    for (std::size_t o = 0; o < problem_.outputs.size(); ++o) lines += Line(text, o);
    return lines;
  }
  // Another tensor in the place of input i: {0} its address, {1} its bytes.
  std::string Stand(std::size_t i, const std::string& make) const {
    const std::string bytes = Format("caesar_n[{}] * {}", i, SizeOf(problem_.inputs[i].dtype));
    std::string text =
        Format("      caesar_in[{0}] = caesar_gate::Scratch({0}, {1});\n      ", i, bytes);
    return text + ReplaceAll(ReplaceAll(make, "{0}", Format("caesar_in[{}]", i)), "{1}", bytes) +
           "\n";
  }
  std::string Reference() const {
    std::string call = Format("      {}(", kReferenceName);
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i)
      call += Format("static_cast<const {}*>(caesar_in[{}]), ", CType(problem_.inputs[i].dtype), i);
    for (const TensorSpec& output : problem_.outputs) call += output.name + ", ";
    return call + Rest(problem_) + ";\n";
  }
  std::string Replay() const {
    std::string keep, replay;
    for (std::size_t o = 0; o < problem_.outputs.size(); ++o) {
      const std::string rest = Format("(caesar_shape, {}, {}, caesar_n[{}] * {}, stream);\n", o,
                                      problem_.outputs[o].name, problem_.inputs.size() + o,
                                      SizeOf(problem_.outputs[o].dtype));
      keep += "        caesar_gate::Keep" + rest;
      replay += "        caesar_gate::Replay" + rest;
    }
    return "      if (!caesar_gate::FirstCalls().there[caesar_shape]) {\n"
           "        caesar_gate::FirstCalls().there[caesar_shape] = true;\n  " +
           Reference() + keep + "      } else {\n" + replay + "      }\n";
  }

  const Problem& problem_;
  std::string cases_;
};

}  // namespace

LowerPrecision LowerPrecisionOf(DType dtype, bool tf32_allowed) {
  switch (dtype) {
    case DType::kF64:
      return {23, "float"};
    case DType::kF32:
      if (tf32_allowed) return {7, "bf16"};
      return {10, "TF32 or half"};
    case DType::kF16:
      return {7, "bf16"};
    case DType::kBf16:
      return {3, "fp8"};
    case DType::kI8:
    case DType::kI16:
    case DType::kI32:
    case DType::kI64:
    case DType::kU8:
    case DType::kU16:
    case DType::kU32:
    case DType::kU64:
    case DType::kBool:
      return {};
  }
  return {};
}

std::vector<Trial> TrialsOf(const Problem& problem) {
  std::vector<Trial> trials;
  const auto add = [&](Number number, std::size_t index, std::string name, std::string text,
                       const char* kind = kCheat) {
    trials.push_back(
        {number * kPerKind + static_cast<int>(index), std::move(name), std::move(text), kind});
  };
  // A cheat first: the reference then meets an oracle that has been called before.
  add(kZeros, 0, "zeros", "an output of zeros");
  add(kReference, 0, "reference", "the reference in a process of its own", kHonest);
  if (std::any_of(problem.outputs.begin(), problem.outputs.end(), IsWide))
    add(kNan, 0, "nan", "an output of NaN");
  add(kMean, 0, "mean", "the mean of the result everywhere");
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    const std::string& input = problem.inputs[i].name;
    add(kCopy, i, "copy_" + input, Format("a copy of input {}", input));
    add(kIgnored, i, "ignore_" + input, Format("the result for an input {} of zeros", input));
  }
  add(kStale, 0, "stale", "the first call alone");
  add(kReplay, 0, "replay", "the result of the first call at each shape, again and again");
  add(kHalf, 0, "first_half", "the first half of the result, and zeros");
  add(kTail, 0, "no_tail", "all but the last partial block of 256 elements, which is zeros");
  add(kZeroedInputs, 0, "zeroed_inputs", "inputs set to zero, and an output of zeros");
  const std::string inputs = LowerNames(problem.inputs, problem.tf32_allowed);
  if (!inputs.empty())
    add(kRoundedInputs, 0, "lower_inputs",
        Format("the exact result for inputs rounded to {}", inputs), kPrecision);
  const std::string results = LowerNames(problem.outputs, problem.tf32_allowed);
  if (!results.empty())
    add(kRoundedResults, 0, "lower_results", Format("the exact result, rounded to {}", results),
        kPrecision);
  return trials;
}

Result<Problem> TrialProblem(const Problem& problem, std::optional<int> number) {
  if (number && problem.scalars.size() >= kScalarsMax) {
    return Error{ErrorCode::kBadInput,
                 Format("problem {} has {} scalars, and checking it needs one more", problem.name,
                        problem.scalars.size()),
                 Format("Give it at most {}.", kScalarsMax - 1)};
  }
  std::string json;
  try {
    auto fields = nlohmann::ordered_json::parse(problem.json, nullptr, true, true);
    fields["policy"]["libraries"] = problem.baseline_libraries;
    if (number) {
      fields["scalars"].push_back(
          {{"name", ScalarName(problem)}, {"dtype", "i32"}, {"value", *number}});
    }
    json = fields.dump();
  } catch (const nlohmann::json::exception& error) {
    return Error{ErrorCode::kInternal, "problem.json cannot be read twice", error.what()};
  }
  return ParseProblem(json, problem.name);
}

std::string TrialReference(const Problem& problem) {
  std::string call = Format("  (void){};\n  {}(", ScalarName(problem), kReferenceName);
  for (const auto* tensors : {&problem.inputs, &problem.outputs}) {
    for (const TensorSpec& tensor : *tensors) call += tensor.name + ", ";
  }
  return Body(problem) + Launcher(problem, call + Rest(problem) + ";\n");
}

std::string TrialSource(const Problem& problem) {
  std::string inputs;
  for (const TensorSpec& input : problem.inputs)
    inputs += Format("const_cast<{}*>({}), ", CType(input.dtype), input.name);
  std::string match;
  for (std::size_t d = 0; d < problem.dims.size(); ++d)
    match += Format("caesar_candidate.dims[{}] == {} && ", d, problem.dims[d]);
  std::string body = Format("  void* caesar_in[] = {{{}nullptr}};\n  (void)caesar_in;\n", inputs);
  body +=
      "  int caesar_shape = 0;\n  for (const auto& caesar_candidate : caesar_gate::kShapes) {\n    "
      "if (" +
      match + "true) break;\n    ++caesar_shape;\n  }\n";
  body += "  const int64_t* caesar_n = caesar_gate::kShapes[caesar_shape].elements;\n";
  body += Format("  switch ({}) {{\n{}    default:\n      break;\n  }}\n", ScalarName(problem),
                 Cases(problem).Text());
  std::string defines;
  for (const auto* tensors : {&problem.inputs, &problem.outputs}) {
    for (const TensorSpec& tensor : *tensors) {
      if (tensor.dtype == DType::kF16) defines = "#define CAESAR_GATE_F16\n" + defines;
      if (tensor.dtype == DType::kBf16) defines = "#define CAESAR_GATE_BF16\n" + defines;
    }
  }
  return Body(problem) + defines + std::string(TrialKernels().front().content) +
         ShapeTable(problem) + Launcher(problem, body);
}

std::string FloatReference(const Problem& problem) {
  const bool narrow =
      std::any_of(problem.outputs.begin(), problem.outputs.end(), [](const TensorSpec& output) {
        return IsFloat(output.dtype) && output.dtype != DType::kF64;
      });
  const bool uses_f64 =
      std::any_of(problem.inputs.begin(), problem.inputs.end(),
                  [](const TensorSpec& input) { return input.dtype == DType::kF64; }) ||
      std::any_of(problem.scalars.begin(), problem.scalars.end(),
                  [](const ScalarSpec& scalar) { return scalar.dtype == DType::kF64; });
  if (!narrow || uses_f64 || problem.reference.find("double") == std::string::npos) return "";
  std::string_view text = problem.reference;
  if (StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  return Format(
      "#include <cfloat>\n#include <climits>\n#include <cmath>\n#include <limits>\n"
      "#define double float\n#line 1 \"reference.cu\"\n{}\n",
      text);
}

}  // namespace caesar
