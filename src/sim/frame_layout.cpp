#include "sim/frame_layout.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/format.h"
#include "sim/binder.h"
#include "sim/device_limits.h"

namespace caesar::sim {
namespace {

constexpr std::uint64_t kVariableBytesMax = std::uint64_t{1} << 38;

Error TooLarge(const ptx::Variable& variable, std::string_view space, std::uint64_t bytes_max) {
  return {ErrorCode::kBadInput,
          Format("{} at line {} of the PTX does not fit into {} bytes of {} memory", variable.name,
                 variable.line, bytes_max, space),
          {}};
}

// Places a variable behind `end`, which moves on.
Result<std::uint32_t> Place(const ptx::Variable& variable, std::string_view space,
                            std::uint64_t bytes_max, std::uint32_t& end) {
  const Extent extent = TRY(ExtentOf(variable));
  const std::uint64_t begin = (end + extent.alignment - 1) / extent.alignment * extent.alignment;
  if (extent.bytes > bytes_max || begin > bytes_max - extent.bytes) {
    return TooLarge(variable, space, bytes_max);
  }
  end = static_cast<std::uint32_t>(begin + extent.bytes);
  return static_cast<std::uint32_t>(begin);
}

template <class Visit>
void ForEachName(const std::vector<ptx::Operand>& operands, const Visit& visit) {
  for (const ptx::Operand& operand : operands) {
    if (!operand.name.empty()) visit(operand.name);
    ForEachName(operand.parts, visit);
  }
}

std::uint32_t RoundUp(std::uint32_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Result<Extent> ExtentOf(const ptx::Variable& variable) {
  const auto type = TypeOf(variable.type);
  if (!type || BitsOf(*type) < 8) {
    return Error{ErrorCode::kBadInput,
                 Format("not simulated: variable {} of type .{} at line {} of the PTX",
                        variable.name, variable.type, variable.line),
                 {}};
  }
  const auto element = static_cast<std::uint64_t>(BitsOf(*type)) / 8 *
                       static_cast<std::uint64_t>(std::clamp(variable.vector, 1, 16));
  if (variable.count > kVariableBytesMax / element) {
    return TooLarge(variable, "any", kVariableBytesMax);
  }
  Extent extent{element * variable.count, std::max(variable.alignment, element)};
  if (variable.alignment != 0) extent.alignment = variable.alignment;
  if (extent.alignment > (1U << 20)) return TooLarge(variable, "aligned", 1U << 20);
  return extent;
}

Status LayOutParameters(const ptx::Function& source, Function& function) {
  constexpr std::uint64_t kMax = DeviceLimits::kParamBytes;
  const auto place = [&](const std::vector<ptx::Variable>& variables,
                         std::vector<ParameterSlot>& slots) -> Status {
    for (const ptx::Variable& variable : variables) {
      const std::uint32_t offset = TRY(Place(variable, "parameter", kMax, function.param_bytes));
      slots.push_back({offset, function.param_bytes - offset});
    }
    return {};
  };
  TRY(place(source.results, function.results));
  return place(source.parameters, function.parameters);
}

Result<std::vector<std::uint32_t>> LayOutVariables(const ptx::Function& source,
                                                   Function& function) {
  struct Ends {
    std::uint32_t param = 0, local = 0;
  };
  const Ends begin{function.param_bytes, function.local_bytes};
  std::vector<std::uint32_t> offsets(source.variables.size());
  // Scopes come after their parents, so one walk by scope knows where a parent ends.
  std::vector<std::vector<std::size_t>> by_scope(std::max<std::size_t>(1, source.scopes.size()));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const int scope = i < source.variable_scopes.size() ? source.variable_scopes[i] : 0;
    by_scope[scope >= 0 && static_cast<std::size_t>(scope) < by_scope.size()
                 ? static_cast<std::size_t>(scope)
                 : 0]
        .push_back(i);
  }
  std::vector<Ends> ends(by_scope.size(), begin);
  for (std::size_t scope = 0; scope < by_scope.size(); ++scope) {
    const int parent = source.scopes.empty() ? -1 : source.scopes[scope].parent;
    Ends here = parent >= 0 ? ends[static_cast<std::size_t>(parent)] : begin;
    for (const std::size_t i : by_scope[scope]) {
      const ptx::Variable& variable = source.variables[i];
      if (variable.space == ptx::StateSpace::kParam) {
        offsets[i] = TRY(Place(variable, "parameter", std::uint64_t{1} << 20, here.param));
      } else if (variable.space == ptx::StateSpace::kLocal) {
        offsets[i] = TRY(Place(variable, "local", DeviceLimits::kLocalBytesPerThread, here.local));
      }
    }
    ends[scope] = here;
    function.param_bytes = std::max(function.param_bytes, here.param);
    function.local_bytes = std::max(function.local_bytes, RoundUp(here.local, 16));
  }
  return offsets;
}

Result<PinnedShared> PinShared(const ptx::Module& module) {
  std::unordered_map<std::string_view, const ptx::Variable*> shared;
  for (const ptx::Variable& variable : module.variables) {
    if (variable.space == ptx::StateSpace::kShared && !variable.external) {
      shared[variable.name] = &variable;
    }
  }
  PinnedShared pinned;
  const auto pin = [&](const ptx::Variable& variable) -> Status {
    if (pinned.offsets.count(&variable) != 0) return {};
    pinned.offsets[&variable] =
        TRY(Place(variable, "shared", DeviceLimits::kSharedPerSm, pinned.bytes));
    return {};
  };
  for (const ptx::Function& function : module.functions) {
    if (function.kernel || !function.defined) continue;
    for (const ptx::Variable& variable : function.variables) {
      if (variable.space == ptx::StateSpace::kShared && !variable.external) TRY(pin(variable));
    }
    std::vector<const ptx::Variable*> named;
    for (const ptx::Instruction& instruction : function.body) {
      ForEachName(instruction.operands, [&](std::string_view name) {
        pinned.reserved |= name.starts_with("%reserved_smem_offset");
        const auto found = shared.find(name);
        if (found != shared.end()) named.push_back(found->second);
      });
    }
    for (const ptx::Variable* variable : named) TRY(pin(*variable));
  }
  return pinned;
}

SharedLayout::SharedLayout(const PinnedShared& pinned, const ptx::Function& source,
                           Function& function)
    : pinned_(pinned), function_(function) {
  if (pinned.bytes == 0 && !pinned.reserved) return;
  std::set<std::string_view> names;
  for (const auto& [variable, offset] : pinned.offsets) names.insert(variable->name);
  for (const ptx::Instruction& instruction : source.body) {
    bool reaches = instruction.opcode == "call";
    function_.uses_reserved_shared |= reaches && pinned.reserved;
    ForEachName(instruction.operands,
                [&](std::string_view name) { reaches |= names.count(name) != 0; });
    if (reaches) {
      function_.shared_bytes = std::max(function_.shared_bytes, pinned.bytes);
      if (!pinned.reserved || function_.uses_reserved_shared) return;
    }
  }
}

Result<std::uint32_t> SharedLayout::OffsetOf(const ptx::Variable& variable) {
  const auto fixed = pinned_.offsets.find(&variable);
  if (fixed != pinned_.offsets.end()) return fixed->second;
  const auto known = own_.find(&variable);
  if (known != own_.end()) return known->second;
  const std::uint32_t offset =
      TRY(Place(variable, "shared", DeviceLimits::kSharedPerSm, function_.shared_bytes));
  own_.emplace(&variable, offset);
  return offset;
}

}  // namespace caesar::sim
