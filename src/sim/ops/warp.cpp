// Operations among the lanes of a warp: shuffles, votes, matches, reductions; clocks and naps.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "sim/binder.h"
#include "sim/splits.h"
#include "sim/warp_sync.h"

namespace caesar::sim {
namespace {

// Op::detail of the operations below.
struct WarpForm {
  Slot masks = kNoSlot;
  Slot predicate = kNoSlot;  // second destination
  bool negated = false;      // source predicate
};
const WarpForm& FormOf(const Op& op) { return *static_cast<const WarpForm*>(op.detail); }

template <class T>
std::array<T, kLanes> Load(const Warp& warp, Slot slot) {
  std::array<T, kLanes> values;
  std::memcpy(values.data(), warp.registers + slot, sizeof values);
  return values;
}
template <class T>
void Store(Warp& warp, Slot slot, Mask lanes, const std::array<T, kLanes>& values) {
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    if (lanes >> lane & 1) {
      std::memcpy(warp.registers + slot + lane * sizeof(T), &values[lane], sizeof(T));
    }
  }
}
template <class T>
void StoreAll(Warp& warp, Slot slot, Mask lanes, T value) {
  std::array<T, kLanes> values;
  values.fill(value);
  Store(warp, slot, lanes, values);
}
void StorePredicate(Warp& warp, Slot slot, Mask lanes, Mask value) {
  if (slot == kNoSlot) return;
  Mask& predicate = warp.Predicate(slot);
  predicate = (predicate & ~lanes) | (value & lanes);
}

// --- shfl: PTX ISA, "shfl.sync"
// -------------------------------------------------------------------

enum class Shuffle : std::uint8_t { kUp, kDown, kButterfly, kIndex };

template <Shuffle kMode>
void Shuffled(Warp& warp, const Op& op, Mask lanes) {
  const auto values = Load<std::uint32_t>(warp, op.a);
  const auto b = Load<std::uint32_t>(warp, op.b);
  const auto c = Load<std::uint32_t>(warp, op.c);
  std::array<std::uint32_t, kLanes> result;
  Mask inside = 0;
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t distance = b[lane] & 31, clamp = c[lane] & 31, segment = c[lane] >> 8 & 31;
    const std::uint32_t lowest = lane & segment, highest = lowest | (clamp & ~segment);
    std::uint32_t from = 0;
    bool valid = false;
    if constexpr (kMode == Shuffle::kUp) {
      from = lane - distance;
      valid = static_cast<std::int32_t>(from) >= static_cast<std::int32_t>(highest);
    } else {
      if constexpr (kMode == Shuffle::kDown) from = lane + distance;
      if constexpr (kMode == Shuffle::kButterfly) from = lane ^ distance;
      if constexpr (kMode == Shuffle::kIndex) from = lowest | (distance & ~segment);
      valid = from <= highest;
    }
    result[lane] = values[valid ? from & 31 : lane];
    inside |= Mask{valid} << lane;
  }
  Store(warp, op.dst, lanes, result);
  StorePredicate(warp, FormOf(op).predicate, lanes, inside);
}

// --- vote, match, elect
// ---------------------------------------------------------------------------

enum class Vote : std::uint8_t { kAll, kAny, kUniform, kBallot };

template <Vote kVote>
void Voted(Warp& warp, const Op& op, Mask lanes) {
  const Mask source = warp.Predicate(op.a);
  const Mask holds = (FormOf(op).negated ? ~source : source) & lanes;
  if constexpr (kVote == Vote::kBallot) {
    StoreAll(warp, op.dst, lanes, holds);
  } else {
    const bool result = kVote == Vote::kAll   ? holds == lanes
                        : kVote == Vote::kAny ? holds != 0
                                              : holds == lanes || holds == 0;
    StorePredicate(warp, op.dst, lanes, result ? kAllLanes : 0);
  }
}

template <class T>
void MatchedAny(Warp& warp, const Op& op, Mask lanes) {
  const auto values = Load<T>(warp, op.a);
  std::array<Mask, kLanes> result{};
  for (Mask rest = lanes; rest != 0;) {
    const T value = values[LowestLane(rest)];
    Mask same = 0;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) same |= Mask{values[lane] == value} << lane;
    same &= lanes;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      if (same >> lane & 1) result[lane] = same;
    }
    rest &= ~same;
  }
  Store(warp, op.dst, lanes, result);
}

