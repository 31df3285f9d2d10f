// Any bytes as a small kernel of instructions that mostly exist (kernel_forms.h), run under the
// watchdog by both instruction sets, with registers that share their slots and without: no crash,
// and no difference in what it leaves behind.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "kernel_forms.h"
#include "sim/arena.h"
#include "sim/launch.h"
#include "sim/module.h"

namespace {

using namespace caesar::sim;

constexpr std::size_t kInstructionsMax = 32, kOutBytes = 2048;
constexpr int kRepairsMax = 12;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::uint8_t Next() { return at_ < size_ ? data_[at_++] : std::uint8_t{0}; }
  bool Done() const { return at_ >= size_; }
  template <std::size_t kCount>
  std::string_view Pick(const std::string_view (&choices)[kCount]) {
    return choices[Next() % kCount];
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_, at_ = 0;
};

constexpr std::string_view kImmediates[] = {
    "0",  "1",  "2",  "4",  "8",  "15",  "16",         "31",         "32",
    "33", "63", "64", "-1", "-2", "255", "0x80000000", "0x7fffffff", "0x7f800001"};
constexpr std::string_view kFloats[] = {"0f00000000", "0f80000000", "0f3F800000", "0f7F800000",
                                        "0f7FC00000", "0f00000001", "0fFF7FFFFF", "0f4F000000"};
constexpr std::string_view kDoubles[] = {"0d0000000000000000", "0d3FF0000000000000",
                                         "0d7FF0000000000000", "0dFFF8000000000000",
                                         "0d0000000000000001", "0d43E0000000000000"};
constexpr std::string_view kSpecials[] = {"%tid.x",  "%laneid",      "%ctaid.x",
                                          "%ntid.x", "%lanemask_lt", "%cluster_ctarank"};
constexpr std::string_view kOffsets[] = {"",    "+4",  "+8",   "+16",  "+1",
                                         "+-4", "+64", "+252", "+496", "+100000"};

std::string Register(Input& in, std::string_view name, int count) {
  return std::string(name) + std::to_string(in.Next() % count);
}
template <std::size_t kCount>
std::string Source(Input& in, std::string_view name, const std::string_view (&immediates)[kCount],
                   bool special) {
  const int kind = in.Next() % 8;
  if (kind == 0) return std::string(in.Pick(immediates));
  if (kind == 1 && special) return std::string(in.Pick(kSpecials));
  return Register(in, name, 8);
}

std::string Address(Input& in, char space) {
  std::string base;
  if (space == 'A') space = "gslcA"[in.Next() % 5];
  if (space == 'g') base = in.Next() % 2 == 0 ? "%rd0" : "%rd3";
  if (space == 's') base = in.Next() % 4 == 0 ? "%r1" : "tile";
  if (space == 'l') base = "stack";
  if (space == 'c') base = "constants";
  if (space == 'x') base = in.Next() % 2 == 0 ? "bytes" : "n";
  if (space == 'b') base = in.Next() % 4 == 0 ? "tile" : "barrier";
  if (space == 'A') base = Register(in, "%rd", 8);
  return base + std::string(in.Pick(kOffsets));
}

std::string Operand(Input& in, char kind) {
  switch (kind) {
    case 'p':
      return Register(in, "%p", 4);
    case 'P':
      return (in.Next() % 2 == 0 ? "!" : "") + Register(in, "%p", 4);
    case 'h':
      return Register(in, "%h", 8);
    case 'H':
      return Source(in, "%h", kImmediates, false);
    case 'r':
      return Register(in, "%r", 8);
    case 'R':
      return Source(in, "%r", kImmediates, true);
    case 'F':
      return Source(in, "%r", kFloats, false);
    case 'd':
      return Register(in, "%rd", 8);
    case 'D':
      return Source(in, "%rd", kImmediates, false);
    case 'G':
      return Source(in, "%rd", kDoubles, false);
    case 'q':
      return Register(in, "%q", 2);
    case 'i':
      return std::to_string(in.Next() % 32);
    case 'L':
      return Register(in, "L", 8);
    case 'M':
      return in.Next() % 4 == 0 ? Register(in, "%r", 8) : "-1";
    default:
      return Address(in, kind);
  }
}

// One of the alternatives of a form from `at`, which moves behind them.
std::string_view Choose(Input& in, std::string_view form, std::size_t& at) {
  const std::size_t end = form.find('>', at);
  std::string_view all = form.substr(at + 1, end - at - 1);
  at = end;
  std::size_t count = 1;
  for (const char c : all) count += c == '/' ? 1 : 0;
  for (std::size_t skip = in.Next() % count; skip > 0; --skip) all.remove_prefix(all.find('/') + 1);
  return all.substr(0, all.find('/'));
}

void Fill(Input& in, std::string_view form, std::string& text) {
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] == '<') {
      Fill(in, Choose(in, form, at), text);
    } else if (form[at] == '$') {
      text += Operand(in, form[++at]);
    } else {
      text += form[at];
    }
  }
}

