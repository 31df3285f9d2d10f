// What a call does beside launching kernels on its stream, as CUPTI's callbacks tell: for
// correctness calls alone, since each callback costs time. A claim like the rest, made in the
// candidate's process.
#pragma once

#include <string>

#include "base/result.h"
#include "cuda/cupti_library.h"
#include "device/device.h"

namespace caesar {

class ApiWatch {
 public:
  // Subscribes, once per process; CUPTI has one subscriber, so nobody else can be it after that.
  static Result<ApiWatch*> Start(const std::string& toolkit);

  // Counts from here on, on any thread; calls of another thread than this one are marked.
  Status Begin();
  // Stops, and returns what was counted.
  Result<ApiEvents> End();

 private:
  explicit ApiWatch(const Cupti& cupti) : cupti_(cupti) {}
  Status Switch(bool on);

  const Cupti& cupti_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  bool on_ = false;
};

}  // namespace caesar
