// The corpus against the real program: every candidate is judged by one judge, and after every
// hostile one an honest kernel must find everything as it was before. Which device:
// CAESAR_CORPUS_DEVICE (sim | gpu). One test for each candidate:  adversarial_test
// --gtest_filter='*noop' The table goes to standard output and, as markdown, to the file that
// CAESAR_CORPUS_TABLE names.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adversarial/lab.h"
#include "adversarial/table.h"
#include "base/format.h"
#include "sys/sandbox.h"

namespace caesar {

// For GoogleTest, which finds it by the type.
static void PrintTo(const CorpusEntry& entry, std::ostream* stream) { *stream << entry.name; }

namespace {

constexpr Milliseconds kPatience{10'000};  // for processes that die or start
constexpr double kUndisturbed = 0.1;       // of a measured time

std::string Device() {
  const char* device = std::getenv("CAESAR_CORPUS_DEVICE");
  return device != nullptr ? device : "sim";
}

std::vector<CorpusEntry> Manifest() {
  std::ifstream file(CAESAR_SOURCE_DIR "/tests/adversarial/manifest.json");
  auto entries = ParseManifest({std::istreambuf_iterator<char>(file), {}}, Device());
  if (!entries.ok()) {
    std::fprintf(stderr, "%s\n", entries.error().message.c_str());
    std::exit(1);
  }
  static const bool sandbox = ProbeSandbox().full();
  for (CorpusEntry& entry : entries.value()) {
    if (entry.needs_sandbox && !sandbox) entry.expected.clear();
  }
  return std::move(entries).value();
}

class Adversarial : public testing::TestWithParam<CorpusEntry> {
 protected:
  static void SetUpTestSuite() {
    auto lab = Lab::Open(Device());
    if (!lab.ok()) {
      why_not_ = lab.error().message + "\n" + lab.error().detail;
      return;
    }
    lab_ = std::move(lab).value();
    lab_->Precompile(Wanted());
    honest_ = lab_->JudgeHonest();
    // Everything is held against it: one false alarm here would show in every row.
    if (Device() != "sim" && !honest_.verified) {
      ADD_FAILURE() << "the honest kernel comes first, and is " << honest_.Summary() << ": "
                    << honest_.evidence;
      honest_ = lab_->JudgeHonest();
    }
    normal_ = Census();
    lab_->bait().Forget();
  }
  static void TearDownTestSuite() {
    if (lab_ == nullptr) return;
    std::printf("%s", TextTable(rows_).c_str());
    std::printf(
        "the honest kernel behind them: %d verdicts, %d of them doubtful at first; the "
        "baseline beside it took at most %.2f %% longer than without\n",
        judged_behind_, doubtful_behind_, 100 * (slowdown_behind_ - 1));
    lab_.reset();
  }
  // Those that the filter lets run.
  static std::vector<CorpusEntry> Wanted() {
    std::vector<CorpusEntry> wanted;
    const testing::TestSuite& suite = *testing::UnitTest::GetInstance()->current_test_suite();
    for (const CorpusEntry& entry : Manifest()) {
      for (int i = 0; i < suite.total_test_count(); ++i) {
        const testing::TestInfo& test = *suite.GetTestInfo(i);
        const std::string name = test.name();
        if (test.should_run() && !entry.expected.empty() && name.ends_with("/" + entry.name))
          wanted.push_back(entry);
      }
    }
    return wanted;
  }
  void SetUp() override {
    if (lab_ == nullptr) GTEST_SKIP() << why_not_;
  }

  // Whatever ends the test, what was found until then is in the file.
  static void Keep(TableRow row) {
    rows_.push_back(std::move(row));
    if (const char* path = std::getenv("CAESAR_CORPUS_TABLE"))
      std::ofstream(path) << MarkdownTable(rows_);
  }

  // What the candidate did to the world: processes, files, secrets, the next candidate.
  static std::string Damage(const Judged& judged) {
    std::string damage = lab_->bait().Damage();
    if (judged.evidence.find(lab_->bait().secret()) != std::string::npos)
      damage += "the verdict shows a secret; ";
    const Judged next = lab_->JudgeHonest();
    ++judged_behind_;
    doubtful_behind_ += next.doubtful ? 1 : 0;
    slowdown_behind_ = std::max(slowdown_behind_, next.baseline_slowdown);
    if (next.Summary() != honest_.Summary() || next.verified != honest_.verified) {
      damage += Format("the honest kernel behind it is {}: {}; ", next.Summary(), next.evidence);
    } else if (std::abs(next.us - honest_.us) > Tolerance()) {
      damage += Format("the honest kernel behind it takes {:.2f} us, {:.2f} before; ", next.us,
                       honest_.us);
    }
    return damage + Strangers(normal_, kPatience) + lab_->bait().Damage();
  }
  static double Tolerance() { return Device() == "sim" ? 0 : kUndisturbed * honest_.us; }

  static inline std::unique_ptr<Lab> lab_;
  static inline std::string why_not_;
  static inline Judged honest_;
  static inline ProcessCensus normal_;
  static inline std::vector<TableRow> rows_;
  static inline int judged_behind_ = 0;
  static inline int doubtful_behind_ = 0;
  static inline double slowdown_behind_ = 0;
};

TEST_P(Adversarial, IsJudgedRightly) {
  TableRow row;
  row.entry = GetParam();
  if (row.entry.expected.empty()) {
    Keep(row);
    return;
  }
  row.judged = lab_->Judge(row.entry);
  row.damage = Damage(row.judged);
  const bool expected = IsExpected(row.entry, row.judged, honest_) && row.damage.empty();
  row.finding = FindingOf(row.entry, expected);
  Keep(row);
  const bool known = row.finding == Finding::kKnownMiss;
  EXPECT_TRUE(expected || known) << row.entry.tries << "\nis " << row.judged.Summary() << " ("
                                 << row.judged.us << " us)\n"
                                 << row.judged.evidence << "\n"
                                 << row.damage;
  EXPECT_TRUE(row.entry.missed.empty() || known || row.entry.missed_sometimes)
      << "It is caught now: take it out of known_misses.";
}

INSTANTIATE_TEST_SUITE_P(Corpus, Adversarial, testing::ValuesIn(Manifest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace caesar