constexpr std::string_view kBefore = R"(.version 9.0
.target sm_90
.address_size 64
.extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 v);
.const .align 16 .b8 constants[64] = {37, 100, 32, 37, 115, 32, 37, 102, 10, 0};
.func (.param .b32 back) deeper(.param .b32 given)
{ .reg .pred %p; .reg .b32 %r<4>; .local .align 8 .b8 room[64];
ld.param.b32 %r0, [given]; and.b32 %r0, %r0, 7; setp.eq.u32 %p, %r0, 0; @%p bra END;
sub.u32 %r1, %r0, 1; st.local.b32 [room], %r1;
{ .param .b32 a; .param .b32 b; st.param.b32 [a], %r1; call (b), deeper, (a); ld.param.b32 %r2, [b]; }
ld.local.b32 %r1, [room]; add.u32 %r0, %r2, %r1;
END: st.param.b32 [back], %r0; ret; }
)";
constexpr std::string_view kBody =
    R"({ .reg .pred %p<4>; .reg .b16 %h<8>; .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .b128 %q<2>;
.reg .b32 %s; .local .align 16 .b8 stack[64]; .shared .align 16 .b8 tile[2048]; .shared .align 8 .b64 barrier;
ld.param.b64 %rd0, [out]; mov.u32 %r0, %tid.x; mov.u32 %r1, tile; mul.lo.u32 %r2, %r0, 12345;
cvt.rn.f32.u32 %r3, %r0; mad.wide.u32 %rd3, %r0, 4, %rd0; cvta.shared.u64 %rd1, tile; cvta.local.u64 %rd2, stack;
cvt.rn.f64.u32 %rd5, %r2; cvta.const.u64 %rd4, constants; setp.lt.u32 %p0, %r0, 7; cvt.u16.u32 %h0, %r2;
targets: .branchtargets L0, L3, L7;
prototype: .callprototype (.param .b32 _) _ (.param .b32 _);
)";
// Everything that registers hold, mixed into one word of each thread.
constexpr std::string_view kAfter =
    R"(ld.param.b64 %rd7, [out]; mov.u32 %s, %tid.x; mad.wide.u32 %rd7, %s, 4, %rd7;
xor.b32 %s, %r0, %r1; xor.b32 %s, %s, %r2; xor.b32 %s, %s, %r3; xor.b32 %s, %s, %r4; xor.b32 %s, %s, %r5;
xor.b32 %s, %s, %r6; xor.b32 %s, %s, %r7; xor.b64 %rd0, %rd4, %rd5; xor.b64 %rd0, %rd0, %rd6; cvt.u32.u64 %r0, %rd0;
xor.b32 %s, %s, %r0; cvt.u32.u16 %r0, %h0; xor.b32 %s, %s, %r0; selp.b32 %r0, 1, 2, %p0; xor.b32 %s, %s, %r0;
st.global.b32 [%rd7+1024], %s;
ret; }
)";

struct Program {
  std::string header;                     // of the kernel
  std::vector<std::string> instructions;  // one line each
  LaunchShape shape;
  bool reversed = false;

  std::string Text() const {
    std::string text(kBefore);
    text += header;
    text += kBody;
    for (const std::string& line : instructions) text += line + "\n";
    return text.append(kAfter);
  }
};

