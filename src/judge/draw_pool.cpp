#include "judge/draw_pool.h"

#include <utility>

namespace caesar {

void DrawPool::NextCandidate(bool keep_seen) {
  if (!keep_seen) {
    std::erase_if(kept_, [&](const Kept& kept) {
      if (kept.seen_by != candidate_) return false;
      bytes_ -= kept.bytes;
      return true;
    });
  }
  ++candidate_;
}

const Draw* DrawPool::Take(const std::string& kind, const Dice& dice) {
  std::vector<Kept*> fresh;
  for (Kept& kept : kept_) {
    if (kept.kind == kind && kept.seen_by != candidate_) fresh.push_back(&kept);
  }
  if (fresh.empty()) return nullptr;
  Kept& chosen = *fresh[dice(static_cast<std::uint32_t>(fresh.size()))];
  chosen.seen_by = candidate_;
  return &chosen.draw;
}

bool DrawPool::HasRoom(const std::string& reference, std::uint64_t bytes) {
  if (reference != reference_) {
    kept_.clear();
    bytes_ = 0;
    reference_ = reference;
  }
  return bytes <= bytes_max_ - bytes_;
}

void DrawPool::Add(const std::string& kind, Draw draw, std::uint64_t bytes) {
  bytes_ += bytes;
  kept_.push_back({kind, std::move(draw), candidate_, bytes});
}

}  // namespace caesar
