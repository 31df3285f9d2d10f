#include "llm/extract.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/strings.h"

namespace caesar {
namespace {

const std::string kKernel =
    "extern \"C\" void solve(const float* x, cudaStream_t stream) {\n  k<<<1, 1>>>(x);\n}\n";

std::string Code(std::string_view reply) {
  return ExtractKernel(reply, "solve").code.value_or("NONE");
}
std::string Missing(std::string_view reply) {
  const Extraction extraction = ExtractKernel(reply, "solve");
  EXPECT_FALSE(extraction.code.has_value());
  return extraction.missing;
}
std::string Block(std::string_view code, std::string_view fence = "```",
                  std::string_view info = "cuda") {
  return std::string(fence) + std::string(info) + "\n" + std::string(code) + std::string(fence) +
         "\n";
}

TEST(Extract, ProseAroundABlock) {
  EXPECT_EQ(Code("Here it is:\n\n" + Block(kKernel) + "\nEnjoy."), kKernel);
}

TEST(Extract, LastBlockThatDefinesTheLauncher) {
  const std::string better = "// better\n" + kKernel;
  EXPECT_EQ(Code(Block(kKernel) + "or\n" + Block(better) + "call it:\n" +
                 Block("int main() { solve(x, 0); }\n")),
            better);
}

TEST(Extract, DeclarationIsNoDefinition) {
  EXPECT_EQ(Code(Block(kKernel) +
                 Block("extern \"C\" void solve(const float* x, cudaStream_t stream);\n")),
            kKernel);
}

TEST(Extract, NameInCommentOrStringIsNoDefinition) {
  EXPECT_EQ(Code(Block("// void solve(int) {\n/* solve() { */\nconst char* s = \"solve() {\";\n")),
            "NONE");
  EXPECT_EQ(Code(Block("const char* s = R\"x(\nvoid solve() {)x\";\n#define F \\\n  solve() {\n")),
            "NONE");
}

TEST(Extract, CallInAConditionIsNoDefinition) {
  EXPECT_EQ(Code(Block("void f() { if (solve(1)) { g(); } }\n")), "NONE");
}

TEST(Extract, LongerNameIsAnotherFunction) {
  EXPECT_EQ(Code(Block("void solve2(int) {}\nvoid my_solve(int) {}\n")), "NONE");
}

TEST(Extract, DefinitionOverSeveralLinesWithComments) {
  const std::string code =
      "extern \"C\" void solve(  // the launcher\n    const float* x /* (in) */,\n    int n)\n// "
      "here\n{\n}\n";
  EXPECT_EQ(Code(Block(code)), code);
}

TEST(Extract, FunctionPointerParameterAndNoexcept) {
  const std::string code = "void solve(void (*f)(int), int n = (3)) noexcept {\n}\n";
  EXPECT_EQ(Code(Block(code)), code);
}

TEST(Extract, DigitSeparatorsAndCharacterLiterals) {
  const std::string code =
      "constexpr int n = 1'000'000; char q = '\"'; char s = '\\'';\n" + kKernel;
  EXPECT_EQ(Code(Block(code)), code);
}

TEST(Extract, CarriageReturns) {
  EXPECT_EQ(Code(ReplaceAll(Block(kKernel), "\n", "\r\n")), kKernel);
  EXPECT_EQ(Code(ReplaceAll(Block(kKernel), "\n", "\r")), kKernel);
}

TEST(Extract, Thoughts) {
  const std::string draft = Block("// draft\n" + kKernel);
  EXPECT_EQ(Code("<think>\n" + draft + "</think>\n" + Block(kKernel)), kKernel);
  EXPECT_EQ(Code(draft + "</think>\n" + Block(kKernel)), kKernel)
      << "DeepSeek-R1 leaves out the opening tag";
  EXPECT_EQ(Code(Block(kKernel) + "<think>\n" + draft), kKernel) << "unclosed";
  EXPECT_EQ(Code("\u25c1think\u25b7" + draft + "\u25c1/think\u25b7" + Block(kKernel)), kKernel)
      << "Kimi";
  EXPECT_EQ(Code("<think>a</think>\n" + Block(kKernel) + "</think> stray"), kKernel);
  EXPECT_EQ(Code("<|channel|>analysis<|message|>" + draft + "<|channel|>final<|message|>" +
                 Block(kKernel)),
            kKernel);
}

TEST(Extract, TagInsideALineIsText) {
  const std::string code = "// not a <think> tag\n" + kKernel;
  EXPECT_EQ(Code(Block(code)), code);
}

TEST(Extract, NestedFences) {
  const std::string usage = "/*\n```cpp\nsolve(x, 0);\n```\n*/\n" + kKernel;
  EXPECT_EQ(Code(Block(usage, "````")), usage) << "a shorter fence inside a longer one is content";
  EXPECT_EQ(Code(Block("# Title\n" + Block(kKernel) + "text\n", "````", "markdown")), kKernel);
  EXPECT_EQ(Code(Block("# Title\n" + Block(kKernel) + "text\n", "```", "markdown")), kKernel)
      << "same length";
  EXPECT_EQ(Code(Block("x\n```\n" + kKernel, "````")), "x\n```\n" + kKernel)
      << "a stray shorter fence";
}

TEST(Extract, RestartedBlock) {
  EXPECT_EQ(Code("```cuda\nvoid broken(\n" + Block(kKernel)), kKernel);
}

TEST(Extract, TildeFences) {
  EXPECT_EQ(Code(Block(kKernel, "~~~")), kKernel);
  EXPECT_EQ(Code(Block("// ```\n" + kKernel, "~~~~")), "// ```\n" + kKernel);
}

TEST(Extract, IndentedInAList) {
  EXPECT_EQ(Code("1. First:\n\n   ```cuda\n   void solve(int) {\n     f();\n   }\n   ```\n"),
            "void solve(int) {\n  f();\n}\n");
}

TEST(Extract, InfoStrings) {
  for (const char* info : {"", "cuda title=kernel.cu", "c++", " cpp {.numberLines}"})
    EXPECT_EQ(Code(Block(kKernel, "```", info)), kKernel);
}

TEST(Extract, InlineCodeIsNoFence) {
  EXPECT_EQ(Code("```solve``` is it.\n" + Block(kKernel)), kKernel);
}

TEST(Extract, ClosingFenceMayBeLonger) { EXPECT_EQ(Code("```\n" + kKernel + "`````\n"), kKernel); }

TEST(Extract, WholeReplyWithoutFences) {
  EXPECT_EQ(Code(kKernel), kKernel);
  EXPECT_EQ(Code("void solve() {}"), "void solve() {}\n");
}

TEST(Extract, TruncatedLastBlock) {
  EXPECT_EQ(Missing("```cuda\n" + kKernel),
            "The last code block was cut off: the reply ended before its closing fence.");
  EXPECT_EQ(Code(Block(kKernel) + "Better:\n```cuda\n// better\n" + kKernel), kKernel);
}

TEST(Extract, WhyThereIsNone) {
  EXPECT_EQ(Missing(""), "The reply is empty.");
  EXPECT_EQ(Missing(" \n "), "The reply is empty.");
  EXPECT_EQ(Missing("<think>\nhm"), "The reply ended while still thinking: it contains no answer.");
  EXPECT_EQ(Missing("I cannot do that."), "The reply contains no fenced code block.");
  EXPECT_EQ(Missing(Block("int main() {}\n")),
            "None of the reply's 1 code blocks defines `solve`.");
  EXPECT_EQ(Missing(Block("void solve(int);\n")),
            "No code block defines `solve`: it is only declared or called.");
}

TEST(Extract, TooLargeIsRefused) {
  EXPECT_NE(Missing(Block(kKernel + std::string(2 << 20, ' ') + "\n")).find("at most 1048576"),
            std::string::npos);
}

TEST(Extract, BinaryIsHarmless) {
  const std::string binary("\x00\xff```\x00\n```\n", 9);
  EXPECT_FALSE(ExtractKernel(binary, "solve").code.has_value());
}

// Each was quadratic in some implementation. Sanitizers are slow; quadratic is minutes.
TEST(Extract, LinearTime) {
  for (const char* part : {"```\n", "````cuda\n", "</think>", "<think>\n", "solve(", "`", "\"",
                           "R\"(", "/*", "~~~\n```x\n", " <think>"}) {
    std::string reply;
    while (reply.size() < 400'000) reply += part;
    const auto begin = std::chrono::steady_clock::now();
    ExtractKernel(reply, "solve");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << part;
  }
}

}  // namespace
}  // namespace caesar
