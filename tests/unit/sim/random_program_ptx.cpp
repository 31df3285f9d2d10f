// A random program as PTX.
#include <utility>

#include "base/format.h"
#include "unit/sim/random_program.h"

namespace caesar::sim::test {
namespace {

// One body: of the kernel or of a function.
class Writer {
 public:
  Writer(const Program& program, bool in_kernel) : program_(program), in_kernel_(in_kernel) {}

  std::string Body(const std::vector<Node>& body) {
    text_ = Format(
        "{{ .reg .pred %p<3>; .reg .b32 %v<{}>; .reg .b32 %x<4>; .reg .b64 %out; .reg .b32 "
        "%m<{}>;\n"
        ".reg .b32 %round<{}>; .reg .b32 %rounds<{}>;\n",
        kVariables, program_.masks, program_.loops + 1, program_.loops + 1);
    Prologue();
    List(body);
    Line("{}:", kLast);
    Leave();
    return std::move(text_) + later_ + "}\n";
  }

 private:
  template <class... T>
  void Line(fmt::format_string<const T&...> format, const T&... values) {
    text_ += Format(format, values...);
    text_ += '\n';
  }
  static constexpr std::string_view kLast = "LAST";
  std::string NewLabel() { return Format("L{}", labels_++); }

  void Prologue() {
    if (!in_kernel_) {
      Line("ld.param.b32 %v0, [given0]; ld.param.b32 %v1, [given1]; ld.param.b32 %m0, [set];");
      for (int i = 2; i < kVariables; ++i) Line("mov.b32 %v{}, {};", i, i);
      return;
    }
    Line(
        "mov.u32 %v0, %tid.x; mul.lo.u32 %v1, %v0, 2654435761; mov.u32 %v2, %ctaid.x; mov.u32 %v3, "
        "{}; mov.u32 %v4, %laneid; shr.u32 %v5, %v0, 2;",
        program_.seed);
    Line("mov.u32 %x0, %ntid.x; mad.lo.u32 %x1, %v2, %x0, %v0; ld.param.b64 %out, [out];");
    Line("mad.wide.u32 %out, %x1, {}, %out;", 4 * kVariables);
    Line("vote.sync.ballot.b32 %m0, 1, -1;");
  }

  void Leave() {
    if (!in_kernel_) return Line("st.param.b32 [back], %v0; ret;");
    for (int i = 0; i < kVariables; ++i) Line("st.global.b32 [%out+{}], %v{};", 4 * i, i);
    Line("exit;");
  }

  // Into %p0.
  void Decide(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kBit:
        Line("and.b32 %x0, %v{}, {}; setp.ne.u32 %p0, %x0, 0;", condition.a, 1 << condition.b);
        break;
      case Condition::Kind::kLess:
        Line("setp.lt.u32 %p0, %v{}, %v{};", condition.a, condition.b);
        break;
      case Condition::Kind::kEqual:
        Line("and.b32 %x0, %v{}, 3; setp.eq.u32 %p0, %x0, {};", condition.a, condition.b);
        break;
    }
  }

  void List(const std::vector<Node>& list) {
    for (const Node& node : list) Statement(node);
  }

  void Statement(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kAssign:
        return Assign(node);
      case Node::Kind::kIf:
      case Node::Kind::kIfTogether:
        return If(node);
      case Node::Kind::kLoop:
      case Node::Kind::kLoopTogether:
        return Loop(node);
      case Node::Kind::kSwitch:
        return Switch(node);
      case Node::Kind::kBreak:
      case Node::Kind::kContinue:
        Decide(node.condition);
        return Line("@%p0 bra {};", node.kind == Node::Kind::kBreak ? end_ : head_);
      case Node::Kind::kReturn: {
        const std::string stay = NewLabel();
        Decide(node.condition);
        if (node.value % 2 == 0) return Line("@%p0 bra {};", kLast);
        Line("@!%p0 bra {};", stay);
        Leave();
        return Line("{}:", stay);
      }
      case Node::Kind::kCall:
        Line("{{ .param .b32 p0; .param .b32 p1; .param .b32 p2; .param .b32 r0;");
        Line("st.param.b32 [p0], %v{}; st.param.b32 [p1], %v{}; st.param.b32 [p2], %m{};", node.a,
             node.b, node.mask);
        return Line("call (r0), f{}, (p0, p1, p2); ld.param.b32 %v{}, [r0]; }}", node.which,
                    node.dst);
      case Node::Kind::kShuffle:
      case Node::Kind::kBallot:
      case Node::Kind::kVote:
      case Node::Kind::kReduce:
      case Node::Kind::kMatch:
      case Node::Kind::kExchange:
        return Together(node);
    }
  }

  void Assign(const Node& node) {
    const std::string b = node.b < 0 ? Format("{}", node.value) : Format("%v{}", node.b);
    constexpr std::string_view kOpcodes[] = {"add.u32", "sub.u32", "mul.lo.u32",
                                             "xor.b32", "and.b32", "shr.u32"};
    if (node.which == 5) {
      Line("mov.b32 %x0, {}; and.b32 %x0, %x0, 31; shr.u32 %v{}, %v{}, %x0;", b, node.dst, node.a);
    } else {
      Line("{} %v{}, %v{}, {};", kOpcodes[node.which], node.dst, node.a, b);
    }
  }

