// What the decoder of one family of operations (sim/ops/*.cpp) sees of the function it decodes: it
// takes an instruction apart, gets slots for its operands, and fills in an Op.
//
// A family never accepts what it does not know: every modifier of an instruction is consumed
// (Modifiers), every operand's kind and width is checked by the Binder, and what is left over is an
// error that names the instruction and its line.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sim/isa.h"
#include "sim/program.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

// The fundamental types of PTX, and the packed ones.
enum class Type : std::uint8_t {
  kNone,
  kPred,
  kB8,
  kB16,
  kB32,
  kB64,
  kB128,
  kU8,
  kU16,
  kU32,
  kU64,
  kS8,
  kS16,
  kS32,
  kS64,
  kF16,
  kF16x2,
  kBF16,
  kBF16x2,
  kTF32,
  kF32,
  kF32x2,
  kF64,
  kU16x2,
  kS16x2,
  kE4M3,
  kE5M2,
  kE4M3x2,
  kE5M2x2,
  kS4,  // of matrices alone
  kU4,
  kB1
};
std::optional<Type> TypeOf(std::string_view name);
std::string_view Name(Type type);
int BitsOf(Type type);  // kPred: 1
bool IsFloat(Type type);
bool IsSigned(Type type);

// The modifiers of one instruction, consumed one by one.
class Modifiers {
 public:
  explicit Modifiers(const ptx::Instruction& instruction);

  bool Take(std::string_view name);  // true if it is there; wherever it stands
  // The first of these that is there, or empty.
  std::string_view TakeAny(std::initializer_list<std::string_view> names);
  // The leading / the last modifier that is a type. kNone: there is none.
  Type TakeType();
  Type TakeLastType();
  std::optional<std::string_view> Next();  // the first not yet taken, and takes it
  bool Empty() const;
  // "not simulated: <instruction> at line N (modifier .x)" unless all were taken.
  Status Done() const;

 private:
  template <class Wanted>
  const std::string_view* TakeWhere(const Wanted& wanted);  // the first such, or null

  const ptx::Instruction& instruction_;
  std::uint64_t left_;  // bit i: number i is there
};

// "not simulated: wgmma.mma_async.sync.aligned... at line 812 of the PTX (kernel.cu:40): why".
Error NotSimulated(const ptx::Instruction& instruction, std::string_view why = {});

class Binder {
 public:
  virtual ~Binder() = default;

  virtual Isa isa() const = 0;
  virtual const ptx::Module& module() const = 0;
  virtual const ptx::Function& function() const = 0;
  virtual const ptx::Instruction& instruction() const = 0;  // that is being decoded

  // Slot of a source operand: a register whose width fits `type` (kB*: any type of that width), an
  // immediate converted to `type`, a special register, the address of a variable or function.
  // A negated predicate gets a slot of its own only through SourcePredicate.
  virtual Result<Slot> Source(const ptx::Operand& operand, Type type) = 0;
  // The declared type of a register (kNone: the operand is no register), for instructions that
  // take registers wider than their type: ld, st and cvt. An 8-bit register has a 16-bit slot.
  virtual Type RegisterType(const ptx::Operand& operand) const = 0;
  // A register that is written. kSink gives a slot that nobody reads.
  virtual Result<Slot> Destination(const ptx::Operand& operand, Type type) = 0;
  struct PredicateSource {
    Slot slot = kNoSlot;
    bool negated = false;
  };
  virtual Result<PredicateSource> SourcePredicate(const ptx::Operand& operand) = 0;
  // The function's condition code CC.CF (a predicate slot), through which add.cc hands its carry to
  // addc. Always the same one.
  virtual Slot Carry() = 0;
  // Where the function's alloca takes each lane's next bytes of .local memory from: 64 bits, behind
  // its variables when a call begins. Always the same slot.
  virtual Slot StackPointer() = 0;
  // A slot with a constant in all lanes, in the width of `type`.
  virtual Slot Constant(std::uint64_t value, Type type) = 0;
  // A scratch slot of this width. Each lane's value in it lives while that lane is in this
  // instruction (all its operations, waiting included); instructions share their scratch slots.
  virtual Slot Scratch(Type type) = 0;

