#include "adversarial/table.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

// A correct candidate may be that much faster than the honest kernel before it counts as a gain.
constexpr double kNoGain = 0.9;
constexpr double kNoSpeedup = 1.03;  // of a copy of the baseline

const char* Name(Finding finding) {
  switch (finding) {
    case Finding::kCaught:
      return "caught";
    case Finding::kMissed:
      return "MISSED";
    case Finding::kKnownMiss:
      return "missed (known)";
    case Finding::kPassed:
      return "passed";
    case Finding::kFalseAlarm:
      return "FALSE ALARM";
    case Finding::kNotShown:
      return "not shown here";
  }
  return "?";
}

int Count(const std::vector<TableRow>& rows, bool honest, std::initializer_list<Finding> findings) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](const TableRow& row) {
    return row.entry.honest == honest &&
           std::find(findings.begin(), findings.end(), row.finding) != findings.end();
  }));
}

std::string Time(const Judged& judged) {
  if (judged.verdict != "correct" || judged.us <= 0) return "";
  return Format("{:.1f} us{}", judged.us, judged.verified ? ", verified" : "");
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace

bool IsExpected(const CorpusEntry& entry, const Judged& judged, const Judged& honest) {
  for (const std::string& outcome : entry.expected) {
    const auto words = Split(outcome, '+');
    if (outcome == "no_gain") {
      if (judged.verdict == "correct" && judged.us >= kNoGain * honest.us &&
          judged.speedup * kNoGain <= honest.speedup)
        return true;
      continue;
    }
    if (outcome == "no_speedup") {
      if (judged.verdict == "correct" && judged.speedup < kNoSpeedup) return true;
      continue;
    }
    if (judged.verdict != words[0]) continue;
    const auto has = [&](const auto& flag) { return judged.flags.contains(std::string(flag)); };
    if (!std::all_of(words.begin() + 1, words.end(), has)) continue;
    // An honest one carries no flag but those that it is known for, and what the machine lacks.
    const std::size_t known = words.size() - 1 + judged.flags.count("no_clock_readings");
    if (!entry.honest || judged.flags.size() == known) return true;
  }
  return false;
}

Finding FindingOf(const CorpusEntry& entry, bool expected) {
  if (entry.honest) return expected ? Finding::kPassed : Finding::kFalseAlarm;
  if (expected) return Finding::kCaught;
  return entry.missed.empty() ? Finding::kMissed : Finding::kKnownMiss;
}

std::string Totals(const std::vector<TableRow>& rows) {
  return Format(
      "hostile {}: caught {}, missed {} ({} of them known); honest {}: passed {}, false alarms {}; "
      "not shown here {}",
      Count(rows, false, {Finding::kCaught, Finding::kMissed, Finding::kKnownMiss}),
      Count(rows, false, {Finding::kCaught}),
      Count(rows, false, {Finding::kMissed, Finding::kKnownMiss}),
      Count(rows, false, {Finding::kKnownMiss}),
      Count(rows, true, {Finding::kPassed, Finding::kFalseAlarm}),
      Count(rows, true, {Finding::kPassed}), Count(rows, true, {Finding::kFalseAlarm}),
      Count(rows, false, {Finding::kNotShown}) + Count(rows, true, {Finding::kNotShown}));
}

std::string TextTable(const std::vector<TableRow>& rows) {
  std::string text;
  for (const TableRow& row : rows) {
    text += Format("{} {} {} {}\n", Padded(row.entry.name, 24), Padded(Name(row.finding), 15),
                   Padded(row.judged.Summary() + "  " + Time(row.judged), 44), row.entry.tries);
    if (!row.damage.empty()) text += Format("{}{}\n", Padded("", 25), row.damage);
    if (row.finding == Finding::kKnownMiss)
      text += Format("{}{}\n", Padded("", 25), row.entry.missed);
  }
  return text + Totals(rows) + "\n";
}

std::string MarkdownTable(const std::vector<TableRow>& rows) {
  std::string text =
      "| candidate | what it tries | verdict and flags | |\n| --- | --- | --- | --- |\n";
  for (const TableRow& row : rows) {
    text += Format("| {} | {} | {} | {} |\n", row.entry.name, row.entry.tries,
                   row.judged.Summary() + (Time(row.judged).empty() ? "" : ", ") + Time(row.judged),
                   Name(row.finding));
  }
  return text + "\n" + Totals(rows) + "\n";
}

}  // namespace caesar
