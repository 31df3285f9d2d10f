// Decodes mma.sync. Fragments: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point
// type" and its neighbours; all shapes but m8n8k4 of f16 follow one rule.
#include <algorithm>
#include <memory>

#include "sim/ops/tensor_decode.h"

namespace caesar::sim {
namespace {

// Operands of these types (of either, where there are two), in these shapes.
struct Form {
  Type a, other;
  std::initializer_list<std::string_view> shapes;
};

bool Exists(const MatrixShape& shape, Type a, Type b) {
  static const Form kForms[] = {
      {Type::kF16, Type::kF16, {"m8n8k4", "m16n8k8", "m16n8k16"}},
      {Type::kBF16, Type::kBF16, {"m16n8k8", "m16n8k16"}},
      {Type::kTF32, Type::kTF32, {"m16n8k4", "m16n8k8"}},
      {Type::kF64, Type::kF64, {"m8n8k4", "m16n8k4", "m16n8k8", "m16n8k16"}},
      {Type::kE4M3, Type::kE5M2, {"m16n8k16", "m16n8k32"}},
      {Type::kS8, Type::kU8, {"m8n8k16", "m16n8k16", "m16n8k32"}},
      {Type::kS4, Type::kU4, {"m8n8k32", "m16n8k32", "m16n8k64"}},
      {Type::kB1, Type::kB1, {"m8n8k128", "m16n8k128", "m16n8k256"}},
  };
  return std::any_of(std::begin(kForms), std::end(kForms), [&](const Form& form) {
    return (a == form.a || a == form.other) && (b == form.a || b == form.other) &&
           std::find(form.shapes.begin(), form.shapes.end(), shape.name) != form.shapes.end();
  });
}

bool Accumulates(Type operand, Type c, Type d) {
  const auto halves = [](Type type) { return type == Type::kF16 || type == Type::kF32; };
  if (operand == Type::kF16) return halves(c) && halves(d);
  if (c != d) return false;
  if (operand == Type::kE4M3 || operand == Type::kE5M2) return halves(c);
  if (operand == Type::kF64) return c == Type::kF64;
  return c == (IsFloat(operand) ? Type::kF32 : Type::kS32);
}

// Lane l belongs to group l / 4 and is number l % 4 in it.
enum class Role : std::uint8_t { kA, kB, kC };
Fragment Layout(Role role, Type type, const MatrixShape& shape) {
  Fragment f;
  f.type = type;
  f.rows = role == Role::kB ? shape.k : shape.m;
  f.columns = role == Role::kA ? shape.k : shape.n;
  f.per_register = PerRegister(type);
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

// m8n8k4 of f16: four products, each of the lanes 4 q to 4 q + 3 and those 16 above them.
Fragment LayoutOfQuads(Role role, Type type, bool by_columns) {
  Fragment f;
  f.type = type;
  f.rows = role == Role::kB ? 4 : 8;
  f.columns = role == Role::kA ? 4 : 8;
  f.per_register = PerRegister(type);
  f.registers = f.rows * f.columns / (8 * f.per_register);
  for (int r = 0; r < f.registers; ++r) {
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int j = 0; j < f.per_register; ++j) {
        const int i = r * f.per_register + j, number = lane % 4, upper = lane / 16 * 4;
        int row = number + upper, column = i;  // A by rows; C of f16
        if (role == Role::kA && by_columns) {
          row = i + upper;
          column = number;
        } else if (role == Role::kB) {
          row = by_columns ? i : number;
          column = (by_columns ? number : i) + upper;
        } else if (role == Role::kC && type == Type::kF32) {
          row = (lane & 1) + (i & 2) + upper;
          column = (i & 4) + (lane & 2) + (i & 1);
        }
        const int quad = lane / 4 % 4, place = row * f.columns + column;
        f.index.push_back(static_cast<std::uint16_t>(quad * f.rows * f.columns + place));
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
  auto shape = TakeShape(left);
  // The layouts stand behind the shape: the first one is that of A.
  const std::string_view layouts[2] = {left.Next().value_or(""), left.Next().value_or("")};
  const bool known = std::all_of(std::begin(layouts), std::end(layouts), [](std::string_view name) {
    return name == "row" || name == "col";
  });
  auto detail = std::make_shared<Multiplication>();
  detail->saturate = left.Take("satfinite");
  const bool rn = left.Take("rn");
  const std::string_view logic = TakeBitLogic(left);
  const Type c = left.TakeLastType(), b = left.TakeLastType(), a = left.TakeLastType(),
             d = left.TakeLastType();
  TRY(left.Done());
  const bool small = a == Type::kS8 || a == Type::kU8 || a == Type::kS4 || a == Type::kU4;
  if (!shape || !known || !Exists(*shape, a, b) || !Accumulates(a, c, d) ||
      (detail->saturate && !small) || (rn && a != Type::kF64) ||
      logic.empty() == (a == Type::kB1) || instruction.operands.size() != 4) {
    return NotSimulated(instruction, "no such combination of shape and types");
  }
  detail->exclusive = logic == "xor";
  if (a == Type::kF16 && shape->m == 8) {
    detail->matrices = 4;
    detail->a = LayoutOfQuads(Role::kA, a, layouts[0] == "col");
    detail->b = LayoutOfQuads(Role::kB, b, layouts[1] == "col");
    detail->c = LayoutOfQuads(Role::kC, c, false);
    detail->d = LayoutOfQuads(Role::kC, d, false);
    return Multiply(binder, std::move(detail));
  }
  if (layouts[0] != "row" || layouts[1] != "col") return NotSimulated(instruction, "the layout");
  if (a == Type::kB1) shape->k /= 32;
  detail->a = Layout(Role::kA, a, *shape);
  detail->b = Layout(Role::kB, b, *shape);
  detail->c = Layout(Role::kC, c, *shape);
  detail->d = Layout(Role::kC, d, *shape);
  return Multiply(binder, std::move(detail));
}

}  // namespace caesar::sim
