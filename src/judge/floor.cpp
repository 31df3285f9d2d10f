#include "judge/floor.h"

#include <algorithm>

namespace caesar {
namespace {

constexpr double kFlopsSlack = 1.05;

double BytesOf(const std::vector<TensorSpec>& tensors, const Dims& dims) {
  double bytes = 0;
  for (const TensorSpec& tensor : tensors) {
    const auto elements = ElementsOf(tensor, dims);
    if (elements.ok()) bytes += static_cast<double>(elements.value() * SizeOf(tensor.dtype));
  }
  return bytes;
}

}  // namespace

double FloorUs(const Problem& problem, const ShapeSpec& shape, const DeviceInfo& device) {
  const double ceiling_gbs = std::max(device.bandwidth_gbs, device.read_gbs);
  const auto declared = problem.bytes.Evaluate(shape.dims);
  if (!(ceiling_gbs > 0) || !declared.ok()) return 0;
  const double outputs = BytesOf(problem.outputs, shape.dims);
  const double all = BytesOf(problem.inputs, shape.dims) + outputs;
  const double kept = std::min(outputs, static_cast<double>(device.l2_bytes));
  const double bytes = std::min(static_cast<double>(declared.value()), all) - kept;
  return std::max(0.0, bytes) / (ceiling_gbs * 1e3);
}

bool OverFlopsCeiling(const Problem& problem, const ShapeSpec& shape, const DeviceInfo& device,
                      double us) {
  const auto f32 = [](const TensorSpec& tensor) { return tensor.dtype == DType::kF32; };
  const auto flops = problem.flops.Evaluate(shape.dims);
  if (!(device.fp32_tflops > 0) || !(us > 0) || !flops.ok()) return false;
  if (!std::all_of(problem.inputs.begin(), problem.inputs.end(), f32)) return false;
  if (!std::all_of(problem.outputs.begin(), problem.outputs.end(), f32)) return false;
  return static_cast<double>(flops.value()) / (us * 1e6) > kFlopsSlack * device.fp32_tflops;
}

}  // namespace caesar
