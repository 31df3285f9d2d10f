#include "llm/wire_json.h"

#include <gtest/gtest.h>

#include <cfloat>

namespace caesar {
namespace {

using Kind = WireValue::Kind;
using namespace std::string_literals;

std::string Nested(int depth, const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "0";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(WireJson, WhatIsJson) {
  for (const std::string& text :
       {"{}"s, "[]"s, "null"s, "true"s, "false"s, "\"\""s, "0"s, "-0"s, "12.50"s, "1e5"s, "1E+5"s,
        "-1.0e-05"s, " \t\r\n[ 1 , {\"a\" : [ ] } ] \n"s, "{\"a\":1,\"a\":2}"s, "[[],{},[[]]]"s,
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uABcd\""s, "\"\x7F\""s,
        // the leniencies
        "\"\\ud800\""s, "\"\\udc00x\""s, "\"\xFF\""s, "\"a\nb\x01\""s, "1e999"s,
        "{\"\xC3\":-1e999}"s, "\xEF\xBB\xBF {}"s}) {
    WireJson json;
    EXPECT_TRUE(json.Parse(text)) << text;
    EXPECT_NE(json.root().kind(), Kind::kMissing) << text;
  }
}

TEST(WireJson, WhatIsNot) {
  for (const std::string& text : {""s,
                                  " "s,
                                  "{"s,
                                  "["s,
                                  "}"s,
                                  "]"s,
                                  "[1"s,
                                  "[1,"s,
                                  "[1,]"s,
                                  "[,1]"s,
                                  "[1 2]"s,
                                  "[}"s,
                                  "{]"s,
                                  "{\"a\"}"s,
                                  "{\"a\":}"s,
                                  "{\"a\":1,}"s,
                                  "{,}"s,
                                  "{a:1}"s,
                                  "{1:1}"s,
                                  "{\"a\" 1}"s,
                                  "{\"a\":1 \"b\":2}"s,
                                  "[]]"s,
                                  "{}x"s,
                                  "1 2"s,
                                  "nul"s,
                                  "nulll"s,
                                  "True"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-"s,
                                  "+1"s,
                                  "01"s,
                                  "-01"s,
                                  "1."s,
                                  ".5"s,
                                  "1.e5"s,
                                  "1e"s,
                                  "1e+"s,
                                  "0x10"s,
                                  "--1"s,
                                  "\""s,
                                  "\"a"s,
                                  "'a'"s,
                                  "\"\\"s,
                                  "\"\\\""s,
                                  "\"\\x\""s,
                                  "\"\\u12\""s,
                                  "\"\\u12g4\""s,
                                  "\"\\u123"s,
                                  "\"\\ud800\\u12\""s,
                                  "// c\n1"s,
                                  "[1]\0"s + "\0"s,
                                  "\xEF\xBB[]"s,
                                  "[\xEF\xBB\xBF]"s,
                                  "\xEF\xBB\xBF"s,
                                  "\v1"s,
                                  "data: {}"s}) {
    WireJson json;
    EXPECT_FALSE(json.Parse(text)) << text;
    EXPECT_EQ(json.root().kind(), Kind::kMissing) << text;
  }
}

// No prefix of an object is JSON, and none is read beyond its end: each lies in a block of its own.
TEST(WireJson, CutAnywhere) {
  const std::string whole =
      R"({"a":[1.5e+3,true,false,null,-0],"b\n\u00e9":"x\ud83d\ude00y long enough for words",)"
      R"("c":{"d":{}}})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    WireJson json;
    EXPECT_FALSE(json.Parse({cut.data(), cut.size()})) << size;
  }
  WireJson json;
  EXPECT_TRUE(json.Parse(whole));
}

TEST(WireJson, DepthHasALimit) {
  for (const auto& [open, close] : {std::pair{"["s, "]"s}, std::pair{"{\"a\":"s, "}"s}}) {
    WireJson json;
    EXPECT_TRUE(json.Parse(Nested(WireJson::kDepthMax, open, close)));
    EXPECT_FALSE(json.Parse(Nested(WireJson::kDepthMax + 1, open, close)));
    EXPECT_FALSE(json.Parse(Nested(100'000, open, close)));
  }
}

TEST(WireJson, ValuesHaveALimit) {
  const auto zeros = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) text += ",0";
    return text + "]";
  };
  WireJson json;
  EXPECT_TRUE(json.Parse(zeros(WireJson::kNodesMax - 1)));  // and the array itself
  EXPECT_FALSE(json.Parse(zeros(WireJson::kNodesMax)));
}

TEST(WireJson, Text) {
  const std::string replacement = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("long enough for a word\nof eight bytes")", "long enough for a word\nof eight bytes"},
      {R"("\u0041\u00e9\u20AC")", "A\u00e9\u20ac"},
      {R"("\ud83d\ude00!")", "\U0001F600!"},
      {R"("\uDBFF\uDFFF")", "\U0010FFFF"},
      {R"("a\u0000b")", "a\0b"s},
      {"\"\u00fc\"", "\u00fc"},
      {R"("\ud800")", replacement},
      {R"("\ud800x")", replacement + "x"},
      {R"("\ud800\n")", replacement + "\n"},
      {R"("\ud800\u0041")", replacement + "A"},
      {R"("\ud800\ud83d\ude00")", replacement + "\U0001F600"},
      {R"("\ude00\ud83d")", replacement + replacement},
      {"\"a\xFF\"", "a" + replacement},
      {"\"\xC3\\u00a9\"", replacement + "\u00a9"},  // not joined to what follows
      {"\"a\nb\"", "a\nb"}};
  for (const auto& [text, expected] : cases) {
    WireJson json;
    ASSERT_TRUE(json.Parse(text)) << text;
    EXPECT_EQ(json.root().text(), expected) << text;
  }
  WireJson json;
  ASSERT_TRUE(json.Parse("[1]"));
  EXPECT_EQ(json.root().text(), "");
}

TEST(WireJson, Numbers) {
  struct Case {
    const char* text;
    double number;
    std::int64_t count;
  };
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  for (const Case& c :
       {Case{"0", 0, 0}, Case{"42", 42, 42}, Case{"12.99", 12.99, 12}, Case{"-3", -3, 0},
        Case{"1.5e3", 1500, 1500}, Case{"1e15", 1e15, kMost}, Case{"1e16", 1e16, kMost},
        Case{"1e999", DBL_MAX, kMost}, Case{"-1e999", -DBL_MAX, 0}, Case{"1e-999", 0, 0},
        Case{"0e999999999999", 0, 0}, Case{"18446744073709551616", 18446744073709551616.0, kMost},
        Case{"\"7\"", 0, 0}, Case{"null", 0, 0}, Case{"[7]", 0, 0}}) {
    WireJson json;
    ASSERT_TRUE(json.Parse(c.text)) << c.text;
    EXPECT_EQ(json.root().number(), c.number) << c.text;
    EXPECT_EQ(json.root().count(), c.count) << c.text;
  }
  WireJson json;
  const std::string huge(400, '9');
  ASSERT_TRUE(json.Parse(huge));
  EXPECT_EQ(json.root().number(), DBL_MAX);
  const std::string tiny = "0." + std::string(400, '0') + "1";
  ASSERT_TRUE(json.Parse(tiny));
  EXPECT_EQ(json.root().number(), 0);
}

TEST(WireJson, Paths) {
  WireJson json;
  ASSERT_TRUE(json.Parse(R"({"a":{"skipped":[[1,{"b":2}],{}],"b":"x"},"list":[10,{"k":true},[3]],)"
                         R"("esc\u0061ped":1,"twice":1,"twice":2,"null":null})"));
  const WireValue root = json.root();
  EXPECT_TRUE(root.is_object());
  EXPECT_EQ(root["a"]["b"].text(), "x");
  EXPECT_EQ(root["list"][0].count(), 10);
  EXPECT_TRUE(root["list"][1]["k"].boolean());
  EXPECT_EQ(root["list"][2][0].count(), 3);
  EXPECT_EQ(root["list"][3].kind(), Kind::kMissing);
  EXPECT_EQ(root["escaped"].count(), 1);
  EXPECT_EQ(root["twice"].count(), 2);
  EXPECT_EQ(root["null"].kind(), Kind::kNull);
  EXPECT_FALSE(root["null"].exists());
  EXPECT_TRUE(root["a"].exists());
  // A member of what is no object, an item of what is no array, and a value taken for a key.
  for (const WireValue missing : {root["none"], root["none"]["a"][3]["b"], root["list"]["a"],
                                  root["a"][0], root["a"]["b"]["c"], root["x"], WireValue()}) {
    EXPECT_EQ(missing.kind(), Kind::kMissing);
    EXPECT_FALSE(missing.exists());
    EXPECT_TRUE(missing.empty());
    EXPECT_EQ(missing.text(), "");
    EXPECT_EQ(missing.count(), 0);
    EXPECT_FALSE(missing.boolean());
    EXPECT_EQ(missing.raw(), "");
    EXPECT_FALSE(missing.is(""));
  }
}

TEST(WireJson, RawIsTheTextOfAValue) {
  WireJson json;
  ASSERT_TRUE(json.Parse(R"( {"a": [1, {"b" :2} ] , "s":"x\n","n":-1e3 ,"t":true} )"));
  const WireValue root = json.root();
  EXPECT_EQ(root.raw(), R"({"a": [1, {"b" :2} ] , "s":"x\n","n":-1e3 ,"t":true})");
  EXPECT_EQ(root["a"].raw(), R"([1, {"b" :2} ])");
  EXPECT_EQ(root["s"].raw(), R"(x\n)");
  EXPECT_EQ(root["n"].raw(), "-1e3");
  EXPECT_EQ(root["t"].raw(), "true");
}

TEST(WireJson, ItemsOfAnArray) {
  WireJson json;
  ASSERT_TRUE(
      json.Parse(R"({"list":[1,[2,2],{"x":3},4],"none":[],"object":{"a":1},"text":"abc"})"));
  std::vector<std::string> items;
  for (const WireValue item : json.root()["list"]) items.emplace_back(item.raw());
  EXPECT_EQ(items, (std::vector<std::string>{"1", "[2,2]", R"({"x":3})", "4"}));
  for (const char* key : {"none", "object", "text", "missing"}) {
    for (const WireValue item : json.root()[key]) ADD_FAILURE() << key << item.raw();
  }
}

TEST(WireJson, Empty) {
  WireJson json;
  ASSERT_TRUE(json.Parse(R"([[],{},"",null,0,[0],{"a":0},"a"])"));
  std::vector<bool> empty;
  for (const WireValue item : json.root()) empty.push_back(item.empty());
  EXPECT_EQ(empty, (std::vector<bool>{true, true, true, true, true, false, false, false}));
}

TEST(WireJson, UsedAgain) {
  WireJson json;
  ASSERT_TRUE(json.Parse(R"({"a":1})"));
  EXPECT_FALSE(json.Parse("[1,"));
  EXPECT_EQ(json.root().kind(), Kind::kMissing);
  ASSERT_TRUE(json.Parse("[2]"));
  EXPECT_EQ(json.root()[0].count(), 2);
}

}  // namespace
}  // namespace caesar