  // An address operand: the slot of its base (64 bits wide; a 32-bit register is widened by the
  // handler: `narrow`), and what is added. A variable gives a base slot that is filled in
  // beforehand: the device address of .global and .const, the offset in the block's .shared memory,
  // the offset in the lane's own .local memory (Frame::local_base is in it). Source gives the same.
  // A .param variable has base kNoSlot: ParamOffset says where it lies; `offset` is to be added.
  struct Address {
    Slot base = kNoSlot;
    bool narrow = false;  // the base is a 32-bit register
    std::int64_t offset = 0;
    const ptx::Variable* variable = nullptr;  // named directly; for .param see ParamOffset
  };
  virtual Result<Address> AddressOf(const ptx::Operand& operand) = 0;
  // Offset of a .param variable or parameter in the frame's parameter memory.
  virtual Result<std::uint32_t> ParamOffset(std::string_view name) = 0;
  // A slot that holds a parameter of the kernel in all lanes: the value of type `from` at this
  // offset, extended to the width of `to` (sign-extended if `from` is signed). ld.param with a
  // known address is then a move. Error: outside of the parameters, or not in a kernel.
  virtual Result<Slot> KernelParameter(std::uint64_t offset, Type from, Type to) = 0;
  // pc of a label that the instruction can see (resolved when the function is complete).
  virtual Result<std::uint32_t> Label(std::string_view name) = 0;
  // Index or pointer of a callee; decoded later, so recursion is fine. Valid for the module's life.
  virtual Result<const Function*> Callee(std::string_view name) = 0;

  // Adds to the function's pools; the pointer lives as long as the function.
  virtual const Slot* KeepSlots(std::vector<Slot> slots) = 0;
  virtual const void* Keep(std::shared_ptr<const void> detail) = 0;
  // Appends an operation before the one that the family returns; it shares guard and location.
  virtual void Emit(Op op) = 0;
  // Notes that the function's blocks may depend on each other (global atomics, fences, volatile).
  virtual void NoteDependence() = 0;
};

// A family returns an Op for the instruction, without guard, location and op index, which the
// caller fills in. More than one operation: Emit appends those that come first. Error:
// NotSimulated.
//
// The families. Each is defined in sim/ops/<family>.cpp.
Result<Op> DecodeInteger(
    Binder& binder);  // integer and logic, mov, selp, slct, setp/set of integers, prmt, bfe, ...
Result<Op> DecodeFloat(
    Binder& binder);  // f32 and f64 arithmetic, setp/set of floats, testp, copysign, approximations
Result<Op> DecodeHalf(Binder& binder);     // f16, f16x2, bf16, bf16x2 arithmetic and comparisons
Result<Op> DecodeConvert(Binder& binder);  // cvt, all types
Result<Op> DecodeTensor(Binder& binder);   // ldmatrix, stmatrix, movmatrix, mma, wmma
Result<Op> DecodeMemory(
    Binder& binder);  // ld, st, ldu, prefetch, atom, red, cvta, isspacep, mapa, fence, membar
Result<Op> DecodeAsync(Binder& binder);    // cp.async, cp.async.bulk, mbarrier, cp.reduce
Result<Op> DecodeControl(Binder& binder);  // bra, brx, call, ret, exit, trap, bar, barrier
Result<Op> DecodeWarp(
    Binder& binder);  // shfl, vote, match, redux, activemask, elect, nanosleep, clocks
// mov from a special register that changes while a warp runs: %clock, %clock_hi, %clock64,
// %globaltimer, %globaltimer_lo, %globaltimer_hi. DecodeInteger calls it; in sim/ops/warp*.cpp.
Result<Op> DecodeClockRead(Binder& binder);

}  // namespace caesar::sim
