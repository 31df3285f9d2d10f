// Where the time of timed samples goes: parts of the judge's work beside the call itself.
#pragma once

#include <chrono>
#include <optional>

#include "record/verdict.h"

namespace caesar {

// Microseconds since it was made or asked last.
class Lap {
 public:
  double Us() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::micro> took = now - last_;
    last_ = now;
    return took.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

class CostMeter {
 public:
  void AddDraw(double data_us, double reference_us) {
    sum_.data_us += data_us;
    sum_.reference_us += reference_us;
    ++draws_;
  }
  // Of the candidate; what `cost` says of draws does not count.
  void AddCall(const CallCost& cost) {
    sum_.deliver_us += cost.deliver_us;
    sum_.turn_us += cost.turn_us;
    sum_.call_us += cost.call_us;
    sum_.compare_us += cost.compare_us;
    sum_.records_us += cost.records_us;
    ++calls_;
  }
  // Per draw and per call; empty where there was none.
  std::optional<CallCost> Average() const {
    if (draws_ == 0 || calls_ == 0) return std::nullopt;
    return CallCost{.data_us = sum_.data_us / draws_,
                    .reference_us = sum_.reference_us / draws_,
                    .deliver_us = sum_.deliver_us / calls_,
                    .turn_us = sum_.turn_us / calls_,
                    .call_us = sum_.call_us / calls_,
                    .compare_us = sum_.compare_us / calls_,
                    .records_us = sum_.records_us / calls_};
  }

 private:
  CallCost sum_;
  int draws_ = 0;
  int calls_ = 0;
};

}  // namespace caesar
