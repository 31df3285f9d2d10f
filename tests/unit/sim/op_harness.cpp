#include "unit/sim/op_harness.h"

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "base/format.h"
#include "sim/decode.h"
#include "sim/names.h"

namespace caesar::sim {
namespace {

constexpr std::string_view kRegisters =
    ".reg .pred %p<16>; .reg .b8 %c<16>; .reg .b16 %h<32>; .reg .b32 %r<96>; .reg .f32 %f<64>;\n"
    ".reg .b64 %rd<64>; .reg .f64 %d<64>; .reg .b128 %q<8>;\n";

// A FamilyLookup is a plain function: the harness that decodes now.
thread_local const std::function<Decode(std::string_view)>* decoding = nullptr;

Result<Op> DecodeEnd(Binder&) {
  Op op;
  op.run = [](Warp&, const Op&) { return Step::kNext; };
  return op;
}

Decode Lookup(std::string_view opcode) { return opcode == "ret" ? DecodeEnd : (*decoding)(opcode); }

std::uint64_t Special(const SlotValue& value, std::uint32_t lane, const Function& kernel) {
  using S = SlotValue::Special;
  const std::uint64_t bit = std::uint64_t{1} << lane;
  const std::uint64_t all = 0xFFFF'FFFF;
  // Not a switch: what is not named here is 0 in a grid of one block of one warp.
  if (value.special == S::kTidX || value.special == S::kLaneId) return lane;
  if (value.special == S::kLaneMaskEq) return bit;
  if (value.special == S::kLaneMaskLt) return bit - 1;
  if (value.special == S::kLaneMaskLe) return 2 * bit - 1;
  if (value.special == S::kLaneMaskGt) return all & ~(2 * bit - 1);
  if (value.special == S::kLaneMaskGe) return all & ~(bit - 1);
  if (value.special == S::kNTidX) return kLanes;
  for (const S one : {S::kNTidY, S::kNTidZ, S::kNCtaIdX, S::kNCtaIdY, S::kNCtaIdZ, S::kNWarpId,
                      S::kNClusterIdX, S::kNClusterIdY, S::kNClusterIdZ, S::kClusterNCtaIdX,
                      S::kClusterNCtaIdY, S::kClusterNCtaIdZ, S::kClusterNCtaRank, S::kNSmId}) {
    if (value.special == one) return 1;
  }
  if (value.special == S::kDynamicSharedOffset) return DynamicSharedOffset(kernel) + value.value;
  if (value.special == S::kDynamicSharedSize) {
    return OpHarness::kSharedBytes - DynamicSharedOffset(kernel);
  }
  if (value.special == S::kTotalSharedSize) return OpHarness::kSharedBytes;
  if (value.special == S::kLocalBase) return value.value;
  return 0;
}

std::uint64_t Parameter(const SlotValue& value, const std::vector<std::byte>& params) {
  std::uint64_t bits = 0;
  if (value.value + value.source_bytes > params.size()) return 0;
  std::memcpy(&bits, params.data() + value.value, value.source_bytes);
  const int unused = 64 - 8 * value.source_bytes;
  if (!value.sign_extended) return bits;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << unused) >> unused);
}

}  // namespace

OpHarness::OpHarness(Decode family, Isa isa)
    : OpHarness([family](std::string_view) { return family; }, isa) {}

OpHarness::OpHarness(std::function<Decode(std::string_view)> families, Isa isa)
    : families_(std::move(families)), isa_(isa) {
  auto arena = Arena::Make(std::uint64_t{256} << 20);
  if (!arena.ok()) std::abort();
  arena_ = std::move(arena).value();
  grid_ = std::make_unique<Grid>();
  block_ = std::make_unique<Block>();
  worker_ = std::make_unique<Worker>();
  frame_ = std::make_unique<Frame>();
  grid_->threads = {kLanes, 1, 1};
  grid_->arena = arena_.get();
  grid_->findings = &findings_;
  block_->grid = grid_.get();
  block_->threads = block_->threads_alive = kLanes;
  block_->shared.Reset(kSharedBytes, 1);
  block_->warps.resize(1);
  Warp& one = warp();
  one.block = block_.get();
  one.grid = grid_.get();
  one.worker = worker_.get();
  one.exists = kAllLanes;
  one.local_stride = kLocalBytes;
  one.local.assign(std::size_t{kLocalBytes} * kLanes, std::byte{0});
}

OpHarness::~OpHarness() { module_.reset(); }  // before the arena in which its variables lie

void OpHarness::SetBytes(std::string_view name, const void* from, std::size_t bytes) {
  std::vector<std::byte>& value = values_[std::string(name)];
  value.resize(bytes);
  std::memcpy(value.data(), from, bytes);
}

