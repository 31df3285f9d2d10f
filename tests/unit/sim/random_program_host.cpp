// A random program by a host: one thread after the other, each a sequential program with a stack of
// lists of statements. A thread stops at what is done together until all of its set are there.
#include <algorithm>
#include <array>
#include <utility>

#include "unit/sim/random_program.h"

namespace caesar::sim::test {
namespace {

constexpr int kLanesOfWarp = 32;

struct Level {
  const std::vector<Node>* list = nullptr;
  std::size_t at = 0;
  const Node* loop = nullptr;  // whose body it is
  std::uint32_t rounds = 0;    // that are left
  const Node* call = nullptr;  // whose callee's body it is; what the caller had:
  Variables v = {};
  std::vector<std::uint32_t> masks;
};

struct Thread {
  Variables v = {};
  std::vector<Level> stack;
  std::vector<std::uint32_t> masks;
  std::uint32_t number = 0;     // in the block
  const Node* waits = nullptr;  // what it waits to do with others
  std::uint32_t mask = 0;       // with whom
  bool decided = false;         // the condition it brings along
  bool ended = false;

  std::uint32_t lane() const { return number % kLanesOfWarp; }
};

class Runner {
 public:
  explicit Runner(const Program& program) : program_(program) {}

  bool RunBlock(std::vector<Thread>& threads) {
    while (true) {
      for (Thread& thread : threads) Run(thread);
      if (std::all_of(threads.begin(), threads.end(), [](const Thread& t) { return t.ended; })) {
        return true;
      }
      if (!MeetAll(threads)) return false;
    }
  }

 private:
  // Runs until the thread ends or waits.
  void Run(Thread& thread) {
    while (!thread.ended && thread.waits == nullptr) {
      if (thread.stack.empty()) {
        thread.ended = true;
        return;
      }
      Level& top = thread.stack.back();
      if (top.at < top.list->size()) {
        Statement(thread, (*top.list)[top.at++]);
      } else if (top.call != nullptr) {
        Return(thread);
      } else if (top.loop == nullptr) {
        thread.stack.pop_back();
      } else {
        NextRound(thread);
      }
    }
  }

  // The innermost level is a loop's: goes round, leaves, or waits to know.
  void NextRound(Thread& thread) {
    Level& top = thread.stack.back();
    if (top.loop->kind == Node::Kind::kLoopTogether) {
      const auto mask = static_cast<std::size_t>(top.loop->masks);
      return Wait(thread, *top.loop, thread.masks[mask], top.rounds > 0);
    }
    GoRound(thread, top.rounds > 0);
  }
  void GoRound(Thread& thread, bool again) {
    Level& top = thread.stack.back();
    if (!again) return thread.stack.pop_back();
    --top.rounds;
    top.at = 0;
  }

  void Wait(Thread& thread, const Node& node, std::uint32_t mask, bool decided) {
    thread.waits = &node;
    thread.mask = mask;
    thread.decided = decided;
  }

  static void Enter(Thread& thread, const std::vector<Node>& list) {
    thread.stack.emplace_back().list = &list;
  }

  void Statement(Thread& thread, const Node& node) {
    Variables& v = thread.v;
    const auto of = [&](int i) { return v[static_cast<std::size_t>(i)]; };
    switch (node.kind) {
      case Node::Kind::kAssign:
        v[static_cast<std::size_t>(node.dst)] =
            Compute(node.which, of(node.a), node.b < 0 ? node.value : of(node.b));
        break;
      case Node::Kind::kIf:
        Enter(thread, Holds(node.condition, v) ? node.body : node.other);
        break;
      case Node::Kind::kLoop:
      case Node::Kind::kLoopTogether:
        if (node.masks >= 0) {
          thread.masks[static_cast<std::size_t>(node.masks)] =
              thread.masks[static_cast<std::size_t>(node.mask)];
        }
        EnterLoop(thread, node, of(node.a) & node.value);
        break;
      case Node::Kind::kSwitch:
        EnterCases(thread, node, of(node.a) & 3);
        break;
      case Node::Kind::kBreak:
      case Node::Kind::kContinue:
        if (Holds(node.condition, v)) LeaveRound(thread, node.kind == Node::Kind::kBreak);
        break;
      case Node::Kind::kReturn:
        if (Holds(node.condition, v)) Return(thread);
        break;
      case Node::Kind::kCall:
        Call(thread, node);
        break;
      case Node::Kind::kIfTogether:
      case Node::Kind::kShuffle:
      case Node::Kind::kBallot:
      case Node::Kind::kVote:
      case Node::Kind::kReduce:
      case Node::Kind::kMatch:
      case Node::Kind::kExchange:
        Wait(thread, node, thread.masks[static_cast<std::size_t>(node.mask)],
             Holds(node.condition, v));
        break;
    }
  }

