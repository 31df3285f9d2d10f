// Streams and events. Capture: entry_capture.cpp.
#include "sim/runtime/entry.h"

using namespace caesar::sim;

namespace {

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
    return *stream == nullptr ? device.NotSimulated("more than 65536 streams") : abi::kSuccess;
  });
}

int CreateEvent(void** event, unsigned flags) {
  return Call([&](Device& device) {
    constexpr unsigned kKnown =
        abi::kEventBlockingSync | abi::kEventDisableTiming | abi::kEventInterprocess;
    if (event == nullptr || (flags & ~kKnown) != 0) return abi::kInvalidValue;
    *event = device.streams.CreateEvent(flags);
    return *event == nullptr ? device.NotSimulated("more than 262144 events") : abi::kSuccess;
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

// `external` (cudaEventRecordExternal, cudaEventWaitExternal): where the stream captures, the event
// becomes a node of its own, for work outside of the graph.
int RecordEvent(void* event, void* stream, unsigned external) {
  return OnEvent(event, [&](Device& device, Event& found) {
    Stream* on = device.streams.Find(stream);
    if (external > 1) return abi::kInvalidValue;
    if (on == nullptr) return abi::kInvalidResourceHandle;
    if (external != 0 && on->capture != nullptr) return device.Submit(stream, RecordTask{event});
    return external != 0 ? abi::kInvalidValue : device.streams.Record(found, *on);
  });
}

int WaitForEvent(void* stream, void* event, unsigned external) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    Event* on = device.streams.FindEvent(event);
    if (external > 1) return abi::kInvalidValue;
    if (on == nullptr) return abi::kInvalidResourceHandle;
    if (external != 0 && found.capture != nullptr) return device.Submit(stream, WaitTask{event});
    return external != 0 ? abi::kInvalidValue : device.streams.Wait(found, *on);
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
CAESAR_CUDA_API int cudaStreamWaitEvent(void* stream, void* event, unsigned flags) {
  return WaitForEvent(stream, event, flags);
}
CAESAR_CUDA_API int cudaStreamWaitEvent_ptsz(void* stream, void* event, unsigned flags) {
  return WaitForEvent(stream, event, flags);
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
// Attributes (access policy, synchronisation policy, priority, ...) are hints: kept, and read back.
CAESAR_CUDA_API int cudaStreamSetAttribute(void* stream, int attribute,
                                           const abi::LaunchAttributeValue* value) {
  return OnStream(stream, [&](Device&, Stream& found) {
    if (value == nullptr || attribute < 0 || attribute >= Stream::kAttributes) {
      return abi::kInvalidValue;
    }
    found.attributes[attribute] = *value;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamGetAttribute(void* stream, int attribute,
                                           abi::LaunchAttributeValue* value) {
  return OnStream(stream, [&](Device&, Stream& found) {
    if (value == nullptr || attribute < 0 || attribute >= Stream::kAttributes) {
      return abi::kInvalidValue;
    }
    *value = {};
    if (attribute == abi::kAttributePriority) value->integer = found.priority;
    const auto known = found.attributes.find(attribute);
    if (known != found.attributes.end()) *value = known->second;
    return abi::kSuccess;
  });
}
CAESAR_CUDA_API int cudaStreamCopyAttributes(void* to, void* from) {
  return Call([&](Device& device) {
    Stream* target = device.streams.Find(to);
    const Stream* source = device.streams.Find(from);
    if (target == nullptr || source == nullptr) return abi::kInvalidResourceHandle;
    target->attributes = source->attributes;
    return abi::kSuccess;
  });
}

// With per-thread default streams.
#define CAESAR_PER_THREAD(name, parameters, ...) \
  CAESAR_CUDA_API int name##_ptsz parameters { return name(__VA_ARGS__); }
CAESAR_PER_THREAD(cudaStreamGetFlags, (void* stream, unsigned* flags), stream, flags)
CAESAR_PER_THREAD(cudaStreamGetPriority, (void* stream, int* priority), stream, priority)
CAESAR_PER_THREAD(cudaStreamGetId, (void* stream, unsigned long long* id), stream, id)
CAESAR_PER_THREAD(cudaStreamGetDevice, (void* stream, int* device), stream, device)
CAESAR_PER_THREAD(cudaStreamSetAttribute,
                  (void* stream, int attribute, const abi::LaunchAttributeValue* value), stream,
                  attribute, value)
CAESAR_PER_THREAD(cudaStreamGetAttribute,
                  (void* stream, int attribute, abi::LaunchAttributeValue* value), stream,
                  attribute, value)
CAESAR_PER_THREAD(cudaStreamCopyAttributes, (void* to, void* from), to, from)

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
  return RecordEvent(event, stream, 0);
}
CAESAR_CUDA_API int cudaEventRecord_ptsz(void* event, void* stream) {
  return RecordEvent(event, stream, 0);
}
CAESAR_CUDA_API int cudaEventRecordWithFlags(void* event, void* stream, unsigned flags) {
  return RecordEvent(event, stream, flags);
}
CAESAR_CUDA_API int cudaEventRecordWithFlags_ptsz(void* event, void* stream, unsigned flags) {
  return RecordEvent(event, stream, flags);
}
CAESAR_CUDA_API int cudaEventSynchronize(void* event) { return AwaitEvent(event); }
CAESAR_CUDA_API int cudaEventQuery(void* event) { return AwaitEvent(event); }
CAESAR_CUDA_API int cudaEventElapsedTime(float* ms, void* from, void* to) {
  return ElapsedTime(ms, from, to);
}
CAESAR_CUDA_API int cudaEventElapsedTime_v2(float* ms, void* from, void* to) {
  return ElapsedTime(ms, from, to);
}
