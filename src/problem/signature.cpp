#include "problem/signature.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

struct Parameter {
  std::string type;  // "const float*"
  std::string name;
};

// All but the stream.
std::vector<Parameter> Parameters(const Problem& problem) {
  std::vector<Parameter> parameters;
  for (const TensorSpec& input : problem.inputs)
    parameters.push_back({Format("const {}*", CType(input.dtype)), input.name});
  for (const TensorSpec& output : problem.outputs)
    parameters.push_back({Format("{}*", CType(output.dtype)), output.name});
  for (const std::string& dim : problem.dims) parameters.push_back({"int64_t", dim});
  for (const ScalarSpec& scalar : problem.scalars)
    parameters.push_back({std::string(CType(scalar.dtype)), scalar.name});
  return parameters;
}

bool Uses(const Problem& problem, DType dtype) {
  const auto is = [dtype](const auto& each) { return each.dtype == dtype; };
  return std::any_of(problem.inputs.begin(), problem.inputs.end(), is) ||
         std::any_of(problem.outputs.begin(), problem.outputs.end(), is) ||
         std::any_of(problem.scalars.begin(), problem.scalars.end(), is);
}

std::string Includes(const Problem& problem) {
  std::string text = "#include <cuda_runtime.h>\n";
  if (Uses(problem, DType::kBf16)) text += "#include <cuda_bf16.h>\n";
  if (Uses(problem, DType::kF16)) text += "#include <cuda_fp16.h>\n";
  return text + "#include <cstdint>\n";
}

std::string Arguments(const Problem& problem) {
  std::string text;
  int index = 0;
  for (const Parameter& parameter : Parameters(problem)) {
    text += Format("*static_cast<{} const*>(args[{}]), ", parameter.type, index++);
  }
  return text + "static_cast<cudaStream_t>(stream)";
}

// The error's name and text are joined by hand, so that nothing more needs to be included.
// noexcept: what a launcher throws ends its process in words, which are the candidate's C++
// runtime's to say; caesar has another one, and an exception that unwinds through both dies without
// any.
constexpr std::string_view kEntry = R"(
extern "C" __attribute__((visibility("default"))) int caesar_entry(void* const* args, void* stream,
                                                                   const char** error_name) noexcept {
  LAUNCHER(ARGUMENTS);
  const cudaError_t error = cudaGetLastError();
  *error_name = nullptr;
  if (error != cudaSuccess) {
    static char text[512];
    unsigned length = 0;
    const char* const parts[] = {cudaGetErrorName(error), ": ", cudaGetErrorString(error)};
    for (const char* part : parts) {
      while (*part != '\0' && length + 1 < sizeof(text)) text[length++] = *part++;
    }
    text[length] = '\0';
    *error_name = text;
  }
  return static_cast<int>(error);
}
)";

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + '"';
}

}  // namespace

std::string LauncherPrototype(const Problem& problem) {
  std::string text = Format("extern \"C\" void {}(", problem.launcher);
  for (const Parameter& parameter : Parameters(problem))
    text += Format("{} {}, ", parameter.type, parameter.name);
  return text + "cudaStream_t stream);";
}

std::string EntrySource(const Problem& problem, const std::string& candidate,
                        const std::string& candidate_path) {
  std::string_view body = candidate;
  if (StartsWith(body, "\xEF\xBB\xBF"))
    body.remove_prefix(3);  // a byte order mark may only begin a file
  std::string entry = ReplaceAll(kEntry, "LAUNCHER", problem.launcher);
  entry = ReplaceAll(entry, "ARGUMENTS", Arguments(problem));
  // The entry stands before the candidate: neither a macro, a namespace left open nor a comment
  // without end can change it.
  return "#line 1 \"caesar_entry.cu\"\n" + Includes(problem) + LauncherPrototype(problem) + "\n" +
         entry + "\n#line 1 " + Quoted(candidate_path) + "\n" + std::string(body) + "\n";
}

}  // namespace caesar