  static void EnterLoop(Thread& thread, const Node& node, std::uint32_t rounds) {
    Level& level = thread.stack.emplace_back();
    level.list = &node.body;
    level.at = node.body.size();
    level.loop = &node;
    level.rounds = rounds;
  }

  // The case, and those that it falls into: the last first, as they come from a stack.
  static void EnterCases(Thread& thread, const Node& node, std::uint32_t first) {
    std::uint32_t last = first;
    while (last < 3 && (node.value >> last & 1) != 0) ++last;
    for (std::uint32_t i = last + 1; i-- > first;) Enter(thread, node.cases[i]);
  }

  static void LeaveRound(Thread& thread, bool whole_loop) {
    while (thread.stack.back().loop == nullptr) thread.stack.pop_back();
    Level& loop = thread.stack.back();
    loop.at = loop.list->size();
    if (whole_loop) loop.rounds = 0;
  }

  void Call(Thread& thread, const Node& node) {
    Level level;
    level.list = &program_.functions[static_cast<std::size_t>(node.which)].body;
    level.call = &node;
    level.v = thread.v;
    level.masks = thread.masks;
    thread.v = {level.v[static_cast<std::size_t>(node.a)],
                level.v[static_cast<std::size_t>(node.b)],
                2,
                3,
                4,
                5};
    thread.masks[0] = level.masks[static_cast<std::size_t>(node.mask)];
    thread.stack.push_back(std::move(level));
  }

  // From the innermost function, or the kernel.
  void Return(Thread& thread) {
    while (!thread.stack.empty() && thread.stack.back().call == nullptr) thread.stack.pop_back();
    if (thread.stack.empty()) return;
    Level& level = thread.stack.back();
    const std::uint32_t result = thread.v[0];
    thread.v = level.v;
    thread.v[static_cast<std::size_t>(level.call->dst)] = result;
    thread.masks = std::move(level.masks);
    thread.stack.pop_back();
  }

  // Lets those go on of whom nobody is missing; false: nobody can.
  bool MeetAll(std::vector<Thread>& threads) {
    bool met = false;
    for (Thread& thread : threads) {
      const Node* node = thread.waits;
      if (node == nullptr) continue;
      const bool whole_block = node->kind == Node::Kind::kExchange;
      std::vector<Thread*> set;
      bool missing = false;
      for (Thread& other : threads) {
        const bool same_warp = other.number / kLanesOfWarp == thread.number / kLanesOfWarp;
        const bool member = whole_block || (same_warp && (thread.mask >> other.lane() & 1) != 0);
        if (!member || other.ended) continue;
        missing |= other.waits != node || other.mask != thread.mask;
        set.push_back(&other);
      }
      if (missing && !whole_block) continue;
      if (whole_block &&
          std::any_of(set.begin(), set.end(), [&](const Thread* t) { return t->waits != node; })) {
        continue;
      }
      Meet(*node, set);
      met = true;
    }
    return met;
  }

