#include "report/gate_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace caesar {
namespace {

TEST(GateText, ShowsFindingsMarginsAndTrials) {
  GateReport report;
  report.problem = "mine";
  report.device = "NVIDIA H100";
  report.findings = {{"error", "an output of zeros passes at every shape", "Make atol smaller."},
                     {"warning", "no prime", ""}};
  // Fills come in random order; the declared one is shown first.
  report.trials = {
      {"baseline",
       kHonest,
       "the baseline",
       "correct",
       "",
       {{"odd", "one_hot(1)", "y", 0.25, true},
        {"odd", "as declared", "y", 0.0125, true},
        {"odd", "as declared", "y", 0.5, true},
        {"large", "as declared", "y", 0, true}}},
      {"zeros",
       kCheat,
       "an output of zeros",
       "correct",
       "",
       {{"odd", "as declared", "y", 0.9, true}}},
      {"lower",
       kPrecision,
       "rounded",
       "wrong",
       "y differs",
       {{"odd", "as declared", "y", 41.5, false}, {"large", "as declared", "y", NAN, false}}},
      {"other", kHonest, "another", "skipped", "there is none", {}}};
  EXPECT_EQ(GateText(report, {}),
            "problem mine: refused  (NVIDIA H100)\n"
            "\n"
            "error: an output of zeros passes at every shape\n"
            "  Make atol smaller.\n"
            "\n"
            "warning: no prime\n"
            "\n"
            "largest error over tolerance; above 1 fails, as the columns with ! must; -: not "
            "called, since a "
            "call before it failed:\n"
            "  shape  fill         baseline  ! lower\n"
            "  odd    as declared       0.5       42\n"
            "  odd    one_hot(1)       0.25        -\n"
            "  large  as declared         0      NaN\n"
            "\n"
            "  trial     what it gives       must  verdict\n"
            "  baseline  the baseline        pass  correct\n"
            "  zeros     an output of zeros  fail  correct\n"
            "  lower     rounded             fail  wrong\n"
            "  other     another             pass  skipped: there is none\n");
}

TEST(GateText, ATableWithoutGapsNeedsNoLegend) {
  GateReport report;
  report.trials = {{"baseline", kHonest, "it", "correct", "", {{"odd", "-", "y", 0, true}}}};
  EXPECT_EQ(GateText(report, {}).find("not called"), std::string::npos);
}

TEST(GateText, WhatMayFailIsSaidTo) {
  GateReport report;
  report.sound = true;
  report.trials = {{kFloatTrial, kHonest, "with float", "wrong", "y differs", {}}};
  EXPECT_NE(GateText(report, {}).find("may fail  wrong"), std::string::npos);
}

// A pipe has no width, and what reads from it wants all.
TEST(GateText, CutsForATerminalAlone) {
  GateReport report;
  const std::string name(70, 'a'), text(90, 'b'), shape(64, 'c');
  report.trials = {{name, kHonest, text, "correct", "", {{shape, "as declared", "y", 0, true}}}};
  const std::string whole = GateText(report, {}), cut = GateText(report, {.cut = true});
  for (const std::string& part : {name, text, shape}) {
    EXPECT_NE(whole.find(part), std::string::npos) << part;
    EXPECT_EQ(cut.find(part), std::string::npos) << part;
  }
  EXPECT_NE(cut.find("..."), std::string::npos);
}

TEST(GateText, ASoundProblemIsSaidToBe) {
  GateReport report;
  report.problem = "mine\x1b[31m";
  report.device = "sim";
  report.sound = true;
  EXPECT_EQ(GateText(report, {}), "problem mine: sound  (sim)\n");
  EXPECT_NE(GateText(report, {.color = true}).find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace caesar
