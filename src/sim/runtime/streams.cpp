#include "sim/runtime/streams.h"

#include <algorithm>
#include <set>
#include <utility>

namespace caesar::sim {
namespace {

// cudaThreadExchangeStreamCaptureMode.
thread_local abi::CaptureMode thread_mode = abi::kCaptureGlobal;

}  // namespace

Streams::Streams(Graphs& graphs)
    : graphs_(graphs), legacy_(Create(0, 0)), per_thread_(Create(0, 0)) {}

Stream* Streams::Create(unsigned flags, int priority) {
  if (streams_.size() >= kMax) return nullptr;
  auto stream = std::make_unique<Stream>();
  stream->flags = flags;
  stream->priority = std::clamp(priority, abi::kPriorityGreatest, abi::kPriorityLeast);
  stream->id = ++ids_;
  Stream* made = stream.get();
  streams_.emplace(made, std::move(stream));
  return made;
}

abi::Error Streams::Destroy(void* handle) {
  Stream* stream = Find(handle);
  if (stream == nullptr || stream == legacy_ || stream == per_thread_) {
    return abi::kInvalidResourceHandle;
  }
  if (stream->capture != nullptr) {
    stream->capture->invalid = true;
    Leave(*stream);
  }
  streams_.erase(stream);
  return abi::kSuccess;
}

Stream* Streams::Find(void* handle) {
  const auto number = reinterpret_cast<std::uintptr_t>(handle);
  if (number == 0 || number == abi::kStreamLegacy) return legacy_;
  if (number == abi::kStreamPerThread) return per_thread_;
  const auto found = streams_.find(handle);
  return found == streams_.end() ? nullptr : found->second.get();
}

Event* Streams::CreateEvent(unsigned flags) {
  if (events_.size() >= kEventsMax) return nullptr;
  auto event = std::make_unique<Event>();
  event->flags = flags;
  Event* made = event.get();
  events_.emplace(made, std::move(event));
  return made;
}

abi::Error Streams::DestroyEvent(void* handle) {
  return events_.erase(handle) == 1 ? abi::kSuccess : abi::kInvalidResourceHandle;
}

Event* Streams::FindEvent(void* handle) {
  const auto found = events_.find(handle);
  return found == events_.end() ? nullptr : found->second.get();
}

// CUDA Programming Guide, "Prohibited and unhandled operations" and
// cudaThreadExchangeStreamCaptureMode: a global capture forbids unsafe calls in all threads, a
// thread-local one in its own.
abi::Error Streams::Unsafe() {
  if (capturing_ == 0 || thread_mode == abi::kCaptureRelaxed) return abi::kSuccess;
  abi::Error error = abi::kSuccess;
  for (const auto& [handle, stream] : streams_) {
    Capture* capture = stream->capture.get();
    if (capture == nullptr || capture->mode == abi::kCaptureRelaxed) continue;
    const bool mine = capture->thread == std::this_thread::get_id();
    const bool global = capture->mode == abi::kCaptureGlobal && thread_mode == abi::kCaptureGlobal;
    if (!mine && !global) continue;
    capture->invalid = true;
    error = abi::kStreamCaptureUnsupported;
  }
  return error;
}

abi::Error Streams::Implicit() {
  if (capturing_ == 0) return abi::kSuccess;
  for (const auto& [handle, stream] : streams_) {
    if (stream->capture == nullptr || (stream->flags & abi::kStreamNonBlocking) != 0) continue;
    stream->capture->invalid = true;
    return abi::kStreamCaptureImplicit;
  }
  return abi::kSuccess;
}

void Streams::Join(Stream& stream, std::shared_ptr<Capture> capture,
                   std::vector<GraphNode*> tails) {
  stream.capture = std::move(capture);
  stream.tails = std::move(tails);
  ++capturing_;
}

// With the last of its streams gone, nobody can end a capture any more.
void Streams::Leave(Stream& stream) {
  if (stream.capture->origin == &stream && stream.capture->graph != nullptr) {
    stream.capture->graph->capturing = false;
    if (stream.capture->own) graphs_.Destroy(stream.capture->graph);
    stream.capture->graph = nullptr;
    stream.capture->invalid = true;
  }
  stream.capture.reset();
  stream.tails.clear();
  --capturing_;
}

abi::Error Streams::BeginCapture(Stream& stream, int mode, Graph* graph,
                                 std::vector<GraphNode*> behind) {
  if (mode < abi::kCaptureGlobal || mode > abi::kCaptureRelaxed) return abi::kInvalidValue;
  if (&stream == legacy_) return abi::kStreamCaptureUnsupported;
  if (stream.capture != nullptr) return abi::kIllegalState;
  if (graph != nullptr && graph->capturing) return abi::kInvalidValue;
  auto capture = std::make_shared<Capture>();
  capture->own = graph == nullptr;
  capture->graph = graph == nullptr ? graphs_.Create() : graph;
  if (capture->graph == nullptr) return abi::kMemoryAllocation;
  capture->graph->capturing = true;
  capture->before = capture->graph->nodes().size();
  capture->origin = &stream;
  capture->mode = static_cast<abi::CaptureMode>(mode);
  capture->thread = std::this_thread::get_id();
  capture->id = ++ids_;
  Join(stream, std::move(capture), std::move(behind));
  return abi::kSuccess;
}

// Nodes that the capture added and that nothing depends on.
std::vector<GraphNode*> Streams::OpenEnds(const Capture& capture) const {
  std::set<GraphNode*> open;
  for (std::size_t i = capture.before; i < capture.graph->nodes().size(); ++i) {
    GraphNode* node = capture.graph->nodes()[i].get();
    open.insert(node);
    for (GraphNode* needed : node->dependencies) open.erase(needed);
  }
  return {open.begin(), open.end()};
}

abi::Error Streams::EndCapture(Stream& stream, Graph** graph) {
  if (stream.capture == nullptr) return abi::kIllegalState;
  const std::shared_ptr<Capture> capture = stream.capture;
  if (capture->origin != &stream) return abi::kStreamCaptureUnmatched;
  abi::Error error = capture->invalid ? abi::kStreamCaptureInvalidated : abi::kSuccess;
  if (error == abi::kSuccess) {
    // Everything that was forked must have been joined: the origin's end covers all open ends.
    for (GraphNode* end : OpenEnds(*capture)) {
      if (std::find(stream.tails.begin(), stream.tails.end(), end) == stream.tails.end()) {
        error = abi::kStreamCaptureUnjoined;
      }
    }
  }
  if (error == abi::kSuccess) {
    capture->graph->capturing = false;
    *graph = std::exchange(capture->graph, nullptr);
  }
  for (auto& [handle, other] : streams_) {
    if (other->capture == capture) Leave(*other);
  }
  capture->invalid = true;  // events that were recorded in it lead nowhere
  return error;
}

abi::Error Streams::Keep(Stream& stream, Task task) {
  Capture& capture = *stream.capture;
  if (capture.invalid) return abi::kStreamCaptureInvalidated;
  GraphNode* node = capture.graph->Add(std::move(task), stream.tails);
  if (node == nullptr) return abi::kMemoryAllocation;
  stream.tails = {node};
  return abi::kSuccess;
}

abi::Error Streams::Record(Event& event, Stream& stream) {
  event.capture = stream.capture;
  event.nodes = stream.tails;
  if (stream.capture != nullptr) {
    return stream.capture->invalid ? abi::kStreamCaptureInvalidated : abi::kSuccess;
  }
  RecordNow(event);
  return abi::kSuccess;
}

void Streams::RecordNow(Event& event) {
  event.capture.reset();
  event.nodes.clear();
  event.recorded = true;
  event.time = std::chrono::steady_clock::now();
}

abi::Error Streams::Wait(Stream& stream, Event& event) {
  if (event.capture == nullptr) {
    if (stream.capture == nullptr || !event.recorded) return abi::kSuccess;
    stream.capture->invalid = true;
    return abi::kStreamCaptureIsolation;
  }
  if (event.capture->invalid) return abi::kStreamCaptureInvalidated;
  if (stream.capture == nullptr) {
    if (&stream == legacy_) return Implicit();
    Join(stream, event.capture, event.nodes);  // the stream is forked off
    return abi::kSuccess;
  }
  if (stream.capture != event.capture) {
    stream.capture->invalid = event.capture->invalid = true;
    return abi::kStreamCaptureMerge;
  }
  for (GraphNode* node : event.nodes) {
    if (std::find(stream.tails.begin(), stream.tails.end(), node) == stream.tails.end()) {
      stream.tails.push_back(node);
    }
  }
  return abi::kSuccess;
}

abi::CaptureMode Streams::Exchange(abi::CaptureMode mode) {
  std::swap(thread_mode, mode);
  return mode;
}

}  // namespace caesar::sim
