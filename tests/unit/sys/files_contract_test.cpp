// What every Files promises; held against the real one and the one in memory.
#include <gtest/gtest.h>

#include <filesystem>

#include "fakes/memory_files.h"
#include "fakes/temp_folder.h"
#include "sys/files.h"

namespace caesar {
namespace {

enum class Which { kReal, kMemory };

class FilesContract : public testing::TestWithParam<Which> {
 protected:
  void SetUp() override { ASSERT_TRUE(files().MakeFolders(folder_.path()).ok()); }

  Files& files() { return GetParam() == Which::kReal ? RealFiles() : memory_; }
  std::string Path(const std::string& name) const { return folder_ / name; }
  std::string Content(const std::string& name) {
    auto content = files().Read(Path(name), 1'000'000);
    return content.ok() ? content.value() : "error: " + content.error().message;
  }

  TempFolder folder_;
  MemoryFiles memory_;
};

INSTANTIATE_TEST_SUITE_P(, FilesContract, testing::Values(Which::kReal, Which::kMemory),
                         [](const auto& which) {
                           return which.param == Which::kReal ? "Real" : "Memory";
                         });

TEST_P(FilesContract, WriteMakesAndReplacesTheWholeFile) {
  ASSERT_TRUE(files().Write(Path("a"), "a long first content").ok());
  ASSERT_TRUE(files().Write(Path("a"), std::string("b\0c", 3)).ok());
  EXPECT_EQ(Content("a"), std::string("b\0c", 3));
  EXPECT_EQ(files().List(folder_.path()).value(), std::vector<std::string>{"a"});
}

TEST_P(FilesContract, ReadRefusesWhatIsTooLargeMissingOrAFolder) {
  ASSERT_TRUE(files().Write(Path("five"), "12345").ok());
  EXPECT_EQ(files().Read(Path("five"), 5).value(), "12345");
  const auto large = files().Read(Path("five"), 4);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::kIo);
  EXPECT_EQ(large.error().message, "cannot read " + Path("five") + ": larger than 4 bytes");
  const auto missing = files().Read(Path("none"), 4);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "cannot read " + Path("none") + ": No such file or directory");
  const auto folder = files().Read(folder_.path(), 4);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().message, "cannot read " + folder_.path() + ": Is a directory");
}

TEST_P(FilesContract, WriteNeedsTheFolder) {
  for (const Status& status :
       {files().Write(Path("no/a"), "x"), files().Write(folder_.path(), "x")}) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kIo);
  }
  EXPECT_FALSE(files().WriteNew(Path("no/a"), "x").ok());
  EXPECT_FALSE(files().Append(Path("no/a")).ok());
  EXPECT_FALSE(files().TryLock(Path("no/a"), LockMode::kShared).ok());
}

TEST_P(FilesContract, WriteNewHasOneWinner) {
  EXPECT_TRUE(files().WriteNew(Path("run.json"), "first").value());
  EXPECT_FALSE(files().WriteNew(Path("run.json"), "second").value());
  EXPECT_EQ(Content("run.json"), "first");
  EXPECT_EQ(files().List(folder_.path()).value().size(), 1U);
}

TEST_P(FilesContract, StatTellsFilesFromFoldersFromNothing) {
  ASSERT_TRUE(files().Write(Path("a"), "123").ok());
  const auto file = files().Stat(Path("a")).value();
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->kind, FileInfo::Kind::kFile);
  EXPECT_EQ(file->bytes, 3U);
  EXPECT_EQ(files().Stat(folder_.path()).value()->kind, FileInfo::Kind::kFolder);
  EXPECT_FALSE(files().Stat(Path("none")).value().has_value());
  EXPECT_FALSE(files().Stat(Path("a/below")).value().has_value());
}

TEST_P(FilesContract, ListIsSortedAndEmptyForNoFolder) {
  ASSERT_TRUE(files().MakeFolders(Path("b/c")).ok());
  ASSERT_TRUE(files().Write(Path("z"), "").ok());
  ASSERT_TRUE(files().Write(Path("a"), "").ok());
  EXPECT_EQ(files().List(folder_.path()).value(), (std::vector<std::string>{"a", "b", "z"}));
  EXPECT_TRUE(files().List(Path("none")).value().empty());
  EXPECT_FALSE(files().List(Path("a")).ok());
}

TEST_P(FilesContract, FreeBytesAreThoseOfTheFileSystem) {
  const auto free = files().FreeBytes(folder_.path());
  ASSERT_TRUE(free.ok()) << free.error().message;
  if (GetParam() == Which::kReal) {
    const auto space = std::filesystem::space(folder_.path());
    ASSERT_TRUE(free.value().has_value());
    EXPECT_LE(*free.value(), space.capacity);
    EXPECT_NEAR(static_cast<double>(*free.value()), static_cast<double>(space.available), 1e9);
  }
  const auto nowhere = files().FreeBytes(Path("none"));
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().message,
            "cannot ask for the free space of " + Path("none") + ": No such file or directory");
}

