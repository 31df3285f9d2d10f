// A PTX module as text says it: names resolved to declarations nowhere, types nowhere checked. The
// parser makes it, the decoder (sim/decode.h) gives it meaning. All string_views point into
// Module::text.
//
// Grammar: NVIDIA, Parallel Thread Execution ISA 9.0, as nvcc 12 and 13 emit it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caesar::sim::ptx {

// A place in the candidate's sources, from .loc. `inlined_at`: index of the call site's location,
// or -1; the chain ends in the function that the kernel's author wrote last.
struct Location {
  int file = 0;  // number of a .file directive
  int line = 0;  // 0: code that the compiler made for no particular line
  int column = 0;
  int inlined_at = -1;
};

enum class StateSpace : std::uint8_t { kNone, kReg, kParam, kLocal, kShared, kGlobal, kConst };

struct Operand {
  enum class Kind : std::uint8_t {
    kName,     // a register, a special register (%tid.x), a variable, a function, a label
    kInteger,  // 42, -1, 0x1F, 0b101, 017, with suffix U
    kFloat,  // 0f3F800000 (32 bits), 0d3FF0000000000000 and 1.5 (64 bits): `bits` holds the pattern
    kAddress,  // [name], [name+8], [name+-16], [16]; a name may be missing; tensor coordinates in
               // `parts`
    kVector,   // {a, b, c, d}: `parts`
    kPair,     // %r1|%p1: `parts` of two; either may be kSink
    kSink,     // _
    kList      // (a, b, c): arguments and results of call: `parts`
  };
  Kind kind = Kind::kSink;
  bool negated = false;          // !%p1
  bool minus = false;            // -%r1 (only where PTX allows it)
  std::uint8_t float_bytes = 0;  // kFloat: 4 or 8
  std::string_view name;         // kName; kAddress: its base
  std::int64_t integer = 0;      // kInteger (modulo 2^64); kName, kAddress: what is added to it
  std::uint64_t bits = 0;        // kFloat
  std::vector<Operand> parts;
};

struct Instruction {
  std::string_view opcode;  // "cp" of cp.async.ca.shared.global
  std::vector<std::string_view>
      modifiers;           // {"async", "ca", "shared", "global"}; "shared::cta" is one
  std::string_view guard;  // %p1 of @%p1 and @!%p1; empty: none
  bool guard_negated = false;
  std::vector<Operand> operands;
  int line = 0;           // in the PTX text, from 1
  int location = -1;      // index into Module::locations
  std::string_view text;  // the whole statement with its guard, without the semicolon
};

// .reg .b32 %r<10>; or .reg .pred p, q; names with a count declare name0 .. name(count-1).
struct RegisterDeclaration {
  std::string_view type;  // "b32", "pred", "f64", "b128"
  std::string_view name;
  int count = -1;  // -1: this one name alone
  int scope = 0;   // index into Function::scopes
};

// A variable in a state space: module level, function level, or a parameter.
struct Variable {
  StateSpace space = StateSpace::kNone;
  std::string_view type;  // of an element: "b8", "f32", ...
  std::string_view name;
  int vector = 1;               // .v2, .v4
  std::uint64_t alignment = 0;  // 0: the type's own
  // Number of elements: 1 without brackets; 0 for `extern .shared .b8 x[]`.
  std::uint64_t count = 1;
  bool array = false;
  bool external = false;
  bool visible = false;  // .visible or .weak
  bool managed = false;  // .attribute(.managed)
  bool pointer = false;  // parameters: .ptr
  // Initial bytes; shorter than the variable: zeros follow.
  std::vector<std::uint8_t> initial;
  // Addresses of other variables or functions in the initialiser.
  struct Reference {
    std::uint64_t offset = 0;  // in bytes
    std::string_view name;
    std::int64_t addend = 0;
    bool generic = false;    // generic(name)
    std::uint8_t bytes = 8;  // of the element that holds it
    // 0xff00(name): these bits of the address, moved down to bit 0. All of them otherwise.
    std::uint64_t mask = ~std::uint64_t{0};
  };
  std::vector<Reference> references;
  int line = 0;
};

struct Label {
  std::string_view name;
  std::size_t instruction = 0;  // the index of what follows it
  int scope = 0;
};

// .branchtargets (and .calltargets: functions) and .callprototype, by their label.
struct BranchTargets {
  std::string_view name;
  std::vector<std::string_view> labels;
  int scope = 0;
};
struct CallPrototype {
  std::string_view name;
  std::vector<Variable> results, parameters;
  bool no_return = false;
  int scope = 0;
};

// A body's { } blocks nest; registers, variables and labels belong to one. scopes[0] is the body.
struct Scope {
  int parent = -1;
};

struct Function {
  std::string_view name;
  bool kernel = false;   // .entry
  bool defined = false;  // has a body
  bool external = false;
  std::vector<Variable> results, parameters;
  // Directives between header and body, 0 where not given.
  unsigned max_threads[3] = {0, 0, 0};       // .maxntid
  unsigned required_threads[3] = {0, 0, 0};  // .reqntid
  unsigned cluster[3] = {0, 0, 0};           // .reqnctapercluster
  unsigned max_cluster = 0;                  // .maxclusterrank
  bool explicit_cluster = false;
  unsigned min_blocks = 0, max_registers = 0;
  bool no_return = false;

  std::vector<Scope> scopes;
  std::vector<RegisterDeclaration> registers;
  std::vector<Variable> variables;   // .local, .shared, .param (for calls) of the body
  std::vector<int> variable_scopes;  // scope of each
  std::vector<Instruction> body;
  std::vector<int> instruction_scopes;  // scope of each instruction
  std::vector<Label> labels;
  std::vector<BranchTargets> branch_targets;
  std::vector<CallPrototype> prototypes;
  int line = 0;
};

// .alias name, target; both are functions.
struct Alias {
  std::string_view name, target;
};

struct Module {
  std::shared_ptr<const std::string> text;  // keeps every string_view alive
  int version_major = 0, version_minor = 0;
  std::string_view target;  // sm_90, sm_90a
  int address_size = 64;
  std::vector<std::string_view> files;  // by number of .file; holes are empty
  std::vector<Location> locations;
  std::vector<Variable> variables;
  std::vector<Function> functions;
  std::vector<Alias> aliases;

  const Function* Find(std::string_view name) const {  // the definition, else a declaration
    const Function* found = nullptr;
    for (const Function& function : functions) {
      if (function.name == name && (found == nullptr || function.defined)) found = &function;
    }
    return found;
  }
};

}  // namespace caesar::sim::ptx
