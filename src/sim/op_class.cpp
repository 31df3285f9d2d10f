// What a profiler would count an instruction as.
#include <algorithm>
#include <iterator>

#include "sim/binder.h"
#include "sim/decode.h"

namespace caesar::sim {
namespace {

struct Row {
  std::string_view opcode;
  OpClass op_class;
};

// Those whose class does not depend on types or spaces. Sorted by opcode.
constexpr Row kFixed[] = {
    {"activemask", OpClass::kWarpSync},
    {"alloca", OpClass::kControl},
    {"atom", OpClass::kAtomic},
    {"bar", OpClass::kBarrier},
    {"barrier", OpClass::kBarrier},
    {"bra", OpClass::kControl},
    {"brx", OpClass::kControl},
    {"call", OpClass::kControl},
    {"cos", OpClass::kSpecial},
    {"cp", OpClass::kAsyncCopy},
    {"cvta", OpClass::kMove},
    {"elect", OpClass::kWarpSync},
    {"ex2", OpClass::kSpecial},
    {"exit", OpClass::kControl},
    {"fence", OpClass::kOther},
    {"ldmatrix", OpClass::kLoadShared},
    {"lg2", OpClass::kSpecial},
    {"mapa", OpClass::kMove},
    {"match", OpClass::kWarpSync},
    {"mbarrier", OpClass::kBarrier},
    {"membar", OpClass::kOther},
    {"mma", OpClass::kTensor},
    {"mov", OpClass::kMove},
    {"movmatrix", OpClass::kTensor},
    {"nanosleep", OpClass::kOther},
    {"rcp", OpClass::kSpecial},
    {"red", OpClass::kAtomic},
    {"redux", OpClass::kWarpSync},
    {"ret", OpClass::kControl},
    {"rsqrt", OpClass::kSpecial},
    {"selp", OpClass::kInteger},
    {"shfl", OpClass::kWarpSync},
    {"sin", OpClass::kSpecial},
    {"sqrt", OpClass::kSpecial},
    {"stmatrix", OpClass::kStoreShared},
    {"tanh", OpClass::kSpecial},
    {"trap", OpClass::kControl},
    {"vote", OpClass::kWarpSync},
};

bool Has(const ptx::Instruction& instruction, std::string_view prefix) {
  return std::any_of(instruction.modifiers.begin(), instruction.modifiers.end(),
                     [&](std::string_view modifier) { return modifier.starts_with(prefix); });
}

OpClass MemoryClass(const ptx::Instruction& instruction, bool load) {
  if (Has(instruction, "shared")) return load ? OpClass::kLoadShared : OpClass::kStoreShared;
  if (Has(instruction, "local")) return load ? OpClass::kLoadLocal : OpClass::kStoreLocal;
  if (Has(instruction, "param") || Has(instruction, "const")) {
    return load ? OpClass::kLoadOther : OpClass::kOther;
  }
  return load ? OpClass::kLoadGlobal : OpClass::kStoreGlobal;
}

// Between integers, a conversion is a shift or nothing at all.
OpClass ConversionClass(const ptx::Instruction& instruction) {
  const bool floating = std::any_of(instruction.modifiers.begin(), instruction.modifiers.end(),
                                    [](std::string_view modifier) {
                                      const auto type = TypeOf(modifier);
                                      return type && IsFloat(*type);
                                    });
  return floating ? OpClass::kConvert : OpClass::kInteger;
}

}  // namespace

OpClass ClassOf(const ptx::Instruction& instruction) {
  const std::string_view opcode = instruction.opcode;
  if (opcode == "ld" || opcode == "ldu") return MemoryClass(instruction, true);
  if (opcode == "st") return MemoryClass(instruction, false);
  if (opcode == "wmma") {
    if (Has(instruction, "load")) return MemoryClass(instruction, true);
    return Has(instruction, "store") ? MemoryClass(instruction, false) : OpClass::kTensor;
  }
  if (opcode == "cvt") return ConversionClass(instruction);
  const auto* found =
      std::lower_bound(std::begin(kFixed), std::end(kFixed), opcode,
                       [](const Row& row, std::string_view wanted) { return row.opcode < wanted; });
  if (found != std::end(kFixed) && found->opcode == opcode) return found->op_class;
  // Arithmetic: by the last type (set.eq.u32.f32 compares floats).
  for (auto it = instruction.modifiers.rbegin(); it != instruction.modifiers.rend(); ++it) {
    const auto type = TypeOf(*it);
    if (!type) continue;
    if (!IsFloat(*type)) return OpClass::kInteger;
    if (*type == Type::kF64) return OpClass::kFloat64;
    return *type == Type::kF32 || *type == Type::kF32x2 ? OpClass::kFloat32 : OpClass::kHalf;
  }
  return OpClass::kOther;
}

}  // namespace caesar::sim
