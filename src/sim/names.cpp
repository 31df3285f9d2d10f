#include "sim/names.h"

#include "base/format.h"

namespace caesar::sim {
namespace {

using Kind = Names::Entity::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<Names> Names::Make(const ptx::Function& function) {
  Names names;
  names.scopes_.resize(function.scopes.empty() ? 1 : function.scopes.size());
  const auto scope_count = static_cast<int>(names.scopes_.size());
  for (int i = 0; i < scope_count && !function.scopes.empty(); ++i) {
    const int parent = function.scopes[static_cast<std::size_t>(i)].parent;
    if (parent >= i) return Error{ErrorCode::kInternal, "a scope inside of itself", {}};
    names.scopes_[static_cast<std::size_t>(i)].parent = parent;
  }
  const auto in = [&](int scope) -> Scope& {
    return names.scopes_[scope >= 0 && scope < scope_count ? static_cast<std::size_t>(scope) : 0];
  };
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    in(0).names[function.parameters[i].name] = {Kind::kParameter, i};
  }
  for (std::size_t i = 0; i < function.results.size(); ++i) {
    in(0).names[function.results[i].name] = {Kind::kResult, i};
  }
  for (std::size_t i = 0; i < function.variables.size(); ++i) {
    const int scope = i < function.variable_scopes.size() ? function.variable_scopes[i] : 0;
    in(scope).names[function.variables[i].name] = {Kind::kVariable, i};
  }
  for (const ptx::Label& label : function.labels) {
    in(label.scope).names[label.name] = {Kind::kLabel, label.instruction};
  }
  for (const ptx::RegisterDeclaration& declaration : function.registers) {
    TRY(names.Declare(declaration));
  }
  for (Scope& scope : names.scopes_) {
    for (const auto& [name, entity] : scope.names) scope.percent_names |= name.starts_with('%');
  }
  return names;
}

Status Names::Declare(const ptx::RegisterDeclaration& declaration) {
  const auto type = TypeOf(declaration.type);
  if (!type || *type == Type::kNone || (*type != Type::kPred && BitsOf(*type) < 8)) {
    return Error{
        ErrorCode::kBadInput,
        Format("not simulated: registers of type .{} ({})", declaration.type, declaration.name),
        {}};
  }
  const bool range = declaration.count >= 0;
  const std::size_t count = range ? static_cast<std::size_t>(declaration.count) : 1;
  if (count > kRegistersMax - types_.size()) {
    return Error{ErrorCode::kBadInput,
                 Format("not simulated: a function with more than {} registers", kRegistersMax),
                 {}};
  }
  const auto scope =
      declaration.scope >= 0 && static_cast<std::size_t>(declaration.scope) < scopes_.size()
          ? static_cast<std::size_t>(declaration.scope)
          : 0;
  if (range) {
    scopes_[scope].ranges[declaration.name] = {types_.size(), count};
    scopes_[scope].digit_ranges |= !declaration.name.empty() && IsDigit(declaration.name.back());
  } else {
    scopes_[scope].names[declaration.name] = {Kind::kRegister, types_.size()};
  }
  types_.insert(types_.end(), count, *type);
  return {};
}

Names::Entity Names::Find(std::string_view name, int scope) const {
  if (scope < 0 || static_cast<std::size_t>(scope) >= scopes_.size()) scope = 0;
  if (name.starts_with('%')) return Search(name, scope);
  auto& found = scopes_[static_cast<std::size_t>(scope)].found;
  const auto known = found.find(name);
  if (known != found.end()) return known->second;
  const Entity entity = Search(name, scope);
  found.emplace(name, entity);
  return entity;
}

Names::Entity Names::Search(std::string_view name, int scope) const {
  const bool percent = name.starts_with('%');
  for (; scope >= 0; scope = scopes_[static_cast<std::size_t>(scope)].parent) {
    const Scope& here = scopes_[static_cast<std::size_t>(scope)];
    if (!percent || here.percent_names) {
      const auto exact = here.names.find(name);
      if (exact != here.names.end()) return exact->second;
    }
    const Entity reg = RegisterOf(here, name);
    if (reg.kind != Kind::kNone) return reg;
  }
  return {};
}

// One of a range: %r12 may be number 12 of %r<n> or number 2 of %r1<n>.
Names::Entity Names::RegisterOf(const Scope& scope, std::string_view name) {
  if (scope.ranges.empty()) return {};
  std::size_t number = 0, unit = 1;
  for (std::size_t split = name.size(); split-- > 1 && IsDigit(name[split]) && unit < 10'000'000;
       unit *= 10) {
    number += unit * static_cast<std::size_t>(name[split] - '0');
    if (name[split] == '0' && split + 1 < name.size()) continue;  // no leading zeros
    if (IsDigit(name[split - 1]) && !scope.digit_ranges) continue;
    const auto range = scope.ranges.find(name.substr(0, split));
    if (range != scope.ranges.end() && number < range->second.count) {
      return {Kind::kRegister, range->second.first + number};
    }
  }
  return {};
}

}  // namespace caesar::sim
