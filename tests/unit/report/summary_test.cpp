#include "report/summary.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace caesar {
namespace {

SampleResult Example() {
  SampleResult result;
  result.problem = "softmax";
  result.finished_by = "RoundsUsedUp";
  result.device = "NVIDIA H100 80GB HBM3";
  result.correct = true;
  result.best_round = 4;
  result.best_us = 201.12;
  result.best_speedup = Ratio{1.61, 1.60, 1.62};
  result.tokens = {.input = 12'345,
                   .cached = 2'000,
                   .cache_written = 400,
                   .output = 3'210,
                   .reasoning = 900,
                   .reported = true,
                   .usd = 0.0471};
  const auto add = [&](const char* outcome, const char* headline) -> RoundSummary& {
    RoundSummary round;
    round.round = static_cast<int>(result.rounds.size()) + 1;
    round.outcome = outcome;
    round.headline = headline;
    round.tokens = {.input = 3'000, .output = 800, .reported = true, .usd = 0.0117 * round.round};
    return result.rounds.emplace_back(round);
  };
  add("CompileFailed", "1 error: expected a ';'");
  add("Wrong", "y: 37,777 of 37,777 elements differ, worst error 3.2e+04 \x1b[31mred");
  RoundSummary& unverified = add("Measured", "12.1 us, 27.0x (26.0-28.0)");
  unverified.correct = true;
  unverified.median_us = 12.1;
  unverified.speedup = Ratio{27, 26, 28};
  unverified.flags = {{"unverified_time", "the judge saw 300 us"},
                      {"side_stream", "work on stream 7"}};
  RoundSummary& best = add("Measured", "201.1 us, 1.61x (1.60-1.62)");
  best.correct = best.verified = true;
  best.median_us = 201.12;
  best.speedup = Ratio{1.61, 1.60, 1.62};
  result.rounds[1].tokens = {};  // its reply was recorded
  return result;
}

TEST(Summary, OfAFinishedSample) {
  ExpectGolden("report/summary.txt",
               SummaryText(Example(), "runs/r/softmax/sample_0000/best.cu", {.cut = true}));
}

TEST(Summary, WithoutACorrectKernel) {
  SampleResult result = Example();
  result.correct = false;
  result.best_round = 0;
  result.best_speedup.reset();
  result.best_us = 0;
  result.rounds.resize(2);
  result.sample = 3;
  result.finished_by = "Refused";
  result.tokens = {};
  ExpectGolden("report/summary_none.txt", SummaryText(result, "", {.cut = true}));
}

SampleResult Simulated() {
  SampleResult result = Example();
  result.device = "simulated NVIDIA H100";
  result.best_us = 0;
  result.best_speedup.reset();
  result.best_estimated_us = 184.5;
  for (RoundSummary& round : result.rounds) {
    round.median_us = 0;
    round.speedup.reset();
    round.verified = false;
    round.flags.clear();
  }
  const auto estimate = [](RoundSummary& round, double us, double speedup) {
    round.headline = "estimated";
    round.estimated_us = us;
    round.estimated_speedup = speedup;
    if (us > 0) round.estimated_shape = "counted";
  };
  estimate(result.rounds[2], 200.2, 0);  // compared with nothing
  estimate(result.rounds[3], 184.5, 1.043);
  result.rounds[3].flags = {{"host_function", "one"}};
  return result;
}

TEST(Summary, OfASimulatedSampleShowsEstimatesThatAreCalledSo) {
  ExpectGolden("report/summary_simulated.txt", SummaryText(Simulated(), "", {.cut = true}));
}

TEST(Summary, SaysWhereNoEstimateHasASpeedup) {
  constexpr const char* kNone =
      "\nno speed-ups: the simulated GPU did not run the baseline: caesar show RUN --round 4 says "
      "why\n";
  SampleResult result = Simulated();
  EXPECT_EQ(SummaryText(result, "", {}).find("no speed-ups"), std::string::npos);
  result.rounds[3].estimated_speedup = 0;
  EXPECT_NE(SummaryText(result, "", {}).find(kNone), std::string::npos)
      << SummaryText(result, "", {});
  EXPECT_NE(SummaryText(result, "", {}, "it uses cublas").find("the baseline: it uses cublas\n"),
            std::string::npos);
  EXPECT_EQ(SummaryText(Example(), "", {}, "x").find("no speed-ups"), std::string::npos);
}

TEST(Summary, SaysWhichPriceIsNotKnownAndGuessesNone) {
  SampleResult result = Example();
  result.tokens.priced = false;
  result.rounds[3].tokens.priced = false;
  const std::string some = SummaryText(result, "", {.cut = true});
  EXPECT_NE(some.find("(26.0-28.0)   3,800  0.035 USD"), std::string::npos) << some;
  EXPECT_NE(some.find("(1.60-1.62)   3,800  not known"), std::string::npos) << some;
  for (RoundSummary& round : result.rounds) round.tokens.priced = false;
  const std::string text = SummaryText(result, "", {.cut = true});
  EXPECT_NE(text.find("3,210 out (900 reasoning), price not known\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("USD"), std::string::npos) << text;
  EXPECT_NE(text.find(" tokens  note"), std::string::npos) << "no column of prices: " << text;
}

TEST(Summary, OfAReplayHasNoPrices) {
  SampleResult result = Example();
  result.tokens = {};
  for (RoundSummary& round : result.rounds) round.tokens = {};
  const std::string text = SummaryText(result, "", {.cut = true});
  EXPECT_NE(text.find("\ntokens: not reported\n"), std::string::npos) << text;
  for (const char* word : {"USD", "price", " tokens  "})
    EXPECT_EQ(text.find(word), std::string::npos) << text;
}

TEST(TokenText, OfEveryKind) {
  TokenUsage tokens;
  EXPECT_EQ(TokenText(tokens), "not reported");
  tokens.priced = false;
  EXPECT_EQ(TokenText(tokens), "not reported, price not known");
  tokens = {.input = 1'000, .output = 20, .reported = true};
  EXPECT_EQ(TokenText(tokens), "1,000 in, 20 out, 0 USD");
  tokens = {.input = 1'000, .cache_written = 900, .output = 20, .reported = true, .usd = 12.3456};
  EXPECT_EQ(TokenText(tokens), "1,000 in (900 written to the cache), 20 out, 12.35 USD");
}

TEST(Summary, NeverMixesMeasuredTimesAndEstimates) {
  SampleResult result = Example();
  result.rounds[1].estimated_us = 184.5;
  result.rounds[1].estimated_speedup = 1.04;
  EXPECT_EQ(RoundTable(result, true), RoundTable(Example(), true));
}

TEST(Summary, ColoursOnlyWhenAsked) {
  EXPECT_EQ(SummaryText(Example(), "", {.cut = true}).find('\x1b'), std::string::npos);
  EXPECT_NE(SummaryText(Example(), "", {.color = true}).find("\x1b[32m"), std::string::npos);
}

TEST(FinishText, NamesEveryReason) {
  for (const char* reason :
       {"RoundsUsedUp", "TargetReached", "Plateaued", "BudgetSpent", "Refused"}) {
    EXPECT_NE(FinishText(reason), reason);
  }
  EXPECT_EQ(FinishText(""), "unfinished");
  EXPECT_EQ(FinishText("Other"), "Other");
}

}  // namespace
}  // namespace caesar
