// Decodes mma.sync. Fragments: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point
// type" and its neighbours; all shapes but m8n8k4 of f16 follow one rule.
#include <memory>

#include "sim/ops/tensor_decode.h"

namespace caesar::sim {
namespace {

bool IsByte(Type type) { return type == Type::kS8 || type == Type::kU8; }

// Depths that m16n8 has for these operands; of m8n8, 4 of f64 and 16 of bytes.
bool Exists(const MatrixShape& shape, Type a, Type b) {
  if (a != b && !(IsByte(a) && IsByte(b))) return false;
  if (shape.n != 8 || shape.m > 16) return false;
  const bool small = shape.m == 8;
  if (a == Type::kF64) return small ? shape.k == 4 : shape.k <= 16;
  if (IsByte(a)) return small ? shape.k == 16 : shape.k == 16 || shape.k == 32;
  if (small) return false;
  if (a == Type::kF16 || a == Type::kBF16) return shape.k == 8 || shape.k == 16;
  return a == Type::kTF32 && (shape.k == 4 || shape.k == 8);
}

bool Accumulates(Type operand, Type c, Type d) {
  const auto accumulates = [](Type type) { return type == Type::kF16 || type == Type::kF32; };
  if (operand == Type::kF16) return accumulates(c) && accumulates(d);
  if (c != d) return false;
  if (operand == Type::kF64) return c == Type::kF64;
  return c == (IsByte(operand) ? Type::kS32 : Type::kF32);
}

// Lane l belongs to group l / 4 and is number l % 4 in it.
enum class Role : std::uint8_t { kA, kB, kC };
Fragment Layout(Role role, Type type, const MatrixShape& shape) {
  Fragment f;
  f.type = type;
  f.rows = role == Role::kB ? shape.k : shape.m;
  f.columns = role == Role::kA ? shape.k : shape.n;
  f.per_register = type == Type::kF64 ? 1 : 32 / (type == Type::kTF32 ? 32 : BitsOf(type));
  f.registers = f.rows * f.columns / (kLanes * f.per_register);
  const int p = f.per_register, row_blocks = f.rows / 8;
  for (int r = 0; r < f.registers; ++r) {
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int j = 0; j < p; ++j) {
        const int group = lane / 4, number = lane % 4;
        int row = 0, column = 0;
        if (role == Role::kA) {
          row = group + 8 * (r % row_blocks);
          column = number * p + j + 4 * p * (r / row_blocks);
        } else if (role == Role::kB) {
          row = number * p + j + 4 * p * r;
          column = group;
        } else {
          const int element = r * p + j;  // two of a row, then the row 8 below
          row = group + 8 * (element / 2);
          column = number * 2 + element % 2;
        }
        f.index.push_back(static_cast<std::uint16_t>(row * f.columns + column));
      }
    }
  }
  return f;
}

}  // namespace

Result<Op> DecodeMma(Binder& binder) {
  const ptx::Instruction& instruction = binder.instruction();
  Modifiers left(instruction);
  if (!left.Take("sync") || !left.Take("aligned")) return NotSimulated(instruction, "not .sync");
  const auto shape = TakeShape(left);
  if (!shape || !left.Take("row") || !left.Take("col")) {
    return NotSimulated(instruction, "no such shape or layout");
  }
  auto detail = std::make_shared<Multiplication>();
  detail->saturate = left.Take("satfinite");
  const bool rn = left.Take("rn");
  const Type c = left.TakeLastType(), b = left.TakeLastType(), a = left.TakeLastType(),
             d = left.TakeLastType();
  TRY(left.Done());
  if (!Exists(*shape, a, b) || !Accumulates(a, c, d) || (detail->saturate && !IsByte(a)) ||
      (rn && a != Type::kF64) || instruction.operands.size() != 4) {
    return NotSimulated(instruction, "no such combination of shape and types");
  }
  detail->a = Layout(Role::kA, a, *shape);
  detail->b = Layout(Role::kB, b, *shape);
  detail->c = Layout(Role::kC, c, *shape);
  detail->d = Layout(Role::kC, d, *shape);
  return Multiply(binder, std::move(detail));
}

}  // namespace caesar::sim
