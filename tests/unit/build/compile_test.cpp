// The compiler with a scripted nvcc: which answers are kept, who is blamed, what is asked twice.
#include "build/compile.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "base/strings.h"
#include "build/nvcc_command.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_processes.h"
#include "fakes/faulty_files.h"
#include "fakes/temp_folder.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResources =
    "ptxas info    : Compiling entry function '_Z1kPf' for 'sm_90a'\n"
    "ptxas info    : Function properties for _Z1kPf\n"
    "    16 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads\n"
    "ptxas info    : Used 24 registers, used 1 barriers, 16 bytes cumulative stack size, 4000 "
    "bytes smem\n";

Result<ProcessEnd> Succeed(const Command& command) {
  std::ofstream(command.folder + "/entry/object.so") << "an object";
  return FakeProcesses::Exit(0, "", kResources);
}

class CompileTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "cuda/lib64");
    fs::create_directories(folder_ / "cuda/bin");
    std::ofstream(folder_ / "cuda/lib64/libcudart_static.a") << "";
    std::ofstream(folder_ / "cuda/lib64/libcublas.so") << "";
    std::ofstream(folder_ / "cuda/bin/gcc") << "";
    toolkit_ = {folder_ / "cuda/bin/nvcc", "13.0.88", folder_ / "cuda"};
    problem_.name = "copy";
    problem_.launcher = "solve";
    problem_.dims = {"n"};
    problem_.inputs.emplace_back().name = "x";
    problem_.outputs.emplace_back().name = "y";
    problem_.baseline_libraries = {"cublas"};
    request_.problem = &problem_;
    request_.source = "void solve(...)";
    request_.arch = "sm_90a";
    processes_.AnswerAll([this](const Command& command) -> Result<ProcessEnd> {
      ++nvcc_calls_;
      nvcc_commands_.push_back(command);
      if (nvcc_answers_.empty()) return Succeed(command);
      const FakeProcesses::Answer answer = nvcc_answers_.front();
      nvcc_answers_.pop_front();
      return answer(command);
    });
  }

  // A new compiler each time, as another process would have: only the folder is shared.
  Result<CompileOutcome> Compile(StopToken stop = StopToken()) {
    return MakeCompiler(toolkit_, {folder_ / "cache", 1 << 30}, files_, processes_, clock_)
        ->Compile(request_, stop);
  }
  void NvccSays(int exit_code, const std::string& errors) {
    nvcc_answers_.push_back(
        [=](const Command&) { return FakeProcesses::Exit(exit_code, "", errors); });
  }
  std::string Key() { return std::get<Compiled>(Compile().value()).key; }
  bool NothingIsLeft() const {
    const fs::path tmp = folder_ / "cache/v1/tmp";
    return !fs::exists(tmp) || fs::is_empty(tmp);
  }

  TempFolder folder_;
  Toolkit toolkit_;
  Problem problem_;
  CompileRequest request_;
  FakeProcesses processes_;
  std::deque<FakeProcesses::Answer> nvcc_answers_;
  std::vector<Command> nvcc_commands_;
  int nvcc_calls_ = 0;
  FakeClock clock_;
  FaultyFiles files_{ScratchFiles()};
};

