#include "judge/mismatch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "device/device.h"
#include "device/elementwise.h"

namespace caesar {
namespace {

using Shape = std::vector<std::int64_t>;
using Index = std::vector<std::int64_t>;

// A tensor whose element i should hold Wanted(i), and a rule for which elements are wrong and how.
class Tensor final : public MismatchSource {
 public:
  using Wrong = std::function<bool(const Index&)>;
  using Value = std::function<double(std::int64_t)>;

  Tensor(Shape shape, const Wrong& wrong, Value got = {}) : shape_(std::move(shape)), got_(got) {
    facts_.shape = shape_;
    facts_.elements = 1;
    for (const std::int64_t extent : shape_) facts_.elements *= extent;
    facts_.atol = 1e-6;
    facts_.rtol = 1e-5;
    bad_.resize(static_cast<std::size_t>(facts_.elements));
    for (std::int64_t i = 0; i < facts_.elements; ++i) {
      bad_[static_cast<std::size_t>(i)] = wrong(IndexOf(i));
      facts_.mismatches += bad_[static_cast<std::size_t>(i)] ? 1 : 0;
    }
  }

  MismatchFacts& facts() { return facts_; }
  std::string Where() {
    auto where = WhereWrong(facts_, *this);
    EXPECT_TRUE(where.ok());
    return where.ok() ? where.value().text : "";
  }
  std::string Place() {
    const auto map = MapMismatches(facts_, *this);
    EXPECT_TRUE(map.ok());
    if (!map.ok()) return "";
    const auto place = PlaceOf(facts_, map.value(), *this);
    EXPECT_TRUE(place.ok());
    return place.ok() ? place.value().text : "";
  }

