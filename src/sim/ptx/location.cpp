#include "sim/ptx/location.h"

namespace caesar::sim::ptx {

int Locations::Add(const LocDirective& directive) {
  Location location = directive.at;
  location.inlined_at = directive.inlined ? CallSite(directive) : -1;
  return Insert(location, directive.inlined ? directive.function : std::string_view());
}

int Locations::CallSite(const LocDirective& directive) {
  const Location& site = directive.call_site;
  const Position position{site.file, site.line, site.column};
  const auto key = std::pair(position, directive.function);
  if (const auto caller = callers_.find(key); caller != callers_.end()) {
    return recent_of_function_.at({position, caller->second});
  }
  const Recent& recent = recent_[position];
  int found = recent.last;
  // A function is not its own caller if there is any other at that position.
  if (found >= 0 &&
      known_[static_cast<std::size_t>(found) - first_].function == directive.function) {
    found = recent.last_of_other;
  }
  if (found < 0) {
    Location outermost = site;
    outermost.inlined_at = -1;
    found = Insert(outermost, {});
  }
  callers_.emplace(key, known_[static_cast<std::size_t>(found) - first_].function);
  return found;
}

int Locations::Insert(Location location, std::string_view function) {
  const Position position{location.file, location.line, location.column};
  const auto [same, is_new] = recent_of_function_.try_emplace({position, function}, -1);
  const bool repeated =
      !is_new && all_[static_cast<std::size_t>(same->second)].inlined_at == location.inlined_at;
  if (!repeated) {
    same->second = static_cast<int>(all_.size());
    const int depth = location.inlined_at < 0 ? 0 : Depth(location.inlined_at) + 1;
    known_.push_back({function, depth});
    all_.push_back(location);
  }
  Recent& recent = recent_[position];
  if (recent.last >= 0 &&
      known_[static_cast<std::size_t>(recent.last) - first_].function != function) {
    recent.last_of_other = recent.last;
  }
  recent.last = same->second;
  return same->second;
}

}  // namespace caesar::sim::ptx
