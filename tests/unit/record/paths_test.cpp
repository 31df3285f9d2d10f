#include "record/paths.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Paths, FollowTheLayout) {
  EXPECT_EQ(RunFile("runs/a"), "runs/a/run.json");
  EXPECT_EQ(RunFile("runs/a/"), "runs/a/run.json");
  const std::string sample = SampleFolder("/r", "softmax", 3);
  EXPECT_EQ(sample, "/r/softmax/sample_0003");
  EXPECT_EQ(SampleFolder("/r", "softmax", 12345), "/r/softmax/sample_12345");
  EXPECT_EQ(JournalFile(sample), sample + "/journal.jsonl");
  EXPECT_EQ(LockFile(sample), sample + "/lock");
  EXPECT_EQ(BestFile(sample), sample + "/best.cu");
  EXPECT_EQ(ResultFile(sample), sample + "/result.json");
  EXPECT_EQ(RoundFolder(sample, 7), sample + "/round_007");
  EXPECT_EQ(RoundFile(sample, 999, kReplyFile), sample + "/round_999/reply.md");
}

TEST(PathComponent, NeverLeadsElsewhere) {
  EXPECT_EQ(PathComponent("softmax-2_b.v1"), "softmax-2_b.v1");
  EXPECT_EQ(PathComponent("../../etc"), "_._.._etc");
  EXPECT_EQ(PathComponent("."), "_");
  EXPECT_EQ(PathComponent(".."), "_.");
  EXPECT_EQ(PathComponent(""), "_");
  EXPECT_EQ(PathComponent("a b\n\xc3\xa9"), "a_b___");
  EXPECT_EQ(PathComponent(std::string_view("a\0b", 3)), "a_b");
}

}  // namespace
}  // namespace caesar
