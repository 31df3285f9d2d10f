// PTX text -> syntax tree.
//
// The text is untrusted: what is read, how deep it nests and how much memory the tree takes are
// limited (see reader.h), and whatever is not PTX is an error.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sim/ptx/ast.h"

namespace caesar::sim::ptx {

// Error (kBadInput): "PTX line N: expected X, found Y".
Result<Module> Parse(std::shared_ptr<const std::string> text);

}  // namespace caesar::sim::ptx
