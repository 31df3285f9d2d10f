// Stream capture.
#include <algorithm>

#include "sim/runtime/entry_graph.h"

using namespace caesar::sim;

namespace {

abi::CaptureStatus StatusOf(const Stream& stream) {
  if (stream.capture == nullptr) return abi::kCaptureNone;
  return stream.capture->invalid ? abi::kCaptureInvalidated : abi::kCaptureActive;
}

// Where a caller wants what a capture is made of. The nodes are valid until the stream's next work.
struct CaptureInfo {
  void** graph = nullptr;
  GraphNode* const** dependencies = nullptr;
  const void** edges = nullptr;
  std::size_t* count = nullptr;
};

int Describe(void* stream, int* status, unsigned long long* id, const CaptureInfo& wanted) {
  return OnStream(stream, [&](Device& device, const Stream& found) {
    if (status == nullptr) return abi::kInvalidValue;
    if (&found == &device.streams.legacy()) {
      if (const abi::Error error = device.streams.Implicit(); error != abi::kSuccess) return error;
    }
    *status = StatusOf(found);
    if (*status != abi::kCaptureActive) return abi::kSuccess;
    if (id != nullptr) *id = found.capture->id;
    if (wanted.graph != nullptr) *wanted.graph = found.capture->graph;
    if (wanted.dependencies != nullptr) *wanted.dependencies = found.tails.data();
    if (wanted.edges != nullptr) *wanted.edges = nullptr;  // none has data
    if (wanted.count != nullptr) *wanted.count = found.tails.size();
    return abi::kSuccess;
  });
}

int UpdateDependencies(void* stream, GraphNode* const* nodes, std::size_t count, unsigned flags) {
  return OnStream(stream, [&](Device&, Stream& found) {
    if (StatusOf(found) != abi::kCaptureActive) return abi::kIllegalState;
    if (flags > abi::kSetDependencies || (count != 0 && nodes == nullptr)) {
      return abi::kInvalidValue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!found.capture->graph->Holds(nodes[i])) return abi::kInvalidValue;
    }
    if (flags == abi::kSetDependencies) found.tails.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (std::find(found.tails.begin(), found.tails.end(), nodes[i]) == found.tails.end()) {
        found.tails.push_back(nodes[i]);
      }
    }
    return abi::kSuccess;
  });
}

}  // namespace