  // Anything without a pattern.
  static double Wanted(std::int64_t i) {
    return static_cast<double>(element::Mix(static_cast<std::uint64_t>(i)) % 100'003) / 1000 + 1;
  }

  Result<std::vector<std::uint64_t>> Marks(std::int64_t from, std::int64_t count) override {
    EXPECT_EQ(from % 64, 0);
    EXPECT_LE(count, kMarkedMax);
    std::vector<std::uint64_t> words(static_cast<std::size_t>((count + 63) / 64));
    for (std::int64_t i = 0; i < count; ++i) {
      if (bad_[static_cast<std::size_t>(from + i)])
        words[static_cast<std::size_t>(i / 64)] |= std::uint64_t{1} << (i % 64);
    }
    return words;
  }
  Result<double> Got(std::int64_t index) override {
    return got_ ? got_(index) : -Wanted(index + 7);
  }
  Result<double> Want(std::int64_t index) override { return Wanted(index); }

 private:
  Index IndexOf(std::int64_t linear) const {
    Index index(shape_.size());
    for (std::size_t i = shape_.size(); i-- > 0;) {
      index[i] = linear % shape_[i];
      linear /= shape_[i];
    }
    return index;
  }

  Shape shape_;
  Value got_;
  MismatchFacts facts_;
  std::vector<bool> bad_;
};

// A race: elements by chance, one in `n`.
Tensor::Wrong OneIn(std::uint64_t n) {
  return [n](const Index& at) {
    std::uint64_t word = 12345;
    for (const std::int64_t i : at) word = element::Mix(word + static_cast<std::uint64_t>(i) + 1);
    return word % n == 0;
  };
}

Tensor::Wrong Both(Tensor::Wrong a, Tensor::Wrong b) {
  return [a, b](const Index& at) { return a(at) && b(at); };
}

struct Case {
  const char* name;
  Shape shape;
  Tensor::Wrong wrong;
  const char* expected;
};

TEST(MismatchPlace, SaysWhichElementsAreWrong) {
  const std::vector<Case> cases = {
      {"all", {37, 41}, [](const Index&) { return true; }, "every element is wrong"},
      {"one right",
       {100, 100},
       [](const Index& at) { return at[0] + at[1] > 0; },
       "all but 1 of the elements are wrong"},
      {"one wrong",
       {37, 41},
       [](const Index& at) { return at[0] == 5 && at[1] == 7; },
       "only one element is wrong: row 5, column 7"},
      {"rows from",
       {2048, 33},
       [](const Index& at) { return at[0] >= 1024; },
       "only rows 1024 to 2047 (the last 1024 of 2048): every element there is wrong"},
      {"first rows",
       {2000, 33},
       [](const Index& at) { return at[0] < 30; },
       "only rows 0 to 29 (the first 30 of 2000): every element there is wrong"},
      {"all but the first row",
       {100, 33},
       [](const Index& at) { return at[0] > 0; },
       "only rows 1 to 99 (the last 99 of 100): every element there is wrong"},
      {"rows between",
       {200, 33},
       [](const Index& at) { return at[0] >= 64 && at[0] < 128; },
       "only rows 64 to 127: every element there is wrong"},
      {"column 0",
       {200, 33},
       [](const Index& at) { return at[1] == 0; },
       "only column 0: every element there is wrong"},
      {"last column",
       {200, 33},
       [](const Index& at) { return at[1] == 32; },
       "only the last column (32): every element there is wrong"},
      {"two rows",
       {200, 33},
       [](const Index& at) { return at[0] == 3 || at[0] == 90; },
       "only rows 3 and 90: every element there is wrong"},
      {"every 33rd column",
       {50, 990},
       [](const Index& at) { return at[1] % 33 == 0; },
       "only every 33rd column (0, 33, 66, ...): every element there is wrong"},
      {"every 2nd row",
       {51, 90},
       [](const Index& at) { return at[0] % 2 == 1; },
       "only every 2nd row (1, 3, 5, ...): every element there is wrong"},
      {"one row in 128",
       {1280, 9},
       [](const Index& at) { return at[0] % 128 == 5; },
       "only every 128th row (5, 133, 261, ...): every element there is wrong"},
      {"second half of tiles",
       {64, 1024},
       [](const Index& at) { return at[1] % 32 >= 16; },
       "only columns with column % 32 >= 16: every element there is wrong"},
      {"some lanes",
       {64, 1024},
       [](const Index& at) { return at[1] % 32 / 4 == 2; },
       "only columns with column % 32 from 8 to 11: every element there is wrong"},
      {"tail of a vector",
       {65790},
       [](const Index& at) { return at[0] >= 65536; },
       "only elements 65536 to 65789 (the last 254 of 65790: the last partial block of 256 to "
       "1024): "
       "every element there is wrong"},
      {"tail of float4",
       {1022},
       [](const Index& at) { return at[0] >= 1020; },
       "only elements 1020 to 1021 (the last 2 of 1022: the last partial block of 4): every "
       "element "
       "there is wrong"},
      {"the last element",
       {1021},
       [](const Index& at) { return at[0] == 1020; },
       "only one element is wrong: the last element (1020)"},
      {"rows and columns",
       {256, 256},
       [](const Index& at) { return at[0] >= 128 && at[1] % 2 == 0; },
       "only rows 128 to 255 (the last 128 of 256), every 2nd column (0, 2, 4, ...): every element "
       "there is wrong"},
      {"half of a place",
       {512, 64},
       Both([](const Index& at) { return at[0] >= 256; }, OneIn(2)),
       "only rows 256 to 511 (the last 256 of 512): 50 % of the elements there are wrong"},
      {"above the diagonal",
       {100, 100},
       [](const Index& at) { return at[1] > at[0]; },
       "only above the diagonal: every element there is wrong"},
      {"lower triangle",
       {100, 70},
       [](const Index& at) { return at[1] <= at[0]; },
       "only the lower triangle with the diagonal: every element there is wrong"},
      {"diagonal",
       {100, 100},
       [](const Index& at) { return at[1] == at[0]; },
       "only the diagonal: every element there is wrong"},
      {"border",
       {100, 90},
       [](const Index& at) { return at[0] == 0 || at[1] == 0 || at[0] == 99 || at[1] == 89; },
       "only the border (first and last row and column): every element there is wrong"},
      {"partial tiles",
       {1030, 779},
       [](const Index& at) { return at[0] >= 1024 || at[1] >= 768; },
       "only the partial tiles of 16 x 16 at the edges (rows from 1024 or columns from 768): every "
       "element there is wrong"},
      {"linear",
       {64, 100},
       [](const Index& at) { return at[0] * 100 + at[1] >= 4096; },
       "only linear indices 4096 to 6399 (the last 2304 of 6400): every element there is wrong"},
      {"three dimensions",
       {16, 9, 40},
       [](const Index& at) { return at[0] == 3; },
       "only dimension-0 index 3: every element there is wrong"},
      {"three dimensions, last",
       {6, 9, 400},
       [](const Index& at) { return at[2] % 8 == 3; },
       "only every 8th dimension-2 index (3, 11, 19, ...): every element there is wrong"},
  };
  for (const Case& each : cases) {
    Tensor tensor(each.shape, each.wrong);
    EXPECT_EQ(tensor.Place(), each.expected) << each.name;
  }
}

// Places that chance makes are none.
TEST(MismatchPlace, SaysNoPatternWhereThereIsNone) {
  const char* scattered = "scattered over the tensor without a pattern";
  const std::vector<Case> cases = {
      {"race", {1000, 1000}, OneIn(1000), scattered},
      {"race in a vector", {1'000'003}, OneIn(1000), scattered},
      {"half", {300, 300}, OneIn(2), "50 % of the elements, all over the tensor"},
      {"nine of ten",
       {300, 300},
       [wrong = OneIn(10)](const Index& at) { return !wrong(at); },
       "90 % of the elements, all over the tensor"},
      {"two",
       {1000, 1000},
       [](const Index& at) {
         return (at[0] == 17 && at[1] == 801) || (at[0] == 900 && at[1] == 30);
       },
       "only 2 elements"},
      {"a few", {1000, 1000}, OneIn(100'000), "without a pattern"},
  };
  for (const Case& each : cases) {
    Tensor tensor(each.shape, each.wrong);
    const std::string place = tensor.Place();
    EXPECT_NE(place.find(each.expected), std::string::npos) << each.name << ": " << place;
    EXPECT_EQ(place.find("every element"), std::string::npos) << each.name << ": " << place;
  }
}

// A sample may miss what does not fit; counting does not.
TEST(MismatchPlace, CountsWhatLiesElsewhere) {
  Tensor one({100, 300},
             [](const Index& at) { return at[1] % 2 == 0 || (at[0] == 50 && at[1] == 151); });
  EXPECT_EQ(one.Place(),
            "only every 2nd column (0, 2, 4, ...): every element there is wrong, and 1 elsewhere");
  Tensor many({1000, 300}, [](const Index& at) {
    return at[1] % 2 == 0 || (at[0] % 100 == 7 && at[1] % 10 == 1);
  });
  EXPECT_EQ(many.Place().find("only"), std::string::npos) << many.Place();
}

TEST(MismatchPlace, SamplesManyWithoutAStrideOfItsOwn) {
  // Every element of four million: a sample in equal steps would see every 1024th column alone.
  Tensor tensor({2048, 2048}, [](const Index& at) { return at[1] != 77; });
  const std::string place = tensor.Place();
  EXPECT_EQ(place.find("every "), std::string::npos) << place;
  const auto map = MapMismatches(tensor.facts(), tensor).value();
  EXPECT_EQ(map.mismatches, 2048 * 2047);
  EXPECT_EQ(map.runs, 2049);
  EXPECT_LE(map.sample.size(), kMismatchSampleMax);
  EXPECT_GT(map.sample.size(), kMismatchSampleMax / 2);
}

TEST(MismatchPlace, SpansEveryAxisWhateverTheRuns) {
  // One run of memory that wraps around the rows.
  Tensor tensor({4, 100}, [](const Index& at) {
    const std::int64_t i = at[0] * 100 + at[1];
    return i >= 190 && i < 210;
  });
  const auto map = MapMismatches(tensor.facts(), tensor).value();
  ASSERT_EQ(map.axes.size(), 2U);
  EXPECT_EQ(map.axes[0].first, 1);
  EXPECT_EQ(map.axes[0].last, 2);
  EXPECT_EQ(map.axes[1].first, 0);
  EXPECT_EQ(map.axes[1].last, 99);
  EXPECT_EQ(map.runs, 1);
}

TEST(MismatchPlace, MapsWhatALookAtEachElementFinds) {
  for (const std::uint64_t sparse : {1, 2, 3, 40, 700}) {
    const Shape shape = {5, 7, 67};  // words end amid rows
    std::vector<std::int64_t> wrong;
    MismatchMap want;
    want.axes.assign(3, {1000, -1});
    Tensor tensor(shape, [&](const Index& at) {
      const std::int64_t i = (at[0] * 7 + at[1]) * 67 + at[2];
      return element::Mix(static_cast<std::uint64_t>(i) + sparse) % sparse == 0 && at[2] != 50;
    });
    for (std::int64_t i = 0; i < tensor.facts().elements; ++i) {
      const std::array<std::int64_t, 3> at = {i / 67 / 7, i / 67 % 7, i % 67};
      if (element::Mix(static_cast<std::uint64_t>(i) + sparse) % sparse != 0 || at[2] == 50)
        continue;
      if (wrong.empty() || wrong.back() != i - 1) ++want.runs;
      wrong.push_back(i);
      for (std::size_t a = 0; a < 3; ++a) {
        want.axes[a].first = std::min(want.axes[a].first, at[a]);
        want.axes[a].last = std::max(want.axes[a].last, at[a]);
      }
    }
    const auto map = MapMismatches(tensor.facts(), tensor).value();
    EXPECT_EQ(map.mismatches, static_cast<std::int64_t>(wrong.size()));
    EXPECT_EQ(map.runs, want.runs);
    EXPECT_EQ(map.span.first, wrong.front());
    EXPECT_EQ(map.span.last, wrong.back());
    for (std::size_t a = 0; a < 3; ++a) {
      EXPECT_EQ(map.axes[a].first, want.axes[a].first) << sparse << " axis " << a;
      EXPECT_EQ(map.axes[a].last, want.axes[a].last) << sparse << " axis " << a;
    }
    EXPECT_EQ(map.sample, wrong) << "so few are all looked at";
  }
}

const Tensor::Wrong kAll = [](const Index&) { return true; };

struct ValueCase {
  const char* name;
  Shape shape;
  Tensor::Value got;
  const char* expected;  // the end of the sentence; empty: nothing is said of values
};

TEST(MismatchValue, SaysWhatTheyHold) {
  const auto wanted = Tensor::Wanted;
  const std::vector<ValueCase> cases = {
      {"zeros", {40, 50}, [](std::int64_t) { return 0.0; }, "; all zeros"},
      {"constant", {40, 50}, [](std::int64_t) { return 1.5; }, "; all 1.5"},
      {"nan", {40, 50}, [](std::int64_t) { return std::nan(""); }, "; all NaN"},
      {"infinite",
       {40, 50},
       [](std::int64_t) { return -std::numeric_limits<double>::infinity(); },
       "; all infinite"},
      {"twice",
       {40, 50},
       [=](std::int64_t i) { return 2 * wanted(i); },
       "; got is 2 times what is wanted"},
      {"sign", {40, 50}, [=](std::int64_t i) { return -wanted(i); }, "; the sign is wrong"},
      {"offset",
       {40, 50},
       [=](std::int64_t i) { return wanted(i) - 0.25; },
       "; got is what is wanted - 0.25"},
      {"transposed",
       {40, 40},
       [=](std::int64_t i) { return wanted(i % 40 * 40 + i / 40); },
       "; transposed: got[i, j] is what is wanted at [j, i]"},
      {"transposed in memory",
       {40, 50},
       [=](std::int64_t i) { return wanted(i % 40 * 50 + i / 40); },
       "; transposed: the result lies in memory as its transpose would"},
      {"next row",
       {40, 50},
       [=](std::int64_t i) { return wanted(i + 50); },
       "; got[i, j] is what is wanted at [i + 1, j]"},
      {"next element",
       {2000},
       [=](std::int64_t i) { return wanted(i + 1); },
       "; got is what is wanted one element further on"},
      {"first row everywhere",
       {40, 50},
       [=](std::int64_t i) { return wanted(i % 50); },
       "; every row holds what is wanted of the first one"},
      {"half",
       {40, 50},
       [=](std::int64_t i) {
         const auto value = static_cast<float>(wanted(i));
         return static_cast<double>(
             element::FloatOf((element::BitsOf(value) + 0x1000U) & ~0x1FFFU));
       },
       "but holds no more digits than half or TF32"},
      {"lost digits",
       {40, 50},
       [=](std::int64_t i) { return wanted(i) * (1 + 1e-4 * std::sin(i)); },
       "digits are lost, no index is wrong"},
      {"nothing", {40, 50}, [=](std::int64_t i) { return -wanted(i * 31 + 7); }, ""},
  };
  for (const ValueCase& each : cases) {
    Tensor tensor(each.shape, kAll, each.got);
    const std::string where = tensor.Where();
    const std::string expected = each.expected;
    EXPECT_EQ(where.find("every element is wrong"), 0U) << each.name;
    if (expected.empty()) {
      EXPECT_EQ(where, "every element is wrong") << each.name;
    } else {
      ASSERT_GE(where.size(), expected.size()) << each.name << ": " << where;
      EXPECT_EQ(where.substr(where.size() - expected.size()), expected)
          << each.name << ": " << where;
    }
  }
}

TEST(MismatchValue, KnowsWhatWasWantedBefore) {
  const auto before = [](std::int64_t i) { return Tensor::Wanted(i + 100'000); };
  Tensor stale({2000}, kAll, before);
  for (std::int64_t i = 40; i < 2000; i += 83) stale.facts().before.emplace_back(i, before(i));
  EXPECT_EQ(stale.Where(), "every element is wrong; got is what was wanted in the call before");
  // One that is not decides.
  stale.facts().before.back().second += 1;
  EXPECT_EQ(stale.Where(), "every element is wrong");
  // Elements that are right now say nothing, and a few are not enough.
  Tensor right({2000}, kAll, Tensor::Wanted);
  for (std::int64_t i = 40; i < 2000; i += 83) right.facts().before.emplace_back(i, before(i));
  EXPECT_EQ(right.Where().find("call before"), std::string::npos);
  Tensor few({2000}, kAll, before);
  for (std::int64_t i = 0; i < 7; ++i) few.facts().before.emplace_back(i, before(i));
  EXPECT_EQ(few.Where(), "every element is wrong");
}

TEST(Mismatch, SaysHowMuchOfAPatternItNames) {
  const auto patterns = [](auto wrong, auto got) {
    Tensor tensor({40, 50}, wrong, got);
    const auto where = WhereWrong(tensor.facts(), tensor);
    EXPECT_TRUE(where.ok());
    return where.ok() ? where.value().patterns : -1;
  };
  const auto column = [](const Index& at) { return at[1] == 7; };
  const auto noise = [](std::int64_t i) { return Tensor::Wanted(i + 100'000); };
  const auto zero = [](std::int64_t) { return 0.0; };
  EXPECT_EQ(patterns(kAll, noise), 0);
  EXPECT_EQ(patterns(kAll, zero), 1);
  EXPECT_EQ(patterns(column, noise), 2);
  EXPECT_EQ(patterns(column, zero), 3);
}

TEST(MismatchValue, TwoValuesFitEveryRule) {
  // Zeros and ones: half of all shifts fit by chance, and so nothing is said of them.
  class Bits final : public MismatchSource {
   public:
    Result<std::vector<std::uint64_t>> Marks(std::int64_t, std::int64_t) override {
      return std::vector<std::uint64_t>{~std::uint64_t{0}};
    }
    Result<double> Got(std::int64_t index) override { return index % 2 == 0 ? 1.0 : 0.0; }
    Result<double> Want(std::int64_t index) override { return index % 2 == 0 ? 0.0 : 1.0; }
  } source;
  MismatchFacts facts;
  facts.shape = {64};
  facts.elements = facts.mismatches = 64;
  facts.atol = 1e-6;
  EXPECT_EQ(WhereWrong(facts, source).value().text, "every element is wrong");
}

TEST(MismatchValue, PoisonIsNotAResult) {
  Tensor all({100}, kAll, [](std::int64_t) { return std::nan(""); });
  all.facts().unwritten = 100;
  EXPECT_EQ(all.Where(), "every element is wrong; never written");
  Tensor some({100}, kAll, [](std::int64_t i) { return i % 2 == 0 ? std::nan("") : 0.0; });
  some.facts().unwritten = 50;
  EXPECT_EQ(some.Where(), "every element is wrong; all zeros");
}

TEST(Mismatch, AnErrorOfTheDeviceIsAnError) {
  class Broken final : public MismatchSource {
   public:
    Result<std::vector<std::uint64_t>> Marks(std::int64_t, std::int64_t) override {
      return Error{ErrorCode::kEnvironment, "the device is gone", ""};
    }
    Result<double> Got(std::int64_t) override { return 0.0; }
    Result<double> Want(std::int64_t) override { return 0.0; }
  } source;
  MismatchFacts facts;
  facts.shape = {64};
  facts.elements = facts.mismatches = 64;
  ASSERT_FALSE(WhereWrong(facts, source).ok());
}

TEST(Mismatch, NothingIsSaidOfWhatIsRightByNow) {
  Tensor tensor({100}, [](const Index&) { return false; });
  tensor.facts().mismatches = 5;  // a candidate that writes while it is looked at
  EXPECT_EQ(tensor.Where(), "");
}

}  // namespace
}  // namespace caesar
