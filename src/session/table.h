// The state machine, as data: {from, outcome, to} for each named table, proved sound by the
// compiler.
//
//   full      Start -> Generate -> Compile -> Correct -> Profile -> Start ... -> Finish
//   compile   feedback from the compiler alone: code that compiles ends its round
//   reflect   every round but the last only shows the model its own code again; the last goes the
//   full way
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "record/run_config.h"
#include "session/state.h"

namespace caesar {

struct Transition {
  State from = State::kStart;
  Outcome outcome = Outcome::kRoundOpened;
  State to = State::kStart;
};

class Table {
 public:
  static constexpr std::size_t kRowsMax = 32;

  constexpr void Add(State from, Outcome outcome, State to) {
    rows_[count_++] = {.from = from, .outcome = outcome, .to = to};
  }
  constexpr const Transition* begin() const { return rows_.data(); }
  constexpr const Transition* end() const { return rows_.data() + count_; }

  // Where `outcome` leads from `from`; empty: the table has no such row.
  constexpr std::optional<State> Next(State from, Outcome outcome) const {
    for (const Transition& row : *this) {
      if (row.from == from && row.outcome == outcome) return row.to;
    }
    return std::nullopt;
  }

 private:
  std::array<Transition, kRowsMax> rows_{};
  std::size_t count_ = 0;
};

constexpr Table MakeTable(TableName name) {
  using enum State;
  Table table;
  table.Add(kStart, Outcome::kRoundOpened, kGenerate);
  table.Add(kStart, Outcome::kRoundsUsedUp, kFinish);
  table.Add(kStart, Outcome::kTargetReached, kFinish);
  table.Add(kStart, Outcome::kPlateaued, kFinish);
  table.Add(kStart, Outcome::kBudgetSpent, kFinish);

  table.Add(kGenerate, Outcome::kReplied, kCompile);
  if (name == TableName::kReflect) table.Add(kGenerate, Outcome::kReplyKept, kStart);
  table.Add(kGenerate, Outcome::kNoCode, kStart);
  table.Add(kGenerate, Outcome::kRefused, kFinish);
  table.Add(kGenerate, Outcome::kBudgetSpent, kFinish);

  table.Add(kCompile, Outcome::kCompiled, name == TableName::kCompile ? kStart : kCorrect);
  table.Add(kCompile, Outcome::kCompileFailed, kStart);
  table.Add(kCompile, Outcome::kCompileTimedOut, kStart);
  if (name == TableName::kCompile) return table;

  table.Add(kCorrect, Outcome::kCorrect, kProfile);
  table.Add(kCorrect, Outcome::kWrong, kStart);
  table.Add(kCorrect, Outcome::kCrashed, kStart);
  table.Add(kCorrect, Outcome::kTimedOut, kStart);
  table.Add(kCorrect, Outcome::kCheated, kStart);
  table.Add(kCorrect, Outcome::kNotSimulated, kStart);

  table.Add(kProfile, Outcome::kMeasured, kStart);
  table.Add(kProfile, Outcome::kAmbiguous, kStart);
  table.Add(kProfile, Outcome::kProfileFailed, kStart);
  table.Add(kProfile, Outcome::kWrong, kStart);
  table.Add(kProfile, Outcome::kCrashed, kStart);
  table.Add(kProfile, Outcome::kTimedOut, kStart);
  table.Add(kProfile, Outcome::kCheated, kStart);
  table.Add(kProfile, Outcome::kNotSimulated, kStart);
  return table;
}

inline constexpr Table kFullTable = MakeTable(TableName::kFull);
inline constexpr Table kCompileTable = MakeTable(TableName::kCompile);
inline constexpr Table kReflectTable = MakeTable(TableName::kReflect);

constexpr const Table& TableOf(TableName name) {
  switch (name) {
    case TableName::kFull:
      return kFullTable;
    case TableName::kCompile:
      return kCompileTable;
    case TableName::kReflect:
      return kReflectTable;
  }
  return kFullTable;
}

namespace table_proof {

constexpr bool HasRowFrom(const Table& table, State state) {
  for (const Transition& row : table) {
    if (row.from == state) return true;
  }
  return false;
}

constexpr bool NoDuplicates(const Table& table) {
  for (const Transition& a : table) {
    int same = 0;
    for (const Transition& b : table) same += a.from == b.from && a.outcome == b.outcome ? 1 : 0;
    if (same != 1) return false;
  }
  return true;
}

constexpr std::array<bool, kStateCount> Reachable(const Table& table) {
  std::array<bool, kStateCount> reachable{};
  reachable[static_cast<std::size_t>(State::kStart)] = true;
  for (int pass = 0; pass < kStateCount; ++pass) {
    for (const Transition& row : table) {
      if (reachable[static_cast<std::size_t>(row.from)])
        reachable[static_cast<std::size_t>(row.to)] = true;
    }
  }
  return reachable;
}

// Exactly the states that the table speaks of, and Finish, are reachable; Finish alone has no way
// out.
constexpr bool EveryStateReachable(const Table& table) {
  const auto reachable = Reachable(table);
  for (int i = 0; i < kStateCount; ++i) {
    const State state = static_cast<State>(i);
    const bool expected = state == State::kFinish || HasRowFrom(table, state);
    if (reachable[static_cast<std::size_t>(i)] != expected) return false;
  }
  return !HasRowFrom(table, State::kFinish);
}

// Every answer that a reachable state can get has a row, and no row is for an answer that cannot
// come. Only `reflect` knows ReplyKept.
constexpr bool EveryOutcomeHasARow(const Table& table, bool reflect) {
  const auto reachable = Reachable(table);
  for (int i = 0; i < kStateCount; ++i) {
    for (int k = 0; k < kOutcomeCount; ++k) {
      const State state = static_cast<State>(i);
      const Outcome outcome = static_cast<Outcome>(k);
      const bool expected = reachable[static_cast<std::size_t>(i)] && CanEndIn(state, outcome) &&
                            (outcome != Outcome::kReplyKept || reflect);
      if (table.Next(state, outcome).has_value() != expected) return false;
    }
  }
  return true;
}

static_assert(NoDuplicates(kFullTable) && NoDuplicates(kCompileTable) &&
              NoDuplicates(kReflectTable));
static_assert(EveryStateReachable(kFullTable) && EveryStateReachable(kCompileTable) &&
              EveryStateReachable(kReflectTable));
static_assert(EveryOutcomeHasARow(kFullTable, false) && EveryOutcomeHasARow(kCompileTable, false));
static_assert(EveryOutcomeHasARow(kReflectTable, true));
static_assert(HasRowFrom(kFullTable, State::kProfile) &&
              !HasRowFrom(kCompileTable, State::kCorrect));

}  // namespace table_proof
}  // namespace caesar