CAESAR_CUDA_API int cudaStreamBeginCapture(void* stream, int mode) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    return device.streams.BeginCapture(found, mode, nullptr, {});
  });
}
CAESAR_CUDA_API int cudaStreamBeginCapture_ptsz(void* stream, int mode) {
  return cudaStreamBeginCapture(stream, mode);
}
CAESAR_CUDA_API int cudaStreamBeginCaptureToGraph(void* stream, void* graph,
                                                  GraphNode* const* nodes, const void* /*edges*/,
                                                  std::size_t count, int mode) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    Graph* into = device.graphs.FindOutermost(graph);
    if (into == nullptr && device.graphs.Find(graph) != nullptr) {
      return device.NotSimulated("capture into a graph that is within another");
    }
    if (into == nullptr || (count != 0 && nodes == nullptr)) return abi::kInvalidValue;
    for (std::size_t i = 0; i < count; ++i) {
      if (!into->Holds(nodes[i])) return abi::kInvalidValue;
    }
    return device.streams.BeginCapture(found, mode, into, {nodes, nodes + count});
  });
}
CAESAR_CUDA_API int cudaStreamBeginCaptureToGraph_ptsz(void* stream, void* graph,
                                                       GraphNode* const* nodes, const void* edges,
                                                       std::size_t count, int mode) {
  return cudaStreamBeginCaptureToGraph(stream, graph, nodes, edges, count, mode);
}
CAESAR_CUDA_API int cudaStreamEndCapture(void* stream, void** graph) {
  return OnStream(stream, [&](Device& device, Stream& found) {
    if (graph == nullptr) return abi::kInvalidValue;
    *graph = nullptr;
    Graph* made = nullptr;
    const abi::Error error = device.streams.EndCapture(found, &made);
    *graph = made;
    return error;
  });
}
CAESAR_CUDA_API int cudaStreamEndCapture_ptsz(void* stream, void** graph) {
  return cudaStreamEndCapture(stream, graph);
}
CAESAR_CUDA_API int cudaStreamIsCapturing(void* stream, int* status) {
  return Describe(stream, status, nullptr, {});
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

// CUDA 12: three parameters; _v2 with nodes, _v3 with data of edges. CUDA 13: that of _v3, by the
// first name.
CAESAR_CUDA_API int cudaStreamGetCaptureInfo_v3(void* stream, int* status, unsigned long long* id,
                                                void** graph, GraphNode* const** dependencies,
                                                const void** edges, std::size_t* count) {
  return Describe(stream, status, id, {graph, dependencies, edges, count});
}
CAESAR_CUDA_API int cudaStreamGetCaptureInfo_v2(void* stream, int* status, unsigned long long* id,
                                                void** graph, GraphNode* const** dependencies,
                                                std::size_t* count) {
  return Describe(stream, status, id, {graph, dependencies, nullptr, count});
}
CAESAR_CUDA_API int cudaStreamGetCaptureInfo(void* stream, int* status, unsigned long long* id,
                                             void** graph, GraphNode* const** dependencies,
                                             const void** edges, std::size_t* count) {
  if (CudaMajor() < 13) return Describe(stream, status, id, {});
  return Describe(stream, status, id, {graph, dependencies, edges, count});
}
CAESAR_CUDA_API int cudaStreamGetCaptureInfo_ptsz(void* stream, int* status, unsigned long long* id,
                                                  void** graph, GraphNode* const** dependencies,
                                                  const void** edges, std::size_t* count) {
  return cudaStreamGetCaptureInfo(stream, status, id, graph, dependencies, edges, count);
}
CAESAR_CUDA_API int cudaStreamGetCaptureInfo_v2_ptsz(void* stream, int* status,
                                                     unsigned long long* id, void** graph,
                                                     GraphNode* const** dependencies,
                                                     std::size_t* count) {
  return cudaStreamGetCaptureInfo_v2(stream, status, id, graph, dependencies, count);
}
CAESAR_CUDA_API int cudaStreamGetCaptureInfo_v3_ptsz(void* stream, int* status,
                                                     unsigned long long* id, void** graph,
                                                     GraphNode* const** dependencies,
                                                     const void** edges, std::size_t* count) {
  return cudaStreamGetCaptureInfo_v3(stream, status, id, graph, dependencies, edges, count);
}

// CUDA 12: without data of edges; its _v2 is CUDA 13's.
CAESAR_CUDA_API int cudaStreamUpdateCaptureDependencies_v2(void* stream, GraphNode* const* nodes,
                                                           const void* /*edges*/, std::size_t count,
                                                           unsigned flags) {
  return UpdateDependencies(stream, nodes, count, flags);
}
CAESAR_CUDA_API int cudaStreamUpdateCaptureDependencies(void* stream, GraphNode* const* nodes,
                                                        const void* third, std::size_t fourth,
                                                        unsigned flags) {
  if (CudaMajor() >= 13) return UpdateDependencies(stream, nodes, fourth, flags);
  return UpdateDependencies(stream, nodes, std::size_t(third), static_cast<unsigned>(fourth));
}
CAESAR_CUDA_API int cudaStreamUpdateCaptureDependencies_ptsz(void* stream, GraphNode* const* nodes,
                                                             const void* third, std::size_t fourth,
                                                             unsigned flags) {
  return cudaStreamUpdateCaptureDependencies(stream, nodes, third, fourth, flags);
}
CAESAR_CUDA_API int cudaStreamUpdateCaptureDependencies_v2_ptsz(void* stream,
                                                                GraphNode* const* nodes,
                                                                const void* edges,
                                                                std::size_t count, unsigned flags) {
  return cudaStreamUpdateCaptureDependencies_v2(stream, nodes, edges, count, flags);
}
