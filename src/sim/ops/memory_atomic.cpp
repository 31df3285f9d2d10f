// atom and red. Lanes in ascending order, each with an atomic operation of the host: blocks may run
// on several of its threads.
#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include "sim/ops/memory.h"
#include "sim/ops/memory_atomic_value.h"

namespace caesar::sim {
namespace {

using namespace atomic;

struct AtomicDetail {
  MemoryAccess access;
  bool acquire = false, release = false;
};

template <class U, Apply<U> kApply>
U Update(std::byte* at, U b, U c) {
  if constexpr (sizeof(U) > sizeof(std::uint64_t)) {
    // The host need not have these. A grid with them runs on one of its threads (IsOrderFree).
    U old;
    std::memcpy(&old, at, sizeof old);
    const U after = kApply(old, b, c);
    std::memcpy(at, &after, sizeof after);
    return old;
  } else {
    std::atomic_ref<U> target(*reinterpret_cast<U*>(at));
    U old = target.load(std::memory_order_relaxed);
    while (!target.compare_exchange_weak(old, kApply(old, b, c))) {
    }
    return old;
  }
}
template <class U, Apply<U> kApply>
void Reduce(std::byte* at, const std::byte* operand) {
  U b;
  std::memcpy(&b, operand, sizeof b);
  Update<U, kApply>(at, b, U{});
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
      const U c = second == kNoSlot ? U{} : warp.Lanes<U>(second)[lane];
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
  Reduction reduce, reduce_global;
};

template <class U, Apply<U> kApply, Apply<U> kOnGlobal = kApply>
constexpr AtomicForm Form(std::string_view name, Type type) {
  return {name, type, RunAtomic<U, kApply, kOnGlobal>, Reduce<U, kApply>, Reduce<U, kOnGlobal>};
}

using U16 = std::uint16_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using S32 = std::int32_t;
using S64 = std::int64_t;
template <bool kMax>
constexpr auto kExtremumF16 = Extremum<kInfinityF16, kMax>;
template <bool kMax>
constexpr auto kExtremumBF16 = Extremum<kInfinityBF16, kMax>;
constexpr AtomicForm kForms[] = {
    Form<U32, Exchange<U32>>("exch", Type::kB32),
    Form<U64, Exchange<U64>>("exch", Type::kB64),
    Form<B128, Exchange<B128>>("exch", Type::kB128),
    Form<U16, CompareAndSwap<U16>>("cas", Type::kB16),
    Form<U32, CompareAndSwap<U32>>("cas", Type::kB32),
    Form<U64, CompareAndSwap<U64>>("cas", Type::kB64),
    Form<B128, CompareAndSwap<B128>>("cas", Type::kB128),
    Form<U32, And<U32>>("and", Type::kB32),
    Form<U64, And<U64>>("and", Type::kB64),
    Form<U32, Or<U32>>("or", Type::kB32),
    Form<U64, Or<U64>>("or", Type::kB64),
    Form<U32, Xor<U32>>("xor", Type::kB32),
    Form<U64, Xor<U64>>("xor", Type::kB64),
    Form<U32, Increment>("inc", Type::kU32),
    Form<U32, Decrement>("dec", Type::kU32),
    Form<U32, Add<U32>>("add", Type::kU32),
    Form<U32, Add<U32>>("add", Type::kS32),
    Form<U64, Add<U64>>("add", Type::kU64),
    Form<U64, Add<U64>>("add", Type::kS64),
    Form<U32, AddF32, AddF32Flushed>("add", Type::kF32),
    Form<U64, AddF64>("add", Type::kF64),
    Form<U16, AddF16>("add", Type::kF16),
    Form<U32, Twice<AddF16>>("add", Type::kF16x2),
    Form<U16, AddBF16>("add", Type::kBF16),
    Form<U32, Twice<AddBF16>>("add", Type::kBF16x2),
    Form<U32, Min<U32, U32>>("min", Type::kU32),
    Form<U32, Min<U32, S32>>("min", Type::kS32),
    Form<U64, Min<U64, U64>>("min", Type::kU64),
    Form<U64, Min<U64, S64>>("min", Type::kS64),
    Form<U16, kExtremumF16<false>>("min", Type::kF16),
    Form<U32, Twice<kExtremumF16<false>>>("min", Type::kF16x2),
    Form<U16, kExtremumBF16<false>>("min", Type::kBF16),
    Form<U32, Twice<kExtremumBF16<false>>>("min", Type::kBF16x2),
    Form<U32, Max<U32, U32>>("max", Type::kU32),
    Form<U32, Max<U32, S32>>("max", Type::kS32),
    Form<U64, Max<U64, U64>>("max", Type::kU64),
    Form<U64, Max<U64, S64>>("max", Type::kS64),
    Form<U16, kExtremumF16<true>>("max", Type::kF16),
    Form<U32, Twice<kExtremumF16<true>>>("max", Type::kF16x2),
    Form<U16, kExtremumBF16<true>>("max", Type::kBF16),
    Form<U32, Twice<kExtremumBF16<true>>>("max", Type::kBF16x2),
};

const AtomicForm* Find(std::string_view name, Type type) {
  const auto* found = std::find_if(std::begin(kForms), std::end(kForms), [&](const auto& form) {
    return form.name == name && form.type == type;
  });
  return found == std::end(kForms) ? nullptr : found;
}

// Vectors: of global memory, of floats, 16 bytes at most. Extrema of floats: of vectors alone.
bool Exists(std::string_view name, Type type, int count, Space space) {
  const bool extremum = name == "min" || name == "max";
  if (count == 1) return !extremum || !IsFloat(type);
  return IsFloat(type) && type != Type::kF64 && BitsOf(type) * count <= 128 &&
         (space == Space::kGlobal || space == Space::kGeneric);
}

// Integers may be added up in any order; everything else may show which block came first.
bool IsOrderFree(std::string_view name, Type type, bool has_result) {
  return !has_result && !IsFloat(type) && name != "exch" && name != "cas";
}

}  // namespace

Reduction FindReduction(std::string_view name, Type type, bool global) {
  const AtomicForm* form = Find(name, type);
  if (form == nullptr || name == "exch" || name == "cas") return nullptr;
  return global ? form->reduce_global : form->reduce;
}

Result<Op> DecodeAtomic(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
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
  const AtomicForm* form = Find(name, type);
  const bool cas = name == "cas";
  if (form == nullptr || !Exists(name, type, count, space) || space == Space::kLocal ||
      space == Space::kConst || space == Space::kParam ||
      (!has_result && (cas || name == "exch"))) {
    return NotSimulated(instruction, "this operation on this type or space");
  }
  const std::size_t first = has_result ? 1 : 0;
  TRY(CheckPolicy(binder, qualifiers, first + 2 + (cas ? 1 : 0)));
  Op op;
  std::vector<Slot> slots(2 * static_cast<std::size_t>(count) + 1, kNoSlot);
  const Type bits = BitsTypeOf(BitsOf(type));
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
  op.run = form->run;
  op.slots = binder.KeepSlots(std::move(slots));
  op.count = static_cast<std::uint8_t>(count);
  op.op_class = OpClass::kAtomic;
  const bool shared = space == Space::kShared || space == Space::kSharedCluster;
  if (!shared && !IsOrderFree(name, type, has_result)) binder.NoteDependence();
  return op;
}

}  // namespace caesar::sim
