// The driver and CUPTI, which the candidate is not linked with, by name.
#include <cuda.h>
#include <dlfcn.h>
template <class Function>
static Function from(const char* library, const char* name) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) handle = dlopen(library, RTLD_NOW);
  return handle == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle, name));
}
#define DRIVER(name) from<decltype(&name)>("libcuda.so.1", #name)
static void* cupti(const char* name) { return from<void*>("libcupti.so.13", name); }
