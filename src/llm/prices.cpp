#include "llm/prices.h"

#include <algorithm>
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

constexpr double kPriceMax = 1e6;  // USD per million tokens

bool IsDate(std::string_view text) {
  if (text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  return true;
}

// Reads one list; errors name the place.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  Result<PriceList> Read(const std::string& text) {
    json document =
        json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
    if (!document.is_object()) return Wrong("", "it is not a JSON object");
    PriceList list;
    for (const auto& [key, value] : document.items()) {
      if (key == "date") {
        if (!value.is_string() || !IsDate(value.get<std::string>()))
          return Wrong(key, "it must be a date, \"YYYY-MM-DD\"");
        list.date = value.get<std::string>();
      } else if (key == "usd_per_million_tokens" && value.is_object()) {
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
                 Format("{}: {}{}", name_, place.empty() ? "" : ForTerminal(place) + ": ", what),
                 "prompts/prices.json shows the form."};
  }

  Status Hosts(const json& hosts, std::vector<PriceRow>& rows) const {
    for (const auto& [host, models] : hosts.items()) {
      if (!models.is_object()) return Wrong(host, "it must be an object of models");
      for (const auto& [model, entry] : models.items()) {
        const json all = entry.is_array() ? entry : json::array({entry});
        for (const json& row : all) rows.push_back(TRY(Row(host, model, row)));
      }
    }
    return {};
  }

  Result<PriceRow> Row(const std::string& host, const std::string& model, const json& entry) const {
    const std::string place = host + ": " + model;
    if (!entry.is_object()) return Wrong(place, "it must be an object of prices");
    PriceRow row;
    row.host = ToLower(host);
    row.model = model;
    for (const auto& [key, value] : entry.items()) {
      const std::string field = place + ": " + key;
      if (key == "until") {
        if (!value.is_string() || !IsDate(value.get<std::string>()))
          return Wrong(field, "it must be a date, \"YYYY-MM-DD\"");
        row.until = value.get<std::string>();
        continue;
      }
      if (key == "source" || key == "note") continue;  // for people
      if (!value.is_number() || !(value.get<double>() >= 0))
        return Wrong(field, "it must be a number of at least 0");
      const double number = value.get<double>();
      if (key == "input_tokens_max") {
        row.input_tokens_max = static_cast<std::int64_t>(std::min(number, 1e15));
        continue;
      }
      if (!(number <= kPriceMax)) return Wrong(field, "no price is that high");
      if (key == "input") {
        row.input = number;
      } else if (key == "cached") {
        row.cached = number;
      } else if (key == "cache_written") {
        row.cache_written = number;
      } else if (key == "output") {
        row.output = number;
      } else {
        return Wrong(field, "it is no field of a price");
      }
    }
    if (!entry.contains("input") || !entry.contains("output"))
      return Wrong(place, "it needs input and output");
    return row;
  }

  std::string name_;
};

// "model" of "model-2026-10-01" and "model-20261001".
std::string_view WithoutDate(std::string_view model) {
  const auto digits = [](std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::size_t size = model.size();
  if (size > 11 && model[size - 11] == '-' && IsDate(model.substr(size - 10)))
    return model.substr(0, size - 11);
  if (size > 9 && model[size - 9] == '-' && digits(model.substr(size - 8)))
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
  if ((tokens.cached > 0 && !row->cached) || (tokens.cache_written > 0 && !row->cache_written))
    return std::nullopt;
  const std::int64_t plain =
      std::max<std::int64_t>(0, tokens.input - tokens.cached - tokens.cache_written);
  return (static_cast<double>(plain) * row->input +
          static_cast<double>(tokens.cached) * row->cached.value_or(0) +
          static_cast<double>(tokens.cache_written) * row->cache_written.value_or(0) +
          static_cast<double>(tokens.output) * row->output) /
         1e6;
}

bool HasPrice(const PriceList& prices, std::string_view host, std::string_view model,
              std::string_view today) {
  return FindRow(prices, host, model, today, TokenUsage{}) != nullptr;
}

}  // namespace caesar
