// What the decoder makes of a PTX module: functions of operations whose operands are resolved once,
// to offsets in the register file of a warp.
//
// A register of a warp is one slot: an array of 32 values, one for each lane, contiguous, so that
// an operation on a whole warp is a loop over 32 elements that the compiler turns into vector
// instructions. Slots by the register's width: predicate one Mask (bit i: lane i), 16 bits 64
// bytes, 32 bits 128 bytes, 64 bits 256 bytes, 128 bits 512 bytes. Immediates, addresses of
// variables, parameters of kernels and special registers are slots as well, filled in beforehand,
// so that no operation has variants for its operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

struct Warp;
struct Op;
struct Function;
class Binder;

// Takes an instruction apart: a family of operations, see sim/binder.h.
using Decode = Result<Op> (*)(Binder& binder);
// The family of an opcode, or null: nobody knows it.
using FamilyLookup = Decode (*)(std::string_view opcode);
// That of the whole simulator. Defined in sim/families.cpp.
Decode FamilyOf(std::string_view opcode);

using Mask = std::uint32_t;
inline constexpr int kLanes = 32;
inline constexpr Mask kAllLanes = ~Mask{0};

enum class Step : std::uint8_t {
  kNext,   // done; go on with the next operation
  kJump,   // the handler wrote Warp::pc for all lanes of the running split
  kSplit,  // the handler changed the warp's splits (divergence, exit, call, return)
  kWait,   // not done: the split waits, Warp::wait says for what; the operation is tried again
  kYield,  // done, but other warps should run before this one goes on
  kFault,  // a finding that ends the grid was reported
};

// Carries out one operation for the lanes of Warp::active, which is never 0.
using Handler = Step (*)(Warp& warp, const Op& op);

using Slot = std::uint32_t;  // byte offset in a frame's register file
inline constexpr Slot kNoSlot = ~Slot{0};

// Roughly what a profiler would count an operation as.
enum class OpClass : std::uint8_t {
  kInteger,
  kFloat32,
  kFloat64,
  kHalf,
  kTensor,
  kSpecial /* ex2, rsqrt, sin */,
  kConvert,
  kMove,
  kLoadGlobal,
  kStoreGlobal,
  kLoadShared,
  kStoreShared,
  kLoadLocal,
  kStoreLocal,
  kLoadOther,
  kAtomic,
  kAsyncCopy,
  kControl,
  kBarrier,
  kWarpSync,
  kOther,
  kCount
};

struct Op {
  Handler run = nullptr;
  // Destinations and sources in the order of the PTX operands; vectors flattened. The first four
  // lie in the operation; `slots` holds all of them, for operations with more.
  Slot dst = kNoSlot;
  Slot a = kNoSlot, b = kNoSlot, c = kNoSlot;
  const Slot* slots = nullptr;   // in Function::slot_pool; null if dst, a, b, c say everything
  std::int64_t immediate = 0;    // address offset, lut, byte selector, ...: as the handler says
  const void* detail = nullptr;  // what a family keeps beside it (Function::details owns it)
  std::uint32_t target = 0;      // pc of a branch
  Slot guard = kNoSlot;
  bool guard_negated = false;
  OpClass op_class = OpClass::kOther;
  std::uint8_t count = 0;  // number of destination slots where it varies (ld.v4: 4)
  std::uint8_t flags = 0;  // as the handler says
};