  void Meet(const Node& node, const std::vector<Thread*>& set) {
    std::uint32_t members = 0, decided = 0;
    std::vector<std::uint32_t> brought;
    for (const Thread* thread : set) {
      members |= 1U << thread->lane();
      decided |= static_cast<std::uint32_t>(thread->decided) << thread->lane();
      brought.push_back(thread->v[static_cast<std::size_t>(node.a)]);
    }
    for (Thread* thread : set) thread->waits = nullptr;
    for (std::size_t i = 0; i < set.size(); ++i) {
      Thread& thread = *set[i];
      if (node.kind == Node::Kind::kIfTogether) {
        const auto side = static_cast<std::size_t>(node.masks);
        thread.masks[side] = decided;
        thread.masks[side + 1] = thread.mask & ~decided;
        Enter(thread, thread.decided ? node.body : node.other);
      } else if (node.kind == Node::Kind::kLoopTogether) {
        thread.masks[static_cast<std::size_t>(node.masks)] = decided;
        GoRound(thread, thread.decided);
      } else {
        thread.v[static_cast<std::size_t>(node.dst)] =
            ResultOf(node, set, i, brought, members, decided);
      }
    }
  }

  static std::uint32_t ResultOf(const Node& node, const std::vector<Thread*>& set, std::size_t i,
                                const std::vector<std::uint32_t>& brought, std::uint32_t members,
                                std::uint32_t decided) {
    const Thread& thread = *set[i];
    const std::uint32_t from = thread.v[static_cast<std::size_t>(node.b)] % kLanesOfWarp;
    std::uint32_t sum = 0, least = ~0U, most = 0, all = 0, same = 0, shuffled = brought[i];
    for (std::size_t k = 0; k < set.size(); ++k) {
      sum += brought[k];
      least = std::min(least, brought[k]);
      most = std::max(most, brought[k]);
      all ^= brought[k];
      if (brought[k] % 8 == brought[i] % 8) same |= 1U << set[k]->lane();
      if (set[k]->lane() == from) shuffled = brought[k];
    }
    if (node.kind == Node::Kind::kShuffle) return shuffled;
    if (node.kind == Node::Kind::kBallot) return decided;
    if (node.kind == Node::Kind::kVote) return node.which == 0 ? decided != 0 : decided == members;
    if (node.kind == Node::Kind::kReduce) {
      return std::array{sum, least, most, all}[static_cast<std::size_t>(node.which)];
    }
    if (node.kind == Node::Kind::kMatch) return same;
    return brought[(thread.number + node.value) % brought.size()];
  }

  const Program& program_;
};

std::uint32_t LanesOf(std::uint32_t threads, std::uint32_t thread) {
  const std::uint32_t left = threads - thread / kLanesOfWarp * kLanesOfWarp;
  return left >= kLanesOfWarp ? ~0U : (1U << left) - 1;
}

}  // namespace

std::uint32_t Compute(int which, std::uint32_t a, std::uint32_t b) {
  switch (which) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a ^ b;
    case 4:
      return a & b;
    default:
      return a >> (b & 31);
  }
}

bool Holds(const Condition& condition, const Variables& v) {
  const std::uint32_t a = v[static_cast<std::size_t>(condition.a)];
  switch (condition.kind) {
    case Condition::Kind::kBit:
      return (a >> condition.b & 1) != 0;
    case Condition::Kind::kLess:
      return a < v[static_cast<std::size_t>(condition.b)];
    case Condition::Kind::kEqual:
      return a % 4 == static_cast<std::uint32_t>(condition.b);
  }
  return false;
}

std::vector<Variables> Interpret(const Program& program) {
  std::vector<Variables> all;
  for (std::uint32_t block = 0; block < program.blocks; ++block) {
    std::vector<Thread> threads(program.threads);
    for (std::uint32_t i = 0; i < program.threads; ++i) {
      threads[i].number = i;
      threads[i].v = InitialVariables(block, i, program.seed);
      threads[i].masks.assign(static_cast<std::size_t>(program.masks), LanesOf(program.threads, i));
      threads[i].stack.emplace_back().list = &program.body;
    }
    if (!Runner(program).RunBlock(threads)) return {};
    for (const Thread& thread : threads) all.push_back(thread.v);
  }
  return all;
}

}  // namespace caesar::sim::test
