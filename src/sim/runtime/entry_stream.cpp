// Streams, events and stream capture.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

// A call on one stream that exists.
template <class Body>
int OnStream(void* handle, Body&& body) {
  return Call([&](Device& device) {
    Stream* stream = device.streams.Find(handle);
    return stream == nullptr ? abi::kInvalidResourceHandle : body(device, *stream);
  });
}

template <class Body>
int OnEvent(void* handle, Body&& body) {
  return Call([&](Device& device) {
    Event* event = device.streams.FindEvent(handle);
    return event == nullptr ? abi::kInvalidResourceHandle : body(device, *event);
  });
}

int CreateStream(void** stream, unsigned flags, int priority) {
  return Unsafe([&](Device& device) {
    if (stream == nullptr || (flags & ~abi::kStreamNonBlocking) != 0) return abi::kInvalidValue;
    *stream = device.streams.Create(flags, priority);
    return abi::kSuccess;
  });
}

int CreateEvent(void** event, unsigned flags) {
  return Call([&](Device& device) {
    constexpr unsigned kKnown =
        abi::kEventBlockingSync | abi::kEventDisableTiming | abi::kEventInterprocess;
    if (event == nullptr || (flags & ~kKnown) != 0) return abi::kInvalidValue;
    *event = device.streams.CreateEvent(flags);
    return abi::kSuccess;
  });
}

// Waiting for, or asking about, what is captured is an error that spoils the capture.
int Await(void* handle) {
  return OnStream(handle, [](Device& device, Stream& stream) {
    if (stream.capture != nullptr) {
      stream.capture->invalid = true;
      return abi::kStreamCaptureUnsupported;
    }
    if (&stream == &device.streams.legacy()) {
      if (const abi::Error error = device.streams.Implicit(); error != abi::kSuccess) return error;
    }
    return device.Synchronize();
  });
}

int AwaitEvent(void* handle) {
  return OnEvent(handle, [](Device& device, Event& event) {
    if (event.capture != nullptr) {
      event.capture->invalid = true;
      return abi::kCapturedEvent;
    }
    return device.Synchronize();
  });
}

int RecordEvent(void* event, void* stream) {
  return OnEvent(event, [&](Device& device, Event& found) {
    Stream* on = device.streams.Find(stream);
    return on == nullptr ? abi::kInvalidResourceHandle : device.streams.Record(found, *on);
  });
}

int WaitForEvent(void* stream, void* event) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    Event* on = device.streams.FindEvent(event);
    return on == nullptr ? abi::kInvalidResourceHandle : device.streams.Wait(found, *on);
  });
}

int ElapsedTime(float* ms, void* from, void* to) {
  return Call([&](Device& device) {
    const Event* begin = device.streams.FindEvent(from);
    const Event* end = device.streams.FindEvent(to);
    if (begin == nullptr || end == nullptr) return abi::kInvalidResourceHandle;
    if (ms == nullptr) return abi::kInvalidValue;
    if (begin->capture != nullptr || end->capture != nullptr) return abi::kCapturedEvent;
    const bool timed = ((begin->flags | end->flags) & abi::kEventDisableTiming) == 0;
    if (!begin->recorded || !end->recorded || !timed) return abi::kInvalidResourceHandle;
    // The host's clock: what the simulation took. No GPU's time.
    *ms = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
    return abi::kSuccess;
  });
}

abi::CaptureStatus StatusOf(const Stream& stream) {
  if (stream.capture == nullptr) return abi::kCaptureNone;
  return stream.capture->invalid ? abi::kCaptureInvalidated : abi::kCaptureActive;
}

}  // namespace

