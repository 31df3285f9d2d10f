// atom and red. Lanes in ascending order, each with an atomic operation of the host: blocks may run
// on several of its threads.
#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/format.h"
#include "sim/ops/memory.h"

namespace caesar::sim {
namespace {

struct AtomicDetail {
  MemoryAccess access;
  bool acquire = false, release = false;
};

// U: the bits of an element. Old value, operand, second operand (cas).
template <class U>
using Apply = U (*)(U old, U b, U c);

template <class U>
U Exchange(U, U b, U) {
  return b;
}
// cas d, [a], b, c: c is stored if [a] equals b.
template <class U>
U CompareAndSwap(U old, U b, U c) {
  return old == b ? c : old;
}
template <class U>
U And(U old, U b, U) {
  return old & b;
}
template <class U>
U Or(U old, U b, U) {
  return old | b;
}
template <class U>
U Xor(U old, U b, U) {
  return old ^ b;
}
template <class U>
U Add(U old, U b, U) {
  return static_cast<U>(old + b);
}
std::uint32_t Increment(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  return old >= b ? 0 : old + 1;
}
std::uint32_t Decrement(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  return old == 0 || old > b ? b : old - 1;
}
template <class U, class T>
U Min(U old, U b, U) {
  return static_cast<U>(std::min(static_cast<T>(old), static_cast<T>(b)));
}
template <class U, class T>
U Max(U old, U b, U) {
  return static_cast<U>(std::max(static_cast<T>(old), static_cast<T>(b)));
}

std::uint32_t AddF32(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  const float sum = std::bit_cast<float>(old) + std::bit_cast<float>(b);
  return std::isnan(sum) ? 0x7FFFFFFF : std::bit_cast<std::uint32_t>(sum);
}
std::uint32_t Flush(std::uint32_t bits) {
  return (bits & 0x7F800000) == 0 ? bits & 0x80000000 : bits;
}
// On global memory "atom.add.f32 flushes subnormal inputs and results to sign-preserving zero".
std::uint32_t AddF32Flushed(std::uint32_t old, std::uint32_t b, std::uint32_t c) {
  return Flush(AddF32(Flush(old), Flush(b), c));
}
std::uint64_t AddF64(std::uint64_t old, std::uint64_t b, std::uint64_t) {
  const double sum = std::bit_cast<double>(old) + std::bit_cast<double>(b);
  return std::isnan(sum) ? 0x7FFFFFFFFFFFFFFF : std::bit_cast<std::uint64_t>(sum);
}

// float holds twice the digits of a half and two more, so rounding its sum once more is right.
float WidenF16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t magnitude = bits & 0x7FFF;
  if (magnitude >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (magnitude << 13));
  // Scaled by 2^-112 as a float, which is exact for subnormals too.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}
std::uint16_t NarrowF16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return 0x7FFF;
  if (magnitude >= 0x477FF000) return static_cast<std::uint16_t>(sign | 0x7C00);  // >= 65520
  if (magnitude < 0x38800000) {
    // Subnormal: the unit in the last place is 2^-24.
    const float units = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24F);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(units));
  }
  const std::uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}
float WidenBF16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
std::uint16_t NarrowBF16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return 0x7FFF;
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
std::uint16_t AddF16(std::uint16_t old, std::uint16_t b, std::uint16_t) {
  return NarrowF16(WidenF16(old) + WidenF16(b));
}
std::uint16_t AddBF16(std::uint16_t old, std::uint16_t b, std::uint16_t) {
  return NarrowBF16(WidenBF16(old) + WidenBF16(b));
}
template <Apply<std::uint16_t> kHalf>
std::uint32_t Twice(std::uint32_t old, std::uint32_t b, std::uint32_t) {
  const auto half = [&](int shift) {
    return static_cast<std::uint32_t>(kHalf(static_cast<std::uint16_t>(old >> shift),
                                            static_cast<std::uint16_t>(b >> shift), 0))
           << shift;
  };
  return half(16) | half(0);
}

template <class U, Apply<U> kApply>
U Update(std::byte* at, U b, U c) {
  std::atomic_ref<U> target(*reinterpret_cast<U*>(at));
  U old = target.load(std::memory_order_relaxed);
  while (!target.compare_exchange_weak(old, kApply(old, b, c))) {
  }
  return old;
}

