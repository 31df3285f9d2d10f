#include "sim/ptx/location.h"

namespace caesar::sim::ptx {

std::size_t Locations::Hash::operator()(const Place& place) const {
  std::uint64_t hash = 0;
  for (const int part : {place.file, place.line, place.column, place.function}) {
    hash = (hash ^ static_cast<std::uint32_t>(part)) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
  }
  return hash;
}

int Locations::Add(const LocDirective& directive) {
  Location location = directive.at;
  if (!directive.inlined) {
    location.inlined_at = -1;
    return Insert(location, 0);
  }
  int& function = functions_[directive.function];
  if (function == 0 && !directive.function.empty()) function = static_cast<int>(functions_.size());
  location.inlined_at = CallSite(directive.call_site, function);
  return Insert(location, function);
}

int Locations::CallSite(const Location& site, int function) {
  const auto place = [&](int at_function) {
    return Place{site.file, site.line, site.column, at_function};
  };
  if (const auto caller = callers_.find(place(function)); caller != callers_.end()) {
    return recent_of_function_.at(place(caller->second));
  }
  const Recent& recent = recent_[place(0)];
  int found = recent.last;
  // A function is not its own caller if there is any other at that position.
  if (found >= 0 && known_[static_cast<std::size_t>(found) - first_].function == function) {
    found = recent.last_of_other;
  }
  if (found < 0) {
    Location outermost = site;
    outermost.inlined_at = -1;
    found = Insert(outermost, 0);
  }
  callers_.emplace(place(function), known_[static_cast<std::size_t>(found) - first_].function);
  return found;
}

int Locations::Insert(Location location, int function) {
  const Place position{location.file, location.line, location.column, 0};
  const Place place{location.file, location.line, location.column, function};
  const auto [same, is_new] = recent_of_function_.try_emplace(place, -1);
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
