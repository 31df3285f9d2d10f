// Decodes wmma.load, wmma.store and wmma.mma. PTX leaves open which element of a matrix lies in
// which register. Here each lane holds a run of the matrix in its order in memory (.row or .col; of
// accumulators: by rows), so that most accesses are of 16 bytes; where the registers hold more
// elements than the matrix has, they hold it several times.
#include <algorithm>
#include <memory>

#include "sim/ops/tensor_decode.h"

namespace caesar::sim {
namespace {

bool IsByte(Type type) { return type == Type::kS8 || type == Type::kU8; }
// Of less than a byte: A by rows, B by columns, and 32 bits of them are one element in memory.
bool IsPacked(Type type) { return type == Type::kS4 || type == Type::kU4 || type == Type::kB1; }

bool Exists(const MatrixShape& shape, Type a) {
  const bool sixteen = shape.k == 16 && shape.m * shape.n == 256;
  if (a == Type::kF16 || a == Type::kBF16 || IsByte(a)) return sixteen;
  if (IsPacked(a)) return shape.m == 8 && shape.n == 8 && shape.k == (a == Type::kB1 ? 128 : 32);
  if (a == Type::kTF32) return shape.m == 16 && shape.n == 16 && shape.k == 8;
  return a == Type::kF64 && shape.m == 8 && shape.n == 8 && shape.k == 4;
}

bool Accumulates(const MatrixShape& shape, Type c) {
  if (c == Type::kF64) return Exists(shape, c);
  if (c == Type::kS32 && (Exists(shape, Type::kS4) || Exists(shape, Type::kB1))) return true;
  return (c == Type::kF16 || c == Type::kF32 || c == Type::kS32) && shape.m * shape.n == 256;
}

// `role`: 'a', 'b', or 'c' for both accumulators.
Fragment Layout(char role, Type type, const MatrixShape& shape, bool by_columns) {
  Fragment f;
  f.type = type;
  f.rows = role == 'b' ? shape.k : shape.m;
  f.columns = role == 'a' ? shape.k : shape.n;
  const int total = f.rows * f.columns;
  f.per_register = PerRegister(type);
  // f16 operands take 8 registers in all shapes; others as many as they need.
  f.registers = role != 'c' && type == Type::kF16 ? 8 : total / (kLanes * f.per_register);
  const int per_lane = f.registers * f.per_register;
  for (int r = 0; r < f.registers; ++r) {
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int j = 0; j < f.per_register; ++j) {
        const int place = (lane * per_lane + r * f.per_register + j) % total;
        const int element = by_columns ? place % f.rows * f.columns + place / f.rows : place;
        f.index.push_back(static_cast<std::uint16_t>(element));
      }
    }
  }
  return f;
}

Result<Op> DecodeAccess(Binder& binder, Modifiers& left, bool store, char role) {
  const ptx::Instruction& instruction = binder.instruction();
  auto shape = TakeShape(left);
  const std::string_view order = left.TakeAny({"row", "col"});
  auto detail = std::make_shared<MatrixAccess>();
  detail->space = TakeMatrixSpace(left);
  Type type = left.TakeLastType();
  TRY(left.Done());
  const bool exists = shape && (role != 'c' ? Exists(*shape, type) : Accumulates(*shape, type));
  const bool ordered = role == 'c' || !IsPacked(type) || order == (role == 'a' ? "row" : "col");
  const std::size_t operands = instruction.operands.size();
  if (!exists || order.empty() || !ordered || operands < 2 || operands > 3) {
    return NotSimulated(instruction, "no such combination of shape and types");
  }
  if (IsPacked(type)) {
    detail->packed = 32 / BitsOf(type);
    shape->k /= detail->packed;
    type = Type::kB32;
  }
  detail->by_columns = order == "col";
  detail->store = store;
  detail->fragment = Layout(role, type, *shape, role != 'c' && detail->by_columns);
  Fragment& f = detail->fragment;
  detail->element_bytes = ElementBytes(type);
  const int line = detail->by_columns ? f.rows : f.columns;
  detail->stride = static_cast<std::uint32_t>(line * detail->packed);
  detail->piece = role == 'c' && detail->by_columns
                      ? 1
                      : std::min({line, f.registers * f.per_register, 16 / detail->element_bytes});
  Op op;
  TRY(BindRegisters(binder, instruction.operands[store ? 1 : 0], !store, &f));
  TRY(BindAddress(binder, instruction.operands[store ? 0 : 1], &op));
  if (operands == 3) detail->stride_slot = TRY(binder.Source(instruction.operands[2], Type::kU32));
  const bool shared = detail->space == Space::kShared;
  op.op_class = store ? (shared ? OpClass::kStoreShared : OpClass::kStoreGlobal)
                      : (shared ? OpClass::kLoadShared : OpClass::kLoadGlobal);
  op.run = CAESAR_SIM_PICK(binder.isa(), MatrixAccessHandler)();
  op.detail = binder.Keep(std::move(detail));
  return op;
}

