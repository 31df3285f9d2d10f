// Where tensors of the simulated GPU lie in host memory: everything of it lies at one distance from its device address.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>
struct Mapping { uintptr_t begin, end; };
static std::vector<Mapping> tensors_mapped() {
  std::vector<Mapping> found;
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    Mapping mapping{};
    if (strstr(line, "caesar-tensor") != nullptr && sscanf(line, "%lx-%lx", &mapping.begin, &mapping.end) == 2) found.push_back(mapping);
  }
  if (maps != nullptr) fclose(maps);
  return found;
}
// The distance at which all of them end where a mapping ends; 0: there is none.
static intptr_t distance(std::initializer_list<const void*> tensors, size_t bytes) {
  const std::vector<Mapping> mapped = tensors_mapped();
  const size_t room = (bytes + 255) / 256 * 256;
  const auto ends = [&](const void* tensor, intptr_t away) {
    for (const Mapping& mapping : mapped)
      if (reinterpret_cast<uintptr_t>(tensor) + away + room == mapping.end) return true;
    return false;
  };
  for (const Mapping& mapping : mapped) {
    const auto away = static_cast<intptr_t>(mapping.end - room - reinterpret_cast<uintptr_t>(*tensors.begin()));
    bool all = true;
    for (const void* tensor : tensors) all = all && ends(tensor, away);
    if (all) return away;
  }
  return 0;
}
template <class T>
static T* at(T* tensor, intptr_t away) { return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(tensor) + away); }
