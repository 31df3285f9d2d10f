// One lock per GPU, machine-wide: shared for contexts and correctness, exclusive for timing, so
// that two timings never overlap, also between processes and users. Lives in /run/lock, else /tmp,
// as caesar-<uuid>.lock.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/stop.h"

namespace caesar {

// Waits until the lock is free, at most `timeout`. Who waits for the exclusive lock keeps new
// sharers out (by a second lock file that everyone passes through), so that it is not starved.
// Released by the destructor of what is returned.
Result<std::unique_ptr<FileLock>> LockGpu(const std::string& uuid, LockMode mode,
                                          Milliseconds timeout, Files& files, Clock& clock,
                                          StopToken stop);

}  // namespace caesar
