// What calls cost: a small table that people edit (prompts/prices.json, --prices). A price that is
// not in it is not known, and never guessed.
//
//   { "date": "2026-11-23", "usd_per_million_tokens": { "api.example.com": {
//       "model-1": { "input": 2, "cached": 0.2, "cache_written": 2.5, "output": 10 },
//       "model-2": [ { "input_tokens_max": 100000, "input": 0.1, "output": 0.5 },
//                    { "until": "2026-12-31", "input": 0.5, "output": 2.5 } ],
//       "*": { "input": 0, "output": 0 } } } }
//
// `input` is for input that was neither read from the provider's cache nor written to it. Of
// several rows the first that fits counts; "*" is every model of the host that has no row. `source`
// and `note` are for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/tokens.h"

namespace caesar {

struct PriceRow {
  std::string host;
  std::string model;  // a dated name ("model-2026-10-01") is its model's
  double input = 0;   // USD per million tokens, as are the others
  std::optional<double> cached;
  std::optional<double> cache_written;
  double output = 0;
  std::int64_t input_tokens_max = 0;  // 0: any number
  std::string until;                  // the last day, "2026-12-31"; empty: no end is known
};

struct PriceList {
  std::string date;
  std::vector<PriceRow> rows;
};

// Errors: kBadInput, naming list and field.
Result<PriceList> ParsePriceList(const std::string& json, const std::string& name);
Result<PriceList> BuiltInPrices();

// What these tokens cost in USD at `host` (in lower case) on the day `today`, "YYYY-MM-DD". Empty:
// not known, also where the provider did not report tokens, or input was written to its cache and
// the row says no price of that. Cached input without a price of its own costs as much as other
// input: no provider asks more for it.
std::optional<double> CostUsd(const PriceList& prices, std::string_view host,
                              std::string_view model, std::string_view today,
                              const TokenUsage& tokens);

// The user's list and the built-in one as one: what the user prices, the user prices alone.
PriceList MergePrices(PriceList own, const PriceList& built_in);

}  // namespace caesar
