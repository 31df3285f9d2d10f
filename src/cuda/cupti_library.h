// The functions of libcupti.so.13 that we use, found once per process.
#pragma once

#include <cupti.h>

#include <string>

#include "base/result.h"
#include "cuda/library.h"

namespace caesar {

#define CAESAR_CUPTI_FUNCTIONS(X)      \
  X(cuptiActivityRegisterCallbacks)    \
  X(cuptiActivityEnable)               \
  X(cuptiActivityFlushAll)             \
  X(cuptiActivityGetNextRecord)        \
  X(cuptiActivityGetNumDroppedRecords) \
  X(cuptiSubscribe)                    \
  X(cuptiEnableCallback)               \
  X(cuptiGetResultString)

struct Cupti {
  CAESAR_LIBRARY_TABLE(CAESAR_CUPTI_FUNCTIONS)

  // Error kEnvironment where the library is missing or too old. The table lives as long as the
  // process.
  static Result<const Cupti*> Load(const std::string& toolkit);

  // `what`: "registering buffers"; the message of a failure begins with it.
  Status Check(CUptiResult result, const char* what) const;
};

}  // namespace caesar
