// What a candidate's objects register with the runtime: fat binaries, the kernels and variables in
// them by the host addresses that stand for them. Modules are loaded and kernels decoded when they
// are first needed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/module.h"
#include "sim/runtime/abi.h"
#include "sim/runtime/memory.h"

namespace caesar::sim {

// Why something cannot be used: the runtime's error, and a sentence for the candidate's author.
struct Refusal {
  abi::Error error = abi::kSuccess;
  std::string text;
};

struct FatBinary;

struct Kernel {
  FatBinary* binary = nullptr;
  std::string name;  // mangled
  // Known once it has been asked for; null: `refusal` says why not.
  const Function* function = nullptr;
  std::optional<Refusal> refusal;
  // cudaFuncSetAttribute.
  int max_dynamic_shared = 0;  // 0: not set
  int carveout = -1;
  int cluster_must_be_set = 0;
  int required_cluster[3] = {0, 0, 0};
  int non_portable_cluster = 0;
  int cluster_policy = 0;
};

struct HostVariable {
  FatBinary* binary = nullptr;
  std::string name;
  std::uint64_t bytes = 0;
  void** managed = nullptr;  // where the host keeps the address of a __managed__ variable
};

struct FatBinary {
  void* self = nullptr;  // the handle is the address of this
  const void* data = nullptr;
  std::unique_ptr<LoadedModule> module;
  std::optional<Refusal> refusal;
  bool loaded = false;
};

class Program {
 public:
  Program(Arena& arena, DeviceMemory& memory) : arena_(arena), memory_(memory) {}

  void** Register(const void* wrapper);
  void Unregister(void** handle);  // its host addresses stand for nothing any more
  void RegisterKernel(void** handle, const void* host, const char* name);
  void RegisterVariable(void** handle, const void* host, const char* name, std::uint64_t bytes,
                        void** managed);
  // Loads the binary's module now, so that __managed__ variables have addresses.
  void LoadManaged(void** handle);

  // By the host function's address or a handle that a Kernel's own address is. Null: unknown.
  Kernel* Find(const void* function);
  // Decodes it. A refusal is found once and kept.
  Refusal Prepare(Kernel& kernel);
  // The major version of the CUDA toolkit that compiled the objects; without any: 13.
  int cuda_major() const { return cuda_version_ / 1000; }
  // As cudaRuntimeGetVersion gives it: 12040.
  int cuda_version() const { return cuda_version_; }
  // The device's variable. `refusal` where there is none.
  const GlobalVariable* FindVariable(const void* host, Refusal* refusal);

 private:
  FatBinary* BinaryOf(void** handle);
  void Load(FatBinary& binary);
  void PlaceManaged(FatBinary& binary);

  Arena& arena_;
  DeviceMemory& memory_;
  int cuda_version_ = 13000;
  std::map<void**, std::unique_ptr<FatBinary>> binaries_;
  std::unordered_map<const void*, Kernel*> by_host_;
  std::unordered_map<const void*, std::unique_ptr<Kernel>> kernels_;  // by their own address
  std::unordered_map<const void*, HostVariable> variables_;           // by the host's
};

}  // namespace caesar::sim
