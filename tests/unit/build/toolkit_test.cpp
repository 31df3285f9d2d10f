#include "build/toolkit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "build/nvcc_command.h"
#include "fakes/fake_processes.h"
#include "fakes/memory_files.h"

namespace caesar {
namespace {

constexpr const char* kVersionText =
    "nvcc: NVIDIA (R) Cuda compiler driver\nCuda compilation tools, release 13.0, V13.0.88\n"
    "Build cuda_13.0.r13.0/compiler.36424714_0\n";

// Paths differ from test to test, since versions are remembered for the whole process.
class ToolkitSearch : public testing::Test {
 protected:
  void Add(const std::string& path) {
    ASSERT_TRUE(files_.MakeFolders(path.substr(0, path.rfind('/'))).ok());
    ASSERT_TRUE(files_.Write(path, "binary").ok());
  }
  void SetUp() override {
    processes_.AnswerAll([](const Command&) { return FakeProcesses::Exit(0, kVersionText); });
  }
  Result<Toolkit> Find(const ToolkitHints& hints) { return FindToolkit(hints, files_, processes_); }

  MemoryFiles files_;
  FakeProcesses processes_;
};

TEST_F(ToolkitSearch, TakesTheFirstPlaceThatHasNvcc) {
  Add("/t1/home/bin/nvcc");
  Add("/t1/cuda_path/bin/nvcc");
  Add("/t1/on_path/nvcc");
  ToolkitHints hints{"", "/t1/home", "/t1/cuda_path", "/nowhere:/t1/on_path", ""};
  const Result<Toolkit> found = Find(hints);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().nvcc, "/t1/home/bin/nvcc");
  EXPECT_EQ(found.value().home, "/t1/home");
  EXPECT_EQ(found.value().version, "13.0.88");
  hints.cuda_home = "/t1/none";
  EXPECT_EQ(Find(hints).value().nvcc, "/t1/cuda_path/bin/nvcc");
  hints.cuda_path.clear();
  EXPECT_EQ(Find(hints).value().nvcc, "/t1/on_path/nvcc");
}

TEST_F(ToolkitSearch, LooksBesideTheBuildFolderOfTheProgram) {
  Add("/t2/repo/build/toolkit/bin/nvcc");
  for (const char* own :
       {"/t2/repo/build/dev/src/caesar", "/t2/repo/build/dev/caesar", "/t2/repo/build/caesar"}) {
    const Result<Toolkit> found = Find({"", "", "", "", own});
    ASSERT_TRUE(found.ok()) << own;
    EXPECT_EQ(found.value().nvcc, "/t2/repo/build/toolkit/bin/nvcc");
  }
  EXPECT_FALSE(Find({"", "", "", "", "/t2/repo/build/a/b/c/d/caesar"}).ok()) << "five levels above";
}

TEST_F(ToolkitSearch, IgnoresRelativeFoldersOfPath) {
  Add("tools/nvcc");
  EXPECT_FALSE(Find({"", "", "", "tools::.", ""}).ok());
}

TEST_F(ToolkitSearch, ObeysCaesarNvccAlone) {
  Add("/t3/good/bin/nvcc");
  const Result<Toolkit> missing = Find({"/t3/wrong/nvcc", "/t3/good", "", "", ""});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(missing.error().message.find("CAESAR_NVCC"), std::string::npos);
  EXPECT_NE(missing.error().detail.find("/t3/wrong/nvcc"), std::string::npos);
}

TEST_F(ToolkitSearch, SaysWhereItLookedAndWhatToDo) {
  const Result<Toolkit> missing = Find({"", "/t4/cuda", "", "/t4/bin", "/t4/caesar"});
  ASSERT_FALSE(missing.ok());
  for (const char* part : {"/t4/cuda/bin/nvcc (CUDA_HOME): not there", "/t4/bin/nvcc (PATH)",
                           "/usr/local/cuda/bin/nvcc", "scripts/setup", "CAESAR_NVCC"}) {
    EXPECT_NE(missing.error().detail.find(part), std::string::npos) << part << "\n"
                                                                    << missing.error().detail;
  }
}

TEST_F(ToolkitSearch, PassesOverAnNvccThatDoesNotWork) {
  Add("/t5/broken/nvcc");
  Add("/t5/works/nvcc");
  processes_.Add(FakeProcesses::Exit(127, "", "cannot find libfoo.so"));
  const Result<Toolkit> found = Find({"", "", "", "/t5/broken:/t5/works", ""});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().nvcc, "/t5/works/nvcc");
  processes_.Add(FakeProcesses::Exit(0, "clang version 14\n"));
  const Result<Toolkit> other = Find({"", "", "", "/t5/broken", ""});
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().detail.find("does not answer to --version as nvcc does"),
            std::string::npos);
}

