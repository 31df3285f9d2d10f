// `caesar run --provider replay` on fakes: whose replies, and how many rounds.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/format.h"
#include "cli_world.h"
#include "record/run_config.h"

namespace caesar {
namespace {

constexpr const char* kReply =
    "```cuda\nextern \"C\" void solve(const float*, const float*, float*, int64_t, "
    "cudaStream_t) {}\n```\n";

class ReplayTest : public testing::Test {
 protected:
  int Run(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"run", "vector_add", "--provider", "replay"};
    words.insert(words.end(), more.begin(), more.end());
    return world_.Run(words);
  }
  void Record(const std::string& folder, int replies) {
    for (int i = 1; i <= replies; ++i) world_.File(Format("{}/{:03}.md", folder, i), kReply);
  }
  RunConfig Recorded(const std::string& run) {
    return ParseRunConfig(world_.files.Read(run + "/run.json", 1 << 20).value()).value();
  }
  std::size_t Rounds() {
    const auto result = ParseSampleResult(world_.out.text);
    EXPECT_TRUE(result.ok()) << world_.out.text << world_.err.text;
    return result.ok() ? result.value().rounds.size() : 0;
  }
  bool ErrHas(const std::string& part) const {
    return world_.err.text.find(part) != std::string::npos;
  }

  CliWorld world_;
};

TEST_F(ReplayTest, HasAsManyRoundsAsThereAreReplies) {
  Record("/two", 2);
  Record("/six", 6);
  ASSERT_EQ(Run({"--replies", "/two", "--out", "/r2", "--json"}), 0) << world_.err.text;
  EXPECT_EQ(Rounds(), 2U);
  EXPECT_EQ(Recorded("/r2").rounds, 2);
  ASSERT_EQ(Run({"--replies", "/six", "--out", "/r6", "--json"}), 0) << world_.err.text;
  EXPECT_EQ(Rounds(), 6U);
  EXPECT_EQ(Recorded("/r6").rounds, 6);
}

TEST_F(ReplayTest, UnlessItIsToldHowMany) {
  Record("/six", 6);
  ASSERT_EQ(Run({"--replies", "/six", "--out", "/a", "--rounds", "3", "--json"}), 0);
  EXPECT_EQ(Rounds(), 3U);
  EXPECT_TRUE(ErrHas("6 replies are recorded, and the run has 3 rounds")) << world_.err.text;
  world_.variables["CAESAR_ROUNDS"] = "5";
  ASSERT_EQ(Run({"--replies", "/six", "--out", "/b", "--json"}), 0);
  EXPECT_EQ(Rounds(), 5U);
  EXPECT_EQ(Run({"--replies", "/six", "--out", "/c", "--rounds", "7"}), 2);
  EXPECT_TRUE(ErrHas("7 rounds are asked for, but only 6 replies are recorded")) << world_.err.text;
  EXPECT_TRUE(ErrHas("Pass --rounds 6")) << world_.err.text;
  EXPECT_FALSE(world_.files.Stat("/c").value().has_value());
}

TEST_F(ReplayTest, AModelKeepsItsDefault) {
  EXPECT_NE(
      world_.Run({"run", "vector_add", "--provider", "command", "--command", "x", "--out", "/m"}),
      0);
  EXPECT_EQ(Recorded("/m").rounds, 4);
}

// An earlier run whose second sample ended earlier, replayed sample by sample into one run.
TEST_F(ReplayTest, ASampleWithFewerRepliesEndsAfterItsLast) {
  Record("/six", 3);
  ASSERT_EQ(Run({"--replies", "/six", "--out", "/old"}), 0) << world_.err.text;
  ASSERT_EQ(world_.Run({"run", "vector_add", "--out", "/old", "--sample", "1"}), 0);
  for (const char* file : {"reply.md", "reply.json"})
    ASSERT_TRUE(
        world_.files.Remove(std::string("/old/vector_add/sample_0001/round_003/") + file).ok());
  ASSERT_EQ(Run({"--replies", "/old", "--out", "/new", "--json"}), 0) << world_.err.text;
  EXPECT_EQ(Rounds(), 3U);
  ASSERT_EQ(world_.Run({"run", "vector_add", "--out", "/new", "--sample", "1", "--json"}), 0)
      << world_.err.text;
  EXPECT_EQ(Rounds(), 2U);
  EXPECT_TRUE(ErrHas("2 replies are recorded, and the run has 3 rounds")) << world_.err.text;
  EXPECT_EQ(Recorded("/new").rounds, 3);
  ASSERT_EQ(world_.Run({"run", "vector_add", "--out", "/new", "--sample", "1", "--json"}), 0)
      << "a finished sample is shown again";
  EXPECT_EQ(Rounds(), 2U);
  EXPECT_EQ(world_.Run({"run", "vector_add", "--out", "/new", "--sample", "2"}), 2);
  EXPECT_TRUE(ErrHas("The run /old has no sample 2 of problem vector_add.")) << world_.err.text;
}

TEST_F(ReplayTest, AGapInTheRecordIsNoShift) {
  Record("/six", 3);
  ASSERT_EQ(Run({"--replies", "/six", "--out", "/old"}), 0) << world_.err.text;
  ASSERT_TRUE(world_.files.Remove("/old/vector_add/sample_0000/round_002/reply.md").ok());
  EXPECT_EQ(Run({"--replies", "/old", "--out", "/new"}), 2);
  EXPECT_TRUE(
      ErrHas("/old/vector_add/sample_0000/round_003/reply.md is there, but round 2 before "
             "it has no reply.md."))
      << world_.err.text;
  EXPECT_FALSE(world_.files.Stat("/new").value().has_value());
}

TEST_F(ReplayTest, CostsNothingAndSaysNothingOfPrices) {
  Record("/two", 2);
  ASSERT_EQ(Run({"--replies", "/two", "--out", "/r"}), 0) << world_.err.text;
  EXPECT_EQ(world_.out.text.find("USD"), std::string::npos) << world_.out.text;
  EXPECT_EQ(world_.out.text.find("price"), std::string::npos) << world_.out.text;
}

TEST_F(ReplayTest, ARelativeFolderIsKeptAsAnAbsoluteOne) {
  const std::string here = std::filesystem::weakly_canonical(".").string();
  Record(here + "/two", 2);
  ASSERT_EQ(Run({"--replies", "two", "--out", "/r"}), 0) << world_.err.text;
  EXPECT_EQ(Recorded("/r").model.replies, here + "/two");
  EXPECT_EQ(Run({"--replies", "./x/../two", "--out", "/r"}), 0) << "the same folder";
  EXPECT_EQ(Run({"--replies", "/two", "--out", "/r"}), 2) << "another one";
}

}  // namespace
}  // namespace caesar
