// A server on 127.0.0.1 that plays byte-exact scripts, one per connection, and records what it was
// sent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace caesar {

struct LoopbackAction {
  enum class Kind {
    kReceive,  // reads one HTTP request (head, and the body that its Content-Length announces) and
               // records it
    kSend,
    kPause,
    kAwait,  // until the test calls Continue()
    kClose,
    kReset,  // closes with a TCP reset
  } kind;
  std::string bytes;                      // kSend
  std::chrono::milliseconds duration{0};  // kPause; ended early when the server is destroyed

  static LoopbackAction Receive() { return {Kind::kReceive, "", {}}; }
  static LoopbackAction Send(std::string bytes) { return {Kind::kSend, std::move(bytes), {}}; }
  static LoopbackAction Pause(std::chrono::milliseconds duration) {
    return {Kind::kPause, "", duration};
  }
  static LoopbackAction Await() { return {Kind::kAwait, "", {}}; }
  static LoopbackAction Close() { return {Kind::kClose, "", {}}; }
  static LoopbackAction Reset() { return {Kind::kReset, "", {}}; }
};

// The end of a script closes the connection. A connection for which no script is left is closed at
// once, unless the test has an answer for whatever comes.
using LoopbackScript = std::vector<LoopbackAction>;

class LoopbackServer {
 public:
  LoopbackServer();
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
  void Play(int connection, const LoopbackScript& script);
  std::string Receive(int connection);
  bool Send(int connection, std::string_view bytes);  // false: the client has gone

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