TEST_F(ToolkitSearch, AWrongCaesarNvccIsToBeCorrectedOrUnset) {
  Add("/t9/wrong");
  processes_.Add(FakeProcesses::Exit(2, "", "\n" + std::string(300, 'x') + "\nsecond line\n"));
  const Result<Toolkit> wrong = Find({"/t9/wrong", "", "", "", ""});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(
      wrong.error().detail,
      "Looked at:\n  /t9/wrong (CAESAR_NVCC): it does not answer to --version as nvcc does: " +
          std::string(100, 'x') +
          "\nCorrect CAESAR_NVCC, or unset it: then nvcc is looked for in the usual places.");
}

TEST_F(ToolkitSearch, AsksForTheVersionOnceAndAgainAfterAnUpgrade) {
  Add("/t6/nvcc");
  const ToolkitHints hints{"/t6/nvcc", "", "", "", ""};
  ASSERT_TRUE(Find(hints).ok());
  ASSERT_TRUE(Find(hints).ok());
  EXPECT_EQ(processes_.commands().size(), 1u);
  ASSERT_TRUE(files_.Write("/t6/nvcc", "a newer binary").ok());
  processes_.Add(FakeProcesses::Exit(0, "Cuda compilation tools, release 13.1, V13.1.5\n"));
  EXPECT_EQ(Find(hints).value().version, "13.1.5");
}

class Flags : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* file : {"libcudart_static.a", "libcublas.so", "libcublasLt.so.13"}) {
      ASSERT_TRUE(files_.MakeFolders("/cuda/lib64").ok());
      ASSERT_TRUE(files_.Write(std::string("/cuda/lib64/") + file, "").ok());
    }
  }
  Result<std::vector<std::string>> Make(const std::string& arch,
                                        const std::vector<std::string>& libraries) {
    return NvccFlags(toolkit_, "/usr/bin/gcc", arch, "solve", libraries, files_);
  }
  std::string Text(const std::vector<std::string>& libraries) {
    return " " + Join(Make("sm_90a", libraries).value(), " ") + " ";
  }

  MemoryFiles files_;
  Toolkit toolkit_{"/cuda/bin/nvcc", "13.0.88", "/cuda"};
};

TEST_F(Flags, AreThoseOfTheContract) {
  const std::string text = Text({});
  for (const char* flag :
       {" -O3 ", " -std=c++17 ", " -lineinfo ", " -Xptxas -v ",
        " -gencode=arch=compute_90a,code=sm_90a ", " -shared ", " -Xcompiler -fPIC ",
        " -cudart static ", " -Xlinker --require-defined=solve ", " -ccbin /usr/bin/gcc "}) {
    EXPECT_NE(text.find(flag), std::string::npos) << flag << " in " << text;
  }
  EXPECT_EQ(text.find("rpath"), std::string::npos);
}

TEST_F(Flags, BindTheSimulatorsRuntimeForTheSimulatedGpu) {
  const auto flags = Make("sim", {"cublas"});
  ASSERT_TRUE(flags.ok()) << flags.error().message;
  const std::string text = " " + Join(flags.value(), " ") + " ";
  for (const char* flag :
       {" -gencode=arch=compute_90,code=[compute_90,sm_90] ", " --no-compress ", " -cudart none ",
        " --options-file runtime.options ", " -lineinfo ", " -Xlinker --no-undefined "}) {
    EXPECT_NE(text.find(flag), std::string::npos) << flag << " in " << text;
  }
  EXPECT_EQ(text.find("cublas"), std::string::npos) << "machine code for GPUs alone";
  EXPECT_EQ(Text({}).find("runtime.options"), std::string::npos);
  const std::string options = RuntimeOptions();
  EXPECT_NE(options.find("-Xlinker --ignore-unresolved-symbol=cudaMalloc\n"), std::string::npos);
  EXPECT_NE(options.find("-Xlinker --ignore-unresolved-symbol=__cudaLaunchKernel\n"),
            std::string::npos);
  for (const std::string_view line : Lines(options)) {
    EXPECT_TRUE(StartsWith(line, "-Xlinker --ignore-unresolved-symbol=cuda") ||
                StartsWith(line, "-Xlinker --ignore-unresolved-symbol=__cuda"))
        << line;
  }
}

TEST_F(Flags, LinkWhatPolicyAllows) {
  EXPECT_NE(Text({"cublas"}).find(" -lcublas -Xlinker -rpath -Xlinker /cuda/lib64 "),
            std::string::npos);
  EXPECT_NE(Text({"cublaslt"}).find(" -l:libcublasLt.so.13 "), std::string::npos)
      << "the wheels have no bare .so";
  EXPECT_EQ(Text({"cub", "thrust"}), Text({}));
}

