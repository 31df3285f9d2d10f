#include "cuda/cupti.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/format.h"
#include "cuda/cupti_library.h"

namespace caesar {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kRecordsMax =
    100'000;  // of one call; a candidate that launches more loses its claim

const Cupti* cupti = nullptr;
std::mutex mutex;  // CUPTI calls back from its own threads
std::vector<ActivityRecord> collected;
std::size_t lost = 0;

std::string Demangled(const char* name) {
  if (name == nullptr) return "?";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return text != nullptr ? text.get() : name;
}

ActivityRecord FromKernel(const CUpti_ActivityKernel10& kernel) {
  ActivityRecord record;
  record.start_ns = kernel.start;
  record.end_ns = kernel.end;
  record.stream = kernel.streamId;
  record.kernel.name = Demangled(kernel.name);
  record.kernel.us = static_cast<double>(kernel.end - kernel.start) / 1000.0;
  record.kernel.registers = kernel.registersPerThread;
  record.kernel.shared_bytes = std::int64_t{kernel.staticSharedMemory} + kernel.dynamicSharedMemory;
  const std::int32_t grid[] = {kernel.gridX, kernel.gridY, kernel.gridZ};
  const std::int32_t block[] = {kernel.blockX, kernel.blockY, kernel.blockZ};
  for (int i = 0; i < 3; ++i) {
    record.kernel.grid[i] = static_cast<unsigned>(grid[i]);
    record.kernel.block[i] = static_cast<unsigned>(block[i]);
  }
  return record;
}

bool TouchesHost(std::uint8_t copy_kind) {
  return copy_kind != CUPTI_ACTIVITY_MEMCPY_KIND_DTOD &&
         copy_kind != CUPTI_ACTIVITY_MEMCPY_KIND_ATOA;
}

void Keep(const CUpti_Activity* activity) {
  if (collected.size() >= kRecordsMax) {
    ++lost;
    return;
  }
  // CUpti_Activity is the common head of all records; `kind` says which one follows.
  switch (static_cast<int>(activity->kind)) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
    case CUPTI_ACTIVITY_KIND_KERNEL:
      collected.push_back(FromKernel(*reinterpret_cast<const CUpti_ActivityKernel10*>(activity)));
      return;
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
      const auto& copy = *reinterpret_cast<const CUpti_ActivityMemcpy6*>(activity);
      ActivityRecord record;
      record.kind = ActivityRecord::Kind::kCopy;
      record.start_ns = copy.start;
      record.end_ns = copy.end;
      record.stream = copy.streamId;
      record.host_copy = TouchesHost(copy.copyKind);
      collected.push_back(std::move(record));
      return;
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
      const auto& set = *reinterpret_cast<const CUpti_ActivityMemset4*>(activity);
      ActivityRecord record;
      record.kind = ActivityRecord::Kind::kSet;
      record.start_ns = set.start;
      record.end_ns = set.end;
      record.stream = set.streamId;
      collected.push_back(std::move(record));
      return;
    }
    default:
      return;
  }
}

extern "C" void CUPTIAPI OnBufferRequested(std::uint8_t** buffer, std::size_t* bytes,
                                           std::size_t* records_max) {
  *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(8, kBufferBytes));
  *bytes = *buffer != nullptr ? kBufferBytes : 0;
  *records_max = 0;
}

extern "C" void CUPTIAPI OnBufferCompleted(CUcontext, std::uint32_t, std::uint8_t* buffer,
                                           std::size_t, std::size_t valid) {
  const std::lock_guard<std::mutex> guard(mutex);
  CUpti_Activity* activity = nullptr;
  while (valid > 0 && cupti->cuptiActivityGetNextRecord_(buffer, valid, &activity) == CUPTI_SUCCESS)
    Keep(activity);
  std::free(buffer);
}

}  // namespace

Result<ActivityTrace*> ActivityTrace::Start(const std::string& toolkit) {
  static ActivityTrace trace;
  if (cupti != nullptr) return &trace;
  cupti = TRY(Cupti::Load(toolkit));
  TRY(cupti->Check(cupti->cuptiActivityRegisterCallbacks_(OnBufferRequested, OnBufferCompleted),
                   "registering buffers"));
  for (const CUpti_ActivityKind kind : {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                                        CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET}) {
    TRY(cupti->Check(cupti->cuptiActivityEnable_(kind), "recording kernels and copies"));
  }
  return &trace;
}

Result<std::vector<ActivityRecord>> ActivityTrace::Take(int* dropped) {
  TRY(cupti->Check(cupti->cuptiActivityFlushAll_(0), "flushing records"));
  std::size_t lost_by_cupti = 0;
  cupti->cuptiActivityGetNumDroppedRecords_(nullptr, 0, &lost_by_cupti);
  const std::lock_guard<std::mutex> guard(mutex);
  *dropped = static_cast<int>(std::min<std::size_t>(lost + lost_by_cupti, 1'000'000));
  lost = 0;
  std::vector<ActivityRecord> taken;
  taken.swap(collected);
  return taken;
}

CallRecords Condense(const std::vector<ActivityRecord>& records, const std::string& delay_name,
                     int dropped) {
  CallRecords call;
  call.dropped = dropped;
  std::uint32_t own_stream = 0;
  for (const ActivityRecord& record : records) {
    if (record.kernel.name == delay_name) own_stream = record.stream;
  }
  std::uint64_t start_ns = UINT64_MAX;
  std::uint64_t end_ns = 0;
  for (const ActivityRecord& record : records) {
    if (record.kernel.name == delay_name) continue;
    if (record.start_ns == 0 ||
        record.end_ns < record.start_ns) {  // CUPTI's way to say that it could not tell
      ++call.dropped;
      continue;
    }
    start_ns = std::min(start_ns, record.start_ns);
    end_ns = std::max(end_ns, record.end_ns);
    if (record.host_copy) ++call.host_copies;
    if (own_stream != 0 && record.stream != own_stream) ++call.other_stream_records;
    if (record.kind == ActivityRecord::Kind::kKernel) call.kernels.push_back(record.kernel);
  }
  if (end_ns > 0) call.envelope_us = static_cast<double>(end_ns - start_ns) / 1000.0;
  return call;
}

}  // namespace caesar
