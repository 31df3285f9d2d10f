// Source locations of one function: .loc directives made into chains of call sites.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/ptx/ast.h"

namespace caesar::sim::ptx {

struct LocDirective {
  Location at;  // inlined_at: not yet known
  bool inlined = false;
  std::string_view function;  // the label after function_name
  Location call_site;
};

// An `inlined_at` names the call site's file, line and column, but not the call site's own chain,
// and one position can be inlined many times over. nvcc says each link of a chain once, from the
// outside in, before it first needs it, so the call site is the most recent location at that
// position; if this function was inlined there before, the most recent one of the same caller.
class Locations {
 public:
  explicit Locations(std::vector<Location>& all) : all_(all) {}

  // Index of the location into `all`, new or there already.
  int Add(const LocDirective& directive);
  // Number of links from a location to the outermost one.
  int Depth(int index) const { return known_[static_cast<std::size_t>(index) - first_].depth; }

 private:
  // A position, and a function at it where that matters.
  struct Place {
    int file = 0, line = 0, column = 0;
    int function = 0;
    bool operator==(const Place&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Place& place) const;
  };
  template <class T>
  using ByPlace = std::unordered_map<Place, T, Hash>;
  struct Known {
    int function = 0;
    int depth = 0;
  };
  struct Recent {
    int last = -1;           // the most recent location at a position
    int last_of_other = -1;  // the most recent of another function than that one's
  };
  int CallSite(const Location& site, int function);
  int Insert(Location location, int function);

  std::vector<Location>& all_;
  std::size_t first_ = all_.size();
  std::vector<Known> known_;                             // of all_[first_ + i]
  std::unordered_map<std::string_view, int> functions_;  // from 1; 0: none
  ByPlace<Recent> recent_;
  ByPlace<int> recent_of_function_;
  ByPlace<int> callers_;  // which caller a function inlined at a position belongs to
};

}  // namespace caesar::sim::ptx
