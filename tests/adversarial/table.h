// What came of the corpus, as a table for people.
#pragma once

#include <string>
#include <vector>

#include "adversarial/lab.h"
#include "adversarial/manifest.h"

namespace caesar {

enum class Finding { kCaught, kMissed, kKnownMiss, kPassed, kFalseAlarm, kNotShown };

struct TableRow {
  CorpusEntry entry;
  Judged judged;
  std::string damage;  // what it left behind or carried away; empty: nothing
  Finding finding = Finding::kNotShown;
};

// Whether one of the outcomes that the entry expects came. `honest_us`: what an honest kernel takes
// on this device; with `no_gain` the candidate is correct and gains nothing over it.
bool IsExpected(const CorpusEntry& entry, const Judged& judged, double honest_us);

Finding FindingOf(const CorpusEntry& entry, bool expected);

std::string Totals(const std::vector<TableRow>& rows);
std::string TextTable(const std::vector<TableRow>& rows);
std::string MarkdownTable(const std::vector<TableRow>& rows);

}  // namespace caesar
