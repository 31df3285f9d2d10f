// A server on 127.0.0.1 that plays byte-exact scripts, one per connection, and records what it was
// sent.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace caesar {

// The bytes of one connection.
class LoopbackChannel {
 public:
  LoopbackChannel(int connection, int wake) : connection_(connection), wake_(wake) {}
  virtual ~LoopbackChannel() = default;
  LoopbackChannel(const LoopbackChannel&) = delete;
  LoopbackChannel& operator=(const LoopbackChannel&) = delete;

  // Some bytes; empty: the client has gone, or the server is being destroyed.
  virtual std::string Read();
  virtual bool Write(std::string_view bytes);  // all of them; false: the client has gone
  // An end as the protocol has it; without it the connection is cut.
  virtual void SayGoodbye() {}
  void Pause(std::chrono::milliseconds duration) const;

 protected:
  bool AwaitReady(short events) const;

  const int connection_;
  const int wake_;

 private:
  friend struct LoopbackAction;
};

// Makes the channel of an accepted connection; null closes it.
using LoopbackWrap = std::function<std::unique_ptr<LoopbackChannel>(int connection, int wake)>;

struct LoopbackAction {
  enum class Kind {
    kReceive,  // reads one HTTP request (head, and the body that its Content-Length announces) and
               // records it
    kSend,
    kPause,
    kAwait,  // until the test calls Continue()
    kRun,    // `run`, with the connection
    kClose,
    kCut,    // closes without a goodbye of TLS
    kReset,  // closes with a TCP reset
  } kind;
  std::string bytes;                      // kSend
  std::chrono::milliseconds duration{0};  // kPause; ended early when the server is destroyed
  std::function<void(LoopbackChannel&)> run = nullptr;  // kRun

  static LoopbackAction Receive() { return {Kind::kReceive, "", {}}; }
  static LoopbackAction Send(std::string bytes) { return {Kind::kSend, std::move(bytes), {}}; }
  static LoopbackAction Pause(std::chrono::milliseconds duration) {
    return {Kind::kPause, "", duration};
  }
  static LoopbackAction Await() { return {Kind::kAwait, "", {}}; }
  static LoopbackAction Run(std::function<void(LoopbackChannel&)> run) {
    return {Kind::kRun, "", {}, std::move(run)};
  }
  // What a proxy does after CONNECT, towards a port of 127.0.0.1. For plain connections.
  static LoopbackAction Tunnel(int port);
  static LoopbackAction Close() { return {Kind::kClose, "", {}}; }
  static LoopbackAction Cut() { return {Kind::kCut, "", {}}; }
  static LoopbackAction Reset() { return {Kind::kReset, "", {}}; }
};

// The end of a script closes the connection. A connection for which no script is left is closed at
// once, unless the test has an answer for whatever comes.
using LoopbackScript = std::vector<LoopbackAction>;

class LoopbackServer {
 public:
  explicit LoopbackServer(LoopbackWrap wrap = nullptr);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  std::string Url(const std::string& path = "/", const std::string& scheme = "http") const;

  void Add(LoopbackScript script);
  // Receives a request, then sends one response with these header lines (without line ends) and
  // Content-Length.
  void AddResponse(int status, const std::string& body,
                   const std::vector<std::string>& header_lines = {});

  // From now on a connection for which no script is left is received, and sent what `answer` says
  // to its request: a whole response. Called from the server's thread.
  void AnswerWith(std::function<std::string(const std::string& request)> answer);

  // Lets one kAwait pass, also one that is still to come.
  void Continue();

  // Each request as it came: request line, headers, empty line, body.
  std::vector<std::string> requests() const;
  int connections() const;  // accepted so far

 private:
  void Serve();
  void Talk(int connection);
  bool Play(int connection, LoopbackChannel& channel, const LoopbackScript& script);
  std::string Receive(LoopbackChannel& channel);

  const LoopbackWrap wrap_;
  int listener_ = -1;
  int wake_ = -1;  // eventfd: the server is being destroyed
  int go_ = -1;    // eventfd, a semaphore: calls of Continue()
  int port_ = 0;
  mutable std::mutex mutex_;
  std::deque<LoopbackScript> scripts_;
  std::function<std::string(const std::string&)> answer_;
  std::vector<std::string> requests_;
  int connections_ = 0;
  std::thread thread_;
};

}  // namespace caesar
