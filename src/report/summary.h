// A finished (or interrupted) sample as text: the table of its rounds, and its best kernel.
#pragma once

#include <string>

#include "record/sample_result.h"
#include "report/sink.h"
#include "report/table.h"

namespace caesar {

// `best_file` is shown beside the best round; empty: not shown. `baseline_skipped`: why the
// simulated GPU did not run the baseline; empty: unknown, or it did.
std::string SummaryText(const SampleResult& result, const std::string& best_file,
                        const TextStyle& style, const std::string& baseline_skipped = "");

// The table alone.
std::string RoundTable(const SampleResult& result, bool cut);

// "12,345 in (2,000 cached), 3,210 out (900 reasoning), 0.047 USD", or "..., price not known".
std::string TokenText(const TokenUsage& tokens);

// "all rounds were used", for RoundsUsedUp; an unknown name is shown as it is.
std::string FinishText(const std::string& finished_by);

}  // namespace caesar
