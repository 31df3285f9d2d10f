// Executors: ldmatrix, stmatrix, movmatrix, wmma.load and wmma.store.
#include "sim/ops/float_std.h"
#include "sim/ops/tensor_forms.h"
//
#include "sim/isa_begin.h"
//
#include "sim/ops/float_lanes.h"
#include "sim/ops/tensor_sync.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

using Word = std::uint32_t;
using Half = std::uint16_t;

// 8 by 8 matrices of 16 bits; a lane's register holds two elements of a row (of a column, where it
// is transposed). Row r of matrix m lies where lane 8 m + r says.
inline void Exchange(const std::byte* const* rows, bool transposed, Half (*tile)[8]) {
  for (int r = 0; r < 8; ++r) {
    Half row[8];
    std::memcpy(row, rows[r], sizeof row);
    for (int c = 0; c < 8; ++c) (transposed ? tile[c][r] : tile[r][c]) = row[c];
  }
}

// What the lanes hold of a tile: lane l elements 2 (l % 4) and the next of row l / 4.
inline void ToLanes(const Half (*tile)[8], Word* lanes) { std::memcpy(lanes, tile, 128); }

Step MoveRows(Warp& warp, const Op& op) {
  if (!WholeWarp(warp)) return Step::kWait;
  const auto& of = *static_cast<const MatrixRows*>(op.detail);
  const int count = static_cast<int>(of.slots.size());
  const Mask lanes = count == 4 ? kAllLanes : (Mask{1} << (8 * count)) - 1;
  if ((lanes & ~warp.active) != 0) {
    return warp.Report(FindingKind::kIllegalInstruction, warp.active,
                       "lanes whose addresses ldmatrix or stmatrix needs do not exist");
  }
  LaneAddresses addresses;
  LanePointers pointers;
  AddressesOf(warp, op, &addresses);
  const MemoryAccess access{of.space, of.store ? Touch::kWrite : Touch::kRead, false, 16, true};
  const Step step = Resolve(warp, access, addresses, lanes, MemoOf(warp), &pointers);
  if (step != Step::kNext) return step;

  Half tiles[4][8][8];
  if (!of.store) {
    // All rows before any register: the addresses may lie in one of them.
    for (int m = 0; m < count; ++m) Exchange(pointers.of + 8 * m, of.transposed, tiles[m]);
    for (int m = 0; m < count; ++m) {
      alignas(64) Word result[kLanes];
      ToLanes(tiles[m], result);
      Blend(Aligned(warp.Lanes<Word>(of.slots[static_cast<std::size_t>(m)])), result, warp.active);
    }
    return Step::kNext;
  }
  for (int m = 0; m < count; ++m) {
    std::memcpy(tiles[m], warp.Lanes<Word>(of.slots[static_cast<std::size_t>(m)]), 128);
    for (int r = 0; r < 8; ++r) {
      Half row[8];
      for (int c = 0; c < 8; ++c) row[c] = of.transposed ? tiles[m][c][r] : tiles[m][r][c];
      std::memcpy(pointers.of[8 * m + r], row, sizeof row);
    }
  }
  return Step::kNext;
}

Step MoveMatrix(Warp& warp, const Op& op) {
  if (!WholeWarp(warp)) return Step::kWait;
  Half from[8][8], to[8][8];
  std::memcpy(from, warp.Lanes<Word>(op.a), sizeof from);
  for (int r = 0; r < 8; ++r) {
    for (int c = 0; c < 8; ++c) to[c][r] = from[r][c];
  }
  alignas(64) Word result[kLanes];
  ToLanes(to, result);
  Blend(Aligned(warp.Lanes<Word>(op.dst)), result, warp.active);
  return Step::kNext;
}

// wmma.load, wmma.store. A lane's elements follow one another over its registers; each piece of
// them is one access of the warp.
Step MoveFragment(Warp& warp, const Op& op) {
  if (!WholeWarp(warp)) return Step::kWait;
  const auto& of = *static_cast<const MatrixAccess*>(op.detail);
  const Fragment& fragment = of.fragment;
  const int per_lane = fragment.registers * fragment.per_register;
  const int register_bytes = fragment.per_register * of.element_bytes;
  LaneAddresses base;
  AddressesOf(warp, op, &base);
  alignas(64) std::byte held[kLanes][64];  // of each lane, its registers one after the other
  for (int r = 0; of.store && r < fragment.registers; ++r) {
    const std::byte* from = warp.Lanes<std::byte>(fragment.slots[static_cast<std::size_t>(r)]);
    for (int lane = 0; lane < kLanes; ++lane) {
      std::memcpy(held[lane] + r * register_bytes, from + lane * register_bytes,
                  static_cast<std::size_t>(register_bytes));
    }
  }
  const int piece_bytes = of.piece * of.element_bytes;
  const MemoryAccess access{of.space, of.store ? Touch::kWrite : Touch::kRead, false,
                            static_cast<std::uint8_t>(piece_bytes), true};
  for (int first = 0; first < per_lane; first += of.piece) {
    LaneAddresses addresses;
    LanePointers pointers;
    for (int lane = 0; lane < kLanes; ++lane) {
      const int r = first / fragment.per_register, j = first % fragment.per_register;
      const unsigned element =
          fragment.index[static_cast<std::size_t>((r * kLanes + lane) * fragment.per_register + j)];
      const auto columns = static_cast<unsigned>(fragment.columns);
      const std::uint64_t row = element / columns, column = element % columns;
      const std::uint64_t given =
          of.stride_slot == kNoSlot ? of.stride : warp.Lanes<Word>(of.stride_slot)[lane];
      const std::uint64_t stride = given / static_cast<unsigned>(of.packed);
      const std::uint64_t offset = of.by_columns ? column * stride + row : row * stride + column;
      addresses.of[lane] = base.of[lane] + offset * static_cast<unsigned>(of.element_bytes);
    }
    const Step step = Resolve(warp, access, addresses, warp.active, nullptr, &pointers);
    if (step != Step::kNext) return step;
    const int at = first * of.element_bytes;
    for (Mask left = warp.active; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      std::memcpy(of.store ? pointers.of[lane] : held[lane] + at,
                  of.store ? held[lane] + at : pointers.of[lane],
                  static_cast<std::size_t>(piece_bytes));
    }
  }
  for (int r = 0; !of.store && r < fragment.registers; ++r) {
    std::byte* to = warp.Lanes<std::byte>(fragment.slots[static_cast<std::size_t>(r)]);
    for (Mask left = warp.active; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      std::memcpy(to + lane * register_bytes, held[lane] + r * register_bytes,
                  static_cast<std::size_t>(register_bytes));
    }
  }
  return Step::kNext;
}

}  // namespace

Handler MatrixRowsHandler() { return MoveRows; }
Handler MoveMatrixHandler() { return MoveMatrix; }
Handler MatrixAccessHandler() { return MoveFragment; }

}  // namespace caesar::sim::CAESAR_SIM_ISA