// slots: `count` destinations (kNoSlot: red), `count` operands, one second operand.
template <class U, Apply<U> kApply, Apply<U> kOnGlobal = kApply>
Step RunAtomic(Warp& warp, const Op& op) {
  const auto& detail = *static_cast<const AtomicDetail*>(op.detail);
  LaneAddresses addresses;
  LanePointers pointers;
  AddressesOf(warp, op, &addresses);
  if (detail.release) warp.block->shared.Fence(warp.index);
  const Step step = Resolve(warp, detail.access, addresses, warp.active, MemoOf(warp), &pointers);
  if (step != Step::kNext) return step;
  const Slot* destinations = op.slots;
  const Slot* operands = op.slots + op.count;
  const Slot second = op.slots[2 * op.count];
  for (Mask left = warp.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const Space space =
        detail.access.space == Space::kGeneric ? SpaceOf(addresses.of[lane]) : detail.access.space;
    for (int k = 0; k < op.count; ++k) {
      std::byte* at = pointers.of[lane] + static_cast<std::size_t>(k) * sizeof(U);
      const U b = warp.Lanes<U>(operands[k])[lane];
      const U c = second == kNoSlot ? U{0} : warp.Lanes<U>(second)[lane];
      const U old =
          space == Space::kGlobal ? Update<U, kOnGlobal>(at, b, c) : Update<U, kApply>(at, b, c);
      if (destinations[k] != kNoSlot) warp.Lanes<U>(destinations[k])[lane] = old;
    }
  }
  if (detail.acquire) warp.block->shared.Fence(warp.index);
  return Step::kNext;
}

struct AtomicForm {
  std::string_view name;
  Type type;
  Handler run;
};

using U16 = std::uint16_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
constexpr AtomicForm kForms[] = {
    {"exch", Type::kB32, RunAtomic<U32, Exchange<U32>>},
    {"exch", Type::kB64, RunAtomic<U64, Exchange<U64>>},
    {"cas", Type::kB16, RunAtomic<U16, CompareAndSwap<U16>>},
    {"cas", Type::kB32, RunAtomic<U32, CompareAndSwap<U32>>},
    {"cas", Type::kB64, RunAtomic<U64, CompareAndSwap<U64>>},
    {"and", Type::kB32, RunAtomic<U32, And<U32>>},
    {"and", Type::kB64, RunAtomic<U64, And<U64>>},
    {"or", Type::kB32, RunAtomic<U32, Or<U32>>},
    {"or", Type::kB64, RunAtomic<U64, Or<U64>>},
    {"xor", Type::kB32, RunAtomic<U32, Xor<U32>>},
    {"xor", Type::kB64, RunAtomic<U64, Xor<U64>>},
    {"inc", Type::kU32, RunAtomic<U32, Increment>},
    {"dec", Type::kU32, RunAtomic<U32, Decrement>},
    {"add", Type::kU32, RunAtomic<U32, Add<U32>>},
    {"add", Type::kS32, RunAtomic<U32, Add<U32>>},
    {"add", Type::kU64, RunAtomic<U64, Add<U64>>},
    {"add", Type::kS64, RunAtomic<U64, Add<U64>>},
    {"add", Type::kF32, RunAtomic<U32, AddF32, AddF32Flushed>},
    {"add", Type::kF64, RunAtomic<U64, AddF64>},
    {"add", Type::kF16, RunAtomic<U16, AddF16>},
    {"add", Type::kF16x2, RunAtomic<U32, Twice<AddF16>>},
    {"add", Type::kBF16, RunAtomic<U16, AddBF16>},
    {"add", Type::kBF16x2, RunAtomic<U32, Twice<AddBF16>>},
    {"min", Type::kU32, RunAtomic<U32, Min<U32, U32>>},
    {"min", Type::kS32, RunAtomic<U32, Min<U32, std::int32_t>>},
    {"min", Type::kU64, RunAtomic<U64, Min<U64, U64>>},
    {"min", Type::kS64, RunAtomic<U64, Min<U64, std::int64_t>>},
    {"max", Type::kU32, RunAtomic<U32, Max<U32, U32>>},
    {"max", Type::kS32, RunAtomic<U32, Max<U32, std::int32_t>>},
    {"max", Type::kU64, RunAtomic<U64, Max<U64, U64>>},
    {"max", Type::kS64, RunAtomic<U64, Max<U64, std::int64_t>>},
};