  void If(const Node& node) {
    const std::string other = NewLabel(), end = NewLabel();
    Decide(node.condition);
    if (node.kind == Node::Kind::kIfTogether) {
      Line("vote.sync.ballot.b32 %m{}, %p0, %m{}; not.b32 %m{}, %m{}; and.b32 %m{}, %m{}, %m{};",
           node.masks, node.mask, node.masks + 1, node.masks, node.masks + 1, node.masks + 1,
           node.mask);
    }
    Line("@!%p0 bra {};", other);
    List(node.body);
    if (node.value % 2 == 0) {
      // Out of the way, as compilers do: those who come back find others far ahead.
      Line("{}:", end);
      std::string kept = std::exchange(text_, {});
      Line("{}:", other);
      List(node.other);
      Line("bra {};", end);
      later_ += std::exchange(text_, std::move(kept));
      return;
    }
    if (!node.other.empty()) Line("bra {};", end);
    Line("{}:", other);
    List(node.other);
    Line("{}:", end);
  }

  void Loop(const Node& node) {
    const bool together = node.kind == Node::Kind::kLoopTogether;
    const std::string head = NewLabel(), end = NewLabel();
    Line("mov.u32 %round{}, 0; and.b32 %rounds{}, %v{}, {};", node.loop, node.loop, node.a,
         node.value);
    if (together) Line("mov.b32 %m{}, %m{};", node.masks, node.mask);
    Line("{}: setp.lt.u32 %p0, %round{}, %rounds{};", head, node.loop, node.loop);
    if (together) Line("vote.sync.ballot.b32 %m{}, %p0, %m{};", node.masks, node.masks);
    Line("@!%p0 bra {}; add.u32 %round{}, %round{}, 1;", end, node.loop, node.loop);
    const std::string outer_head = std::exchange(head_, head), outer_end = std::exchange(end_, end);
    List(node.body);
    head_ = outer_head;
    end_ = outer_end;
    Line("bra {}; {}:", head, end);
  }

  void Switch(const Node& node) {
    const std::string table = NewLabel(), end = NewLabel();
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < node.cases.size(); ++i) labels.push_back(NewLabel());
    Line("{}: .branchtargets {}, {}, {}, {};", table, labels[0], labels[1], labels[2], labels[3]);
    Line("and.b32 %x0, %v{}, 3; brx.idx %x0, {};", node.a, table);
    for (std::size_t i = 0; i < node.cases.size(); ++i) {
      Line("{}:", labels[i]);
      List(node.cases[i]);
      if ((node.value >> i & 1) == 0) Line("bra {};", end);
    }
    Line("{}:", end);
  }

  void Together(const Node& node) {
    constexpr std::string_view kReductions[] = {"add.u32", "min.u32", "max.u32", "xor.b32"};
    const bool decides = node.kind == Node::Kind::kBallot || node.kind == Node::Kind::kVote;
    if (decides) Decide(node.condition);
    if (node.kind == Node::Kind::kShuffle) {
      Line("and.b32 %x0, %v{}, 31; shr.u32 %x1, %m{}, %x0; and.b32 %x1, %x1, 1;", node.b,
           node.mask);
      Line("mov.u32 %x2, %laneid; setp.eq.u32 %p0, %x1, 1; selp.b32 %x0, %x0, %x2, %p0;");
      Line("shfl.sync.idx.b32 %v{}, %v{}, %x0, 31, %m{};", node.dst, node.a, node.mask);
    } else if (node.kind == Node::Kind::kBallot) {
      Line("vote.sync.ballot.b32 %v{}, %p0, %m{};", node.dst, node.mask);
    } else if (node.kind == Node::Kind::kVote) {
      Line("vote.sync.{}.pred %p1, %p0, %m{}; selp.b32 %v{}, 1, 0, %p1;",
           node.which == 0 ? "any" : "all", node.mask, node.dst);
    } else if (node.kind == Node::Kind::kReduce) {
      Line("redux.sync.{} %v{}, %v{}, %m{};", kReductions[node.which], node.dst, node.a, node.mask);
    } else if (node.kind == Node::Kind::kMatch) {
      Line("and.b32 %x0, %v{}, 7; match.any.sync.b32 %v{}, %x0, %m{};", node.a, node.dst,
           node.mask);
    } else {
      Line("mov.u32 %x2, tile; mov.u32 %x3, %tid.x; shl.b32 %x1, %x3, 2; add.u32 %x1, %x1, %x2;");
      Line("st.shared.b32 [%x1], %v{};", node.a);
      Barrier(node);
      Line(
          "add.u32 %x0, %x3, {}; rem.u32 %x0, %x0, {}; shl.b32 %x0, %x0, 2; add.u32 %x0, %x0, %x2;",
          node.value, program_.threads);
      Line("ld.shared.b32 %v{}, [%x0];", node.dst);
      Barrier(node);
    }
  }

  // Of the block: lanes of a warp may arrive at an unaligned one by different ways.
  void Barrier(const Node& node) {
    if (node.which % 2 == 0) return Line("bar.sync 0;");
    const std::string other = NewLabel(), end = NewLabel();
    Decide(node.condition);
    Line("@%p0 bra {}; barrier.sync 0; bra {}; {}: barrier.sync 0; {}:", other, end, other, end);
  }

  const Program& program_;
  const bool in_kernel_;
  std::string text_, later_, head_, end_;
  int labels_ = 0;
};

}  // namespace

std::string ToPtx(const Program& program) {
  std::string text = ".version 9.0\n.target sm_90\n.address_size 64\n";
  text += Format(".shared .align 4 .b8 tile[{}];\n", 4 * program.threads);
  for (std::size_t i = 0; i < program.functions.size(); ++i) {
    text += Format(
        ".func (.param .b32 back) f{}(.param .b32 given0, .param .b32 given1, "
        ".param .b32 set)\n",
        i);
    text += Writer(program, false).Body(program.functions[i].body);
  }
  return text + ".visible .entry k(.param .u64 out)\n" + Writer(program, true).Body(program.body);
}

}  // namespace caesar::sim::test
