// What the names in a function's body mean: registers, variables, parameters and labels of the
// scope they stand in or of one around it; an inner declaration hides an outer one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/binder.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

class Names {
 public:
  // Of one function; more than any compiler emits.
  static constexpr int kRegistersMax = 1 << 20;

  // `function` must outlive it. Error (kBadInput): an unknown register type, too many registers, a
  // scope that is none.
  static Result<Names> Make(const ptx::Function& function);

  struct Entity {
    // Parameter and result: index in ptx::Function::parameters and results; variable: in its
    // variables; label: of the instruction it stands before.
    enum class Kind : std::uint8_t {
      kNone,
      kRegister,
      kVariable,
      kParameter,
      kResult,
      kLabel
    } kind = Kind::kNone;
    std::size_t index = 0;
  };
  // Remembers the answer under `name`, whose text must live as long as this: the module's does.
  // Registers are found without.
  Entity Find(std::string_view name, int scope) const;

  std::size_t register_count() const { return types_.size(); }
  Type register_type(std::size_t index) const { return types_[index]; }

 private:
  struct Range {
    std::size_t first = 0, count = 0;
  };
  struct Scope {
    int parent = -1;
    std::unordered_map<std::string_view, Entity> names;
    std::unordered_map<std::string_view, Range> ranges;          // %r of %r<10>
    mutable std::unordered_map<std::string_view, Entity> found;  // answers of Find so far
    // Whether a name in `names` begins with %, and whether one in `ranges` ends with a digit:
    // rare, and what makes finding a register slow.
    bool percent_names = false, digit_ranges = false;
  };
  static Entity RegisterOf(const Scope& scope, std::string_view name);
  Status Declare(const ptx::RegisterDeclaration& declaration);
  Entity Search(std::string_view name, int scope) const;

  std::vector<Scope> scopes_;
  std::vector<Type> types_;  // of each register
};

}  // namespace caesar::sim