TEST_F(CompileTest, CompilesOnceAndThenReadsTheCache) {
  const Result<CompileOutcome> first = Compile();
  ASSERT_TRUE(first.ok()) << first.error().message;
  const Compiled& compiled = std::get<Compiled>(first.value());
  EXPECT_FALSE(compiled.info.cached);
  EXPECT_EQ(compiled.info.registers, 24);
  EXPECT_EQ(compiled.info.spill_bytes, 12);
  EXPECT_EQ(compiled.info.shared_bytes, 4000);
  EXPECT_EQ(compiled.info.stack_bytes, 16);
  EXPECT_EQ(compiled.log,
            "k(float*): 24 registers, 12 bytes spilled, 4000 bytes shared, 16 bytes stack\n");
  EXPECT_EQ(ScratchFiles().Read(compiled.object, 100).value(), "an object");
  const Compiled second = std::get<Compiled>(Compile().value());
  EXPECT_TRUE(second.info.cached);
  EXPECT_EQ(second.object, compiled.object);
  EXPECT_EQ(nvcc_calls_, 1);
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(CompileTest, RunsNvccInAPrivateFolderUntilTheDeadline) {
  request_.timeout = Milliseconds(4321);
  nvcc_answers_.push_back([](const Command& command) {
    const std::string source =
        ScratchFiles().Read(command.folder + "/caesar_entry.cu", 1 << 20).value();
    EXPECT_NE(source.find("void solve(...)"), std::string::npos);
    EXPECT_EQ(ScratchFiles().Read(command.folder + "/exports.map", 1000).value(),
              "{ global: caesar_entry; local: *; };\n");
    EXPECT_TRUE(fs::is_directory(command.folder + "/tmp"));
    return Succeed(command);
  });
  ASSERT_TRUE(Compile().ok());
  EXPECT_EQ(processes_.timeouts().back(), Milliseconds(4321));
  EXPECT_TRUE(StartsWith(nvcc_commands_[0].folder, folder_ / "cache/v1/tmp/"));
}

TEST_F(CompileTest, TellsTheLinkerWhichNamesTheSimulatorBrings) {
  request_.arch = "sim";
  nvcc_answers_.push_back([](const Command& command) {
    const auto options = ScratchFiles().Read(command.folder + "/runtime.options", 1 << 20);
    EXPECT_EQ(options.value(), RuntimeOptions());
    return Succeed(command);
  });
  const std::string simulated = Key();
  request_.arch = "sm_90a";
  nvcc_answers_.push_back([](const Command& command) {
    EXPECT_FALSE(fs::exists(command.folder + "/runtime.options"));
    return Succeed(command);
  });
  EXPECT_NE(Key(), simulated);
}

TEST_F(CompileTest, CallsEachRolesSourceByItsOwnName) {
  for (const auto& [role, file] :
       {std::pair(Role::kCandidate, "kernel.cu"), std::pair(Role::kReference, "reference.cu"),
        std::pair(Role::kBaseline, "baseline.cu")}) {
    request_.role = role;
    std::string source;
    nvcc_answers_.push_back([&](const Command& command) {
      source = ScratchFiles().Read(command.folder + "/caesar_entry.cu", 1 << 20).value();
      return FakeProcesses::Exit(2, "", "At end of source: error: expected a \"}\"\n");
    });
    const CompileFailed failed = std::get<CompileFailed>(Compile().value());
    EXPECT_FALSE(failed.cached) << "the same text, but another name in the messages";
    EXPECT_NE(source.find("#line 1 \"" + std::string(file) + "\""), std::string::npos) << source;
    EXPECT_EQ(failed.headline, std::string(file) + ", at its end: error: expected a \"}\"");
  }
  request_.source = std::string((1 << 20) + 1, ' ');
  EXPECT_TRUE(StartsWith(std::get<CompileFailed>(Compile().value()).headline,
                         "baseline.cu: error: the source has 1048577 bytes"));
}

TEST_F(CompileTest, KeepsApartWhateverChangesTheAnswer) {
  std::set<std::string> keys = {Key()};
  EXPECT_EQ(*keys.begin(), Key());
  request_.source += " ";
  keys.insert(Key());
  request_.arch = "sm_80";
  keys.insert(Key());
  request_.role = Role::kBaseline;  // other libraries
  keys.insert(Key());
  problem_.dims = {"n", "m"};  // another contract
  keys.insert(Key());
  toolkit_.version = "13.0.89";
  keys.insert(Key());
  std::ofstream(folder_ / "cuda/bin/gcc") << "an upgrade";
  keys.insert(Key());
  EXPECT_EQ(keys.size(), 7u);
}

TEST_F(CompileTest, KeepsAFailureOfTheSource) {
  NvccSays(2, "kernel.cu(1): error: expected a \";\"\n");
  const CompileFailed first = std::get<CompileFailed>(Compile().value());
  EXPECT_FALSE(first.cached);
  EXPECT_EQ(first.errors, 1);
  EXPECT_EQ(first.headline, "kernel.cu(1): error: expected a \";\"");
  const CompileFailed second = std::get<CompileFailed>(Compile().value());
  EXPECT_TRUE(second.cached);
  EXPECT_EQ(second.headline, first.headline);
  EXPECT_EQ(second.log, first.log);
  EXPECT_EQ(nvcc_calls_, 1);
}

TEST_F(CompileTest, NeverKeepsATimeOut) {
  nvcc_answers_.push_back([](const Command&) {
    ProcessEnd end = FakeProcesses::End(ProcessEnd::How::kTimedOut);
    end.errors = "kernel.cu(1): warning #1-D: slow\n";
    return end;
  });
  request_.timeout = Milliseconds(77);
  const CompileTimedOut timed_out = std::get<CompileTimedOut>(Compile().value());
  EXPECT_EQ(timed_out.timeout, Milliseconds(77));
  EXPECT_EQ(timed_out.log, "kernel.cu(1): warning #1-D: slow\n");
  EXPECT_TRUE(std::holds_alternative<Compiled>(Compile().value()));
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(CompileTest, BlamesTheSourceForACrashOnlyIfNvccWorksOtherwise) {
  const std::vector<std::function<void()>> crashes = {
      [&] {
        NvccSays(139, "nvcc error   : 'cicc' died due to signal 11 (Invalid memory reference)\n");
      },
      [&] {
        NvccSays(1,
                 "kernel.cu(1): error: x\ntmp/a.ii: fatal error: error writing to : No space left "
                 "on device\n");
      },
      [&] {
        NvccSays(1,
                 "kernel.cu(118): catastrophic error: error while writing generated C file: No "
                 "space left on device\n\nCompilation terminated.\n");
      },
      [&] { NvccSays(1, ""); },
      [&] { NvccSays(0, ""); },  // but there is no object
  };
  for (std::size_t i = 0; i < crashes.size(); ++i) {
    nvcc_calls_ = 0;
    nvcc_commands_.clear();
    crashes[i]();
    const Result<CompileOutcome> blamed = Compile();
    ASSERT_TRUE(blamed.ok()) << i;
    const CompileFailed& failed = std::get<CompileFailed>(blamed.value());
    EXPECT_TRUE(StartsWith(failed.headline, "kernel.cu: error: the compiler "))
        << i << failed.headline;
    EXPECT_FALSE(failed.cached);
    EXPECT_EQ(nvcc_calls_, 2) << "the second proves that nvcc works";

    crashes[i]();
    NvccSays(1, "nvcc fatal   : broken\n");
    const Result<CompileOutcome> excused = Compile();
    ASSERT_FALSE(excused.ok()) << i << " was kept, or blamed on the source";
    EXPECT_EQ(excused.error().code, ErrorCode::kEnvironment);
    EXPECT_NE(excused.error().detail.find("nvcc fatal"), std::string::npos);
    EXPECT_TRUE(NothingIsLeft());
  }
}

// How the end of a part of nvcc that was killed from outside shows.
const std::vector<FakeProcesses::Answer> kKilled = {
    [](const Command&) { return FakeProcesses::End(ProcessEnd::How::kSignaled, 9); },
    [](const Command&) { return FakeProcesses::Exit(137, "", "Killed\n"); },
    [](const Command&) {
      return FakeProcesses::Exit(9, "",
                                 "nvcc error   : 'cicc' died due to signal 9 (Kill signal)\n");
    },
    [](const Command&) {
      return FakeProcesses::Exit(1, "",
                                 "gcc: fatal error: Killed signal terminated program cc1plus\n");
    },
};

TEST_F(CompileTest, CompilesOnceMoreWhereNvccWasKilled) {
  for (const Role role : {Role::kCandidate, Role::kReference, Role::kBaseline}) {
    for (const FakeProcesses::Answer& killed : kKilled) {
      request_.role = role;
      request_.source += "// another\n";
      nvcc_calls_ = 0;
      nvcc_answers_ = {killed};
      const Result<CompileOutcome> outcome = Compile();
      ASSERT_TRUE(outcome.ok());
      EXPECT_TRUE(std::holds_alternative<Compiled>(outcome.value()));
      EXPECT_EQ(nvcc_calls_, 2);
      EXPECT_TRUE(NothingIsLeft());
    }
  }
}

TEST_F(CompileTest, BlamesACandidateAloneWhereNvccWasKilledTwice) {
  for (const FakeProcesses::Answer& killed : kKilled) {
    request_.role = Role::kCandidate;
    nvcc_calls_ = 0;
    nvcc_answers_ = {killed, killed};
    const Result<CompileOutcome> blamed = Compile();
    ASSERT_TRUE(blamed.ok());
    const CompileFailed& failed = std::get<CompileFailed>(blamed.value());
    EXPECT_EQ(failed.headline,
              "kernel.cu: error: the compiler was killed (signal 9) on this source, twice: the "
              "system does so where memory runs out");
    EXPECT_EQ(nvcc_calls_, 3) << "the third proves that nvcc works";
    for (const Role role : {Role::kReference, Role::kBaseline}) {
      request_.role = role;
      nvcc_answers_ = {killed, killed};
      const Result<CompileOutcome> outcome = Compile();
      ASSERT_FALSE(outcome.ok()) << "blamed on "
                                 << (role == Role::kReference ? "reference.cu" : "baseline.cu");
      EXPECT_EQ(outcome.error().code, ErrorCode::kEnvironment);
      EXPECT_NE(
          outcome.error().message.find((role == Role::kReference ? "reference.cu" : "baseline.cu")),
          std::string::npos)
          << outcome.error().message;
    }
  }
}

TEST_F(CompileTest, SaysWhereMemoryRanOut) {
  nvcc_answers_.push_back([](const Command&) {
    ProcessEnd end = FakeProcesses::End(ProcessEnd::How::kSignaled, 9);
    end.out_of_memory = true;
    return end;
  });
  const CompileFailed failed = std::get<CompileFailed>(Compile().value());
  EXPECT_TRUE(StartsWith(failed.headline,
                         "kernel.cu: error: the compiler was killed because "
                         "memory ran out: it may use "))
      << failed.headline;
}

TEST_F(CompileTest, IsAnErrorWhereNvccIsGone) {
  nvcc_answers_.push_back([](const Command&) -> Result<ProcessEnd> {
    return Error{ErrorCode::kEnvironment, "nvcc: not found", ""};
  });
  const Result<CompileOutcome> outcome = Compile();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(std::holds_alternative<Compiled>(Compile().value())) << "and nothing was kept";
}

TEST_F(CompileTest, StopsAtOnce) {
  nvcc_answers_.push_back(
      [](const Command&) { return FakeProcesses::End(ProcessEnd::How::kStopped); });
  const Result<CompileOutcome> outcome = Compile();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(std::holds_alternative<Compiled>(Compile().value()));
}

TEST_F(CompileTest, RefusesAHugeSourceWithoutAskingNvcc) {
  request_.source = std::string((1 << 20) + 1, ' ');
  const CompileFailed failed = std::get<CompileFailed>(Compile().value());
  EXPECT_NE(failed.headline.find("1048577 bytes"), std::string::npos) << failed.headline;
  EXPECT_EQ(failed.errors, 1);
  EXPECT_EQ(nvcc_calls_, 0);
  request_.source.pop_back();
  EXPECT_TRUE(std::holds_alternative<Compiled>(Compile().value()));
}

TEST_F(CompileTest, RefusesForeignIncludesEvenIfTheyCompile) {
  nvcc_answers_.push_back([](const Command& command) {
    std::ofstream(command.folder + "/depends.d")
        << "entry/object.so : caesar_entry.cu \\\n    /etc/hostname\n";
    return Succeed(command);
  });
  const CompileFailed failed = std::get<CompileFailed>(Compile().value());
  EXPECT_NE(failed.headline.find("/etc/hostname"), std::string::npos) << failed.headline;
  EXPECT_TRUE(std::get<CompileFailed>(Compile().value()).cached);
}

TEST_F(CompileTest, QuotesNothingWhereAForeignFileStoppedThePreprocessor) {
  NvccSays(1, "/etc/shadow:1:1: error: stray root:secret\n");
  const CompileFailed failed = std::get<CompileFailed>(Compile().value());
  EXPECT_EQ(failed.log.find("secret"), std::string::npos);
  EXPECT_EQ(failed.headline.find("secret"), std::string::npos);
}

TEST_F(CompileTest, LinksByRole) {
  const auto links = [&](Role role) {
    request_.role = role;
    EXPECT_TRUE(Compile().ok());
    return Join(nvcc_commands_.back().argv, " ").find(" -lcublas ") != std::string::npos;
  };
  EXPECT_FALSE(links(Role::kCandidate));
  EXPECT_TRUE(links(Role::kBaseline));
  problem_.libraries = {"nonsense"};
  request_.role = Role::kCandidate;
  EXPECT_EQ(Compile().error().code, ErrorCode::kBadInput);
}

TEST_F(CompileTest, BlamesNoSourceForAFullDisk) {
  files_.SetFreeBytes((std::uint64_t{64} << 20) - 1);
  const Result<CompileOutcome> outcome = Compile();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kIo);
  EXPECT_TRUE(StartsWith(outcome.error().message, "The disk is full: 63 MiB are free for "))
      << outcome.error().message;
  EXPECT_NE(outcome.error().detail.find("CAESAR_CACHE_DIR"), std::string::npos);
  EXPECT_EQ(nvcc_calls_, 0);
  EXPECT_TRUE(NothingIsLeft());
  files_.SetFreeBytes(std::uint64_t{64} << 20);
  EXPECT_TRUE(std::holds_alternative<Compiled>(Compile().value()));
  files_.SetFreeBytes(0);
  EXPECT_TRUE(std::get<Compiled>(Compile().value()).info.cached) << "what is there needs no room";
}

TEST_F(CompileTest, SurvivesEveryFailingFileOperation) {
  ASSERT_TRUE(Compile().ok());
  const std::size_t calls = files_.calls().size();
  ASSERT_GT(calls, 10u);
  int errors = 0;
  for (std::size_t n = 0; n < calls; ++n) {
    fs::remove_all(folder_ / "cache");
    files_.FailAt(n);
    const Result<CompileOutcome> outcome = Compile();
    files_.StopFailing();
    if (outcome.ok()) {
      ASSERT_TRUE(std::holds_alternative<Compiled>(outcome.value())) << files_.calls()[n];
    } else {
      ++errors;
      EXPECT_EQ(outcome.error().code, ErrorCode::kIo);
    }
    const Result<CompileOutcome> next = Compile();
    ASSERT_TRUE(next.ok() && std::holds_alternative<Compiled>(next.value()))
        << "after failure " << n;
    EXPECT_EQ(ScratchFiles().Read(std::get<Compiled>(next.value()).object, 100).value(),
              "an object");
  }
  EXPECT_GT(errors, 5);
}

TEST_F(CompileTest, WorksOnACacheThatCannotBeWritten) {
  ASSERT_TRUE(Compile().ok());
  files_.FailOn("Touch ");
  EXPECT_TRUE(std::get<Compiled>(Compile().value()).info.cached);
  request_.source += "// not there yet\n";
  files_.FailOn("Write ");
  const Result<CompileOutcome> outcome = Compile();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kIo);
}