TEST_F(Flags, RefuseUnknownNames) {
  const auto library = Make("sm_90a", {"cutlass"});
  ASSERT_FALSE(library.ok());
  EXPECT_EQ(library.error().code, ErrorCode::kBadInput);
  EXPECT_NE(library.error().detail.find("cublas"), std::string::npos);
  for (const char* arch : {"", "90", "sm_", "sm_9", "sm_90aa", "sm_90A", "sm_90a,code=sm_80",
                           "sm_9000", "compute_90"}) {
    EXPECT_FALSE(VirtualArch(arch).ok()) << arch;
  }
  EXPECT_EQ(VirtualArch("sm_80").value(), "compute_80");
  EXPECT_EQ(VirtualArch("sm_103a").value(), "compute_103a");
}

TEST_F(Flags, SayWhatTheToolkitLacks) {
  ASSERT_TRUE(files_.Remove("/cuda/lib64/libcublas.so").ok());
  const auto missing = Make("sm_90a", {"cublas"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kEnvironment);
  ASSERT_TRUE(files_.Remove("/cuda/lib64/libcudart_static.a").ok());
  EXPECT_EQ(Make("sm_90a", {}).error().code, ErrorCode::kEnvironment);
  ASSERT_TRUE(files_.MakeFolders("/cuda/lib").ok());
  ASSERT_TRUE(files_.Write("/cuda/lib/libcudart_static.a", "").ok());
  EXPECT_NE(Text({}).find(" -L/cuda/lib "), std::string::npos) << "the layout of the wheels";
}

TEST_F(Flags, GiveNvccACleanEnvironment) {
  const Command command = NvccCommand(toolkit_, {"-O3"}, "/work");
  EXPECT_EQ(command.environment,
            (std::vector<std::string>{"PATH=/cuda/bin:/usr/bin:/bin", "HOME=/work/tmp",
                                      "TMPDIR=/work/tmp", "LC_ALL=C"}));
  EXPECT_EQ(command.folder, "/work");
  EXPECT_EQ(command.argv.front(), "/cuda/bin/nvcc");
}

TEST_F(Flags, GiveNvccOneFolderToWriteAndNoOnesFilesToRead) {
  const SandboxPolicy policy = NvccPolicy(toolkit_, "/opt/gcc-14/bin/gcc", "/work");
  EXPECT_EQ(policy.write, std::vector<std::string>{"/work"});
  const auto has = [](const std::vector<std::string>& paths, const char* path) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  };
  EXPECT_TRUE(has(policy.execute, "/cuda"));
  EXPECT_TRUE(has(policy.execute, "/opt/gcc-14")) << "a compiler brings its own parts";
  EXPECT_EQ(NvccPolicy(toolkit_, "/usr/bin/gcc", "/work").execute.size(),
            policy.execute.size() - 1);
  for (const auto* paths : {&policy.read, &policy.execute}) {
    for (const char* path : {"/", "/usr", "/etc", "/home", "/root", "/tmp", "/dev", "/proc"})
      EXPECT_FALSE(has(*paths, path)) << path;
  }
  EXPECT_FALSE(policy.unix_sockets);
  EXPECT_GT(policy.address_space_bytes_max, 0U);
  EXPECT_GT(policy.file_bytes_max, 0U);
  EXPECT_GT(policy.cpu_seconds_max, 0U);
}

// What nvcc 13.0 and gcc 12 print.
TEST(Refusals, AreReadFromWhatTheCompilerPrints) {
  EXPECT_NE(WhyRefused("gcc: internal compiler error: File size limit exceeded signal terminated "
                       "program as\nPlease submit a full bug report")
                .find("larger than 512 MiB"),
            std::string::npos);
  EXPECT_NE(WhyRefused("/usr/include/c++/12/bits/utility.h(176): catastrophic error: out of memory")
                .find("may use 8 GiB"),
            std::string::npos);
  EXPECT_EQ(WhyRefused("kernel.cu(3): error: expected a ;"), "");
  EXPECT_TRUE(
      WasDeniedAFile("kernel.cu:1:10: fatal error: /etc/passwd: Permission denied\n"
                     "compilation terminated.\n"));
  EXPECT_FALSE(WasDeniedAFile("kernel.cu(3): error: \"Permission denied\" is no number\n"));
}

TEST_F(Flags, NeedAHostCompiler) {
  const Result<HostCompiler> missing = FindHostCompiler(toolkit_, files_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(missing.error().detail.find("Install g++"), std::string::npos);
  ASSERT_TRUE(files_.MakeFolders("/usr/bin").ok());
  ASSERT_TRUE(files_.Write("/usr/bin/gcc", "old").ok());
  const HostCompiler found = FindHostCompiler(toolkit_, files_).value();
  EXPECT_EQ(found.path, "/usr/bin/gcc");
  ASSERT_TRUE(files_.Write("/usr/bin/gcc", "new").ok());
  EXPECT_NE(FindHostCompiler(toolkit_, files_).value().identity, found.identity);
}

}  // namespace
}  // namespace caesar