TEST_P(FilesContract, AppendGrowsAndCutsATornTail) {
  {
    auto file = files().Append(Path("journal")).value();
    ASSERT_TRUE(file->Append("one\n").ok());
    ASSERT_TRUE(file->Append("tw").ok());
    ASSERT_TRUE(file->Sync().ok());
  }
  auto again = files().Append(Path("journal"), 4).value();
  ASSERT_TRUE(again->Append("two\n").ok());
  EXPECT_EQ(Content("journal"), "one\ntwo\n");
  auto plain = files().Append(Path("journal")).value();
  ASSERT_TRUE(plain->Append("three\n").ok());
  EXPECT_EQ(Content("journal"), "one\ntwo\nthree\n");
  EXPECT_FALSE(files().Append(Path("journal"), 1'000).ok()) << "cutting must never lengthen";
  EXPECT_EQ(Content("journal"), "one\ntwo\nthree\n");
}

TEST_P(FilesContract, RenameReplacesFilesAndMovesFolders) {
  ASSERT_TRUE(files().Write(Path("reply.part"), "new").ok());
  ASSERT_TRUE(files().Write(Path("reply.md"), "old").ok());
  ASSERT_TRUE(files().Rename(Path("reply.part"), Path("reply.md")).ok());
  EXPECT_EQ(Content("reply.md"), "new");
  EXPECT_FALSE(files().Stat(Path("reply.part")).value().has_value());
  ASSERT_TRUE(files().MakeFolders(Path("tmp/in")).ok());
  ASSERT_TRUE(files().Write(Path("tmp/in/f"), "deep").ok());
  ASSERT_TRUE(files().Rename(Path("tmp"), Path("final")).ok());
  EXPECT_EQ(Content("final/in/f"), "deep");
  EXPECT_FALSE(files().Rename(Path("none"), Path("x")).ok());
}

TEST_P(FilesContract, MakeFoldersMakesParentsAndRefusesAFileOnTheWay) {
  ASSERT_TRUE(files().MakeFolders(Path("a/b/c")).ok());
  ASSERT_TRUE(files().MakeFolders(Path("a/b/c")).ok());
  ASSERT_TRUE(files().MakeFolders(Path("a/b/d/")).ok());
  EXPECT_EQ(files().List(Path("a/b")).value(), (std::vector<std::string>{"c", "d"}));
  ASSERT_TRUE(files().Write(Path("file"), "").ok());
  EXPECT_FALSE(files().MakeFolders(Path("file/x")).ok());
  EXPECT_FALSE(files().MakeFolders(Path("file")).ok());
}

TEST_P(FilesContract, RemovingNothingIsNoError) {
  ASSERT_TRUE(files().MakeFolders(Path("a/b")).ok());
  ASSERT_TRUE(files().Write(Path("a/b/c"), "").ok());
  ASSERT_TRUE(files().Write(Path("ab"), "").ok());
  EXPECT_FALSE(files().Remove(Path("a")).ok()) << "Remove is for files";
  EXPECT_TRUE(files().RemoveTree(Path("a")).ok());
  EXPECT_TRUE(files().RemoveTree(Path("a")).ok());
  EXPECT_TRUE(files().Remove(Path("a")).ok());
  EXPECT_EQ(files().List(folder_.path()).value(), std::vector<std::string>{"ab"});
  EXPECT_TRUE(files().RemoveTree(Path("ab")).ok()) << "a file is a tree, too";
  EXPECT_TRUE(files().List(folder_.path()).value().empty());
}

TEST_P(FilesContract, TouchMovesTheTimeForward) {
  ASSERT_TRUE(files().Write(Path("a"), "").ok());
  const auto before = files().Stat(Path("a")).value()->modified_ns;
  ASSERT_TRUE(files().Touch(Path("a")).ok());
  EXPECT_GE(files().Stat(Path("a")).value()->modified_ns, before);
  EXPECT_FALSE(files().Touch(Path("none")).ok());
}

TEST_P(FilesContract, LocksExcludeAndShare) {
  const auto lock = [&](LockMode mode) { return files().TryLock(Path("lock"), mode).value(); };
  auto exclusive = lock(LockMode::kExclusive);
  ASSERT_NE(exclusive, nullptr);
  EXPECT_EQ(lock(LockMode::kExclusive), nullptr);
  EXPECT_EQ(lock(LockMode::kShared), nullptr);
  exclusive.reset();
  auto shared = lock(LockMode::kShared);
  auto second = lock(LockMode::kShared);
  ASSERT_NE(shared, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(lock(LockMode::kExclusive), nullptr);
  shared.reset();
  EXPECT_EQ(lock(LockMode::kExclusive), nullptr);
  second.reset();
  EXPECT_NE(lock(LockMode::kExclusive), nullptr);
}

}  // namespace
}  // namespace caesar
