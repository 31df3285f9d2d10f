// Mock servers of language-model providers that others wrote, as scripts/mock-servers starts them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace caesar::test {

// Their addresses, without a '/' at the end.
struct MockServers {
  std::string llmock;
  std::string openai;     // mock-ai-api's
  std::string anthropic;  // mock-ai-api's
  std::string missing;    // why there are none; empty: there are
};
MockServers FindMockServers();

// The control interface of llmock: requests take behaviours from a queue, and the server remembers
// how its clients took them. One that fails a request leaves the others in the queue.
class Llmock {
 public:
  explicit Llmock(std::string url) : url_(std::move(url)) {}

  const std::string& url() const { return url_; }

  // Forgets all requests and behaviours.
  void Reset() const;
  void Queue(const nlohmann::json& behaviour) const;
  void Reply(const std::string& text) const;
  // So many requests fail with that status and ask to be repeated after so many seconds.
  void Fail(int status, int times, double retry_after) const;

  // The requests so far, oldest first: fault, status, completed, body, path, ...
  std::vector<nlohmann::json> Requests() const;
  // How many whole replies each round got, from round 1.
  std::vector<int> Paid(int rounds) const;
  // What the server finds wrong in how its clients took the faults, one finding a line.
  std::string Findings() const;
  // The answer to a recorded request when it is sent once more, whole instead of streamed.
  nlohmann::json RepeatWhole(const nlohmann::json& request) const;

 private:
  std::string url_;
};

}  // namespace caesar::test
