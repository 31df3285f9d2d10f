// How fast a model's answer is read, and how soon after its last byte it is known. See
// scripts/bench.d/stream.sh.
//
//   stream_bench FOLDER
//
// Prints "what <tab> measured <tab> goal". Speeds are the best of many repetitions, in time of the
// processor: other programs may run beside this one. Delays are medians in wall time over a server
// on loopback that sends all but the last event, waits until the client has caught up, and takes
// the time just before it sends the rest. Exit code 1: an answer was not read as it was sent.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "fakes/loopback_server.h"
#include "llm/answer_reader.h"
#include "llm/http_model.h"
#include "llm/sse.h"
#include "llm/wire_json.h"
#include "session/reply_file.h"

namespace caesar {
namespace {

constexpr std::size_t kReplyBytes = 100'000;   // of the delays
constexpr std::size_t kPieceBytes = 16 << 10;  // as libcurl hands them out
// On a busy machine 50 ms were not enough: each of 25,000 events is a write to the reply's file.
constexpr std::chrono::milliseconds kCatchUp{300};
constexpr std::string_view kWords = " const float4 v = reinterpret_cast<const float4*>(x)[i];\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "stream_bench: %s\n", why.c_str());
  std::exit(1);
}

void OrDie(const Status& status) {
  if (!status.ok()) Die(status.error().message);
}

double ThreadSeconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Megabytes of `bytes` a second, of the fastest of the repetitions that fit into half a second.
double Speed(std::size_t bytes, const std::function<void()>& work) {
  double best = 1e9;
  for (double spent = 0; spent < 0.5;) {
    const double began = ThreadSeconds();
    work();
    const double took = std::max(ThreadSeconds() - began, 1e-9);
    best = std::min(best, took);
    spent += took;
  }
  return static_cast<double>(bytes) / best / 1e6;
}

// A stream as OpenAI sends it: some four bytes of text in each event.
struct Stream {
  explicit Stream(std::size_t reply_bytes) {
    while (text.size() < reply_bytes) {
      std::string token(kWords.substr(text.size() % (kWords.size() - 4), 4));
      Add(R"("delta":{"content":)" + nlohmann::json(token).dump() + R"(},"finish_reason":null)");
      text += token;
    }
    Add(R"("delta":{},"finish_reason":"stop")");
  }

  void Add(const std::string& choice) {
    chunks.push_back(
        R"({"id":"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd","object":"chat.completion.chunk",)"
        R"("created":1721075653,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,)" +
        choice + "}]}");
    events += "data: " + chunks.back() + "\n\n";
  }

  std::string text;
  std::vector<std::string> chunks;
  std::string events;  // without kDone
};

class CountingSink : public ReplySink {
 public:
  Status OnText(std::string_view delta) override {
    bytes += delta.size();
    return {};
  }
  Status OnReasoning(std::string_view) override { return {}; }
  Status OnReset() override { return {}; }
  void OnRetry(std::string_view reason, std::int64_t, int) override { Die(std::string(reason)); }

  std::size_t bytes = 0;
};

void InPieces(std::string_view bytes, const std::function<void(std::string_view)>& take) {
  for (std::size_t at = 0; at < bytes.size(); at += kPieceBytes)
    take(bytes.substr(at, kPieceBytes));
}

double AnswerSpeed(const Stream& stream) {
  return Speed(stream.events.size(), [&] {
    CountingSink sink;
    AnswerReader reader(kOpenAiChat, sink);
    InPieces(stream.events, [&](std::string_view piece) { OrDie(reader.Feed(piece)); });
    if (sink.bytes != stream.text.size() || reader.answer().text != stream.text)
      Die("the stream was not read as it was sent");
  });
}

double SseSpeed(const Stream& stream) {
  return Speed(stream.events.size(), [&] {
    std::size_t seen = 0;
    SseParser parser(1 << 20);
    InPieces(stream.events, [&](std::string_view piece) {
      OrDie(parser.Feed(piece, [&](const SseEvent& event) -> Status {
        seen += event.data.size() == stream.chunks[seen].size() ? 1 : 0;
        return {};
      }));
    });
    if (seen != stream.chunks.size()) Die("events are missing");
  });
}

double JsonSpeed(const Stream& stream) {
  return Speed(stream.events.size(), [&] {
    WireJson json;
    for (const std::string& chunk : stream.chunks) {
      if (!json.Parse(chunk)) Die("a chunk was refused");
    }
  });
}

double DomSpeed(const Stream& stream) {
  return Speed(stream.events.size(), [&] {
    for (const std::string& chunk : stream.chunks) {
      if (!nlohmann::json::parse(chunk).is_object()) Die("a chunk was refused");
    }
  });
}

// Each line end looked for, and nothing else: nothing that reads lines is faster.
double FloorSpeed(const Stream& stream) {
  return Speed(stream.events.size(), [&] {
    std::size_t lines = 0;
    const char* at = stream.events.data();
    const char* const end = at + stream.events.size();
    while (at != end) {
      at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))) + 1;
      ++lines;
    }
    if (lines != 2 * stream.chunks.size()) Die("lines are missing");
  });
}

