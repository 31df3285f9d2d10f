#include "llm/describe_task.h"

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr double kMebi = 1024.0 * 1024.0;

std::string SymbolicShape(const TensorSpec& tensor) {
  std::vector<std::string> extents;
  for (const Expression& extent : tensor.shape) extents.push_back(extent.text());
  return "[" + Join(extents, ", ") + "]";
}

std::string BenchShape(const TensorSpec& tensor, const Dims& dims) {
  const auto shape = ShapeOf(tensor, dims);
  if (!shape.ok()) return "?";  // a problem that was loaded has a shape
  std::vector<std::string> extents;
  for (const std::int64_t extent : shape.value()) extents.push_back(std::to_string(extent));
  return "[" + Join(extents, ", ") + "]";
}

std::string Row(std::string_view name, std::string_view type, std::string_view shape,
                std::string_view bench, std::string_view note) {
  return Format("| `{}` | `{}` | {} | {} | {} |\n", name, type, shape, bench, note);
}

std::string ScalarText(const ScalarValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  return Format("{:.9g}", std::get<double>(value));
}

std::string Us(double us) { return us < 100 ? Format("{:.2f} us", us) : Format("{:.1f} us", us); }

}  // namespace

std::string ArgumentTable(const Problem& problem) {
  const Dims& bench = problem.Bench().dims;
  std::string table =
      "| argument | C type | shape | at the timed shape | |\n|---|---|---|---|---|\n";
  for (const TensorSpec& input : problem.inputs) {
    table += Row(input.name, Format("const {}*", CType(input.dtype)), SymbolicShape(input),
                 BenchShape(input, bench), "input, " + Describe(input.fill));
  }
  for (const TensorSpec& output : problem.outputs) {
    table += Row(output.name, Format("{}*", CType(output.dtype)), SymbolicShape(output),
                 BenchShape(output, bench),
                 Format("output, atol {:g}, rtol {:g}", output.atol, output.rtol));
  }
  for (const std::string& dim : problem.dims) {
    const auto value = bench.find(dim);
    table +=
        Row(dim, "int64_t", "", value == bench.end() ? "" : std::to_string(value->second), "dim");
  }
  for (const ScalarSpec& scalar : problem.scalars) {
    table += Row(scalar.name, CType(scalar.dtype), "", ScalarText(scalar.value), "scalar");
  }
  return table + Row("stream", "cudaStream_t", "", "", "the stream that all work is ordered on");
}

std::string BenchDims(const Problem& problem) {
  const Dims& bench = problem.Bench().dims;
  std::vector<std::string> parts;
  for (const std::string& dim : problem.dims) {
    const auto value = bench.find(dim);
    if (value != bench.end()) parts.push_back(Format("{} = {}", dim, value->second));
  }
  return Join(parts, ", ");
}

Result<std::string> WorkSentence(const Problem& problem, const DeviceInfo* device) {
  const Dims& dims = problem.Bench().dims;
  const auto bytes = static_cast<double>(TRY(problem.bytes.Evaluate(dims)));
  const auto flops = static_cast<double>(TRY(problem.flops.Evaluate(dims)));
  std::string sentence =
      Format("The timed call moves at least {:.4g} MiB and computes {:.4g} GFLOP.", bytes / kMebi,
             flops / 1e9);
  if (device != nullptr && device->bandwidth_gbs > 0) {
    sentence += Format(
        " At the {}, moving the bytes alone takes {}.",
        device->simulated() ? "bandwidth that the estimate assumes" : "device's measured bandwidth",
        Us(bytes / device->bandwidth_gbs / 1e3));
  }
  return sentence;
}

std::string LibrariesSentence(const Problem& problem) {
  if (problem.libraries.empty()) {
    return "The CUDA runtime and device code of your own: no cuBLAS, cuDNN or other library is "
           "linked, and the work is not left to libraries of headers (CUB, Thrust).";
  }
  return "Besides the CUDA runtime, these libraries may be used: " + Join(problem.libraries, ", ") +
         ".";
}

std::string PrecisionSentence(const Problem& problem) {
  return problem.tf32_allowed ? "TF32 tensor cores may be used for f32; otherwise compute at least "
                                "in the precision of the types."
                              : "Compute at least in the precision of the types: no TF32 or half "
                                "precision for f32, and no fast-math "
                                "functions that miss the tolerance.";
}

TemplateValues DeviceValues(const DeviceInfo& device) {
  const auto kib = [](std::int64_t bytes) { return std::to_string(bytes / 1024); };
  return {{"name", device.name},
          {"arch", device.Arch()},
          {"cuda", device.driver},
          {"compute_capability", Format("{}.{}", device.compute_major, device.compute_minor)},
          {"sm_count", std::to_string(device.sm_count)},
          {"clock_mhz", Format("{:.0f}", device.clock_mhz)},
          {"threads_per_sm", std::to_string(device.threads_per_sm_max)},
          {"registers_per_sm", std::to_string(device.registers_per_sm)},
          {"shared_kib_per_sm", kib(device.shared_bytes_per_sm)},
          {"shared_kib_per_block", kib(device.shared_bytes_per_block_max)},
          {"l2_mib", Format("{:.0f}", static_cast<double>(device.l2_bytes) / kMebi)},
          {"memory_gib", Format("{:.0f}", static_cast<double>(device.memory_bytes) / kMebi / 1024)},
          {"bandwidth_gbs", Format("{:.0f}", device.bandwidth_gbs)}};
}

TemplateValues SimulatedDeviceValues(const DeviceInfo& device) {
  TemplateValues values = DeviceValues(device);
  values.erase("arch");
  values.erase("cuda");
  return values;
}

}  // namespace caesar
