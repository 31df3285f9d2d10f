#include "unit/sim/runtime_fake.h"

#include <cstring>

#include "sim/module.h"
#include "unit/sim/fat_binary.h"

namespace caesar::sim {

Decode FamilyOf(std::string_view) { return nullptr; }

LoadedModule::~LoadedModule() = default;

const GlobalVariable* LoadedModule::FindVariable(std::string_view name) const {
  for (const GlobalVariable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

Result<std::unique_ptr<LoadedModule>> LoadModule(std::string, Arena& arena, Isa, FamilyLookup) {
  auto module = std::make_unique<LoadedModule>();
  module->arena = &arena;
  for (const char* name : {"table", "managed_value"}) {
    GlobalVariable variable;
    variable.name = name;
    variable.bytes = 16;
    variable.address = arena.Allocate(16, name);
    const int initial = 42;
    std::memcpy(arena.Host(variable.address), &initial, sizeof initial);
    module->variables.push_back(std::move(variable));
  }
  return module;
}

Result<const Function*> Prepare(LoadedModule& module, std::string_view name) {
  if (name == "unknown") return Error{ErrorCode::kBadInput, "not simulated: wgmma at line 7", ""};
  auto& function = module.functions[std::string(name)];
  if (function == nullptr) {
    function = std::make_unique<Function>();
    function->name = name;
    function->kernel = true;
    function->parameters = {{0, 8}, {8, 4}};
    function->param_bytes = 12;
    function->shared_bytes = 1024;
  }
  return function.get();
}

int RunGrid(LoadedModule& module, const Function& kernel, const LaunchShape& shape,
            std::vector<std::byte> params, Findings& findings, const LaunchOptions&,
            LaunchRecord* record) {
  record->kernel = kernel.name;
  record->function = &kernel;
  record->shape = shape;
  record->counts = {OpCounts{1, 32, 0, 0, 0, 0}};
  record->blocks_run = shape.blocks.count();
  record->printed = test::printed;
  record->touched = {test::touched};
  test::seen.push_back({kernel.name, shape, std::move(params)});
  if (test::body) test::body(test::seen.back(), *module.arena, findings);
  return test::answer;
}

namespace test {

std::vector<Seen> seen;
int answer = 0;
std::function<void(const Seen&, Arena&, caesar::sim::Findings&)> body;
std::string printed;
TouchedMemory touched;

const char Runtime::kAdd = 0, Runtime::kUnknown = 0, Runtime::kNobody = 0;
char Runtime::kTable = 0;
void* Runtime::managed_value = nullptr;

Device& Runtime::device() { return *Device::Open(std::uint64_t{64} << 20).value(); }

void Runtime::SetUp() {
  seen.clear();
  answer = 0;
  body = nullptr;
  printed.clear();
  touched = {};
  static void** registered = nullptr;
  if (registered == nullptr) {
    static const std::vector<std::byte> image = FatBinary(".version 9.0\n.target sm_90\n", 9, 0);
    static abi::FatBinaryWrapper wrapper{abi::FatBinaryWrapper::kMagic, 1, image.data(), nullptr};
    device();
    registered = __cudaRegisterFatBinary(&wrapper);
    __cudaRegisterFunction(registered, &kAdd, nullptr, "add", -1, nullptr, nullptr, nullptr,
                           nullptr, nullptr);
    __cudaRegisterFunction(registered, &kUnknown, nullptr, "unknown", -1, nullptr, nullptr, nullptr,
                           nullptr, nullptr);
    __cudaRegisterVar(registered, &kTable, nullptr, "table", 0, 16, 0, 0);
    __cudaRegisterManagedVar(registered, &managed_value, nullptr, "managed_value", 0, 16, 0, 0);
    __cudaInitModule(registered);
  }
  cudaGetLastError();
  device().BeginCall();
}

void Runtime::TearDown() { device().EndCall(); }

int Runtime::Launch(const char* kernel, void* pointer, int number, void* stream, unsigned threads,
                    std::size_t shared) {
  void* args[] = {&pointer, &number};
  return cudaLaunchKernel(kernel, {2, 1, 1}, {threads, 1, 1}, args, shared, stream);
}

std::vector<Finding> Runtime::Findings() { return device().EndCall().findings; }

}  // namespace test
}  // namespace caesar::sim
