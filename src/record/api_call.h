// api.jsonl of a round: every call of a provider, word for word. A request's line is written before
// it is sent, its response's line when that has ended. Keys are not in it.
//
//   {"v":1,"utc":"...","kind":"request","attempt":1,"url":"...","headers":{...},"body":"{\"model\":..."}
//   {"v":1,"utc":"...","kind":"response","attempt":1,"status":200,"headers":{...},"body":"data:
//   {...",
//    "body_cut":false,"failure":null,"tokens":{...},"ms":5120}
//
// Bodies are text as it was sent; bytes that are no UTF-8 are replaced.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "record/tokens.h"

namespace caesar {

struct ApiRequest {
  std::string utc;
  int attempt = 1;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ApiResponse {
  std::string utc;
  int attempt = 1;
  int status = 0;  // 0, null in JSON: there was none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool body_cut = false;
  std::string failure;  // empty, null in JSON: it is a complete answer
  TokenUsage tokens;
  std::int64_t ms = 0;
};

std::string ToJsonLine(const ApiRequest& request);  // with "\n"
std::string ToJsonLine(const ApiResponse& response);

}  // namespace caesar