Program Generate(Input& in) {
  Program program;
  const std::uint8_t how = in.Next();
  program.reversed = (how & 1) != 0;
  program.shape.cooperative = (how & 6) == 6;
  program.shape.blocks.x = 1 + (how >> 3 & 1);
  constexpr std::uint32_t kThreads[] = {1, 32, 33, 64, 96, 128, 7, 40};
  program.shape.threads.x = kThreads[how >> 4 & 7];
  program.header =
      ".visible .entry k(.param .u64 out, .param .u32 n, .param .align 16 .b8 bytes[32])\n";
  if ((how & 0x80) != 0) {
    program.shape.blocks.x = 2;
    program.header += ".explicitcluster .reqnctapercluster 2\n";
  }
  for (std::size_t i = 0; i < kInstructionsMax; ++i) {
    std::string line;
    if (i % 4 == 0) line = "L" + std::to_string(i / 4) + ": ";
    if (!in.Done()) {
      std::string text;
      Fill(in, fuzz::kForms[in.Next() % std::size(fuzz::kForms)], text);
      const std::uint8_t guard = in.Next() % 8;
      if (guard < 2 && text[0] != '{') line += guard == 0 ? "@%p0 " : "@!%p1 ";
      line += text + (text[0] == '{' ? "" : ";");
    }
    program.instructions.push_back(std::move(line));
  }
  return program;
}

// Takes out the line that an error names; false: it names none of the generated ones.
bool Repair(Program& program, const std::string& error) {
  constexpr std::string_view kMark = "at line ", kOther = "PTX line ";
  std::size_t at = error.find(kMark);
  at = at == std::string::npos ? error.find(kOther) : at;
  if (at == std::string::npos) return false;
  const auto line = std::strtoul(error.c_str() + at + kMark.size(), nullptr, 10);
  std::size_t first = 1;  // the line of the first instruction
  for (const std::string_view part : {kBefore, std::string_view(program.header), kBody}) {
    for (const char c : part) first += c == '\n' ? 1 : 0;
  }
  if (line < first || line - first >= program.instructions.size()) return false;
  std::string& text = program.instructions[line - first];
  const std::size_t label = text[0] == 'L' ? text.find(' ') + 1 : 0;
  if (text.size() == label) return false;
  text.resize(label);
  return true;
}

struct Outcome {
  std::string refused;  // why it was not loaded
  int error = 0;
  std::uint64_t address = 0;  // of the memory, which registers may show
  std::vector<std::byte> memory;
};

// Each run has an arena of its own, so that the same variables mostly have the same addresses.
Outcome Run(const Program& program, Isa isa, bool share_slots) {
  Outcome outcome;
  const std::unique_ptr<Arena> own = Arena::Make(std::uint64_t{64} << 20).value();
  Arena& arena = *own;
  auto module = LoadModule(program.Text(), arena, isa);
  if (!module.ok()) return outcome.refused = module.error().message, outcome;
  module.value()->share_slots = share_slots;
  const auto kernel = Prepare(*module.value(), "k");
  if (!kernel.ok()) return outcome.refused = kernel.error().message, outcome;
  const std::uint64_t out = arena.Allocate(kOutBytes, "out");
  CHECK(out != 0);
  outcome.address = out;
  std::vector<std::byte> params(kernel.value()->param_bytes);
  std::memcpy(params.data(), &out, sizeof out);
  LaunchOptions options;
  options.host_threads = 1;
  options.reversed_warps = program.reversed;
  options.operations_max = 1 << 15;
  Findings findings;
  LaunchRecord record;
  outcome.error = RunGrid(*module.value(), *kernel.value(), program.shape, std::move(params),
                          findings, options, &record);
  outcome.memory.resize(kOutBytes);
  std::memcpy(outcome.memory.data(), arena.Host(out), kOutBytes);
  arena.Free(out);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  Program program = Generate(in);
  Outcome first = Run(program, Isa::kPortable, true);
  for (int i = 0; i < kRepairsMax && Repair(program, first.refused); ++i) {
    first = Run(program, Isa::kPortable, true);
  }
  if (std::getenv("CAESAR_FUZZ_SHOW") != nullptr) {
    std::cerr << program.Text() << first.refused << "\nerror " << first.error << "\n";
  }
  if (!first.refused.empty()) return 0;
  const Outcome second = Run(program, BestIsa(), false);
  CHECK(second.refused.empty());
  if (first.address != second.address) return 0;
  CHECK(first.error == second.error);
  CHECK(first.memory == second.memory);
  return 0;
}
