#include "llm/prices.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr const char* kList = R"({  // comments are allowed
  "date": "2026-11-23", "usd_per_million_tokens": {
    "API.example.com": {
      "model-1": {"input": 2, "cached": 0.2, "cache_written": 2.5, "output": 10, "source": "x", "note": "y"},
      "model-1-2026-10-01": {"input": 3, "output": 3},
      "bands": [{"input_tokens_max": 1000, "input": 1, "output": 1}, {"input": 2, "output": 2}],
      "narrow": {"input_tokens_max": 1000, "input": 1, "output": 1},
      "cheaper": [{"until": "2026-12-31", "input": 1, "output": 1}, {"input": 2, "output": 2}],
      "ending": {"until": "2026-12-31", "input": 1, "output": 1},
      "*": {"input": 7, "output": 7}
    },
    "localhost": {"*": {"input": 0, "output": 0}}
  }})";

TokenUsage Used(std::int64_t input, std::int64_t output) {
  TokenUsage tokens;
  tokens.input = input;
  tokens.output = output;
  tokens.reported = true;
  return tokens;
}

std::string Usd(const PriceList& prices, const char* model, const TokenUsage& tokens,
                const char* host = "api.example.com", const char* today = "2026-11-23") {
  const auto usd = CostUsd(prices, host, model, today, tokens);
  return usd ? Format("{:.4f}", *usd) : "unknown";
}

// Of a million tokens of input, except where the row's bands matter.
std::string Usd(const char* model, const char* host = "api.example.com",
                const char* today = "2026-11-23", std::int64_t input = 1'000'000) {
  return Usd(ParsePriceList(kList, "list").value(), model, Used(input, 0), host, today);
}

