// Random programs of structured control flow for the scheduler's property test: made of a seed,
// told as PTX, and carried out by a host that knows nothing of warps' program counters: each thread
// is a sequential program, which stops where threads do something together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace caesar::sim::test {

inline constexpr int kVariables = 6;  // of a thread or a function, of 32 bits: v0, v1, ...

struct Condition {
  enum class Kind : std::uint8_t { kBit, kLess, kEqual } kind = Kind::kBit;
  int a = 0, b = 0;  // kBit: bit b of v[a]; kLess: v[a] < v[b]; kEqual: v[a] % 4 == b
};

struct Node {
  enum class Kind : std::uint8_t {
    kAssign,    // v[dst] = v[a] `which` (v[b] or `value`)
    kIf,        // condition: body, else other
    kLoop,      // v[a] & value times: body
    kSwitch,    // v[a] & 3: one of cases; `value`: bit i: case i falls into the next
    kBreak,     // if condition: out of the innermost kLoop
    kContinue,  // if condition: its next round
    kReturn,    // if condition: ends the thread, or the function
    kCall,      // v[dst] = functions[which](v[a], v[b]); its set 0 is the caller's `mask`
    // Together, by the lanes of the innermost kIfTogether or kLoopTogether:
    kIfTogether,    // as kIf; each side's lanes are a set of their own
    kLoopTogether,  // as kLoop; the lanes of a round are a set of their own
    kShuffle,  // v[dst] = v[a] of the lane v[b] % 32 if that is of the set, else the lane's own
    kBallot,   // v[dst] = lanes whose condition holds
    kVote,     // v[dst] = condition holds for any (which 0), for all (1)
    kReduce,   // v[dst] = sum, minimum, maximum, xor of v[a]
    kMatch,    // v[dst] = lanes whose v[a] % 8 is the same
    kExchange  // by the whole block: v[dst] = v[a] of the thread `value` further on; `which`
               // odd: at barriers that differ by the condition
  } kind = Kind::kAssign;
  int dst = 0, a = 0, b = -1;  // b: -1: `value`
  int which = 0;
  std::uint32_t value = 0;
  Condition condition;
  int mask = 0;    // of what is done together: the set of lanes, 0: all
  int masks = -1;  // k...Together: the number of the set of its body; that of `other` is one more
  int loop = -1;   // number of a loop
  std::vector<Node> body, other;
  std::vector<std::vector<Node>> cases;
};

struct FunctionBody {
  bool together = false;  // called by all lanes of a set, which do something together in it
  std::vector<Node> body;
};

struct Program {
  std::uint32_t seed = 0;
  std::vector<FunctionBody> functions;  // of two arguments; each calls earlier ones alone
  std::vector<Node> body;
  int masks = 1, loops = 0;
  std::uint32_t blocks = 1, threads = 32;
};

using Variables = std::array<std::uint32_t, kVariables>;

// What the variables of a kernel's thread begin with; of a function, v0 and v1 are the arguments.
Variables InitialVariables(std::uint32_t block, std::uint32_t thread, std::uint32_t seed);

Program MakeProgram(std::uint32_t seed);

// A kernel k(.param .u64 out), which leaves the variables of each thread at out[thread].
std::string ToPtx(const Program& program);

// The variables of all threads when they end; empty: threads wait for each other for ever.
std::vector<Variables> Interpret(const Program& program);

// v[a] `which` b, and whether a condition holds: the host's arithmetic.
std::uint32_t Compute(int which, std::uint32_t a, std::uint32_t b);
bool Holds(const Condition& condition, const Variables& v);

}  // namespace caesar::sim::test