class CacheSettings : public testing::Test {
 protected:
  void Set(const char* name, const char* value) {
    if (value == nullptr) {
      ::unsetenv(name);
    } else {
      ::setenv(name, value, 1);
    }
  }
  // Whoever runs the tests may have set them.
  static void Clear() {
    for (const char* name : {"CAESAR_CACHE_DIR", "XDG_CACHE_HOME", "CAESAR_CACHE_MAX_MB"})
      ::unsetenv(name);
  }
  void SetUp() override { Clear(); }
  void TearDown() override {
    Clear();
    Set("HOME", home_.c_str());
  }
  const std::string home_ = std::getenv("HOME") == nullptr ? "/" : std::getenv("HOME");
};

TEST_F(CacheSettings, ComeFromTheEnvironment) {
  Set("HOME", "/home/me");
  EXPECT_EQ(DefaultCache().folder, "/home/me/.cache/caesar");
  Set("XDG_CACHE_HOME", "/xdg");
  EXPECT_EQ(DefaultCache().folder, "/xdg/caesar");
  Set("CAESAR_CACHE_DIR", "/mine");
  EXPECT_EQ(DefaultCache().folder, "/mine");
  Set("CAESAR_CACHE_DIR", "relative");
  EXPECT_EQ(DefaultCache().folder, "/xdg/caesar");
  EXPECT_EQ(DefaultCache().bytes_max, std::uint64_t{2} << 30);
  Set("CAESAR_CACHE_MAX_MB", "500");
  EXPECT_EQ(DefaultCache().bytes_max, 500'000'000u);
  for (const char* wrong : {"", "many", "5x", "-1", "99999999999999999999"}) {
    Set("CAESAR_CACHE_MAX_MB", wrong);
    EXPECT_EQ(DefaultCache().bytes_max, std::uint64_t{2} << 30) << wrong;
  }
}

}  // namespace
}  // namespace caesar