// .alayout.blayout.shape, then .dtype.ctype of f16, .dtype.atype.btype.ctype of all others.
Result<Op> DecodeMultiply(Binder& binder, Modifiers& left) {
  const ptx::Instruction& instruction = binder.instruction();
  const std::string_view logic = TakeBitLogic(left);
  std::string_view layouts[2];
  for (std::string_view& layout : layouts) {
    const auto next = left.Next();
    layout = next ? *next : std::string_view{};
    if (layout != "row" && layout != "col") return NotSimulated(instruction, "no such layout");
  }
  auto shape = TakeShape(left);
  auto detail = std::make_shared<Multiplication>();
  detail->exclusive = logic == "xor";
  detail->saturate = left.Take("satfinite");
  const bool rn = left.Take("rn");
  const Type c = left.TakeLastType();
  Type b = left.TakeLastType(), a = left.TakeLastType(), d = left.TakeLastType();
  if (a == Type::kNone && d == Type::kNone) {
    d = b;
    a = b = Type::kF16;
  }
  TRY(left.Done());
  const bool half = a == Type::kF16 && (c == Type::kF16 || c == Type::kF32) &&
                    (d == Type::kF16 || d == Type::kF32);
  const bool integers = IsByte(a) || IsPacked(a);
  const Type sum = integers ? Type::kS32 : a == Type::kF64 ? Type::kF64 : Type::kF32;
  if (!shape || !Exists(*shape, a) || a != b || !(half || (c == sum && d == sum)) ||
      (detail->saturate && (!integers || a == Type::kB1)) || (rn && a != Type::kF64) ||
      logic.empty() == (a == Type::kB1) ||
      (IsPacked(a) && (layouts[0] != "row" || layouts[1] != "col")) ||
      instruction.operands.size() != 4) {
    return NotSimulated(instruction, "no such combination of shape and types");
  }
  if (a == Type::kB1) shape->k /= 32;
  detail->a = Layout('a', a, *shape, layouts[0] == "col");
  detail->b = Layout('b', b, *shape, layouts[1] == "col");
  detail->c = Layout('c', c, *shape, false);
  detail->d = Layout('c', d, *shape, false);
  return Multiply(binder, std::move(detail));
}

}  // namespace

Result<Op> DecodeWmma(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  const std::string_view what = left.TakeAny({"load", "store", "mma"});
  const bool store = what == "store";
  char role = 0;
  if (what == "load") {
    const std::string_view name = left.TakeAny({"a", "b", "c"});
    if (!name.empty()) role = name.front();
  } else if (store && left.Take("d")) {
    role = 'c';
  }
  const bool together = left.Take("sync") && left.Take("aligned");
  if (!together || (what != "mma" && role == 0)) return NotSimulated(instruction);
  return what == "mma" ? DecodeMultiply(binder, left) : DecodeAccess(binder, left, store, role);
}

}  // namespace caesar::sim
