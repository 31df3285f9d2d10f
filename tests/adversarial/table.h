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

// Whether one of the outcomes that the entry expects came. With `no_gain` the candidate is correct,
// and neither its time nor its speed-up is better than that of the honest kernel; with `no_speedup`
// it is correct, and as fast as the baseline.
bool IsExpected(const CorpusEntry& entry, const Judged& judged, const Judged& honest);

Finding FindingOf(const CorpusEntry& entry, bool expected);

std::string Totals(const std::vector<TableRow>& rows);
std::string TextTable(const std::vector<TableRow>& rows);
std::string MarkdownTable(const std::vector<TableRow>& rows);

}  // namespace caesar
