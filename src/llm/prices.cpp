#include "llm/prices.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "base/check.h"
#include "base/embedded.h"
#include "base/format.h"
#include "base/strings.h"

namespace caesar {

std::span<const EmbeddedFile> EmbeddedPrices();  // made by caesar_embed

namespace {

using nlohmann::json;

constexpr std::int64_t kPriceMax = 1'000'000;  // USD per million tokens

// `digits` digits at `start`, as a number; -1: there are others.
int Number(std::string_view text, std::size_t start, std::size_t digits) {
  int number = 0;
  for (const char c : text.substr(start, digits)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool IsDate(int year, int month, int day) {
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool IsDate(std::string_view text) {  // "2026-10-01"
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         IsDate(Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2));
}

bool IsShortDate(std::string_view text) {  // "20261001"
  return text.size() == 8 && IsDate(Number(text, 0, 4), Number(text, 4, 2), Number(text, 6, 2));
}

// Reads one list; errors name the place.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  Result<PriceList> Read(const std::string& text) {
    json document;
    try {
      document = json::parse(text, nullptr, /*allow_exceptions=*/true, /*ignore_comments=*/true);
    } catch (const json::exception& error) {  // says line and column
      return Wrong("", "it is not JSON: " + ForTerminal(error.what()));
    }
    if (!document.is_object()) return Wrong("", "it is not a JSON object");
    PriceList list;
    for (const auto& [key, value] : document.items()) {
      if (key == "date") {
        list.date = TRY(Date(key, value));
      } else if (key == "usd_per_million_tokens") {
        TRY(Hosts(value, list.rows));
      } else {
        return Wrong(key, "expected are date and usd_per_million_tokens");
      }
    }
    return list;
  }

 private:
  Error Wrong(const std::string& place, const std::string& what) const {
    return Error{ErrorCode::kBadInput,
                 Format("{}: {}{}", ForTerminal(name_),
                        place.empty() ? "" : ForTerminal(ToValidUtf8(place)) + ": ", what),
                 "prompts/prices.json shows the form."};
  }

  Result<std::string> Date(const std::string& place, const json& value) const {
    if (value.is_string() && IsDate(value.get<std::string>())) return value.get<std::string>();
    return Wrong(place, "it must be a date, \"YYYY-MM-DD\"");
  }

  Status Hosts(const json& hosts, std::vector<PriceRow>& rows) const {
    if (!hosts.is_object()) return Wrong("usd_per_million_tokens", "it must be an object of hosts");
    for (const auto& [host, models] : hosts.items()) {
      if (host.empty() || host.find_first_of(":/@") != std::string::npos)
        return Wrong(host, "it must be the name of a host alone, such as api.example.com");
      if (!models.is_object()) return Wrong(host, "it must be an object of models");
      for (const auto& [model, entry] : models.items()) {
        const std::string place = host + ": " + model;
        if (!entry.is_array()) {
          rows.push_back(TRY(Row(host, model, place, entry)));
          continue;
        }
        if (entry.empty()) return Wrong(place, "it has no prices");
        for (std::size_t i = 0; i < entry.size(); ++i)
          rows.push_back(TRY(Row(host, model, Format("{}: row {}", place, i + 1), entry[i])));
      }
    }
    return {};
  }

  Result<PriceRow> Row(const std::string& host, const std::string& model, const std::string& place,
                       const json& entry) const {
    if (!entry.is_object()) return Wrong(place, "it must be an object of prices");
    PriceRow row;
    row.host = ToLower(host);
    row.model = model;
    for (const auto& [key, value] : entry.items()) {
      const std::string field = place + ": " + key;
      if (key == "source" || key == "note") continue;  // for people
      if (key == "until") {
        row.until = TRY(Date(field, value));
      } else if (key == "input_tokens_max") {
        row.input_tokens_max = TRY(Tokens(field, value));
      } else if (key == "input") {
        row.input = TRY(Price(field, value));
      } else if (key == "cached") {
        row.cached = TRY(Price(field, value));
      } else if (key == "cache_written") {
        row.cache_written = TRY(Price(field, value));
      } else if (key == "output") {
        row.output = TRY(Price(field, value));
      } else {
        return Wrong(field, "it is no field of a price");
      }
    }
    for (const char* needed : {"input", "output"}) {
      if (!entry.contains(needed)) return Wrong(place, Format("it needs {}", needed));
    }
    return row;
  }

  Result<double> Price(const std::string& field, const json& value) const {
    if (value.is_number() && value.get<double>() >= 0 &&
        value.get<double>() <= static_cast<double>(kPriceMax))
      return value.get<double>();
    return Wrong(field, Format("it must be a number from 0 to {}", FormatCount(kPriceMax)));
  }

  Result<std::int64_t> Tokens(const std::string& field, const json& value) const {
    if (value.is_number_integer() && value.get<double>() >= 1 && value.get<double>() <= 1e15)
      return value.get<std::int64_t>();
    return Wrong(field, "it must be a whole number of at least 1");
  }

  std::string name_;
};

// "model" of "model-2026-10-01" and "model-20261001".
std::string_view WithoutDate(std::string_view model) {
  const std::size_t size = model.size();
  if (size > 11 && model[size - 11] == '-' && IsDate(model.substr(size - 10)))
    return model.substr(0, size - 11);
  if (size > 9 && model[size - 9] == '-' && IsShortDate(model.substr(size - 8)))
    return model.substr(0, size - 9);
  return model;
}

bool Fits(const PriceRow& row, std::string_view today, const TokenUsage& tokens) {
  return (row.until.empty() || today <= row.until) &&
         (row.input_tokens_max == 0 || tokens.input <= row.input_tokens_max);
}

// The row for the model's own name, else for its name without date, else for all models.
const PriceRow* FindRow(const PriceList& prices, std::string_view host, std::string_view model,
                        std::string_view today, const TokenUsage& tokens) {
  for (const std::string_view name : {model, WithoutDate(model), std::string_view("*")}) {
    bool named = false;
    for (const PriceRow& row : prices.rows) {
      if (row.host != host || row.model != name) continue;
      named = true;
      if (Fits(row, today, tokens)) return &row;
    }
    if (named) return nullptr;  // its prices are known, but not for this
  }
  return nullptr;
}

}  // namespace

Result<PriceList> ParsePriceList(const std::string& json, const std::string& name) {
  return Reader(name).Read(json);
}

Result<PriceList> BuiltInPrices() {
  const auto files = EmbeddedPrices();
  CHECK(files.size() == 1);
  return ParsePriceList(std::string(files[0].content), std::string(files[0].path));
}

std::optional<double> CostUsd(const PriceList& prices, std::string_view host,
                              std::string_view model, std::string_view today,
                              const TokenUsage& tokens) {
  const PriceRow* row = FindRow(prices, host, model, today, tokens);
  if (row == nullptr || !tokens.reported) return std::nullopt;
  const bool free = row->input == 0 && row->output == 0;
  if (tokens.cache_written > 0 && !row->cache_written && !free) return std::nullopt;
  // In floating point, since sums of what servers say may not fit into integers.
  const auto cached = static_cast<double>(tokens.cached);
  const auto written = static_cast<double>(tokens.cache_written);
  const double plain = std::max(0.0, static_cast<double>(tokens.input) - cached - written);
  return (plain * row->input + cached * row->cached.value_or(row->input) +
          written * row->cache_written.value_or(0) +
          static_cast<double>(tokens.output) * row->output) /
         1e6;
}

PriceList MergePrices(PriceList own, const PriceList& built_in) {
  const std::vector<PriceRow> rows = own.rows;
  for (const PriceRow& row : built_in.rows) {
    const bool replaced = std::any_of(rows.begin(), rows.end(), [&](const PriceRow& mine) {
      return mine.host == row.host &&
             (mine.model == "*" || mine.model == row.model || mine.model == WithoutDate(row.model));
    });
    if (!replaced) own.rows.push_back(row);
  }
  return own;
}

}  // namespace caesar