void MeasureSpeeds() {
  const Stream stream(std::size_t{100'000});
  const double dom = DomSpeed(stream);
  const double floor = FloorSpeed(stream);
  const auto print = [&](const char* what, double speed, const char* goal) {
    std::printf(
        "%s\t%.0f MB/s (memchr for line ends takes 1/%.0f of the time, nlohmann_json's "
        "parsing %.1f times)\t%s\n",
        what, speed, floor / speed, speed / dom, goal);
  };
  std::printf("a stream of %zu events of %zu bytes\t\t\n", stream.chunks.size(),
              stream.events.size() / stream.chunks.size());
  print("from its bytes to the sink", AnswerSpeed(stream), "at least 200 MB/s");
  print("of that, splitting into events", SseSpeed(stream), "");
  print("of that, reading the events' JSON", JsonSpeed(stream), "");
}

// The delays of one call.
struct Delay {
  double answered_ms = 0;   // until Ask returned
  double committed_ms = 0;  // until the reply was on disk
};

class NoProgress : public Progress {
 public:
  void OnState(std::string_view, int, int) override {}
  void OnReply(std::int64_t, std::int64_t) override {}
  void OnDetail(std::string_view) override {}
  void OnRetry(std::string_view reason, std::int64_t, int) override { Die(std::string(reason)); }
  void OnStep(const StepDone&) override {}
};

Delay AskOnce(const std::string& head, const std::string& tail, const std::string& text,
              const std::string& folder) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  };
  LoopbackServer server;
  Clock::time_point sent;
  server.Add({LoopbackAction::Receive(),
              LoopbackAction::Send("HTTP/1.1 200 OK\r\nContent-Length: " +
                                   std::to_string(head.size() + tail.size()) + "\r\n\r\n" + head),
              LoopbackAction::Pause(kCatchUp), LoopbackAction::Run([&](LoopbackChannel& channel) {
                sent = Clock::now();
                channel.Write(tail);
              })});
  ModelConfig config;
  config.model = "m";
  Endpoint endpoint;
  endpoint.base_url = server.Url("/v1");
  HttpModel model(kOpenAiChat, config, endpoint, RealHttp(), RealClock(), [] { return 0.0; });
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "hi"});

  std::filesystem::create_directories(folder + "/round_001");
  RoundFiles files(RealFiles(), folder, 1);
  NoProgress progress;
  ReplyFile file(RealFiles(), files, progress);
  OrDie(file.Open());
  const auto outcome = model.Ask(request, file, {});
  Delay delay;
  delay.answered_ms = since(sent);
  if (!outcome.ok()) Die(outcome.error().message);
  const auto* reply = std::get_if<ModelReply>(&outcome.value());
  if (reply == nullptr || reply->text != text) Die("the reply is not what was sent");
  Replied about;
  about.model = reply->model;
  OrDie(file.Commit(*reply, about));
  delay.committed_ms = since(sent);
  std::filesystem::remove_all(folder);
  return delay;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// What an fsync'd file of these bytes costs here by itself.
double WriteMs(const std::string& text, const std::string& path) {
  std::vector<double> took;
  for (int i = 0; i < 15; ++i) {
    const auto began = std::chrono::steady_clock::now();
    OrDie(RealFiles().Write(path, text));
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
            .count());
  }
  std::filesystem::remove(path);
  return Median(took);
}

void MeasureDelays(const char* form, const std::string& head, const std::string& tail,
                   const std::string& text, const std::string& folder) {
  std::vector<double> answered;
  std::vector<double> committed;
  for (int i = 0; i < 15; ++i) {
    const Delay delay = AskOnce(head, tail, text, folder + "/sample");
    answered.push_back(delay.answered_ms);
    committed.push_back(delay.committed_ms);
  }
  std::printf(
      "from the last byte of a reply of 100 kB, %s, until it is known\t%.2f ms\tat most 5 ms\n",
      form, Median(answered));
  const double write = WriteMs(text, folder + "/file");
  const double median = Median(committed);
  std::printf(
      "the same, until it is on disk\t%.2f ms (%.1f times one fsync'd file of 100 kB, %.2f "
      "ms)\t\n",
      median, median / write, write);
}

void Measure(const std::string& folder) {
  ::setenv("no_proxy", "*", 1);  // a proxy must not catch what is meant for loopback
  MeasureSpeeds();
  const Stream stream(kReplyBytes);
  MeasureDelays("streamed", stream.events, std::string(kDone), stream.text, folder);
  const nlohmann::json document = {
      {"choices", {{{"message", {{"content", stream.text}}}, {"finish_reason", "stop"}}}}};
  const std::string whole = document.dump();
  MeasureDelays("as one document", whole.substr(0, whole.size() - 1), "}", stream.text, folder);
}

}  // namespace
}  // namespace caesar

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: stream_bench FOLDER\n");
    return 2;
  }
  caesar::Measure(argv[1]);
}
