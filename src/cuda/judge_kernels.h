// The kernels of src/cuda/kernels.cu: compiled for the device at hand, loaded, launched. What they
// are launched with, and what for, is the judge device's.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cuda/driver.h"
#include "problem/dtype.h"
#include "record/device_info.h"

namespace caesar {

inline constexpr int kThreadsPerBlock = 256;
// A multiprocessor holds eight.
inline constexpr int kBlocksPerSm = 8;

class JudgeKernels {
 public:
  struct OfClass {
    CUfunction fill = nullptr;
    CUfunction fill_normal = nullptr;  // null where there is no faster one
    CUfunction compare = nullptr;
    CUfunction mark = nullptr;
  };

  JudgeKernels(const Driver& driver, const DeviceInfo& info, std::string toolkit);

  // Compiles and loads what serves every element class; once, before all others.
  Status Open();

  const std::string& image() const { return image_; }
  CUfunction poison() const { return poison_; }
  CUfunction count_changed() const { return count_changed_; }
  CUfunction hash() const { return hash_; }
  CUfunction touch() const { return touch_; }
  CUfunction read() const { return read_; }
  CUfunction fma() const { return fma_; }
  CUfunction hold() const { return hold_; }
  Result<OfClass> For(DType dtype);  // compiled when they are first asked for

  // With a thread for each item, as far as `blocks_per_sm` goes: the kernels stride over the rest.
  Status Launch(CUfunction function, std::int64_t work_items, void** arguments, CUstream stream,
                int blocks_per_sm = kBlocksPerSm) const;
  // How many blocks such a launch has, and the most it can have.
  unsigned Blocks(std::int64_t work_items, int blocks_per_sm = kBlocksPerSm) const;
  unsigned BlocksMax() const { return static_cast<unsigned>(sm_count_) * kBlocksPerSm; }

 private:
  Result<CUmodule> Load(const std::string& cubin) const;
  Result<CUfunction> Function(CUmodule module, const char* name) const;

  const Driver& driver_;
  std::string arch_;
  int sm_count_;
  std::string toolkit_;
  std::string image_;
  CUfunction poison_ = nullptr;
  CUfunction count_changed_ = nullptr;
  CUfunction hash_ = nullptr;
  CUfunction touch_ = nullptr;
  CUfunction read_ = nullptr;
  CUfunction fma_ = nullptr;
  CUfunction hold_ = nullptr;
  std::map<std::vector<std::string>, OfClass> classes_;
};

}  // namespace caesar
