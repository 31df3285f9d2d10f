#include "cuda/library.h"

#include <dlfcn.h>

#include "base/format.h"

namespace caesar {

Result<SharedLibrary> SharedLibrary::Open(const std::vector<std::string>& names,
                                          const std::string& what, const std::string& advice) {
  std::string reasons;
  for (const std::string& name : names) {
    if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return SharedLibrary(handle);
    const char* reason = dlerror();
    reasons += Format("\n  {}", reason != nullptr ? reason : name.c_str());
  }
  return Error{ErrorCode::kEnvironment, Format("{} cannot be loaded", what),
               advice + "\nTried:" + reasons};
}

void* SharedLibrary::Symbol(const char* name) const { return dlsym(handle_, name); }

std::vector<std::string> LibraryNames(const std::string& soname, const std::string& toolkit) {
  std::vector<std::string> names = {soname};
  if (toolkit.empty()) return names;
  for (const char* folder : {"lib64", "lib", "extras/CUPTI/lib64", "targets/x86_64-linux/lib"}) {
    names.push_back(Format("{}/{}/{}", toolkit, folder, soname));
  }
  return names;
}

}  // namespace caesar