TEST(Prices, InputAndOutput) {
  const PriceList prices = ParsePriceList(kList, "list").value();
  EXPECT_EQ(prices.date, "2026-11-23");
  EXPECT_EQ(Usd(prices, "model-1", Used(1'000'000, 500'000)), "7.0000");
  EXPECT_EQ(Usd(prices, "model-1", Used(0, 0)), "0.0000");
  EXPECT_EQ(Usd(prices, "model-1", Used(1, 1)), "0.0000");
}

TEST(Prices, CachedInputHasItsOwnPrice) {
  const PriceList prices = ParsePriceList(kList, "list").value();
  TokenUsage tokens = Used(1'000'000, 0);
  tokens.cached = 400'000;
  tokens.cache_written = 100'000;
  EXPECT_EQ(Usd(prices, "model-1", tokens), "1.3300");  // 1.0 + 0.08 + 0.25
  tokens.cached = 5'000'000;  // more than there is: no plain input, and never less than nothing
  EXPECT_EQ(Usd(prices, "model-1", tokens), "1.2500");
}

TEST(Prices, CachedInputWithoutAPriceCostsAsMuchAsOther) {
  const PriceList prices = ParsePriceList(kList, "list").value();
  TokenUsage tokens = Used(1000, 0);
  const std::string plain = Usd(prices, "model-1-2026-10-01", tokens);
  EXPECT_NE(plain, "unknown");
  tokens.cached = 400;
  EXPECT_EQ(Usd(prices, "model-1-2026-10-01", tokens), plain);
  tokens.cached = 0;
  tokens.cache_written = 1;
  EXPECT_EQ(Usd(prices, "model-1-2026-10-01", tokens), "unknown");
}

TEST(Prices, TokensThatWereNotReportedCostNobodyKnowsWhat) {
  TokenUsage tokens = Used(1000, 1000);
  tokens.reported = false;
  EXPECT_EQ(Usd(ParsePriceList(kList, "list").value(), "model-1", tokens), "unknown");
}

TEST(Prices, NamesWithADateAreTheirModels) {
  EXPECT_EQ(Usd("model-1"), "2.0000");
  EXPECT_EQ(Usd("model-1-2026-11-01"), "2.0000");
  EXPECT_EQ(Usd("model-1-20261101"), "2.0000");
  EXPECT_EQ(Usd("model-1-2026-10-01"), "3.0000");  // has a row of its own
  for (const char* other :
       {"model-1-2026-13-01", "model-1-20261301", "model-1-12345678", "model-1-2026-1-1",
        "model-12026-11-01", "model-1-20261101-x", "model", "model-11", "2026-11-01", "-20261101"})
    EXPECT_EQ(Usd(other), "7.0000") << other;  // of "*"
}

TEST(Prices, StarIsEveryOtherModelOfItsHost) {
  EXPECT_EQ(Usd("anything"), "7.0000");
  EXPECT_EQ(Usd(""), "7.0000");
  EXPECT_EQ(Usd("anything", "localhost"), "0.0000");
  EXPECT_EQ(Usd("anything", "other.example.com"), "unknown");
  EXPECT_EQ(Usd("model-1", "example.com"), "unknown");
  EXPECT_EQ(Usd("model-1", ""), "unknown");
}

TEST(Prices, BandsOfInput) {
  EXPECT_EQ(Usd("bands", "api.example.com", "2026-11-23", 1000), "0.0010");
  EXPECT_EQ(Usd("bands", "api.example.com", "2026-11-23", 1001), "0.0020");
  EXPECT_EQ(Usd("narrow", "api.example.com", "2026-11-23", 1000), "0.0010");
  // Its prices are known, but not for that much; "*" is for models without any.
  EXPECT_EQ(Usd("narrow", "api.example.com", "2026-11-23", 1001), "unknown");
}

TEST(Prices, EndOfAPrice) {
  EXPECT_EQ(Usd("cheaper", "api.example.com", "2026-12-31"), "1.0000");
  EXPECT_EQ(Usd("cheaper", "api.example.com", "2027-01-01"), "2.0000");
  EXPECT_EQ(Usd("ending", "api.example.com", "2026-12-31"), "1.0000");
  EXPECT_EQ(Usd("ending", "api.example.com", "2027-01-01"), "unknown");
}

TEST(Prices, HugeCountsAreNoUndefinedBehaviour) {
  TokenUsage tokens = Used(INT64_MAX, INT64_MAX);
  tokens.cached = tokens.cache_written = INT64_MAX;
  EXPECT_NE(Usd(ParsePriceList(kList, "list").value(), "model-1", tokens), "unknown");
}

TEST(Prices, WhatTheUserPricesTheUserPricesAlone) {
  const auto own = [](const std::string& models) {
    const std::string text =
        Format(R"({{"usd_per_million_tokens": {{"api.example.com": {{{}}}}}}})", models);
    return MergePrices(ParsePriceList(text, "own").value(), ParsePriceList(kList, "list").value());
  };
  const PriceList one = own(R"("model-1": {"input": 5, "output": 5})");
  EXPECT_EQ(Usd(one, "model-1", Used(1'000'000, 0)), "5.0000");
  EXPECT_EQ(Usd(one, "model-1-2026-10-01", Used(1'000'000, 0)), "5.0000");
  EXPECT_EQ(Usd(one, "bands", Used(1000, 0)), "0.0010");
  EXPECT_EQ(Usd(one, "x", Used(1'000'000, 0), "localhost"), "0.0000");
  const PriceList all = own(R"("*": {"input": 6, "output": 6})");
  EXPECT_EQ(Usd(all, "model-1", Used(1'000'000, 0)), "6.0000");
  EXPECT_EQ(Usd(all, "bands", Used(1'000'000, 0)), "6.0000");
  // A price of the user's that is over is over, whatever the built-in list says.
  const PriceList over = own(R"("model-1": {"until": "2026-01-01", "input": 5, "output": 5})");
  EXPECT_EQ(Usd(over, "model-1", Used(1, 0)), "unknown");
}

std::string Wrong(const std::string& text) {
  const auto list = ParsePriceList(text, "my.json");
  if (list.ok()) return "";
  EXPECT_EQ(list.error().code, ErrorCode::kBadInput);
  return list.error().message;
}

// A list with this as the entry of a model.
std::string WrongRow(const std::string& entry) {
  return Wrong(Format(R"({{"usd_per_million_tokens": {{"h": {{"m": {}}}}}}})", entry));
}

TEST(Prices, ErrorsNameThePlace) {
  EXPECT_NE(Wrong("{\n\"date\": }").find("my.json: it is not JSON"), std::string::npos);
  EXPECT_NE(Wrong("{\n\"date\": }").find("line 2"), std::string::npos);
  EXPECT_EQ(Wrong("[]"), "my.json: it is not a JSON object");
  EXPECT_EQ(Wrong(R"({"prices": {}})"),
            "my.json: prices: expected are date and usd_per_million_tokens");
  for (const char* date : {"1", "\"today\"", "\"2026-13-01\"", "\"2026-02-30\"", "\"2026-1-01\"",
                           "\"2026-10-011\"", "\"-026-10-01\"", "null"}) {
    EXPECT_EQ(Wrong(Format(R"({{"date": {}}})", date)),
              "my.json: date: it must be a date, \"YYYY-MM-DD\"");
  }
  EXPECT_EQ(Wrong(R"({"usd_per_million_tokens": []})"),
            "my.json: usd_per_million_tokens: it must be an object of hosts");
  EXPECT_EQ(Wrong(R"({"usd_per_million_tokens": {"h": 1}})"),
            "my.json: h: it must be an object of models");
  for (const char* host : {"https://h", "h:443", "a@h", ""}) {
    EXPECT_NE(Wrong(Format(R"({{"usd_per_million_tokens": {{"{}": {{}}}}}})", host))
                  .find("it must be the name of a host alone"),
              std::string::npos)
        << host;
  }
  EXPECT_EQ(WrongRow("1"), "my.json: h: m: it must be an object of prices");
  EXPECT_EQ(WrongRow("[]"), "my.json: h: m: it has no prices");
  EXPECT_EQ(WrongRow("{}"), "my.json: h: m: it needs input");
  EXPECT_EQ(WrongRow(R"({"input": 1})"), "my.json: h: m: it needs output");
  EXPECT_EQ(WrongRow(R"([{"input": 1, "output": 1}, {"output": 1}])"),
            "my.json: h: m: row 2: it needs input");
  EXPECT_EQ(WrongRow(R"({"input": 1, "output": 1, "cashed": 1})"),
            "my.json: h: m: cashed: it is no field of a price");
  EXPECT_EQ(WrongRow(R"({"input": 1, "output": 1, "until": "soon"})"),
            "my.json: h: m: until: it must be a date, \"YYYY-MM-DD\"");
}

TEST(Prices, NumbersArePrices) {
  for (const char* number : {"-1", "-1e-9", "1000001", "\"1\"", "null", "true", "[1]"}) {
    for (const char* field : {"input", "output", "cached", "cache_written"}) {
      const std::string row = Format(R"({{"input": 1, "output": 1, "{}": {}}})", field, number);
      EXPECT_EQ(WrongRow(row),
                Format("my.json: h: m: {}: it must be a number from 0 to 1,000,000", field));
    }
  }
  EXPECT_EQ(WrongRow(R"({"input": 0, "output": 1e6, "cached": 0.0})"), "");
  for (const char* number : {"0", "-1", "0.5", "\"1\"", "1e30", "null"}) {
    EXPECT_EQ(WrongRow(Format(R"({{"input": 1, "output": 1, "input_tokens_max": {}}})", number)),
              "my.json: h: m: input_tokens_max: it must be a whole number of at least 1");
  }
  EXPECT_NE(WrongRow(R"({"input": 1e999, "output": 1})"), "");
}

TEST(Prices, TheBuiltInListIsSound) {
  const auto list = BuiltInPrices();
  ASSERT_TRUE(list.ok()) << list.error().message;
  EXPECT_EQ(list.value().date.size(), 10U);
  EXPECT_GT(list.value().rows.size(), 10U);
  for (const PriceRow& row : list.value().rows) {
    const std::string name = row.host + ": " + row.model;
    EXPECT_EQ(row.host, ToLower(row.host)) << name;
    EXPECT_LE(row.input, row.output) << name;
    EXPECT_LE(row.cached.value_or(0), row.input) << name;
    EXPECT_GE(row.cache_written.value_or(row.input), row.input) << name;
    EXPECT_TRUE(row.until.empty() || row.until >= list.value().date) << name;
  }
}

}  // namespace
}  // namespace caesar
