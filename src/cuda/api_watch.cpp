#include "cuda/api_watch.h"

#include <unistd.h>

#include <atomic>

namespace caesar {
namespace {

// Which count of ApiEvents a callback adds to.
struct Watched {
  std::uint32_t id;
  int ApiEvents::*count;
};

constexpr Watched kResources[] = {
    {CUPTI_CBID_RESOURCE_CONTEXT_CREATED, &ApiEvents::contexts},
    {CUPTI_CBID_RESOURCE_STREAM_CREATED, &ApiEvents::streams},
    {CUPTI_CBID_RESOURCE_MODULE_LOADED, &ApiEvents::modules},
};

constexpr Watched kFunctions[] = {
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz, nullptr},
    {CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch, &ApiEvents::graph_launches},
    {CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz, &ApiEvents::graph_launches},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchHostFunc, &ApiEvents::host_functions},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchHostFunc_ptsz, &ApiEvents::host_functions},
    {CUPTI_DRIVER_TRACE_CBID_cuStreamAddCallback, &ApiEvents::host_functions},
    {CUPTI_DRIVER_TRACE_CBID_cuStreamAddCallback_ptsz, &ApiEvents::host_functions},
    {CUPTI_DRIVER_TRACE_CBID_cuMemSetAccess, &ApiEvents::access_changes},
};

constexpr int kCountMax = 1'000'000;  // so that no count overflows

std::atomic<bool> counting{false};
std::atomic_flag busy = ATOMIC_FLAG_INIT;  // callbacks come on the candidate's threads
ApiEvents events;
pid_t watched_thread = 0;

void Count(int ApiEvents::*count) {
  while (busy.test_and_set(std::memory_order_acquire)) {
  }
  if (count != nullptr && events.*count < kCountMax) ++(events.*count);
  if (gettid() != watched_thread && events.other_thread_calls < kCountMax)
    ++events.other_thread_calls;
  busy.clear(std::memory_order_release);
}

template <std::size_t kSize>
void CountIn(const Watched (&table)[kSize], CUpti_CallbackId id) {
  for (const Watched& watched : table) {
    if (watched.id == id) return Count(watched.count);
  }
}

extern "C" void CUPTIAPI OnApi(void*, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                               const void* data) {
  if (!counting.load(std::memory_order_acquire)) return;
  if (domain == CUPTI_CB_DOMAIN_RESOURCE) return CountIn(kResources, id);
  const auto* call = static_cast<const CUpti_CallbackData*>(data);
  if (call->callbackSite == CUPTI_API_ENTER) CountIn(kFunctions, id);
}

}  // namespace

Result<ApiWatch*> ApiWatch::Start(const std::string& toolkit) {
  static ApiWatch watch(*TRY(Cupti::Load(toolkit)));
  if (watch.subscriber_ != nullptr) return &watch;
  TRY(watch.cupti_.Check(watch.cupti_.cuptiSubscribe_(&watch.subscriber_, OnApi, nullptr),
                         "subscribing to callbacks"));
  return &watch;
}

Status ApiWatch::Switch(bool on) {
  const auto enable = [&](CUpti_CallbackDomain domain, const Watched& watched) {
    return cupti_.Check(cupti_.cuptiEnableCallback_(on ? 1 : 0, subscriber_, domain, watched.id),
                        "choosing callbacks");
  };
  for (const Watched& watched : kResources) TRY(enable(CUPTI_CB_DOMAIN_RESOURCE, watched));
  for (const Watched& watched : kFunctions) TRY(enable(CUPTI_CB_DOMAIN_DRIVER_API, watched));
  return {};
}

Status ApiWatch::Begin() {
  events = {};
  watched_thread = gettid();
  TRY(Switch(true));
  on_ = true;
  counting.store(true, std::memory_order_release);
  return {};
}

Result<ApiEvents> ApiWatch::End() {
  if (!on_) return ApiEvents{};
  counting.store(false, std::memory_order_release);
  on_ = false;
  TRY(Switch(false));
  return events;
}

}  // namespace caesar