Handler Find(std::string_view name, Type type) {
  const auto* found = std::find_if(std::begin(kForms), std::end(kForms), [&](const auto& form) {
    return form.name == name && form.type == type;
  });
  return found == std::end(kForms) ? nullptr : found->run;
}

// Integers may be added up in any order; everything else may show which block came first.
bool IsOrderFree(std::string_view name, Type type, bool has_result) {
  return !has_result && !IsFloat(type) && name != "exch" && name != "cas";
}

}  // namespace

Result<Op> DecodeAtomic(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  if (modifiers.Take("async")) return NotSimulated(instruction, "asynchronous reductions");
  const bool has_result = instruction.opcode == "atom";
  const Space space = TakeSpace(modifiers);
  const Qualifiers qualifiers = TakeQualifiers(modifiers);
  const std::string_view name =
      modifiers.TakeAny({"exch", "cas", "and", "or", "xor", "inc", "dec", "add", "min", "max"});
  const int count = modifiers.Take("v2")   ? 2
                    : modifiers.Take("v4") ? 4
                    : modifiers.Take("v8") ? 8
                                           : 1;
  const Type type = modifiers.TakeLastType();
  // Halves are never flushed here; the modifier is mandatory with them.
  if (BitsOf(type) <= 32 && IsFloat(type) && type != Type::kF32) modifiers.Take("noftz");
  TRY(modifiers.Done());
  const Handler run = Find(name, type);
  const bool cas = name == "cas";
  const bool has_vector =
      count == 1 || (IsFloat(type) && type != Type::kF64 && BitsOf(type) * count <= 128);
  if (run == nullptr || !has_vector || space == Space::kLocal || space == Space::kConst ||
      space == Space::kParam || (cas && !has_result)) {
    return NotSimulated(instruction, "this operation on this type or space");
  }
  const std::size_t first = has_result ? 1 : 0;
  TRY(CheckPolicy(binder, qualifiers, first + 2 + (cas ? 1 : 0)));
  Op op;
  std::vector<Slot> slots(2 * static_cast<std::size_t>(count) + 1, kNoSlot);
  const Type bits = BitsOf(type) == 16 ? Type::kB16 : BitsOf(type) == 32 ? Type::kB32 : Type::kB64;
  const auto wide = static_cast<std::size_t>(count);
  if (has_result) {
    const auto parts = PartsOf(instruction.operands[0]);
    if (parts.size() != wide && instruction.operands[0].kind != ptx::Operand::Kind::kSink) {
      return NotSimulated(instruction, "the number of registers");
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i]->kind == ptx::Operand::Kind::kSink) continue;
      slots[i] = TRY(binder.Destination(*parts[i], bits));
    }
  }
  TRY(SetAddress(binder, instruction.operands[first], &op));
  const auto parts = PartsOf(instruction.operands[first + 1]);
  if (parts.size() != wide) return NotSimulated(instruction, "the number of registers");
  for (std::size_t i = 0; i < wide; ++i) slots[wide + i] = TRY(binder.Source(*parts[i], bits));
  if (cas) slots[2 * wide] = TRY(binder.Source(instruction.operands[first + 2], bits));
  auto detail = std::make_shared<AtomicDetail>();
  detail->access = {space, Touch::kAtomic, true,
                    static_cast<std::uint8_t>(BitsOf(type) / 8 * count), true};
  detail->acquire = qualifiers.acquire;
  detail->release = qualifiers.release;
  op.detail = binder.Keep(detail);
  op.run = run;
  op.slots = binder.KeepSlots(std::move(slots));
  op.count = static_cast<std::uint8_t>(count);
  op.op_class = OpClass::kAtomic;
  const bool shared = space == Space::kShared || space == Space::kSharedCluster;
  if (!shared && !IsOrderFree(name, type, has_result)) binder.NoteDependence();
  return op;
}

}  // namespace caesar::sim
