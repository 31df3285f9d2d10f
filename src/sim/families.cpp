// Which family decodes which opcode.
#include <algorithm>
#include <iterator>

#include "sim/binder.h"

namespace caesar::sim {
namespace {

// Arithmetic and comparisons exist for integers, floats and halves: the type modifiers say which.
// No type of one family is one of another.
Result<Op> DecodeByType(Binder& binder) {
  bool half = false, floating = false;
  for (const std::string_view modifier : binder.instruction().modifiers) {
    const auto type = TypeOf(modifier);
    if (!type) continue;
    // set.eq.f32.s32 compares what its last type says; the first is that of its result.
    if (binder.instruction().opcode == "set") half = floating = false;
    half |= *type == Type::kF16 || *type == Type::kF16x2 || *type == Type::kBF16 ||
            *type == Type::kBF16x2;
    floating |= *type == Type::kF32 || *type == Type::kF64 || *type == Type::kF32x2;
  }
  if (half) return DecodeHalf(binder);
  return floating ? DecodeFloat(binder) : DecodeInteger(binder);
}

// st.async and red.async have more in common with copies.
Result<Op> DecodeStore(Binder& binder) {
  const auto& modifiers = binder.instruction().modifiers;
  const bool async = std::find(modifiers.begin(), modifiers.end(), "async") != modifiers.end();
  return async ? DecodeAsync(binder) : DecodeMemory(binder);
}

// PTX ISA, "Target ISA Notes": of sm_90a and later targets with such a suffix.
Result<Op> RefuseSm90a(Binder& binder) {
  return NotSimulated(binder.instruction(), "it needs sm_90a, and the simulated GPU is sm_90");
}

struct Entry {
  std::string_view opcode;
  Decode decode;
};

// Sorted by opcode.
constexpr Entry kFamilies[] = {
    {"abs", DecodeByType},
    {"activemask", DecodeWarp},
    {"add", DecodeByType},
    {"addc", DecodeInteger},
    {"alloca", DecodeControl},
    {"and", DecodeInteger},
    {"applypriority", DecodeMemory},
    {"atom", DecodeMemory},
    {"bar", DecodeControl},
    {"barrier", DecodeControl},
    {"bfe", DecodeInteger},
    {"bfi", DecodeInteger},
    {"bfind", DecodeInteger},
    {"bmsk", DecodeInteger},
    {"bra", DecodeControl},
    {"brev", DecodeInteger},
    {"brkpt", DecodeControl},
    {"brx", DecodeControl},
    {"call", DecodeControl},
    {"clz", DecodeInteger},
    {"cnot", DecodeInteger},
    {"copysign", DecodeFloat},
    {"cos", DecodeFloat},
    {"cp", DecodeAsync},
    {"createpolicy", DecodeMemory},
    {"cvt", DecodeConvert},
    {"cvta", DecodeMemory},
    {"discard", DecodeMemory},
    {"div", DecodeByType},
    {"dp2a", DecodeInteger},
    {"dp4a", DecodeInteger},
    {"elect", DecodeWarp},
    {"ex2", DecodeByType},
    {"exit", DecodeControl},
    {"fence", DecodeMemory},
    {"fma", DecodeByType},
    {"fns", DecodeInteger},
    {"getctarank", DecodeMemory},
    {"griddepcontrol", DecodeControl},
    {"isspacep", DecodeMemory},
    {"ld", DecodeMemory},
    {"ldmatrix", DecodeTensor},
    {"ldu", DecodeMemory},
    {"lg2", DecodeFloat},
    {"lop3", DecodeInteger},
    {"mad", DecodeByType},
    {"mad24", DecodeInteger},
    {"madc", DecodeInteger},
    {"mapa", DecodeMemory},
    {"match", DecodeWarp},
    {"max", DecodeByType},
    {"mbarrier", DecodeAsync},
    {"membar", DecodeMemory},
    {"min", DecodeByType},
    {"mma", DecodeTensor},
    {"mov", DecodeInteger},
    {"movmatrix", DecodeTensor},
    {"mul", DecodeByType},
    {"mul24", DecodeInteger},
    {"nanosleep", DecodeWarp},
    {"neg", DecodeByType},
    {"not", DecodeInteger},
    {"or", DecodeInteger},
    {"pmevent", DecodeControl},
    {"popc", DecodeInteger},
    {"prefetch", DecodeMemory},
    {"prefetchu", DecodeMemory},
    {"prmt", DecodeInteger},
    {"rcp", DecodeFloat},
    {"red", DecodeStore},
    {"redux", DecodeWarp},
    {"rem", DecodeInteger},
    {"ret", DecodeControl},
    {"rsqrt", DecodeFloat},
    {"sad", DecodeInteger},
    {"selp", DecodeInteger},
    {"set", DecodeByType},
    {"setmaxnreg", RefuseSm90a},
    {"setp", DecodeByType},
    {"shf", DecodeInteger},
    {"shfl", DecodeWarp},
    {"shl", DecodeInteger},
    {"shr", DecodeInteger},
    {"sin", DecodeFloat},
    {"slct", DecodeInteger},
    {"sqrt", DecodeFloat},
    {"st", DecodeStore},
    {"stackrestore", DecodeControl},
    {"stacksave", DecodeControl},
    {"stmatrix", DecodeTensor},
    {"sub", DecodeByType},
    {"subc", DecodeInteger},
    {"szext", DecodeInteger},
    {"tanh", DecodeByType},
    {"testp", DecodeFloat},
    {"trap", DecodeControl},
    {"vabsdiff", DecodeInteger},
    {"vabsdiff2", DecodeInteger},
    {"vabsdiff4", DecodeInteger},
    {"vadd", DecodeInteger},
    {"vadd2", DecodeInteger},
    {"vadd4", DecodeInteger},
    {"vavrg2", DecodeInteger},
    {"vavrg4", DecodeInteger},
    {"vmad", DecodeInteger},
    {"vmax", DecodeInteger},
    {"vmax2", DecodeInteger},
    {"vmax4", DecodeInteger},
    {"vmin", DecodeInteger},
    {"vmin2", DecodeInteger},
    {"vmin4", DecodeInteger},
    {"vote", DecodeWarp},
    {"vset", DecodeInteger},
    {"vset2", DecodeInteger},
    {"vset4", DecodeInteger},
    {"vshl", DecodeInteger},
    {"vshr", DecodeInteger},
    {"vsub", DecodeInteger},
    {"vsub2", DecodeInteger},
    {"vsub4", DecodeInteger},
    {"wgmma", RefuseSm90a},
    {"wmma", DecodeTensor},
    {"xor", DecodeInteger},
};

static_assert(std::is_sorted(std::begin(kFamilies), std::end(kFamilies),
                             [](const Entry& a, const Entry& b) { return a.opcode < b.opcode; }));

}  // namespace

Decode FamilyOf(std::string_view opcode) {
  const auto* found = std::lower_bound(
      std::begin(kFamilies), std::end(kFamilies), opcode,
      [](const Entry& entry, std::string_view name) { return entry.opcode < name; });
  return found != std::end(kFamilies) && found->opcode == opcode ? found->decode : nullptr;
}

}  // namespace caesar::sim
