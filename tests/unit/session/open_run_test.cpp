#include <gtest/gtest.h>

#include "fakes/memory_files.h"
#include "session/session.h"

namespace caesar {
namespace {

TEST(OpenRun, IsMadeOnceAndAcceptsTheSameConfiguration) {
  MemoryFiles disk;
  RunConfig config;
  config.caesar_version = "1.0";
  config.rounds = 6;
  ASSERT_TRUE(OpenRun("runs/a", config, disk).ok());
  const std::string made = disk.Read("runs/a/run.json", 1 << 20).value();
  EXPECT_EQ(ParseRunConfig(made).value().rounds, 6);
  ASSERT_TRUE(OpenRun("runs/a", config, disk).ok());
  EXPECT_EQ(disk.Read("runs/a/run.json", 1 << 20).value(), made);
}

TEST(OpenRun, RefusesAnotherConfigurationAndShowsTheDifference) {
  MemoryFiles disk;
  RunConfig config;
  ASSERT_TRUE(OpenRun("runs/a", config, disk).ok());
  config.rounds = 8;
  config.model.model = "gpt-9";
  const Status status = OpenRun("runs/a", config, disk);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(status.error().message,
            "runs/a/run.json holds another configuration than this command");
  EXPECT_NE(status.error().detail.find("rounds: 8 here, 4 in run.json"), std::string::npos);
  EXPECT_NE(status.error().detail.find("gpt-9"), std::string::npos);
}

TEST(OpenRun, RefusesAnotherVersion) {
  MemoryFiles disk;
  RunConfig config;
  config.caesar_version = "1.0";
  ASSERT_TRUE(OpenRun("runs/a", config, disk).ok());
  config.caesar_version = "1.1";
  EXPECT_EQ(OpenRun("runs/a", config, disk).error().message,
            "runs/a was begun by caesar 1.0, but this is caesar 1.1");

  const std::string json = ReplaceAll(ToJson(config), "\"version\": 1", "\"version\": 2");
  ASSERT_TRUE(disk.Write("runs/a/run.json", json).ok());
  const Status newer = OpenRun("runs/a", config, disk);
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, ErrorCode::kBadInput);
  EXPECT_NE(newer.error().message.find("runs/a/run.json"), std::string::npos);
  EXPECT_NE(newer.error().message.find("version"), std::string::npos);
}

TEST(OpenRun, NamesADamagedFile) {
  MemoryFiles disk;
  ASSERT_TRUE(disk.MakeFolders("runs/a").ok());
  ASSERT_TRUE(disk.Write("runs/a/run.json", "{").ok());
  const Status status = OpenRun("runs/a", RunConfig(), disk);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kBadInput);
  EXPECT_NE(status.error().message.find("runs/a/run.json"), std::string::npos);
}

}  // namespace
}  // namespace caesar
