// nvcc/*.txt are what nvcc 13.0 with gcc 12 printed on stderr for the case that the name says; the
// working folder was then replaced by /cache/v1/tmp/work-1, and the toolkit's by /opt/cuda.
#include "build/diagnostics.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/strings.h"

namespace caesar {
namespace {

constexpr const char* kPrototype =
    "extern \"C\" void solve(const float* x, float* y, int64_t n, cudaStream_t stream);";

DiagnosticsContext Context() {
  return {"/cache/v1/tmp/work-1",
          "/opt/cuda",
          {"/opt/cuda", "/usr/include", "/usr/lib/gcc"},
          kPrototype,
          "solve"};
}

std::string Recorded(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(__FILE__).parent_path() / "nvcc" / (name + ".txt");
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Diagnostics Read(const std::string& name) {
  Diagnostics diagnostics = ReadDiagnostics(Recorded(name), "", Context());
  // Holds for every case: nothing of ours is shown.
  for (const char* secret :
       {"/cache", "work-1", "tmpxft", "/opt/cuda", "caesar_entry.cu", "exports.map"}) {
    EXPECT_EQ(diagnostics.log.find(secret), std::string::npos) << secret << " in\n"
                                                               << diagnostics.log;
    EXPECT_EQ(diagnostics.headline.find(secret), std::string::npos) << diagnostics.headline;
  }
  return diagnostics;
}

bool Shows(const Diagnostics& diagnostics, const std::string& text) {
  return diagnostics.log.find(text) != std::string::npos;
}

bool ShowsPrototype(const Diagnostics& diagnostics) { return Shows(diagnostics, kPrototype); }

TEST(Diagnostics, SayNothingOfACleanCompileButItsResources) {
  const Diagnostics d = Read("good");
  EXPECT_EQ(d.log, "");
  EXPECT_EQ(d.errors, 0);
  EXPECT_FALSE(d.crashed);
  ASSERT_EQ(d.kernels.size(), 1u);
  EXPECT_EQ(d.kernels[0].name, "k(float const*, float*, long)");
  EXPECT_EQ(d.kernels[0].registers, 10);
}

TEST(Diagnostics, KeepASyntaxErrorWithItsLineAndCaret) {
  const Diagnostics d = Read("syntax");
  EXPECT_EQ(d.log, "kernel.cu(4): error: expected a \";\"\n  }\n  ^\n");
  EXPECT_EQ(d.headline, "kernel.cu(4): error: expected a \";\"");
  EXPECT_EQ(d.errors, 1);
  EXPECT_FALSE(ShowsPrototype(d));
}

TEST(Diagnostics, EndInNoBlankLine) {
  const std::string message = "kernel.cu(1): error: x\n    y\n    ^\n";
  EXPECT_EQ(ReadDiagnostics(message + "  \n\n \t\n", " \n", Context()).log, message);
  EXPECT_EQ(ReadDiagnostics("\n  \n", "", Context()).log, "");
}

TEST(Diagnostics, NameTheSourceAsTheContextDoes) {
  DiagnosticsContext context = Context();
  context.file = "reference.cu";
  EXPECT_EQ(ReadDiagnostics(Recorded("brace"), "", context).headline,
            "reference.cu, at its end: error: expected a \"}\"");
  EXPECT_EQ(ReadDiagnostics(Recorded("nolauncher"), "", context).headline,
            "reference.cu: error: the launcher `solve` is not defined with extern \"C\" and its "
            "prototype");
}

TEST(Diagnostics, CountEveryError) {
  const Diagnostics d = Read("type");
  EXPECT_EQ(d.errors, 2);
  EXPECT_EQ(d.headline,
            "kernel.cu(3): error: argument of type \"const float *\" is incompatible with "
            "parameter of type \"float *\"");
  EXPECT_FALSE(Shows(d, "errors detected"));
}

TEST(Diagnostics, ShowThePrototypeWhereTheSignatureIsWrong) {
  for (const char* name : {"signature", "rettype", "static"}) {
    const Diagnostics d = Read(name);
    EXPECT_EQ(d.errors, 1) << name;
    EXPECT_TRUE(ShowsPrototype(d)) << d.log;
    EXPECT_TRUE(StartsWith(d.headline, "kernel.cu")) << d.headline;
  }
}

TEST(Diagnostics, ShowThePrototypeWhereTheLinkerMissesTheLauncher) {
  for (const char* name : {"overload", "nspace", "nolauncher"}) {
    const Diagnostics d = Read(name);
    EXPECT_EQ(d.errors, 1) << d.log;
    EXPECT_EQ(d.headline,
              "kernel.cu: error: the launcher `solve` is not defined with extern \"C\" and its "
              "prototype");
    EXPECT_TRUE(ShowsPrototype(d)) << d.log;
    EXPECT_FALSE(Shows(d, "undefined reference")) << d.log;
    EXPECT_FALSE(d.crashed);
  }
}

TEST(Diagnostics, NameOtherUndefinedFunctions) {
  const Diagnostics d = Read("undef");
  EXPECT_EQ(d.log, "link: error: undefined reference to `foo'\n");
  EXPECT_EQ(d.errors, 1);
}

TEST(Diagnostics, SayWhyALibraryIsNotThereForTheSimulatedGpu) {
  const std::string place =
      "tmpxft_000012bf_00000000-6_caesar_entry.cudafe1.cpp:(.text+0x126): undefined reference to `";
  const std::string errors =
      place + "cublasCreate_v2'\n" + place + "cublasSgemm_v2'\n" + place + "foo'\n";
  DiagnosticsContext context = Context();
  EXPECT_EQ(ReadDiagnostics(errors, "", context).headline,
            "link: error: undefined reference to `cublasCreate_v2'");
  context.simulated = true;
  const Diagnostics d = ReadDiagnostics(errors, "", context);
  EXPECT_EQ(d.headline,
            "link: error: undefined reference to `cublasCreate_v2': libraries of machine code "
            "(cuBLAS, cuDNN) cannot run on the simulated GPU");
  EXPECT_EQ(d.log, d.headline +
                       "\nlink: error: undefined reference to `cublasSgemm_v2'\n"
                       "link: error: undefined reference to `foo'\n");
}

TEST(Diagnostics, MakePtxasErrorsReadable) {
  const Diagnostics asm_error = Read("ptxas");
  EXPECT_EQ(asm_error.errors, 2);
  EXPECT_EQ(asm_error.log,
            "ptxas (ptx, line 29): error: Unknown modifier '.bar'\n"
            "ptxas (ptx, line 29): error: Not a name of any known instruction: 'foo'\n");
  const Diagnostics shared = Read("smem");
  EXPECT_EQ(shared.headline,
            "ptxas: error: Entry function 'k(float*)' uses too much shared data (400000 bytes, "
            "232448 max)");
  EXPECT_EQ(shared.errors, 1);
  const Diagnostics device = Read("devundef");
  EXPECT_EQ(device.headline, "ptxas: error: Unresolved extern function 'foo(int)'");
}

TEST(Diagnostics, KeepWarningsAndRestoreQualifiers) {
  const Diagnostics d = Read("warn");
  EXPECT_EQ(d.errors, 0);
  EXPECT_EQ(d.headline, "");
  EXPECT_TRUE(Shows(
      d, "kernel.cu(1): warning #177-D: variable \"unused\" was declared but never referenced"));
  EXPECT_FALSE(Shows(d, "__attribute__((global))"));
  EXPECT_FALSE(Shows(d, "diag-suppress"));
  // The caret stands below the name it is about.
  const std::vector<std::string_view> lines = Lines(d.log);
  ASSERT_GT(lines.size(), 2u);
  EXPECT_TRUE(StartsWith(lines[1], "  __global__ void k(float* y) { int unused"));
  EXPECT_EQ(lines[2].find('^'), lines[1].find("unused"));
}

TEST(Diagnostics, SumUpResources) {
  const Diagnostics d = Read("warn");
  ASSERT_EQ(d.kernels.size(), 2u);
  EXPECT_EQ(d.kernels[0].name, "void t<128>(float*)");
  EXPECT_EQ(d.kernels[0].spill_bytes, 904);
  EXPECT_EQ(d.kernels[0].registers, 32);
  EXPECT_EQ(d.kernels[1].shared_bytes, 4000);
  EXPECT_EQ(d.kernels[1].stack_bytes, 16384);
}

TEST(Diagnostics, KeepTheBacktraceOfATemplate) {
  const Diagnostics d = Read("tmpl");
  EXPECT_EQ(d.errors, 1);
  EXPECT_TRUE(Shows(d, "instantiation of \"auto g(Box<T>) [with T=S]\" at line 6"));
}

TEST(Diagnostics, ShortenTheToolkitsPaths) {
  const Diagnostics d = Read("half");
  EXPECT_EQ(d.errors, 2);
  EXPECT_TRUE(Shows(d, "<cuda>/cuda_fp16.hpp(341): note #3322-D")) << d.log;
  EXPECT_FALSE(d.foreign);
}

TEST(Diagnostics, KnowPreprocessorErrors) {
  EXPECT_EQ(Read("herror").headline, "kernel.cu:2:2: error: #error \"cannot do this\"");
  EXPECT_EQ(Read("include").headline,
            "kernel.cu:1:10: fatal error: cutlass/cutlass.h: No such file or directory");
  EXPECT_EQ(Read("include").errors, 1);
  EXPECT_EQ(Read("comment").headline, "kernel.cu:1:1: error: unterminated comment");
  EXPECT_EQ(Read("sassert").headline,
            "kernel.cu(2): error: static assertion failed with \"int must be 8 bytes\"");
}

TEST(Diagnostics, PlaceWhatIsMissingAtTheEnd) {
  const Diagnostics d = Read("brace");
  EXPECT_EQ(d.errors, 1);
  EXPECT_EQ(d.headline, "kernel.cu, at its end: error: expected a \"}\"");
}

TEST(Diagnostics, TellOfAssemblerErrorsWithoutTheirFile) {
  EXPECT_EQ(Read("hostasm").headline, "assembler: error: no such instruction: `foo bar'");
}

TEST(Diagnostics, MarkFilesThatAreNotHeaders) {
  EXPECT_TRUE(Read("passwd").foreign);
  EXPECT_TRUE(
      ReadDiagnostics("/usr/include/../../etc/passwd(1): error: expected a \";\"\n", "", Context())
          .foreign);
  EXPECT_TRUE(ReadDiagnostics("../../secret.h:3:1: error: stray\n", "", Context()).foreign);
  EXPECT_TRUE(
      ReadDiagnostics("In file included from /etc/passwd:1,\n                 from kernel.cu:1:\n"
                      "/usr/include/stdio.h:1:1: error: x\n",
                      "", Context())
          .foreign);
  EXPECT_FALSE(
      ReadDiagnostics("In file included from /usr/include/c++/12/vector:1,\n"
                      "                 from kernel.cu:1:\n/usr/include/stdio.h:1:1: error: x\n",
                      "", Context())
          .foreign);
}

TEST(Diagnostics, ExplainAClashWithTheEntryPoint) {
  const Diagnostics d = Read("entryclash");
  EXPECT_GE(d.errors, 1);
  EXPECT_TRUE(StartsWith(d.headline, "kernel.cu")) << d.headline;
}

TEST(Diagnostics, TellACrashFromAnError) {
  for (const char* name : {"cicc_crash", "gcc_killed", "nospace"}) {
    const Diagnostics d = Read(name);
    EXPECT_TRUE(d.crashed) << name;
    EXPECT_FALSE(d.headline.empty()) << name;
  }
  // A candidate that merely says such words has an ordinary error.
  EXPECT_FALSE(ReadDiagnostics("kernel.cu(1): error: expected a \";\"\n  f(\"out of memory\")\n",
                               "", Context())
                   .crashed);
  EXPECT_FALSE(ReadDiagnostics("kernel.cu:1:2: error: #error Killed\n", "", Context()).crashed);
}

TEST(Diagnostics, CleanInvalidUtf8AndEscapes) {
  const Diagnostics d = Read("utf8");
  EXPECT_EQ(ToValidUtf8(d.log), d.log);
  const Diagnostics escaped =
      ReadDiagnostics("kernel.cu(1): error: \x1b[31mred\x1b[0m\n", "", Context());
  EXPECT_EQ(escaped.headline, "kernel.cu(1): error: red");
}

TEST(Diagnostics, CollapseRepetitionsAndCapTheLog) {
  const Diagnostics repeated = Read("rec");
  EXPECT_TRUE(Shows(repeated, "[the line above ")) << repeated.log;
  std::string flood;
  for (int i = 0; i < 20'000; ++i)
    flood += "kernel.cu(" + std::to_string(i) + "): error: number " + std::to_string(i) + "\n";
  const Diagnostics d = ReadDiagnostics(flood, "", Context());
  EXPECT_EQ(d.errors, 20'000);
  EXPECT_LE(d.log.size(), kLogBytesMax);
  EXPECT_TRUE(Shows(d, "kernel.cu(0): error"));
  const Diagnostics wide =
      ReadDiagnostics("kernel.cu(1): error: " + std::string(1 << 20, 'x'), "", Context());
  EXPECT_LE(wide.headline.size(), kHeadlineBytesMax);
}

// asm(".include \"/home/me/.netrc\"") makes the assembler quote every line of it.
TEST(Diagnostics, WithholdWhatTheAssemblerQuotesOfOtherFiles) {
  const Diagnostics d = ReadDiagnostics(
      "/home/me/.netrc:1: Error: no such instruction: `password hunter2'\n", "", Context());
  EXPECT_TRUE(d.foreign);
  EXPECT_FALSE(Shows(d, "hunter2")) << d.log;
}

TEST(Diagnostics, CannotBeToldAboutResourcesInsideAnEcho) {
  const Diagnostics d = Read("pragma");
  ASSERT_EQ(d.kernels.size(), 1u);
  EXPECT_EQ(d.kernels[0].registers, 10);
}

TEST(ForeignIncludes, FindsFilesOutsideTheHeaderFolders) {
  const std::vector<std::string> headers = {"/opt/cuda", "/usr/include"};
  EXPECT_TRUE(ForeignIncludes("entry/object.so : caesar_entry.cu \\\n    /usr/include/a.h \\\n    "
                              "/opt/cuda/bin/../x.h\n",
                              headers)
                  .empty());
  EXPECT_EQ(ForeignIncludes("o : caesar_entry.cu \\\n  /etc/passwd \\\n  /my\\ files/a.h ../b.h "
                            "/opt/cuda/../../etc/c\n",
                            headers),
            (std::vector<std::string>{"/etc/passwd", "/my files/a.h", "../b.h",
                                      "/opt/cuda/../../etc/c"}));
  EXPECT_TRUE(ForeignIncludes("", headers).empty());
}

TEST(ForeignIncludes, AreNamedButNotQuoted) {
  const std::string text = ForeignIncludeText("baseline.cu", {"/etc/passwd", "b\x1b[2J"});
  EXPECT_TRUE(StartsWith(text, "baseline.cu: error: ")) << text;
  EXPECT_NE(text.find("/etc/passwd, b"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(WithFile, PlacesNameTheFileThatWasGiven) {
  EXPECT_EQ(WithFile("mine.cu", "kernel.cu(3): error, cuda_fp16.hpp:8, inlined at kernel.cu:4"),
            "mine.cu(3): error, cuda_fp16.hpp:8, inlined at mine.cu:4");
  EXPECT_EQ(WithFile("mine.cu", "line 3 of kernel.cu"), "line 3 of mine.cu");
  EXPECT_EQ(WithFile("", "kernel.cu:4"), "kernel.cu:4") << "from standard input";
}

}  // namespace
}  // namespace caesar