// A value that a slot holds before the first operation runs.
struct SlotValue {
  enum class Kind : std::uint8_t {
    kConstant,   // `value` in every lane
    kParameter,  // `source_bytes` bytes of the kernel's parameters at offset `value`, extended
    kSpecial,    // `special`; by lane, warp, block or grid
    kZero        // a register that may be read before it is written
  };
  Slot slot = kNoSlot;
  Kind kind = Kind::kConstant;
  std::uint8_t bytes = 4;         // the slot's width per lane: 2, 4, 8; predicates: 0
  std::uint8_t source_bytes = 4;  // kParameter: 1, 2, 4 or 8, not more than `bytes`
  bool sign_extended = false;     // kParameter
  std::uint64_t value = 0;        // kSpecial: added to those that are offsets, see below
  // Special registers that stay the same while a block runs; others (%clock) are operations.
  enum class Special : std::uint8_t {
    kTidX,
    kTidY,
    kTidZ,
    kLaneId,
    kLaneMaskEq,
    kLaneMaskLe,
    kLaneMaskLt,
    kLaneMaskGe,
    kLaneMaskGt,
    kWarpId,
    kNWarpId,
    kCtaIdX,
    kCtaIdY,
    kCtaIdZ,
    kSmId,
    kClusterIdX,
    kClusterIdY,
    kClusterIdZ,
    kClusterCtaIdX,
    kClusterCtaIdY,
    kClusterCtaIdZ,
    kClusterCtaRank,
    kNTidX,
    kNTidY,
    kNTidZ,
    kNCtaIdX,
    kNCtaIdY,
    kNCtaIdZ,
    kNSmId,
    kGridId,
    kNClusterIdX,
    kNClusterIdY,
    kNClusterIdZ,
    kClusterNCtaIdX,
    kClusterNCtaIdY,
    kClusterNCtaIdZ,
    kClusterNCtaRank,
    kIsExplicitCluster,
    kDynamicSharedSize,
    kTotalSharedSize,
    kReservedSharedOffset,
    kEnvReg,               // `value`: its number
    kDynamicSharedOffset,  // DynamicSharedOffset of the grid's kernel, plus `value`
    kLocalBase             // Frame::local_base, plus `value`
  } special = Special::kTidX;
};

// One parameter or result of a device function, as its frame sees it. Parameters of the .param
// space live in a frame's memory (bytes per lane), laid out one after the other.
struct ParameterSlot {
  std::uint32_t offset = 0;  // in the frame's parameter memory, per lane
  std::uint32_t bytes = 0;
};

struct Function {
  std::string name;  // mangled
  const ptx::Function* source = nullptr;
  bool kernel = false;

  std::vector<Op> ops;         // pc is an index into it; ends with an exit or ret
  std::vector<int> locations;  // of each op, index into Module::locations
  std::vector<int> lines;      // of each op, in the PTX text
  std::uint32_t first_op = 0;  // number of ops of the functions before it: index of counters

  std::uint32_t register_bytes = 0;  // of a frame, a multiple of 64
  std::vector<SlotValue> preset;     // what is filled in when a frame is made
  std::uint32_t local_bytes = 0;     // per lane (.local variables), 16-byte aligned
  // Where alloca takes each lane's next bytes from, 64 bits; kNoSlot: it does not.
  Slot stack_pointer = kNoSlot;
  // .param variables: for kernels their parameters in launch order; for device functions results,
  // then parameters; then those declared in the body for calls. Bytes per lane.
  std::uint32_t param_bytes = 0;
  std::vector<ParameterSlot> results, parameters;

  // Static .shared memory that this kernel and what it calls can reach, in bytes; dynamic shared
  // memory begins behind it, at a multiple of `shared_alignment`.
  std::uint32_t shared_bytes = 0;
  std::uint32_t shared_alignment = 16;
  // Names the memory that the system keeps in each block behind its own, or calls what may.
  bool uses_reserved_shared = false;
  bool uses_atomics_or_fences = false;  // on global memory: blocks may depend on each other

  std::vector<std::unique_ptr<Slot[]>> slot_pool;
  std::vector<std::shared_ptr<const void>> details;

  // A function is known by name, parameters and results before it is decoded, so that calls may be
  // recursive. Those without a body (vprintf, malloc, __assertfail) never are.
  bool decoded = false;
  std::vector<const Function*> callees;  // called by name, or their address is taken
  bool calls_indirectly = false;         // may call any function whose address lies in memory
};

// Where a kernel's dynamic shared memory begins.
inline std::uint32_t DynamicSharedOffset(const Function& kernel) {
  return (kernel.shared_bytes + kernel.shared_alignment - 1) / kernel.shared_alignment *
         kernel.shared_alignment;
}

// Where the system's own part of a block's shared memory begins, in kernels that use it. An access
// to it is out of bounds in all others.
inline constexpr std::uint32_t kReservedSharedBytes = 1024;
inline std::uint32_t ReservedSharedOffset(const Function& kernel, std::uint32_t dynamic_bytes) {
  return (DynamicSharedOffset(kernel) + dynamic_bytes + 127) / 128 * 128;
}

// A variable of .global or .const memory: where it lies once the module is loaded.
struct GlobalVariable {
  const ptx::Variable* source = nullptr;
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t alignment = 1;
  std::uint64_t address = 0;  // on the device
  bool constant = false;
};

}  // namespace caesar::sim