CAESAR_CUDA_API int cudaStreamCreate(void** stream) { return CreateStream(stream, 0, 0); }
CAESAR_CUDA_API int cudaStreamCreateWithFlags(void** stream, unsigned flags) {
  return CreateStream(stream, flags, 0);
}
CAESAR_CUDA_API int cudaStreamCreateWithPriority(void** stream, unsigned flags, int priority) {
  return CreateStream(stream, flags, priority);
}
CAESAR_CUDA_API int cudaStreamDestroy(void* stream) {
  return Unsafe([&](Device& device) { return device.streams.Destroy(stream); });
}
CAESAR_CUDA_API int cudaStreamSynchronize(void* stream) { return Await(stream); }
CAESAR_CUDA_API int cudaStreamSynchronize_ptsz(void* stream) { return Await(stream); }
CAESAR_CUDA_API int cudaStreamQuery(void* stream) { return Await(stream); }
CAESAR_CUDA_API int cudaStreamQuery_ptsz(void* stream) { return Await(stream); }
CAESAR_CUDA_API int cudaStreamWaitEvent(void* stream, void* event, unsigned /*flags*/) {
  return WaitForEvent(stream, event);
}
CAESAR_CUDA_API int cudaStreamWaitEvent_ptsz(void* stream, void* event, unsigned /*flags*/) {
  return WaitForEvent(stream, event);
}
CAESAR_CUDA_API int cudaStreamGetFlags(void* stream, unsigned* flags) {
  return OnStream(stream, [&](Device&, const Stream& found) {
    if (flags == nullptr) return abi::kInvalidValue;
    *flags = found.flags;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamGetPriority(void* stream, int* priority) {
  return OnStream(stream, [&](Device&, const Stream& found) {
    if (priority == nullptr) return abi::kInvalidValue;
    *priority = found.priority;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamGetId(void* stream, unsigned long long* id) {
  return OnStream(stream, [&](Device&, const Stream& found) {
    if (id == nullptr) return abi::kInvalidValue;
    *id = found.id;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamGetDevice(void* stream, int* device) {
  return OnStream(stream, [&](Device&, const Stream&) {
    if (device == nullptr) return abi::kInvalidValue;
    *device = 0;
    return abi::kSuccess;
  });
}
// Attributes (access policy, synchronisation policy, priority) are hints.
CAESAR_CUDA_API int cudaStreamSetAttribute(void* stream, int /*attribute*/, const void* value) {
  return OnStream(stream, [&](Device&, const Stream&) {
    return value == nullptr ? abi::kInvalidValue : abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamCopyAttributes(void* to, void* from) {
  return Call([&](Device& device) {
    const bool known = device.streams.Find(to) != nullptr && device.streams.Find(from) != nullptr;
    return known ? abi::kSuccess : abi::kInvalidResourceHandle;
  });
}
CAESAR_CUDA_API int cudaCtxResetPersistingL2Cache() {
  return Call([](Device&) { return abi::kSuccess; });
}

CAESAR_CUDA_API int cudaEventCreate(void** event) { return CreateEvent(event, 0); }
CAESAR_CUDA_API int cudaEventCreateWithFlags(void** event, unsigned flags) {
  return CreateEvent(event, flags);
}
CAESAR_CUDA_API int cudaEventDestroy(void* event) {
  return Call([&](Device& device) { return device.streams.DestroyEvent(event); });
}
CAESAR_CUDA_API int cudaEventRecord(void* event, void* stream) {
  return RecordEvent(event, stream);
}
CAESAR_CUDA_API int cudaEventRecord_ptsz(void* event, void* stream) {
  return RecordEvent(event, stream);
}
CAESAR_CUDA_API int cudaEventRecordWithFlags(void* event, void* stream, unsigned /*flags*/) {
  return RecordEvent(event, stream);
}
CAESAR_CUDA_API int cudaEventRecordWithFlags_ptsz(void* event, void* stream, unsigned /*flags*/) {
  return RecordEvent(event, stream);
}
CAESAR_CUDA_API int cudaEventSynchronize(void* event) { return AwaitEvent(event); }
CAESAR_CUDA_API int cudaEventQuery(void* event) { return AwaitEvent(event); }
CAESAR_CUDA_API int cudaEventElapsedTime(float* ms, void* from, void* to) {
  return ElapsedTime(ms, from, to);
}
CAESAR_CUDA_API int cudaEventElapsedTime_v2(float* ms, void* from, void* to) {
  return ElapsedTime(ms, from, to);
}

CAESAR_CUDA_API int cudaStreamBeginCapture(void* stream, int mode) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    return device.streams.BeginCapture(found, mode);
  });
}
CAESAR_CUDA_API int cudaStreamBeginCapture_ptsz(void* stream, int mode) {
  return cudaStreamBeginCapture(stream, mode);
}
CAESAR_CUDA_API int cudaStreamEndCapture(void* stream, void** graph) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    if (graph == nullptr) return abi::kInvalidValue;
    *graph = nullptr;
    std::unique_ptr<Graph> made;
    const abi::Error error = device.streams.EndCapture(found, &made);
    if (made == nullptr) return error;
    *graph = made.get();
    device.graphs.emplace(*graph, std::move(made));
    return error;
  });
}
CAESAR_CUDA_API int cudaStreamEndCapture_ptsz(void* stream, void** graph) {
  return cudaStreamEndCapture(stream, graph);
}
CAESAR_CUDA_API int cudaStreamIsCapturing(void* stream, int* status) {
  return OnStream(stream, [&](Device& device, const Stream& found) {
    if (status == nullptr) return abi::kInvalidValue;
    if (&found == &device.streams.legacy()) {
      if (const abi::Error error = device.streams.Implicit(); error != abi::kSuccess) return error;
    }
    *status = StatusOf(found);
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamIsCapturing_ptsz(void* stream, int* status) {
  return cudaStreamIsCapturing(stream, status);
}
CAESAR_CUDA_API int cudaThreadExchangeStreamCaptureMode(int* mode) {
  return Call([&](Device& device) {
    if (mode == nullptr || *mode < abi::kCaptureGlobal || *mode > abi::kCaptureRelaxed) {
      return abi::kInvalidValue;
    }
    *mode = device.streams.Exchange(static_cast<abi::CaptureMode>(*mode));
    return abi::kSuccess;
  });
}
// CUDA 13's form, and that of CUDA 12 (_v2, without edges) as far as both agree: status and id.
CAESAR_CUDA_API int cudaStreamGetCaptureInfo(void* stream, int* status, unsigned long long* id,
                                             void** graph, void*** dependencies, void** edges,
                                             std::size_t* count) {
  return OnStream(stream, [&](Device& device, const Stream& found) {
    if (status == nullptr) return abi::kInvalidValue;
    *status = StatusOf(found);
    if (found.capture == nullptr) return abi::kSuccess;
    if (graph != nullptr || dependencies != nullptr || edges != nullptr || count != nullptr) {
      return device.NotSimulated("cudaStreamGetCaptureInfo with a graph or dependencies");
    }
    if (id != nullptr) *id = found.capture->id;
    return abi::kSuccess;
  });
}
