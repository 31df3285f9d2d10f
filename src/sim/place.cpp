#include "sim/place.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace caesar::sim {
namespace {

constexpr std::size_t kNameMax = 512;  // of a kernel in messages; templates' names have no end
constexpr int kInlineDepthMax = 256;   // a chain longer than this is a loop

// Headers of the toolkit and of the system, which inlined calls lead into. The candidate is a file
// of its own beside nothing called include.
bool IsLibrary(std::string_view file) { return file.find("/include/") != std::string_view::npos; }

// The compiler puts the folder that it works in before the name that #line gives.
std::string_view WithoutFolders(std::string_view file) {
  return file.substr(file.find_last_of('/') + 1);  // npos + 1 is 0
}

}  // namespace

Place PlaceIn(const ptx::Module& module, int location) {
  Place innermost;
  const auto size = static_cast<int>(module.locations.size());
  for (int depth = 0; location >= 0 && location < size && depth < kInlineDepthMax; ++depth) {
    const ptx::Location& at = module.locations[static_cast<std::size_t>(location)];
    const auto file = static_cast<std::size_t>(at.file);
    if (at.file >= 0 && file < module.files.size()) {
      const Place place{WithoutFolders(module.files[file]), at.line};
      if (!IsLibrary(module.files[file])) return place;
      if (innermost.file.empty()) innermost = place;
    }
    location = at.inlined_at;
  }
  return innermost;
}

std::string Demangle(const std::string& mangled) {
  if (mangled.size() > 16 * kNameMax) return mangled.substr(0, kNameMax);
  // Without this, the demangler takes "f" for the type float.
  if (!mangled.starts_with("_Z")) return mangled.substr(0, kNameMax);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 && text ? text.get() : mangled;
  if (name.size() > kNameMax) name = name.substr(0, kNameMax) + "...";
  return name;
}

}  // namespace caesar::sim
