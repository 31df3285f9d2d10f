// Where in the candidate's sources an operation comes from, and what its kernel is called there.
#pragma once

#include <string>
#include <string_view>

#include "sim/ptx/ast.h"

namespace caesar::sim {

struct Place {
  // As diagnostics call it: without folders. Empty: unknown.
  std::string_view file;
  int line = 0;
};

// The innermost place of a location (an index into Module::locations, -1: none) that lies in the
// candidate's own sources, else the innermost: code of the toolkit's headers counts where it was
// called from.
Place PlaceIn(const ptx::Module& module, int location);

// The name of a kernel as its author wrote it, cut where it is endless.
std::string Demangle(const std::string& mangled);

}  // namespace caesar::sim
