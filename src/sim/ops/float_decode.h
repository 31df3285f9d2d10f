// What the decoders of floats and of halves share.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/binder.h"
#include "sim/ops/float_forms.h"

namespace caesar::sim {

// Fills in the destination and `inputs` sources, all of one type.
Result<Op> BindSimple(Binder& binder, Op op, Type type, int inputs);

// A comparison of PTX in terms of those that have executors.
struct Comparison {
  Relation relation = Relation::kEqual;
  bool exchanged = false;
  std::uint8_t flags = 0;  // CompareFlags
};
// Takes the comparison and the boolean operator; error: there is none of floats.
Result<Comparison> TakeComparison(Binder& binder, Modifiers& left);
// Binds `operands[1..]`: a, b and, with a boolean operator, c.
Status BindComparison(Binder& binder, const Comparison& comparison, Type type, Op* op);
// Binds the destination of setp: p or p|q. `pair`: the second is of upper halves and must be there.
Status BindPredicates(Binder& binder, bool pair, Op* op);

Result<Op> DecodeFloatSetp(Binder& binder);
Result<Op> DecodeFloatSet(Binder& binder);
Result<Op> DecodeTestp(Binder& binder);

// What set writes for true in this type of result; none: set has no such result.
std::optional<std::int64_t> TrueOf(Type type);

}  // namespace caesar::sim
