// What decoders and executors of memory operations share.
#pragma once

#include <cstdint>

#include "sim/binder.h"
#include "sim/isa.h"
#include "sim/memory_access.h"

namespace caesar::sim {

// Op::detail of loads and stores. Op::slots: registers, Op::count of them.
struct MemoryDetail {
  MemoryAccess access;
  bool acquire = false, release = false;
};

// An element in memory and the register that holds it.
struct ElementForm {
  std::uint8_t memory_bytes = 4;    // 1, 2, 4, 8, 16
  std::uint8_t register_bytes = 4;  // 2, 4, 8, 16; not less
  bool is_signed = false;           // loads extend by the sign
};

// Null: there is none. `space` and `count` choose a handler with a fast path.
#define CAESAR_SIM_DECLARE(isa)                                                         \
  namespace isa {                                                                       \
  Handler LoadHandler(const ElementForm& form, const MemoryAccess& access, int count);  \
  Handler StoreHandler(const ElementForm& form, const MemoryAccess& access, int count); \
  Handler CopyHandler(int bytes);                                                       \
  }
CAESAR_SIM_DECLARE(avx2)
CAESAR_SIM_DECLARE(portable)
#undef CAESAR_SIM_DECLARE

// What modifiers say about an access: scopes, semantics, cache hints. Takes them.
struct Qualifiers {
  bool synchronizing = false;
  bool acquire = false, release = false;
  bool device_wide = false;  // a scope beyond the block, or volatile
  bool has_policy = false;   // .L2::cache_hint: one more operand
};
Qualifiers TakeQualifiers(Modifiers& modifiers);
Space TakeSpace(Modifiers& modifiers);

// The base, offset and width of an address operand into Op::a, immediate and flags.
Status SetAddress(Binder& binder, const ptx::Operand& operand, Op* op);
// b16, b32, b64 or b128.
Type BitsTypeOf(int bits);
// One operand, or the parts of a vector.
std::vector<const ptx::Operand*> PartsOf(const ptx::Operand& operand);
// The last operand of an instruction with .L2::cache_hint, which has no effect here.
Status CheckPolicy(Binder& binder, const Qualifiers& qualifiers, std::size_t operands);

// Combines an element in memory with an operand, as red does; by both its bytes, atomically.
using Reduction = void (*)(std::byte* at, const std::byte* operand);
// Of global memory, or of shared; null: there is none.
Reduction FindReduction(std::string_view name, Type type, bool global);

Result<Op> DecodeLoad(Binder& binder);
Result<Op> DecodeStore(Binder& binder);
Result<Op> DecodeAtomic(Binder& binder);
Result<Op> DecodeFence(Binder& binder);
Result<Op> DecodeAddress(Binder& binder);  // cvta, isspacep, mapa, getctarank
Result<Op> DecodeHint(Binder& binder);     // prefetch, discard, applypriority, createpolicy

}  // namespace caesar::sim
