// What the corpus holds: manifest.json, read and checked. See there for the fields.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/clock.h"

namespace caesar {

struct CorpusEntry {
  std::string name;  // candidates/<name>.cu
  std::string tries;
  std::string problem;
  bool honest = false;
  bool needs_sandbox = false;  // nothing else stops it
  // Outcomes that are right on this device: "wrong", "correct+side_stream", "no_gain". Empty: it
  // cannot show there.
  std::vector<std::string> expected;
  std::string missed;  // a known miss on this device, and why; empty: none
  bool missed_sometimes = false;
  Milliseconds call_timeout{0};     // 0: the device's own
  Milliseconds compile_timeout{0};  // not 0: it attacks the compiler, and is compiled by itself
};

// Entries in the manifest's order, for `device` (sim | gpu). Errors: kBadInput, naming the entry:
// an unknown field or outcome, a name that is there twice, a hostile one that may be plainly
// correct.
Result<std::vector<CorpusEntry>> ParseManifest(const std::string& json, const std::string& device);

}  // namespace caesar
