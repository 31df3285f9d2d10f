// Inputs and what is expected of them, kept for the next candidate where the reference is slow: a
// naive matrix product takes ten times as long as a good one, and would be called for each of them.
//
// A candidate never sees the same draw twice. Its process can leave nothing behind for others, but
// feedback can: what a candidate that failed has printed, and where it was wrong, may go to the
// model that writes the next one. So draws outlive only candidates of which nothing but times is
// told. Where no sandbox holds them to that, there is no pool.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"

namespace caesar {

// One draw of a set of tensors. The inputs are filled again from their keys.
struct Draw {
  struct Expected {
    std::unique_ptr<TensorCopy> copy;
    std::uint64_t poison = 0;  // that lay there before the reference wrote
  };
  std::vector<element::FillOrder> fills;
  std::vector<Expected> expected;
  std::string seed_id;
};

class DrawPool {
 public:
  using Dice = std::function<std::uint32_t(std::uint32_t)>;  // a number below its argument

  // Holds at most so many bytes of expected outputs.
  explicit DrawPool(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // From here on nothing was seen by the candidate yet. What the one before has seen is kept only
  // if nobody is told of it.
  void NextCandidate(bool keep_seen);

  // A draw of that kind (reference, shape, fill) that this candidate has not seen, and now has;
  // null if there is none. Valid until the next Add.
  const Draw* Take(const std::string& kind, const Dice& dice);

  // Whether that many bytes more find room. Draws of another reference make place.
  bool HasRoom(const std::string& reference, std::uint64_t bytes);
  // Of HasRoom's reference; this candidate has seen it.
  void Add(const std::string& kind, Draw draw, std::uint64_t bytes);

 private:
  struct Kept {
    std::string kind;
    Draw draw;
    std::uint64_t seen_by = 0;
    std::uint64_t bytes = 0;
  };

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t candidate_ = 1;
  std::string reference_;
  std::vector<Kept> kept_;
};

}  // namespace caesar