template <class T>
void MatchedAll(Warp& warp, const Op& op, Mask lanes) {
  const auto values = Load<T>(warp, op.a);
  const T value = values[LowestLane(lanes)];
  bool all = true;
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    all &= (lanes >> lane & 1) == 0 || values[lane] == value;
  }
  StoreAll(warp, op.dst, lanes, all ? lanes : Mask{0});
  StorePredicate(warp, FormOf(op).predicate, lanes, all ? kAllLanes : 0);
}

void Elected(Warp& warp, const Op& op, Mask lanes) {
  StoreAll(warp, op.dst, lanes, static_cast<std::uint32_t>(std::countr_zero(lanes)));
  StorePredicate(warp, FormOf(op).predicate, lanes, lanes & (~lanes + 1));
}

// --- redux
// ----------------------------------------------------------------------------------------

struct And {
  template <class T>
  T operator()(T a, T b) const {
    return a & b;
  }
};
struct Or {
  template <class T>
  T operator()(T a, T b) const {
    return a | b;
  }
};
struct Xor {
  template <class T>
  T operator()(T a, T b) const {
    return a ^ b;
  }
};
struct Sum {  // the low 32 bits, signed or not
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b) const { return a + b; }
};
struct Least {
  template <class T>
  T operator()(T a, T b) const {
    return std::min(a, b);
  }
};
struct Greatest {
  template <class T>
  T operator()(T a, T b) const {
    return std::max(a, b);
  }
};

template <class T, class Combine>
void Reduced(Warp& warp, const Op& op, Mask lanes) {
  const auto values = Load<T>(warp, op.a);
  T result = values[LowestLane(lanes)];
  for (Mask rest = lanes & (lanes - 1); rest != 0; rest &= rest - 1) {
    result = Combine{}(result, values[LowestLane(rest)]);
  }
  StoreAll(warp, op.dst, lanes, result);
}

// redux.f32: NaNs are left out unless .NaN asks for them; -0 is less than +0.
template <bool kMax, bool kAbsolute, bool kNaN>
void ReducedFloat(Warp& warp, const Op& op, Mask lanes) {
  const auto bits = Load<std::uint32_t>(warp, op.a);
  constexpr std::uint32_t kSign = 0x80000000u, kCanonicalNaN = 0x7fffffffu;
  bool nan = false, any = false;
  std::uint32_t best = 0;
  // Order of floats by their bits: what is negative is reversed, and lies below.
  const auto key = [](std::uint32_t value) {
    return (value & kSign) != 0 ? ~value : value | kSign;
  };
  for (Mask rest = lanes; rest != 0; rest &= rest - 1) {
    std::uint32_t value = bits[LowestLane(rest)];
    if (kAbsolute) value &= ~kSign;
    if ((value & ~kSign) > 0x7f800000u) {
      nan = true;
      continue;
    }
    const bool better = kMax ? key(value) > key(best) : key(value) < key(best);
    if (!any || better) best = value;
    any = true;
  }
  StoreAll(warp, op.dst, lanes, !any || (nan && kNaN) ? kCanonicalNaN : best);
}

// --- handlers
// -------------------------------------------------------------------------------------

template <Together kRun>
Step Run(Warp& warp, const Op& op) {
  return RunTogether(warp, op, FormOf(op).masks, kRun);
}
Step RunBarrier(Warp& warp, const Op& op) { return SynchronizeWarp(warp, op, FormOf(op).masks); }
Step RunActive(Warp& warp, const Op& op) {
  StoreAll(warp, op.dst, warp.active, warp.active);
  return Step::kNext;
}
Step RunNap(Warp&, const Op&) { return Step::kYield; }

// A block's clock counts the operations of its warps.
std::uint64_t ClockOf(const Warp& warp) {
  return warp.block->operations + (warp.stretch - warp.left);
}
template <bool kHigh, class T, bool kNanoseconds>
Step RunClock(Warp& warp, const Op& op) {
  // The global timer goes on from grid to grid; a second apart, so that it never goes back.
  const std::uint64_t time =
      ClockOf(warp) + (kNanoseconds ? warp.grid->grid_id * 1000000000ULL : 0);
  StoreAll(warp, op.dst, warp.active, static_cast<T>(kHigh ? time >> 32 : time));
  return Step::kNext;
}

// --- decoding
// -------------------------------------------------------------------------------------

struct Named {
  std::string_view name;
  Handler run;
};

Handler Find(std::string_view name, std::initializer_list<Named> table) {
  for (const Named& entry : table) {
    if (entry.name == name) return entry.run;
  }
  return nullptr;
}

Error Unknown(Binder& binder) { return NotSimulated(binder.instruction(), "an unknown form"); }

