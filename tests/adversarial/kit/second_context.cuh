// A context beside the one that the runner waits for.
#include "kit/libraries.cuh"
class SecondContext {
 public:
  // Launches of this thread go there until the object ends.
  SecondContext() {
    auto create = from<CUresult (*)(CUcontext*, unsigned, CUdevice)>("libcuda.so.1", "cuCtxCreate_v2");
    auto set = DRIVER(cuCtxSetCurrent);
    auto get = DRIVER(cuCtxGetCurrent);
    static CUcontext made = nullptr;
    if (create == nullptr || set == nullptr || get == nullptr) return;
    get(&before_);
    if (made == nullptr && create(&made, 0, 0) != CUDA_SUCCESS) made = nullptr;
    entered_ = made != nullptr && set(made) == CUDA_SUCCESS;
  }
  ~SecondContext() {
    if (before_ != nullptr) DRIVER(cuCtxSetCurrent)(before_);
  }
  bool entered() const { return entered_; }

 private:
  CUcontext before_ = nullptr;
  bool entered_ = false;
};
