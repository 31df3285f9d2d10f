#include "cuda/cupti_library.h"

#include "base/format.h"

namespace caesar {

Result<const Cupti*> Cupti::Load(const std::string& toolkit) {
  static Cupti loaded;
  if (loaded.cuptiGetResultString_ != nullptr) return &loaded;
  const SharedLibrary library =
      TRY(SharedLibrary::Open(LibraryNames("libcupti.so.13", toolkit), "CUPTI (libcupti.so.13)",
                              "It is part of the CUDA toolkit 13 (extras/CUPTI); CAESAR_NVCC or "
                              "CUDA_HOME may name the toolkit."));
  Cupti found;
  if (const char* missing = found.FindIn(library)) {
    return Error{ErrorCode::kEnvironment, Format("libcupti.so.13 has no {}", missing),
                 "Reinstall the CUDA toolkit 13."};
  }
  loaded = found;
  return &loaded;
}

Status Cupti::Check(CUptiResult result, const char* what) const {
  if (result == CUPTI_SUCCESS) return {};
  const char* text = nullptr;
  cuptiGetResultString_(result, &text);
  return Error{ErrorCode::kEnvironment,
               Format("CUPTI: {} failed: {}", what, text != nullptr ? text : "unknown error"),
               "Is another profiler attached to this process?"};
}

}  // namespace caesar
