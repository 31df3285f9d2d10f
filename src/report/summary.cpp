#include "report/summary.h"

#include <algorithm>

#include "base/format.h"
#include "base/strings.h"
#include "record/usd.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

std::string FlagNames(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back(flag.name);
  return Join(names, ", ");
}

// Whether the columns of times hold estimates: of a run that measured nothing. They never hold
// both.
bool IsEstimated(const SampleResult& result) {
  const auto has = [&](double RoundSummary::*time) {
    return std::any_of(result.rounds.begin(), result.rounds.end(),
                       [&](const RoundSummary& round) { return round.*time > 0; });
  };
  return has(&RoundSummary::estimated_us) && !has(&RoundSummary::median_us);
}

// The shape that all estimates are for; empty where it is not known, or not one.
std::string EstimatedShape(const SampleResult& result) {
  std::string shape;
  for (const RoundSummary& round : result.rounds) {
    if (round.estimated_us <= 0) continue;
    if (round.estimated_shape.empty() || (!shape.empty() && shape != round.estimated_shape))
      return "";
    shape = round.estimated_shape;
  }
  return FitLine(shape, 40);
}

std::string TimeCell(const RoundSummary& round, bool estimated) {
  const double us = estimated ? round.estimated_us : round.median_us;
  return us > 0 ? FormatMicros(us) : "";
}

std::string SpeedupCell(const RoundSummary& round, bool estimated) {
  if (estimated)
    return round.estimated_speedup > 0 ? Format("{:.2f}x", round.estimated_speedup) : "";
  return round.speedup ? FormatRatio(*round.speedup) : "";
}

// The headline often repeats time and speed-up, which have columns of their own; then only the
// flags are left to say.
std::string Note(const RoundSummary& round, bool estimated) {
  const bool timed = round.median_us > 0;
  std::string note = TimeCell(round, estimated).empty() ? round.headline : "";
  if (timed && !round.verified) note = "time unverified: no win";
  if (!round.flags.empty())
    note += (note.empty() ? "flags: " : "; flags: ") + FlagNames(round.flags);
  return note;
}

std::string BestLine(const SampleResult& result, const std::string& best_file) {
  if (result.best_round == 0) {
    return result.correct ? "correct, but no time that counts" : "no correct kernel";
  }
  std::string line = Format("round {}", result.best_round);
  if (result.best_us > 0) line += ", " + FormatMicros(result.best_us);
  if (result.best_speedup) line += ", " + FormatRatio(*result.best_speedup);
  if (result.best_estimated_us > 0) {
    const std::string shape = EstimatedShape(result);
    line += Format(", estimated {}{} (no measurement)", FormatMicros(result.best_estimated_us),
                   shape.empty() ? "" : " at shape " + shape);
  }
  if (!best_file.empty()) line += ", " + best_file;
  return line;
}

// Which columns of what the model cost have anything to say.
struct CostColumns {
  bool tokens = false;
  bool price = false;
};

CostColumns CostColumnsOf(const SampleResult& result) {
  CostColumns columns;
  for (const RoundSummary& round : result.rounds) {
    columns.tokens = columns.tokens || round.tokens.reported;
    columns.price = columns.price || (round.tokens.priced && round.tokens.usd > 0);
  }
  return columns;
}

std::string PriceCell(const TokenUsage& tokens) {
  if (!tokens.priced) return "not known";
  return tokens.usd > 0 ? FormatUsd(tokens.usd) : "";
}

// Under a table of estimates without speed-ups; empty under any other.
std::string WhyNoRatio(const SampleResult& result, const std::string& skipped) {
  int estimated = 0;  // a round with an estimate
  for (const RoundSummary& round : result.rounds) {
    if (round.estimated_speedup > 0) return "";
    if (round.estimated_us > 0) estimated = round.round;
  }
  if (estimated == 0 || !IsEstimated(result)) return "";
  const std::string why = skipped.empty() ? Format("caesar show RUN --round {} says why", estimated)
                                          : FitLine(skipped, 200);
  return Format("\nno speed-ups: the simulated GPU did not run the baseline: {}\n", why);
}

}  // namespace

