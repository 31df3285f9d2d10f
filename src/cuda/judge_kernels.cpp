#include "cuda/judge_kernels.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "cuda/nvrtc.h"

namespace caesar {
namespace {

// The element class that kernels.cu is compiled for.
std::vector<std::string> DefinesOf(DType dtype) {
  const auto integer = [](int bytes, bool is_signed) {
    return std::vector<std::string>{"CAESAR_CLASS", "CAESAR_CLASS_INT",
                                    Format("CAESAR_INT_BYTES={}", bytes),
                                    Format("CAESAR_INT_SIGNED={}", is_signed ? 1 : 0)};
  };
  switch (dtype) {
    case DType::kF32:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F32"};
    case DType::kF64:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F64"};
    case DType::kF16:
      return {"CAESAR_CLASS", "CAESAR_CLASS_F16"};
    case DType::kBf16:
      return {"CAESAR_CLASS", "CAESAR_CLASS_BF16"};
    case DType::kI8:
      return integer(1, true);
    case DType::kI16:
      return integer(2, true);
    case DType::kI32:
      return integer(4, true);
    case DType::kI64:
      return integer(8, true);
    case DType::kU8:
    case DType::kBool:
      return integer(1, false);
    case DType::kU16:
      return integer(2, false);
    case DType::kU32:
      return integer(4, false);
    case DType::kU64:
      return integer(8, false);
  }
  return {};
}

}  // namespace

JudgeKernels::JudgeKernels(const Driver& driver, const DeviceInfo& info, std::string toolkit)
    : driver_(driver),
      arch_(info.BaseArch()),
      sm_count_(info.sm_count),
      toolkit_(std::move(toolkit)) {}

Status JudgeKernels::Open() {
  image_ = TRY(CompileKernels(arch_, {}, toolkit_));
  const CUmodule module = TRY(Load(image_));
  poison_ = TRY(Function(module, "caesar_poison"));
  count_changed_ = TRY(Function(module, "caesar_count_changed"));
  hash_ = TRY(Function(module, "caesar_hash"));
  touch_ = TRY(Function(module, "caesar_touch"));
  read_ = TRY(Function(module, "caesar_read"));
  fma_ = TRY(Function(module, "caesar_fma"));
  hold_ = TRY(Function(module, "caesar_hold"));
  return {};
}

Result<JudgeKernels::OfClass> JudgeKernels::For(DType dtype) {
  const std::vector<std::string> defines = DefinesOf(dtype);
  if (const auto found = classes_.find(defines); found != classes_.end()) return found->second;
  const std::string cubin = TRY(CompileKernels(arch_, defines, toolkit_));
  const CUmodule module = TRY(Load(cubin));
  OfClass kernels;
  kernels.fill = TRY(Function(module, "caesar_fill"));
  if (IsFloat(dtype) && dtype != DType::kF64)
    kernels.fill_normal = TRY(Function(module, "caesar_fill_normal"));
  kernels.compare = TRY(Function(module, "caesar_compare"));
  kernels.mark = TRY(Function(module, "caesar_mark"));
  classes_.emplace(defines, kernels);
  return kernels;
}

Result<CUmodule> JudgeKernels::Load(const std::string& cubin) const {
  CUmodule module = nullptr;
  TRY(driver_.Check(driver_.cuModuleLoadData_(&module, cubin.data()),
                    "loading the judge's kernels"));
  return module;
}

Result<CUfunction> JudgeKernels::Function(CUmodule module, const char* name) const {
  CUfunction function = nullptr;
  TRY(driver_.Check(driver_.cuModuleGetFunction_(&function, module, name), name));
  return function;
}

unsigned JudgeKernels::Blocks(std::int64_t work_items, int blocks_per_sm) const {
  return static_cast<unsigned>(
      std::clamp<std::int64_t>((work_items + kThreadsPerBlock - 1) / kThreadsPerBlock, 1,
                               std::int64_t{sm_count_} * blocks_per_sm));
}

Status JudgeKernels::Launch(CUfunction function, std::int64_t work_items, void** arguments,
                            CUstream stream, int blocks_per_sm) const {
  return driver_.Check(
      driver_.cuLaunchKernel_(function, Blocks(work_items, blocks_per_sm), 1, 1, kThreadsPerBlock,
                              1, 1, 0, stream, arguments, nullptr),
      "launching a kernel of the judge");
}

}  // namespace caesar
