#include "record/json_io.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace caesar {
namespace {

struct Thing {
  bool flag = false;
  int small = 0;
  std::int64_t large = 0;
  std::uint64_t bytes = 0;
  double number = 0;
  std::optional<double> maybe;
  double low = 0;
  double high = 0;
  std::string text;
  std::vector<std::pair<std::string, std::int64_t>> dims;
};

void Describe(JsonIo& io, Thing& thing) {
  io.Field("flag", thing.flag);
  io.Field("small", thing.small);
  io.Field("large", thing.large);
  io.Field("bytes", thing.bytes);
  io.Field("number", thing.number);
  io.Field("maybe", thing.maybe);
  io.Range("range", thing.low, thing.high);
  io.Field("text", thing.text);
  io.Field("dims", thing.dims);
}

Thing RoundTrip(const Thing& thing, UnknownFields unknown = UnknownFields::kRefuse) {
  const auto read = ReadJson<Thing>(WriteJson(thing, -1), "thing", unknown);
  EXPECT_TRUE(read.ok()) << WriteJson(thing, -1) << (read.ok() ? "" : read.error().message);
  return read.ok() ? read.value() : Thing();
}

std::string Error(const std::string& member, UnknownFields unknown = UnknownFields::kIgnore) {
  // Later members of an object cannot replace earlier ones, so the changed one is spliced in.
  const std::string name = member.substr(0, member.find(':'));
  std::string json =
      R"({"flag":true,"small":1,"large":2,"bytes":3,"number":4,"maybe":null,"range":[1,2],"text":"t","dims":{"b":1,"a":2},})";
  if (const auto at = json.find(name + ":"); at != json.npos) {
    auto end = json.find(",\"", at + name.size());
    if (name == "\"dims\"") end = json.size() - 2;
    if (name == "\"range\"") end = json.find("]", at) + 1;
    json.replace(at, end - at, member);
    json.erase(json.size() - 2, 1);
  } else {
    json.insert(json.size() - 1, member);
  }
  const auto read = ReadJson<Thing>(json, "thing", unknown);
  return read.ok() ? "no error" : read.error().message;
}

TEST(JsonIo, WritesInTheOrderOfTheDescription) {
  Thing thing;
  thing.dims = {{"rows", 2}, {"cols", 3}};
  EXPECT_EQ(
      WriteJson(thing, -1),
      R"({"flag":false,"small":0,"large":0,"bytes":0,"number":0.0,"maybe":null,"range":[0.0,0.0],"text":"",)"
      R"("dims":{"rows":2,"cols":3}})");
  EXPECT_EQ(WriteJson(thing, -1, KeyOrder::kSorted).substr(0, 10), R"({"bytes":0)");
  EXPECT_EQ(RoundTrip(thing).dims, thing.dims) << "the order of dims is kept";
}

TEST(JsonIo, DoublesRoundTripExactly) {
  for (const double value :
       {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123456789, 1e22, 0.3 - 0.1}) {
    Thing thing;
    thing.number = value;
    thing.maybe = -value;
    const Thing read = RoundTrip(thing);
    EXPECT_EQ(read.number, value);
    EXPECT_EQ(std::signbit(read.number), std::signbit(value));
    EXPECT_EQ(read.maybe, -value);
  }
}

TEST(JsonIo, NanAndInfinityAreNullWithTheirReason) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  Thing thing;
  thing.number = NAN;
  thing.maybe = -kInf;
  thing.low = -kInf;
  thing.high = 3;
  const std::string json = WriteJson(thing, -1);
  EXPECT_NE(json.find(R"("number":null,"number_reason":"nan","maybe":null,"maybe_reason":"-inf")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("range":[null,3.0],"range_reason":["-inf",null])"), std::string::npos)
      << json;
  const Thing read = RoundTrip(thing);
  EXPECT_TRUE(std::isnan(read.number));
  EXPECT_EQ(read.maybe, -kInf);
  EXPECT_EQ(read.low, -kInf);
  EXPECT_EQ(read.high, 3);
}