// The destination, and the predicate beside it in d|p.
Status SetDestination(Binder& binder, const ptx::Operand& operand, Type type, Op* op,
                      WarpForm* form) {
  const bool pair = operand.kind == ptx::Operand::Kind::kPair && operand.parts.size() == 2;
  op->dst = TRY(binder.Destination(pair ? operand.parts[0] : operand, type));
  if (pair) form->predicate = TRY(binder.Destination(operand.parts[1], Type::kPred));
  return {};
}

// dst{|p}, sources..., membermask. Sources but the last are of `type`.
Result<Op> Finish(Binder& binder, Modifiers& modifiers, Handler run, Type dst, Type source,
                  std::size_t sources) {
  const auto& operands = binder.instruction().operands;
  if (run == nullptr || operands.size() != sources + 2) return Unknown(binder);
  TRY(modifiers.Done());
  auto form = std::make_shared<WarpForm>();
  Op op;
  op.run = run;
  op.op_class = OpClass::kWarpSync;
  TRY(SetDestination(binder, operands[0], dst, &op, form.get()));
  if (source == Type::kPred) {
    const auto predicate = TRY(binder.SourcePredicate(operands[1]));
    op.a = predicate.slot;
    form->negated = predicate.negated;
  } else if (sources > 0) {
    op.a = TRY(binder.Source(operands[1], source));
  }
  if (sources > 1) op.b = TRY(binder.Source(operands[2], Type::kB32));
  if (sources > 2) op.c = TRY(binder.Source(operands[3], Type::kB32));
  form->masks = TRY(binder.Source(operands.back(), Type::kB32));
  op.detail = binder.Keep(std::move(form));
  return op;
}

Result<Op> DecodeShuffle(Binder& binder, Modifiers& modifiers) {
  if (!modifiers.Take("sync")) return Unknown(binder);
  const std::string_view mode = modifiers.TakeAny({"up", "down", "bfly", "idx"});
  const Handler run = Find(mode, {{"up", Run<Shuffled<Shuffle::kUp>>},
                                  {"down", Run<Shuffled<Shuffle::kDown>>},
                                  {"bfly", Run<Shuffled<Shuffle::kButterfly>>},
                                  {"idx", Run<Shuffled<Shuffle::kIndex>>}});
  if (!modifiers.Take("b32")) return Unknown(binder);
  return Finish(binder, modifiers, run, Type::kB32, Type::kB32, 3);
}

Result<Op> DecodeVote(Binder& binder, Modifiers& modifiers) {
  if (!modifiers.Take("sync")) return Unknown(binder);
  const std::string_view mode = modifiers.TakeAny({"all", "any", "uni", "ballot"});
  const bool ballot = mode == "ballot";
  const Handler run = Find(mode, {{"all", Run<Voted<Vote::kAll>>},
                                  {"any", Run<Voted<Vote::kAny>>},
                                  {"uni", Run<Voted<Vote::kUniform>>},
                                  {"ballot", Run<Voted<Vote::kBallot>>}});
  if (!modifiers.Take(ballot ? "b32" : "pred")) return Unknown(binder);
  return Finish(binder, modifiers, run, ballot ? Type::kB32 : Type::kPred, Type::kPred, 1);
}

Result<Op> DecodeMatch(Binder& binder, Modifiers& modifiers) {
  if (!modifiers.Take("sync")) return Unknown(binder);
  const bool all = modifiers.TakeAny({"any", "all"}) == "all";
  const Type type = modifiers.TakeType();
  if (type != Type::kB32 && type != Type::kB64) return Unknown(binder);
  const bool wide = type == Type::kB64;
  const Handler any_run = wide ? Run<MatchedAny<std::uint64_t>> : Run<MatchedAny<std::uint32_t>>;
  const Handler all_run = wide ? Run<MatchedAll<std::uint64_t>> : Run<MatchedAll<std::uint32_t>>;
  return Finish(binder, modifiers, all ? all_run : any_run, Type::kB32, type, 1);
}

Handler FloatReduction(bool greatest, bool absolute, bool nan) {
  if (greatest) {
    if (absolute)
      return nan ? Run<ReducedFloat<true, true, true>> : Run<ReducedFloat<true, true, false>>;
    return nan ? Run<ReducedFloat<true, false, true>> : Run<ReducedFloat<true, false, false>>;
  }
  if (absolute)
    return nan ? Run<ReducedFloat<false, true, true>> : Run<ReducedFloat<false, true, false>>;
  return nan ? Run<ReducedFloat<false, false, true>> : Run<ReducedFloat<false, false, false>>;
}

