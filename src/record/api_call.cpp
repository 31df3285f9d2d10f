#include "record/api_call.h"

#include "base/strings.h"
#include "record/describe.h"
#include "record/json_io.h"

namespace caesar {
namespace {

// Headers that come twice are one member here, joined as HTTP allows.
std::vector<std::pair<std::string, std::string>> Joined(
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& [name, value] : headers) {
    std::string* seen = nullptr;
    for (auto& [known, known_value] : joined) {
      if (known == ToValidUtf8(name)) seen = &known_value;
    }
    if (seen != nullptr) {
      *seen += ", " + ToValidUtf8(value);
    } else {
      joined.emplace_back(ToValidUtf8(name), ToValidUtf8(value));
    }
  }
  return joined;
}

struct Line {
  std::string kind;
  ApiRequest request;
  ApiResponse response;
};

}  // namespace

static void Describe(JsonIo& io, Line& line) {
  int version = 1;
  io.Version("v", version, 1);
  const bool request = line.kind == "request";
  io.Field("utc", request ? line.request.utc : line.response.utc);
  io.Field("kind", line.kind);
  io.Field("attempt", request ? line.request.attempt : line.response.attempt);
  if (request) {
    io.Field("url", line.request.url);
    io.Field("headers", line.request.headers);
    io.Field("body", line.request.body);
    return;
  }
  io.FieldOrNull("status", line.response.status);
  io.Field("headers", line.response.headers);
  io.Field("body", line.response.body);
  io.Field("body_cut", line.response.body_cut);
  io.FieldOrNull("failure", line.response.failure);
  io.Field("tokens", line.response.tokens);
  io.Field("ms", line.response.ms);
}

std::string ToJsonLine(const ApiRequest& request) {
  Line line{"request", request, {}};
  line.request.headers = Joined(request.headers);
  line.request.body = ToValidUtf8(request.body);
  return WriteJson(line, -1) + "\n";
}

std::string ToJsonLine(const ApiResponse& response) {
  Line line{"response", {}, response};
  line.response.headers = Joined(response.headers);
  line.response.body = ToValidUtf8(response.body);
  return WriteJson(line, -1) + "\n";
}

}  // namespace caesar
