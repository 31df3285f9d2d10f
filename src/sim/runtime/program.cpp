#include "sim/runtime/program.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/format.h"
#include "sim/device_limits.h"
#include "sim/ptx/cubin.h"
#include "sim/ptx/fatbin.h"

namespace caesar::sim {
namespace {

constexpr std::size_t kFatBinaryBytesMax = std::size_t{256} << 20;

// The newest architecture that the device can run; negative: it cannot.
int Rank(const ptx::PtxImage& image) {
  constexpr int kArchitecture = DeviceLimits::kComputeMajor * 10 + DeviceLimits::kComputeMinor;
  return image.architecture <= kArchitecture ? image.architecture : -1;
}

// What ptxas says of the kernels for this device, where the object has machine code beside its PTX.
// Nothing depends on it but occupancy, so that code which cannot be read counts as none.
ptx::ResourcesByName ResourcesIn(const void* data) {
  const auto bytes = ptx::FatbinBytes(data, kFatBinaryBytesMax);
  if (!bytes.ok()) return {};
  const auto images = ptx::ReadMachineCode(bytes.value());
  if (!images.ok()) return {};
  for (const ptx::MachineImage& image : images.value()) {
    if (image.architecture != DeviceLimits::kComputeMajor * 10 + DeviceLimits::kComputeMinor) {
      continue;
    }
    auto resources = ptx::ReadCubin(image.bytes);
    if (resources.ok()) return std::move(resources).value();
  }
  return {};
}

// By the version of its PTX, as the PTX ISA's release notes pair them: 13000 for 9.0, 12080
// for 8.7.
int CudaVersionOf(int ptx_major, int ptx_minor) {
  if (ptx_major >= 9) return (ptx_major + 4) * 1000 + ptx_minor * 10;
  if (ptx_major == 8) return 12000 + (ptx_minor > 5 ? ptx_minor + 1 : ptx_minor) * 10;
  return 11000;
}

// The newest version of the PTX in a fat binary; 0: there is none.
int VersionOf(const void* data) {
  const auto images = ptx::ReadFatbin(data, kFatBinaryBytesMax);
  int version = 0;
  if (!images.ok()) return version;
  for (const ptx::PtxImage& image : images.value()) {
    version = std::max(version, CudaVersionOf(image.version_major, image.version_minor));
  }
  return version;
}

}  // namespace

void** Program::Register(const void* wrapper) {
  auto binary = std::make_unique<FatBinary>();
  abi::FatBinaryWrapper found{};
  if (wrapper != nullptr) std::memcpy(&found, wrapper, sizeof found);
  if (found.magic == abi::FatBinaryWrapper::kMagic) {
    binary->data = found.data;
    if (const int version = VersionOf(found.data); version != 0) cuda_version_ = version;
  } else {
    binary->refusal = {abi::kNoKernelImage, "the object registered no fat binary"};
  }
  void** handle = &binary->self;
  binaries_.emplace(handle, std::move(binary));
  return handle;
}

// Kernels and modules stay: graphs and the report of a call may still name them.
void Program::Unregister(void** handle) {
  const FatBinary* binary = BinaryOf(handle);
  if (binary == nullptr) return;
  std::erase_if(by_host_, [&](const auto& entry) { return entry.second->binary == binary; });
  std::erase_if(variables_, [&](const auto& entry) { return entry.second.binary == binary; });
}

FatBinary* Program::BinaryOf(void** handle) {
  const auto found = binaries_.find(handle);
  return found == binaries_.end() ? nullptr : found->second.get();
}

void Program::RegisterKernel(void** handle, const void* host, const char* name) {
  FatBinary* binary = BinaryOf(handle);
  if (binary == nullptr || name == nullptr) return;
  auto kernel = std::make_unique<Kernel>();
  kernel->binary = binary;
  kernel->name = name;
  by_host_[host] = kernel.get();
  const void* self = kernel.get();
  kernels_.emplace(self, std::move(kernel));
}

void Program::RegisterVariable(void** handle, const void* host, const char* name,
                               std::uint64_t bytes, void** managed) {
  FatBinary* binary = BinaryOf(handle);
  if (binary == nullptr || name == nullptr) return;
  variables_[host] = {binary, name, bytes, managed};
}

void Program::LoadManaged(void** handle) {
  if (FatBinary* binary = BinaryOf(handle)) Load(*binary);
}

void Program::Load(FatBinary& binary) {
  if (binary.loaded || binary.refusal.has_value()) return;
  binary.loaded = true;
  auto images = ptx::ReadFatbin(binary.data, kFatBinaryBytesMax);
  if (!images.ok()) {
    binary.refusal = {abi::kNoKernelImage, images.error().message};
    return;
  }
  const auto best =
      std::max_element(images.value().begin(), images.value().end(),
                       [](const auto& a, const auto& b) { return Rank(a) < Rank(b); });
  if (best == images.value().end() || Rank(*best) < 0) {
    binary.refusal = {abi::kNoKernelImage, "the object has no PTX for compute_90 or older"};
    return;
  }
  auto module = LoadModule(std::move(best->text), arena_, BestIsa());
  if (!module.ok()) {
    const bool memory = module.error().code == ErrorCode::kEnvironment;
    binary.refusal = {memory ? abi::kMemoryAllocation : abi::kInvalidPtx, module.error().message};
    return;
  }
  binary.module = std::move(module).value();
  binary.module->resources = ResourcesIn(binary.data);
  PlaceManaged(binary);
}

// The loader gives all variables device memory; managed ones move to memory that the host can touch
// too, before any kernel has been decoded with their address.
void Program::PlaceManaged(FatBinary& binary) {
  for (auto& [host, variable] : variables_) {
    if (variable.binary != &binary || variable.managed == nullptr) continue;
    for (GlobalVariable& global : binary.module->variables) {
      if (global.name != variable.name) continue;
      void* place = nullptr;
      if (memory_.AllocateShared(global.bytes, abi::kManaged, "__managed__", &place) !=
          abi::kSuccess) {
        binary.refusal = {abi::kMemoryAllocation, "no memory for " + global.name};
        return;
      }
      std::memcpy(place, arena_.Host(global.address), global.bytes);
      arena_.Free(global.address);
      global.address = reinterpret_cast<std::uint64_t>(place);
      *variable.managed = place;
    }
  }
}

Kernel* Program::Find(const void* function) {
  if (const auto found = by_host_.find(function); found != by_host_.end()) return found->second;
  const auto found = kernels_.find(function);
  return found == kernels_.end() ? nullptr : found->second.get();
}

Refusal Program::Prepare(Kernel& kernel) {
  if (kernel.function != nullptr) return {};
  if (kernel.refusal.has_value()) return *kernel.refusal;
  Load(*kernel.binary);
  if (kernel.binary->refusal.has_value()) return *kernel.binary->refusal;
  auto prepared = sim::Prepare(*kernel.binary->module, kernel.name);
  if (prepared.ok()) {
    kernel.function = prepared.value();
    return {};
  }
  kernel.refusal = {abi::kNotSupported, prepared.error().message};
  return *kernel.refusal;
}

const GlobalVariable* Program::FindVariable(const void* host, Refusal* refusal) {
  *refusal = {abi::kInvalidSymbol, ""};
  const auto found = variables_.find(host);
  if (found == variables_.end()) return nullptr;
  FatBinary& binary = *found->second.binary;
  Load(binary);
  if (binary.refusal.has_value()) {
    *refusal = *binary.refusal;
    return nullptr;
  }
  return binary.module->FindVariable(found->second.name);
}

}  // namespace caesar::sim
