// What the decoder of matrix instructions asks of their executors.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/memory_access.h"
#include "sim/ops/float_forms.h"

namespace caesar::sim {

// A matrix spread over a warp's registers: element j of lane l in register r is the matrix's
// element index[(r * 32 + l) * per_register + j], counted row by row. Some matrices of wmma are
// there more than once.
struct Fragment {
  static constexpr int kElementsMax = 1024;  // m16k64
  static constexpr int kPerRegisterMax = 8;

  Type type = Type::kNone;    // of an element; kB1: of 32 in a word, which is the element
  int rows = 0, columns = 0;  // of one matrix, see Multiplication::matrices
  int registers = 0, per_register = 1;
  std::vector<std::uint16_t> index;
  std::vector<Slot> slots;  // of the registers
};

// Op::detail of mma and wmma.mma: d = a * b + c.
struct Multiplication {
  Fragment a, b, c, d;
  int matrices = 1;        // of each fragment, one behind the other: m8n8k4 of f16 has four
  bool saturate = false;   // integers: into s32 rather than modulo 2^32
  bool exclusive = false;  // bits: counts those of a xor b rather than of a and b
};

// Op::detail of wmma.load and wmma.store: registers in memory, each lane's piece by piece.
struct MatrixAccess {
  Fragment fragment;
  Space space = Space::kGeneric;
  bool store = false, by_columns = false;
  int element_bytes = 0, piece = 1;  // elements that lie side by side in registers and memory
  int packed = 1;              // elements of less than a byte: those in a word, the element here
  std::uint32_t stride = 0;    // the default one, in elements
  Slot stride_slot = kNoSlot;  // or the one that is given
};

// Op::detail of ldmatrix and stmatrix.
struct MatrixRows {
  std::vector<Slot> slots;
  Space space = Space::kGeneric;
  bool transposed = false, store = false;
};

#define CAESAR_SIM_TENSOR_EXECUTORS                         \
  Handler MultiplyHandler(const Multiplication& operation); \
  Handler MatrixAccessHandler();                            \
  Handler MatrixRowsHandler();                              \
  Handler MoveMatrixHandler();
namespace avx2 {
CAESAR_SIM_TENSOR_EXECUTORS
}
namespace portable {
CAESAR_SIM_TENSOR_EXECUTORS
}
#undef CAESAR_SIM_TENSOR_EXECUTORS

}  // namespace caesar::sim
