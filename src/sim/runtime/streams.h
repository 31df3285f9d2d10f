// Streams and events. Work is carried out when it is submitted, in the order of the host's calls:
// one of the orders that streams and events allow, and always the same one. A stream that captures
// keeps the work in a graph instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sim/runtime/abi.h"
#include "sim/runtime/graph.h"

namespace caesar::sim {

struct Stream;

struct Capture {
  Graph* graph = nullptr;
  bool own = true;         // the capture made it; else cudaStreamBeginCaptureToGraph gave it
  std::size_t before = 0;  // nodes that it had then
  Stream* origin = nullptr;
  abi::CaptureMode mode = abi::kCaptureGlobal;
  std::thread::id thread;
  std::uint64_t id = 0;
  bool invalid = false;
};

struct Stream {
  unsigned flags = 0;
  int priority = 0;
  std::uint64_t id = 0;
  static constexpr int kAttributes = 32;  // cudaLaunchAttributeID
  std::map<int, abi::LaunchAttributeValue> attributes;
  std::shared_ptr<Capture> capture;  // null: it does not
  std::vector<GraphNode*> tails;     // what the next captured node depends on
};

struct Event {
  unsigned flags = 0;
  bool recorded = false;
  std::chrono::steady_clock::time_point time;  // of the host: device time is not simulated
  // Recorded in a capturing stream: what has to come first.
  std::shared_ptr<Capture> capture;
  std::vector<GraphNode*> nodes;
};

// All handles come from a candidate: they are looked up before they are used.
class Streams {
 public:
  static constexpr std::size_t kMax = std::size_t{1} << 16;        // streams
  static constexpr std::size_t kEventsMax = std::size_t{1} << 18;  // events

  explicit Streams(Graphs& graphs);

  // Null: there are too many.
  Stream* Create(unsigned flags, int priority);
  abi::Error Destroy(void* handle);
  // Null: no such stream. 0 and cudaStreamLegacy: the legacy stream; cudaStreamPerThread: one that
  // all threads share, which is no different where work is done at once.
  Stream* Find(void* handle);
  Event* CreateEvent(unsigned flags);
  abi::Error DestroyEvent(void* handle);
  Event* FindEvent(void* handle);

  // Whether a call that a capture does not allow may be made now: kSuccess, or the error, and the
  // capture is invalid from then on.
  abi::Error Unsafe();
  // The same for work that is ordered by the legacy stream.
  abi::Error Implicit();

  // Into `graph`, behind nodes of it; null: a new one.
  abi::Error BeginCapture(Stream& stream, int mode, Graph* graph, std::vector<GraphNode*> behind);
  abi::Error EndCapture(Stream& stream, Graph** graph);
  // Adds to the capture that the stream is part of. kMemoryAllocation: no room.
  abi::Error Keep(Stream& stream, Task task);
  abi::Error Record(Event& event, Stream& stream);
  void RecordNow(Event& event);
  abi::Error Wait(Stream& stream, Event& event);
  abi::CaptureMode Exchange(abi::CaptureMode mode);  // of the calling thread

  Stream& legacy() { return *legacy_; }

 private:
  std::vector<GraphNode*> OpenEnds(const Capture& capture) const;
  void Join(Stream& stream, std::shared_ptr<Capture> capture, std::vector<GraphNode*> tails);
  void Leave(Stream& stream);

  Graphs& graphs_;
  std::unordered_map<void*, std::unique_ptr<Stream>> streams_;
  std::size_t capturing_ = 0;  // streams
  std::unordered_map<void*, std::unique_ptr<Event>> events_;
  Stream* legacy_;
  Stream* per_thread_;
  std::uint64_t ids_ = 0;
};

}  // namespace caesar::sim
