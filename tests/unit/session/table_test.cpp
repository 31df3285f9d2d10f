#include "session/table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace caesar {
namespace {

using Rows = std::map<std::string, std::string>;  // "from outcome" -> to

Rows RowsOf(TableName name) {
  Rows rows;
  for (const Transition& row : TableOf(name)) {
    rows[std::string(Name(row.from)) + " " + std::string(Name(row.outcome))] = Name(row.to);
  }
  return rows;
}

// Written out once more, by hand, so that a change of the table is a change here too.
const Rows kFull = {
    {"Start RoundOpened", "Generate"},  {"Start RoundsUsedUp", "Finish"},
    {"Start TargetReached", "Finish"},  {"Start Plateaued", "Finish"},
    {"Start BudgetSpent", "Finish"},    {"Generate Replied", "Compile"},
    {"Generate NoCode", "Start"},       {"Generate Refused", "Finish"},
    {"Generate BudgetSpent", "Finish"}, {"Compile Compiled", "Correct"},
    {"Compile CompileFailed", "Start"}, {"Compile CompileTimedOut", "Start"},
    {"Correct Correct", "Profile"},     {"Correct Wrong", "Start"},
    {"Correct Crashed", "Start"},       {"Correct TimedOut", "Start"},
    {"Correct Cheated", "Start"},       {"Profile Measured", "Start"},
    {"Profile Ambiguous", "Start"},     {"Profile ProfileFailed", "Start"},
    {"Profile Wrong", "Start"},         {"Profile Crashed", "Start"},
    {"Profile TimedOut", "Start"},      {"Profile Cheated", "Start"},
    {"Correct NotSimulated", "Start"},  {"Profile NotSimulated", "Start"},
};

TEST(Table, FullIsTheSpecification) { EXPECT_EQ(RowsOf(TableName::kFull), kFull); }

TEST(Table, CompileEndsTheRoundWhereTheCodeCompiled) {
  Rows expected;
  for (const auto& [key, to] : kFull) {
    if (!key.starts_with("Correct") && !key.starts_with("Profile")) expected[key] = to;
  }
  expected["Compile Compiled"] = "Start";
  EXPECT_EQ(RowsOf(TableName::kCompile), expected);
}

TEST(Table, ReflectAddsTheReplyThatIsOnlyKept) {
  Rows expected = kFull;
  expected["Generate ReplyKept"] = "Start";
  EXPECT_EQ(RowsOf(TableName::kReflect), expected);
}

TEST(Table, EveryPairOfStateAndOutcomeLeadsWhereTheRowsSayOrNowhere) {
  for (const TableName name : {TableName::kFull, TableName::kCompile, TableName::kReflect}) {
    const Rows rows = RowsOf(name);
    for (int i = 0; i < kStateCount; ++i) {
      for (int k = 0; k < kOutcomeCount; ++k) {
        const State state = static_cast<State>(i);
        const Outcome outcome = static_cast<Outcome>(k);
        const auto row = rows.find(std::string(Name(state)) + " " + std::string(Name(outcome)));
        const auto next = TableOf(name).Next(state, outcome);
        ASSERT_EQ(next.has_value(), row != rows.end()) << Name(state) << " " << Name(outcome);
        if (next) {
          EXPECT_EQ(Name(*next), row->second);
        }
      }
    }
  }
}

TEST(Table, TheProofsRejectUnsoundTables) {
  using namespace table_proof;
  Table duplicate = kFullTable;
  duplicate.Add(State::kStart, Outcome::kRoundOpened, State::kFinish);
  EXPECT_FALSE(NoDuplicates(duplicate));

  Table unreachable;
  unreachable.Add(State::kStart, Outcome::kRoundsUsedUp, State::kFinish);
  unreachable.Add(State::kProfile, Outcome::kMeasured, State::kStart);
  EXPECT_FALSE(EveryStateReachable(unreachable));

  Table endless = kFullTable;
  endless.Add(State::kFinish, Outcome::kRoundOpened, State::kStart);
  EXPECT_FALSE(EveryStateReachable(endless));

  EXPECT_FALSE(EveryOutcomeHasARow(kFullTable, true)) << "reflect without ReplyKept";
  EXPECT_FALSE(EveryOutcomeHasARow(kReflectTable, false)) << "full with ReplyKept";
}

TEST(State, NamesGoBothWays) {
  for (int i = 0; i < kStateCount; ++i) {
    const State state = static_cast<State>(i);
    ASSERT_FALSE(Name(state).empty());
    EXPECT_EQ(StateOf(Name(state)), state);
  }
  for (int k = 0; k < kOutcomeCount; ++k) {
    const Outcome outcome = static_cast<Outcome>(k);
    ASSERT_FALSE(Name(outcome).empty());
    EXPECT_EQ(OutcomeOf(Name(outcome)), outcome);
  }
  EXPECT_FALSE(StateOf("start"));
  EXPECT_FALSE(OutcomeOf(""));
}

}  // namespace
}  // namespace caesar