Result<Op> DecodeReduction(Binder& binder, Modifiers& modifiers) {
  if (!modifiers.Take("sync")) return Unknown(binder);
  const std::string_view what = modifiers.TakeAny({"and", "or", "xor", "add", "min", "max"});
  const Type type = modifiers.TakeType();
  Handler run = nullptr;
  if (type == Type::kB32) {
    run = Find(what, {{"and", Run<Reduced<std::uint32_t, And>>},
                      {"or", Run<Reduced<std::uint32_t, Or>>},
                      {"xor", Run<Reduced<std::uint32_t, Xor>>}});
  } else if (type == Type::kU32) {
    run = Find(what, {{"add", Run<Reduced<std::uint32_t, Sum>>},
                      {"min", Run<Reduced<std::uint32_t, Least>>},
                      {"max", Run<Reduced<std::uint32_t, Greatest>>}});
  } else if (type == Type::kS32) {
    run = Find(what, {{"add", Run<Reduced<std::uint32_t, Sum>>},
                      {"min", Run<Reduced<std::int32_t, Least>>},
                      {"max", Run<Reduced<std::int32_t, Greatest>>}});
  } else if (type == Type::kF32 && (what == "min" || what == "max")) {
    const bool absolute = modifiers.Take("abs");
    run = FloatReduction(what == "max", absolute, modifiers.Take("NaN"));
  }
  return Finish(binder, modifiers, run, type, type, 1);
}

Result<Op> DecodeWarpBarrier(Binder& binder, Modifiers& modifiers) {
  modifiers.Take("warp");
  if (!modifiers.Take("sync") || binder.instruction().operands.size() != 1) return Unknown(binder);
  TRY(modifiers.Done());
  auto form = std::make_shared<WarpForm>();
  form->masks = TRY(binder.Source(binder.instruction().operands[0], Type::kB32));
  Op op;
  op.run = RunBarrier;
  op.op_class = OpClass::kWarpSync;
  op.detail = binder.Keep(std::move(form));
  return op;
}

}  // namespace

Result<Op> DecodeWarp(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::string_view opcode = instruction.opcode;
  Modifiers modifiers(instruction);
  if (opcode == "shfl") return DecodeShuffle(binder, modifiers);
  if (opcode == "vote") return DecodeVote(binder, modifiers);
  if (opcode == "match") return DecodeMatch(binder, modifiers);
  if (opcode == "redux") return DecodeReduction(binder, modifiers);
  if (opcode == "bar") return DecodeWarpBarrier(binder, modifiers);
  if (opcode == "elect") {
    if (!modifiers.Take("sync")) return Unknown(binder);
    return Finish(binder, modifiers, Run<Elected>, Type::kB32, Type::kB32, 0);
  }
  if (instruction.operands.size() != 1) return Unknown(binder);
  Op op;
  if (opcode == "activemask") {
    if (!modifiers.Take("b32")) return Unknown(binder);
    op.run = RunActive;
    op.dst = TRY(binder.Destination(instruction.operands[0], Type::kB32));
    op.op_class = OpClass::kWarpSync;
  } else if (opcode == "nanosleep") {
    if (!modifiers.Take("u32")) return Unknown(binder);
    op.run = RunNap;
    op.a = TRY(binder.Source(instruction.operands[0], Type::kU32));
    op.op_class = OpClass::kControl;
  } else {
    return NotSimulated(instruction);
  }
  TRY(modifiers.Done());
  return op;
}

Result<Op> DecodeClockRead(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers modifiers(instruction);
  const Type type = modifiers.TakeType();
  TRY(modifiers.Done());
  if (instruction.operands.size() != 2 || (BitsOf(type) != 32 && BitsOf(type) != 64)) {
    return Unknown(binder);
  }
  const Handler run = Find(instruction.operands[1].name,
                           {{"%clock", RunClock<false, std::uint32_t, false>},
                            {"%clock_hi", RunClock<true, std::uint32_t, false>},
                            {"%clock64", RunClock<false, std::uint64_t, false>},
                            {"%globaltimer", RunClock<false, std::uint64_t, true>},
                            {"%globaltimer_lo", RunClock<false, std::uint32_t, true>},
                            {"%globaltimer_hi", RunClock<true, std::uint32_t, true>}});
  const bool wide =
      instruction.operands[1].name == "%clock64" || instruction.operands[1].name == "%globaltimer";
  if (run == nullptr || BitsOf(type) != (wide ? 64 : 32)) return Unknown(binder);
  Op op;
  op.run = run;
  op.dst = TRY(binder.Destination(instruction.operands[0], type));
  op.op_class = OpClass::kOther;
  return op;
}

}  // namespace caesar::sim
