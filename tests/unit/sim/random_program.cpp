#include "unit/sim/random_program.h"

#include <random>
#include <utility>

namespace caesar::sim::test {
namespace {

constexpr int kDepthMax = 4, kOperations = 6;

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) { program_.seed = seed; }

  Program Make() && {
    program_.blocks = 1 + Below(2);
    constexpr std::uint32_t kThreads[] = {32, 64, 70, 96, 45};
    program_.threads = kThreads[Below(5)];
    in_function_ = true;
    for (std::uint32_t i = Below(4); i > 0; --i) {
      budget_ = 10;
      in_together_ = OneIn(2);
      auto body = List(2, false, in_together_);
      program_.functions.push_back({in_together_, std::move(body)});
    }
    in_together_ = false;
    in_function_ = false;
    budget_ = 48;
    program_.body = List(0, false, true);
    while (budget_ > 0) program_.body.push_back(Statement(0, false, true));
    return std::move(program_);
  }

 private:
  std::uint32_t Below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  int Variable() { return static_cast<int>(Below(kVariables)); }
  bool OneIn(std::uint32_t times) { return Below(times) == 0; }

  Condition MakeCondition() {
    const auto kind = static_cast<Condition::Kind>(Below(3));
    const std::uint32_t b = kind == Condition::Kind::kBit     ? Below(6)
                            : kind == Condition::Kind::kEqual ? Below(4)
                                                              : Below(kVariables);
    return {kind, Variable(), static_cast<int>(b)};
  }

  std::vector<Node> List(int depth, bool in_loop, bool together) {
    std::vector<Node> list;
    for (std::uint32_t i = 1 + Below(4); i > 0 && budget_ > 0; --i) {
      list.push_back(Statement(depth, in_loop, together));
    }
    return list;
  }

  // `in_loop`: within a kLoop of the same function. `together`: all lanes of the set come here.
  Node Statement(int depth, bool in_loop, bool together) {
    --budget_;
    Node node;
    node.dst = Variable();
    node.a = Variable();
    node.b = Variable();
    node.value = static_cast<std::uint32_t>(random_());
    node.condition = MakeCondition();
    node.mask = mask_;
    if (together && !OneIn(3)) {
      Together(node, depth);
    } else if (depth < kDepthMax && OneIn(2)) {
      Nested(node, depth, in_loop);
    } else {
      Simple(node, in_loop);
    }
    return node;
  }

  // Picks a function to call; false: there is none, or not of that sort.
  bool Callee(bool together, Node& node) {
    if (program_.functions.empty()) return false;
    const std::uint32_t which = Below(static_cast<std::uint32_t>(program_.functions.size()));
    node.which = static_cast<int>(which);
    return program_.functions[which].together == together;
  }

  void Simple(Node& node, bool in_loop) {
    const std::uint32_t kind = Below(12);
    if (in_loop && kind < 4) {
      node.kind = kind < 2 ? Node::Kind::kBreak : Node::Kind::kContinue;
    } else if (kind == 4 && OneIn(3) && !in_together_) {
      node.kind = Node::Kind::kReturn;
      if (!in_function_) may_have_ended_ = true;
    } else if (kind < 7 && Callee(false, node)) {
      node.kind = Node::Kind::kCall;
    } else {
      node.which = static_cast<int>(Below(kOperations));
      if (OneIn(3)) node.b = -1;
    }
  }

  void Nested(Node& node, int depth, bool in_loop) {
    const std::uint32_t kind = Below(5);
    if (kind < 2) {
      node.kind = Node::Kind::kIf;
      node.body = List(depth + 1, in_loop, false);
      if (OneIn(2)) node.other = List(depth + 1, in_loop, false);
    } else if (kind < 4) {
      node.kind = Node::Kind::kLoop;
      node.value = depth == 0 ? 7 : 3;
      node.loop = program_.loops++;
      node.body = List(depth + 1, true, false);
    } else {
      node.kind = Node::Kind::kSwitch;
      for (int i = 0; i < 4; ++i) node.cases.push_back(List(depth + 1, in_loop, false));
    }
  }

  void Together(Node& node, int depth) {
    const std::uint32_t kind = Below(10);
    if (kind < 2 && depth < kDepthMax) {
      node.kind = kind == 0 ? Node::Kind::kIfTogether : Node::Kind::kLoopTogether;
      node.value = 3;
      node.masks = program_.masks;
      program_.masks += 2;
      node.loop = program_.loops++;
      const int outer = std::exchange(mask_, node.masks);
      node.body = List(depth + 1, false, true);
      ++mask_;
      if (kind == 0) node.other = List(depth + 1, false, true);
      mask_ = outer;
      return;
    }
    if (kind > 8 && Callee(true, node)) {
      node.kind = Node::Kind::kCall;
      return;
    }
    node.which = static_cast<int>(Below(4));
    if (kind == 3 && mask_ == 0 && !may_have_ended_ && !in_function_) {
      node.kind = Node::Kind::kExchange;
      node.value = Below(program_.threads);
    } else if (kind < 5 && !may_have_ended_) {
      // What a lane that has ended held is nobody's to read.
      node.kind = Node::Kind::kShuffle;
    } else if (kind < 6) {
      node.kind = Node::Kind::kBallot;
    } else if (kind < 7) {
      node.kind = Node::Kind::kVote;
      node.which %= 2;
    } else {
      node.kind = kind == 7 ? Node::Kind::kReduce : Node::Kind::kMatch;
    }
  }

  std::mt19937 random_;
  Program program_;
  int budget_ = 0, mask_ = 0;
  bool in_function_ = false, in_together_ = false, may_have_ended_ = false;
};

}  // namespace

Program MakeProgram(std::uint32_t seed) { return Maker(seed).Make(); }

Variables InitialVariables(std::uint32_t block, std::uint32_t thread, std::uint32_t seed) {
  return {thread, thread * 2654435761U, block, seed, thread % 32, thread >> 2};
}

}  // namespace caesar::sim::test