void OpHarness::GetBytes(std::string_view name, void* to, std::size_t bytes) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return;
  std::memcpy(to, found->second.data(), std::min(bytes, found->second.size()));
}

void OpHarness::Fill(const Function& function) {
  for (const SlotValue& preset : function.preset) {
    std::byte* to = registers_.front().bytes + preset.slot;
    Mask mask_value = 0;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      std::uint64_t bits = 0;
      if (preset.kind == SlotValue::Kind::kConstant) bits = preset.value;
      if (preset.kind == SlotValue::Kind::kParameter) bits = Parameter(preset, params);
      if (preset.kind == SlotValue::Kind::kSpecial) bits = Special(preset, lane, function);
      if (preset.bytes == 0) {
        mask_value |= bits != 0 ? Mask{1} << lane : Mask{0};
      } else {
        std::memset(to + lane * preset.bytes, 0, preset.bytes);
        std::memcpy(to + lane * preset.bytes, &bits, std::min<std::size_t>(preset.bytes, 8));
      }
    }
    if (preset.bytes == 0) std::memcpy(to, &mask_value, sizeof mask_value);
  }
}

void OpHarness::Execute(const Function& function) {
  Warp& one = warp();
  one.split_lanes = mask;
  last_step = Step::kNext;
  one.pc = 0;
  for (int steps = 0; one.pc < function.ops.size() && steps < 100'000; ++steps) {
    const Op& op = function.ops[one.pc];
    one.active = mask;
    if (op.guard != kNoSlot) {
      const Mask guard = one.Predicate(op.guard);
      one.active &= op.guard_negated ? ~guard : guard;
    }
    const std::uint32_t pc = one.pc;
    last_step = one.active == 0 ? Step::kNext : op.run(one, op);
    if (last_step == Step::kNext || last_step == Step::kYield) one.pc = pc + 1;
    if (last_step == Step::kFault || last_step == Step::kWait || last_step == Step::kSplit) return;
  }
}

std::string OpHarness::Run(std::string_view body) {
  module_.reset();
  decoding = &families_;
  auto loaded = LoadModule(
      Format(".version 9.0\n.target sm_90\n.address_size 64\n{}\n.visible .entry k({})\n{{\n{}{}\n"
             "{}\nret;\n}}\n",
             module_text, parameters, kRegisters, local_text, body),
      *arena_, isa_, Lookup);
  if (!loaded.ok()) return loaded.error().message;
  module_ = std::move(loaded).value();
  module_->share_slots = false;
  Function* function = module_->Declare("k");
  if (function == nullptr) return "the kernel's parameters cannot be laid out";
  std::vector<Slot> slots;
  const Status decoded = DecodeFunction(*module_, *function, &slots);
  if (!decoded.ok()) return decoded.error().message;
  auto names = Names::Make(*function->source);
  if (!names.ok()) return names.error().message;

  registers_.assign(function->register_bytes / 64 + 1, Aligned{});
  Fill(*function);
  std::byte* base = registers_.front().bytes;
  const auto slot_of = [&](std::string_view name) {
    const auto entity = names.value().Find(name, 0);
    return entity.kind == Names::Entity::Kind::kRegister ? slots[entity.index] : kNoSlot;
  };
  for (const auto& [name, value] : values_) {
    const Slot slot = slot_of(name);
    if (slot != kNoSlot) std::memcpy(base + slot, value.data(), value.size());
  }

  *frame_ = Frame{};
  frame_->function = function;
  frame_->registers = base;
  frame_->params = params;
  frame_->lanes = kAllLanes;
  grid_->kernel = function;
  grid_->module = module_.get();
  grid_->params = params;
  grid_->params.resize(function->param_bytes);
  counts.assign(function->ops.size(), OpCounts{});
  worker_->memos.assign(function->ops.size(), OpMemo{});
  Warp& one = warp();
  one.registers = base;
  one.frame = frame_.get();
  one.counts = counts.data();
  one.memos = worker_->memos.data();
  Execute(*function);

  // Every register that the body names, for Get and for the next Run.
  std::deque<std::string> texts;  // Names keeps views
  for (const ptx::RegisterDeclaration& declaration : function->source->registers) {
    const auto type = TypeOf(declaration.type);
    for (int i = 0; i < std::max(declaration.count, 0) && type; ++i) {
      const std::string& name = texts.emplace_back(Format("{}{}", declaration.name, i));
      const Slot slot = slot_of(name);
      if (slot == kNoSlot) continue;
      SetBytes(name, base + slot,
               *type == Type::kPred ? sizeof(Mask)
               : *type == Type::kB8 ? std::size_t{2} * kLanes
                                    : static_cast<std::size_t>(BitsOf(*type)) / 8 * kLanes);
    }
  }
  ops = function->ops;
  dependent = function->uses_atomics_or_fences;
  return {};
}

}  // namespace caesar::sim
