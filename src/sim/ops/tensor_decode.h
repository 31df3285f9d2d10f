// What the decoders of mma, wmma and matrix accesses share.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "sim/binder.h"
#include "sim/ops/tensor_forms.h"

namespace caesar::sim {

struct MatrixShape {
  std::string_view name;
  int m = 0, n = 0, k = 0;
};
// m16n8k16 and so on, of those that mma or wmma know; takes it.
std::optional<MatrixShape> TakeShape(Modifiers& left);
int ElementBytes(Type type);
// Elements in a register. Bits count by words.
int PerRegister(Type type);
// xor or and of .xor.popc and .and.popc.
std::string_view TakeBitLogic(Modifiers& left);

// The registers of a vector operand (or of a single one).
Status BindRegisters(Binder& binder, const ptx::Operand& operand, bool write, Fragment* fragment);
// .global, .shared, .shared::cta, or generic.
Space TakeMatrixSpace(Modifiers& left);
// The address into Op::a, Op::immediate and Op::flags.
Status BindAddress(Binder& binder, const ptx::Operand& operand, Op* op);

// The operation d = a * b + c, whose operands are in this order, of fragments laid out already.
Result<Op> Multiply(Binder& binder, std::shared_ptr<Multiplication> detail);

Result<Op> DecodeMma(Binder& binder);
Result<Op> DecodeWmma(Binder& binder);

}  // namespace caesar::sim
