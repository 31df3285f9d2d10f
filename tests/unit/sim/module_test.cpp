// Modules: variables in the arena, functions decoded when needed, shared memory over callees.
#include "sim/module.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "unit/sim/toy_family.h"

namespace caesar::sim {
namespace {

class ModuleTest : public testing::Test {
 protected:
  Result<std::unique_ptr<LoadedModule>> Load(const std::string& text) {
    return LoadModule(".version 9.0\n.target sm_90\n.address_size 64\n" + text, *arena_,
                      Isa::kPortable, ToyFamily);
  }
  std::unique_ptr<Arena> arena_ = Arena::Make(std::uint64_t{1} << 26).value();
};

TEST_F(ModuleTest, VariablesAreInitialisedAndFreed) {
  {
    auto module = Load(
        ".global .align 8 .u64 where[3] = {data+4, generic(data), callee};\n"
        ".const .align 4 .b8 data[8] = {1, 2, 3};\n"
        ".func callee() { ret; }\n");
    ASSERT_TRUE(module.ok()) << module.error().message;
    const GlobalVariable* where = module.value()->FindVariable("where");
    const GlobalVariable* data = module.value()->FindVariable("data");
    ASSERT_TRUE(where != nullptr && data != nullptr);
    EXPECT_TRUE(data->constant);
    EXPECT_EQ(data->bytes, 8U);
    std::uint64_t words[3] = {};
    std::memcpy(words, arena_->Host(where->address), sizeof words);
    EXPECT_EQ(words[0], data->address + 4);
    EXPECT_EQ(words[1], data->address);
    EXPECT_EQ(words[2], kFunctionWindow);
    const std::uint8_t expected[8] = {1, 2, 3};
    EXPECT_EQ(std::memcmp(arena_->Host(data->address), expected, 8), 0);
    EXPECT_EQ(module.value()->FindVariable("nix"), nullptr);
    EXPECT_EQ(module.value()->FunctionAt(kFunctionWindow), nullptr);  // not decoded
  }
  EXPECT_EQ(arena_->bytes_used(), 0U);
}

TEST_F(ModuleTest, AddressesAreCutIntoBytes) {
  auto module = Load(
      ".global .align 4 .u32 x[4];\n"
      ".global .align 1 .u8 cut[3] = {9, 0xFF(generic(x)), 0xFF00(generic(x))};\n");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const std::uint64_t x = module.value()->FindVariable("x")->address;
  std::uint8_t bytes[3] = {};
  std::memcpy(bytes, arena_->Host(module.value()->FindVariable("cut")->address), sizeof bytes);
  EXPECT_EQ(bytes[0], 9);
  EXPECT_EQ(bytes[1], x & 0xFF);
  EXPECT_EQ(bytes[2], x >> 8 & 0xFF);
}

TEST_F(ModuleTest, FailuresAreSaid) {
  auto large = Load(".global .b8 huge[1000000000];");
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::kEnvironment);
  auto strange = Load(".global .u64 x[1] = {nix};");
  ASSERT_FALSE(strange.ok());
  EXPECT_NE(strange.error().message.find("the address of nix in an initialiser"),
            std::string::npos);
  auto module = Load(".extern .func f(); .entry k() { frob; }");
  ASSERT_TRUE(module.ok());
  EXPECT_EQ(Prepare(*module.value(), "nix").error().message, "the PTX has no function nix");
  EXPECT_EQ(Prepare(*module.value(), "f").error().message, "function f has no body");
  for (int again = 0; again < 2; ++again) {
    EXPECT_NE(Prepare(*module.value(), "k").error().message.find("not simulated: frob"),
              std::string::npos);
  }
}

TEST_F(ModuleTest, RecursiveCalleesAreDecodedOnce) {
  auto module = Load(
      ".func f();\n"
      ".func g() { call f; ret; }\n"
      ".func f() { call g; call f; ret; }\n"
      ".func unused() { frob; }\n"
      ".entry k() { call f; ret; }\n");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const auto kernel = Prepare(*module.value(), "k");
  ASSERT_TRUE(kernel.ok()) << kernel.error().message;
  EXPECT_TRUE(kernel.value()->kernel);
  const Function* f = kernel.value()->callees.at(0);
  EXPECT_EQ(f->name, "f");
  EXPECT_TRUE(f->decoded);
  EXPECT_EQ(f->callees.size(), 2U);
  EXPECT_EQ(f->callees.at(1), f);
  EXPECT_TRUE(f->callees.at(0)->decoded);
  EXPECT_EQ(kernel.value()->first_op, 0U);
  EXPECT_EQ(f->first_op, 2U);
  EXPECT_EQ(module.value()->ops, 7U);
  EXPECT_EQ(Prepare(*module.value(), "k").value(), kernel.value());
  EXPECT_EQ(module.value()->ops, 7U);
}

TEST_F(ModuleTest, TakingAnAddressReachesAFunction) {
  auto module = Load(
      ".func f() { ret; }\n"
      ".entry k() { .reg .b64 %rd<2>; mov.u64 %rd1, f; ret; }\n");
  ASSERT_TRUE(module.ok());
  ASSERT_TRUE(Prepare(*module.value(), "k").ok());
  const Function* f = module.value()->FunctionAt(kFunctionWindow);
  ASSERT_NE(f, nullptr);
  EXPECT_EQ(f->name, "f");
  EXPECT_EQ(module.value()->FunctionAt(kFunctionWindow + 8), nullptr);
  EXPECT_EQ(module.value()->FunctionAt(kFunctionWindow + 16 * 2), nullptr);
  EXPECT_EQ(module.value()->FunctionAt(0), nullptr);
}

TEST_F(ModuleTest, SharedMemoryOfDeviceFunctionsLiesAtOnePlaceForAllKernels) {
  auto module = Load(
      ".shared .align 4 .b8 both[100];\n.shared .align 4 .b8 only[40];\n"
      ".func f() { .reg .b32 %r<2>; mov.u32 %r1, both; ret; }\n"
      ".entry a() { .reg .b32 %r<2>; mov.u32 %r1, only; call f; ret; }\n"
      ".entry b() { .reg .b32 %r<2>; mov.u32 %r1, only; ret; }\n"
      ".entry c() { .reg .b32 %r<2>; mov.u32 %r1, both; ret; }\n"
      ".entry d() { ret; }\n");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const auto shared = [&](const char* name) {
    const auto kernel = Prepare(*module.value(), name);
    return kernel.ok() ? kernel.value()->shared_bytes : 9999;
  };
  EXPECT_EQ(shared("a"), 140U);
  EXPECT_EQ(shared("b"), 40U);
  EXPECT_EQ(shared("c"), 100U);
  EXPECT_EQ(shared("d"), 0U);
}

TEST_F(ModuleTest, ParametersOfDeviceFunctionsFollowTheirResults) {
  auto module = Load(
      ".func (.param .b32 r) f(.param .b64 a, .param .align 16 .b8 s[20], .param .b8 c) {\n"
      "{ .param .b64 x; } { .param .b32 y; .param .b64 z; } ret; }\n");
  ASSERT_TRUE(module.ok()) << module.error().message;
  const auto f = Prepare(*module.value(), "f");
  ASSERT_TRUE(f.ok()) << f.error().message;
  EXPECT_EQ(f.value()->results.at(0).offset, 0U);
  EXPECT_EQ(f.value()->parameters.at(0).offset, 8U);
  EXPECT_EQ(f.value()->parameters.at(1).offset, 16U);
  EXPECT_EQ(f.value()->parameters.at(1).bytes, 20U);
  EXPECT_EQ(f.value()->parameters.at(2).offset, 36U);
  EXPECT_EQ(f.value()->param_bytes, 56U);  // sibling scopes share: 40 + 4, aligned, + 8
}

TEST_F(ModuleTest, ManyThreadsMayPrepare) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += ".entry k" + std::to_string(i) + "() { .reg .b32 %r<9>; mov.u32 %r1, 7; ret; }\n";
  }
  auto module = Load(text);
  ASSERT_TRUE(module.ok());
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        const auto kernel = Prepare(*module.value(), "k" + std::to_string((i * 7 + t) % 40));
        right += kernel.ok() && kernel.value()->ops.size() == 2 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right.load(), 160);
  EXPECT_EQ(module.value()->ops, 80U);
}

}  // namespace
}  // namespace caesar::sim