TEST(JsonIo, InvalidTextIsReplacedAndNeverThrows) {
  Thing thing;
  thing.text = "a\xff\xfe\"\\\n\x01";
  thing.dims = {{"\xc3", 1}};
  EXPECT_EQ(RoundTrip(thing).text, "a\xEF\xBF\xBD\xEF\xBF\xBD\"\\\n\x01");
}

TEST(JsonIo, ExtremesOfIntegersRoundTrip) {
  Thing thing;
  thing.small = std::numeric_limits<int>::min();
  thing.large = std::numeric_limits<std::int64_t>::min();
  thing.bytes = std::numeric_limits<std::uint64_t>::max();
  const Thing read = RoundTrip(thing);
  EXPECT_EQ(read.small, thing.small);
  EXPECT_EQ(read.large, thing.large);
  EXPECT_EQ(read.bytes, thing.bytes);
}

TEST(JsonIo, ErrorsNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("flag":1)", "thing: field flag must be true or false, not number"},
      {R"("small":2147483648)", "thing: field small is too large"},
      {R"("small":-99999999999)", "thing: field small is too large"},
      {R"("small":1.0)", "thing: field small must be an integer, not a fraction"},
      {R"("small":null)", "thing: field small must be an integer, not null"},
      {R"("large":9223372036854775808)", "thing: field large is too large"},
      {R"("large":1e30)", "thing: field large must be an integer, not a fraction"},
      {R"("bytes":-1)", "thing: field bytes must be an integer of at least 0, not -1"},
      {R"("bytes":"3")", "thing: field bytes must be an integer of at least 0, not string"},
      {R"("number":"4")", "thing: field number must be a number, not string"},
      {R"("number":null)",
       "thing: field number is null, so its reason beside it must be \"nan\", \"inf\" or \"-inf\""},
      {R"("maybe":[])", "thing: field maybe must be a number, not array"},
      {R"("range":[1])", "thing: field range must be [low, high]"},
      {R"("range":[1,"2"])", "thing: field range must be two numbers"},
      {R"("range":[1,null])",
       "thing: field range is null, so its reason beside it must be \"nan\", \"inf\" or \"-inf\""},
      {R"("text":7)", "thing: field text must be a string, not number"},
      {R"("dims":[])", "thing: field dims must be an object, not array"},
      {R"("dims":{"n":"4"})", "thing: field dims.n must be an integer, not string"},
      {R"("dims":{"n":1,"n":2})", "thing names the field 'n' twice in one object"},
  };
  for (const auto& [member, want] : cases) EXPECT_EQ(Error(member), want);
}

TEST(JsonIo, UnknownFieldsAreIgnoredOrRefusedWithAHint) {
  EXPECT_EQ(Error(R"("txt":1)"), "no error");
  EXPECT_EQ(Error(R"("txt":1)", UnknownFields::kRefuse),
            "thing: field txt is unknown (did you mean 'text'?)");
  EXPECT_EQ(Error(R"("\u001b[31m":1)", UnknownFields::kRefuse).find("thing: field "), 0u);
}

TEST(JsonIo, NoSyntaxErrorThrows) {
  for (const std::string text :
       {"", "{", "nul", "{\"a\":1e999}", "\xff", "{}x", "[1,2", "\"\\ud800\""}) {
    const auto read = ReadJson<Thing>(text, "thing");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(read.error().message, "thing is not valid JSON") << text;
    EXPECT_FALSE(read.error().detail.empty());
  }
}

TEST(JsonIo, DepthAndWidthAreLimited) {
  const std::string deep = std::string(1'000'000, '[');
  EXPECT_EQ(ReadJson<Thing>(deep, "thing").error().message,
            "thing is nested deeper than 64 levels");
  std::string wide = "{";
  for (int i = 0; i < 1100; ++i) wide += "\"" + std::to_string(i) + "\":0,";
  EXPECT_EQ(ReadJson<Thing>(wide, "thing").error().message,
            "thing has an object with more than 1024 members");
}

}  // namespace
}  // namespace caesar