// A call whose tokens nobody counted and that has no price cost nothing: a replay's.
std::string TokenText(const TokenUsage& tokens) {
  std::string text = "not reported";
  if (tokens.reported) {
    std::vector<std::string> of_input;
    if (tokens.cached > 0) of_input.push_back(FormatCount(tokens.cached) + " cached");
    if (tokens.cache_written > 0)
      of_input.push_back(FormatCount(tokens.cache_written) + " written to the cache");
    text = FormatCount(tokens.input) + " in";
    if (!of_input.empty()) text += " (" + Join(of_input, ", ") + ")";
    text += Format(", {} out", FormatCount(tokens.output));
    if (tokens.reasoning > 0) text += Format(" ({} reasoning)", FormatCount(tokens.reasoning));
  }
  if (tokens.estimated) text += " (partly a guess: calls that broke off)";
  if (!tokens.priced) return text + ", price not known";
  return tokens.reported || tokens.usd > 0 ? text + ", " + FormatUsd(tokens.usd) : text;
}

std::string FinishText(const std::string& finished_by) {
  if (finished_by == "RoundsUsedUp") return "all rounds were used";
  if (finished_by == "TargetReached") return "the target speed-up was reached";
  if (finished_by == "Plateaued") return "no improvement for --patience rounds";
  if (finished_by == "BudgetSpent") return "the budget was spent";
  if (finished_by == "Refused") return "the model refused";
  return finished_by.empty() ? "unfinished" : finished_by;
}

std::string RoundTable(const SampleResult& result, bool cut) {
  using Align = TextTable::Align;
  const bool estimated = IsEstimated(result);
  const std::string shape = EstimatedShape(result);
  const std::string time = !estimated      ? "median"
                           : shape.empty() ? "estimated"
                                           : Format("estimated (shape {})", shape);
  const CostColumns costs = CostColumnsOf(result);
  std::vector<TextTable::Column> columns = {
      {"", Align::kLeft},
      {"round", Align::kRight},
      {"outcome", Align::kLeft},
      {time, Align::kRight},
      {estimated ? "estimated speed-up" : "speed-up", Align::kLeft}};
  if (costs.tokens) columns.push_back({"tokens", Align::kRight});
  if (costs.price) columns.push_back({"price", Align::kRight});
  columns.push_back({"note", Align::kLeft, 80});
  TextTable table(std::move(columns), cut);
  for (const RoundSummary& round : result.rounds) {
    const TokenUsage& tokens = round.tokens;
    std::vector<std::string> cells = {round.round == result.best_round ? "*" : "",
                                      Format("{}", round.round), round.outcome,
                                      TimeCell(round, estimated), SpeedupCell(round, estimated)};
    if (costs.tokens) cells.push_back(tokens.reported ? FormatCount(tokens.total()) : "");
    if (costs.price) cells.push_back(PriceCell(tokens));
    cells.push_back(Note(round, estimated));
    table.AddRow(std::move(cells));
  }
  return table.Text();
}

std::string SummaryText(const SampleResult& result, const std::string& best_file,
                        const TextStyle& style, const std::string& baseline_skipped) {
  const bool color = style.color;
  std::string title = result.problem;
  if (result.sample > 0) title += Format(", sample {}", result.sample);
  if (!result.device.empty()) title += " on " + result.device;
  std::string text = Format("{}: {}, {}\n", Paint(FitLine(title, 120), Tone::kBold, color),
                            Plural(static_cast<std::int64_t>(result.rounds.size()), "round"),
                            FitLine(FinishText(result.finished_by), 60));
  if (!result.rounds.empty())
    text += "\n" + RoundTable(result, style.cut) + WhyNoRatio(result, baseline_skipped) + "\n";
  const Tone tone = result.correct ? Tone::kGood : Tone::kBad;
  text += "best:   " + Paint(FitLine(BestLine(result, best_file), 400), tone, color) + "\n";
  text += "tokens: " + TokenText(result.tokens) + "\n";
  return text;
}

}  // namespace caesar
