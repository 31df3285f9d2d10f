#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/problem/example.h"

namespace caesar {
namespace {

class LoadProblemTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "caesar_load_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Put(const std::string& name, const std::string& content) {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  void PutAll() {
    Put("problem.json", test::kExample);
    Put("statement.md", "Do it.\n");
    Put("reference.cu", "// reference\n");
    Put("baseline.cu", "// baseline\n");
  }
  std::string LoadError(const std::string& argument) {
    const auto problem = LoadProblem(argument, RealFiles());
    EXPECT_FALSE(problem.ok());
    return problem.ok() ? "" : problem.error().message;
  }

  std::string folder_;
};

TEST_F(LoadProblemTest, RefusesALinkThatLeadsOutOfTheFolder) {
  PutAll();
  const std::filesystem::path statement = folder_ + "/statement.md";
  std::filesystem::remove(statement);
  std::filesystem::create_symlink("/etc/passwd", statement);
  const std::string error = LoadError(folder_);
  EXPECT_EQ(error, statement.string() +
                       " is a link that leads out of the problem's folder, to /etc/passwd");
  // Links within it, and a link to the folder itself, are nobody's secrets.
  std::filesystem::remove(statement);
  Put("texts/statement.md", "Do it.\n");
  std::filesystem::create_symlink("texts/statement.md", statement);
  EXPECT_TRUE(LoadProblem(folder_, RealFiles()).ok());
  const std::string link = folder_ + ".link";
  std::filesystem::create_directory_symlink(folder_, link);
  EXPECT_TRUE(LoadProblem(link, RealFiles()).ok());
  std::filesystem::remove(link);
}

TEST_F(LoadProblemTest, ReadsAWholeFolder) {
  PutAll();
  Put("replies/001.md", "one");
  Put("replies/002.md", "two");
  Put("replies/004.md", "never reached");
  Put("notes.txt", "ignored");
  const auto problem = LoadProblem(folder_ + "//", RealFiles());
  ASSERT_TRUE(problem.ok()) << problem.error().message;
  EXPECT_EQ(problem.value().statement, "Do it.\n");
  EXPECT_EQ(problem.value().reference, "// reference\n");
  EXPECT_EQ(problem.value().baseline, "// baseline\n");
  EXPECT_EQ(problem.value().replies, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(problem.value().origin, folder_);
}

TEST_F(LoadProblemTest, ErrorsNameTheFile) {
  PutAll();
  Put("problem.json", test::With("\"f32\", \"shape\"", "\"f31\", \"shape\""));
  EXPECT_EQ(
      LoadError(folder_),
      folder_ + "/problem.json:9: inputs[0].dtype: unknown dtype 'f31' (did you mean 'f32'?)");
}

TEST_F(LoadProblemTest, MissingAndEmptyFiles) {
  EXPECT_EQ(LoadError(folder_), folder_ + " has no problem.json");
  Put("problem.json", test::kExample);
  EXPECT_EQ(LoadError(folder_), folder_ + "/statement.md is missing");
  Put("statement.md", "\n");
  EXPECT_EQ(LoadError(folder_), folder_ + "/statement.md is empty");
  Put("statement.md", "Do it.");
  EXPECT_EQ(LoadError(folder_), folder_ + "/reference.cu is missing");
  Put("reference.cu", "//");
  EXPECT_EQ(LoadError(folder_),
            folder_ + "/problem.json names baseline_libraries, but there is no baseline.cu");
  Put("baseline.cu", "//");
  EXPECT_TRUE(LoadProblem(folder_, RealFiles()).ok());
}

TEST_F(LoadProblemTest, LargeFilesAreRefused) {
  PutAll();
  Put("reference.cu", std::string((1u << 20) + 1, '/'));
  const auto problem = LoadProblem(folder_, RealFiles());
  ASSERT_FALSE(problem.ok());
  EXPECT_EQ(problem.error().message,
            folder_ + "/reference.cu has 1048577 bytes, more than the 1048576 that are allowed");
  EXPECT_EQ(problem.error().code, ErrorCode::kBadInput);
}

TEST_F(LoadProblemTest, AFolderInPlaceOfAFile) {
  PutAll();
  std::filesystem::create_directory(folder_ + "/replies");
  std::filesystem::create_directory(folder_ + "/replies/001.md");
  EXPECT_EQ(LoadError(folder_), folder_ + "/replies/001.md is not a file");
}

TEST_F(LoadProblemTest, AFileOfAProblemIsAnsweredWithItsFolder) {
  PutAll();
  const auto problem = LoadProblem(folder_ + "/problem.json", RealFiles());
  ASSERT_FALSE(problem.ok());
  EXPECT_EQ(problem.error().message,
            folder_ + "/problem.json is a file, but a problem is a folder");
  EXPECT_EQ(problem.error().detail, "Name its folder: " + folder_);
}

TEST_F(LoadProblemTest, AFolderWithoutAProblemSaysWhereToStart) {
  const auto problem = LoadProblem(folder_, RealFiles());
  ASSERT_FALSE(problem.ok());
  EXPECT_EQ(problem.error().detail,
            "docs/problems.md describes it; `caesar problem show softmax --json` prints one to "
            "start from.");
}

TEST_F(LoadProblemTest, AStatementBecomesValidText) {
  PutAll();
  Put("statement.md", "caf\xe9");
  EXPECT_EQ(LoadProblem(folder_, RealFiles()).value().statement, "caf\xEF\xBF\xBD");
}

TEST_F(LoadProblemTest, AMistypedNameIsAnsweredWithTheNearest) {
  const auto problem = LoadProblem("relo", RealFiles());
  ASSERT_FALSE(problem.ok());
  EXPECT_EQ(problem.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(problem.error().message, "there is no problem 'relo'; did you mean 'relu'?");
  EXPECT_NE(problem.error().detail.find("caesar problem list"), std::string::npos);
  EXPECT_EQ(LoadError("no/such/folder"), "there is no problem 'no/such/folder'");
  EXPECT_EQ(LoadError(""), "there is no problem ''");
}

}  // namespace
}  // namespace caesar
