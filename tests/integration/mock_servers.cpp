#include "integration/mock_servers.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"
#include "sys/http.h"

namespace caesar::test {
namespace {

using nlohmann::json;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

json Send(const HttpRequest& request) {
  HttpOutcome outcome = RealHttp().Send(request, {}, StopToken());
  if (const auto* failure = std::get_if<HttpFailure>(&outcome)) {
    ADD_FAILURE() << request.url << ": " << failure->message;
    return {};
  }
  const auto& response = std::get<HttpResponse>(outcome);
  EXPECT_EQ(response.status / 100, 2) << request.url << "\n" << request.body << response.body;
  return json::parse(response.body, nullptr, /*allow_exceptions=*/false);
}

json Post(const std::string& url, const json& body) {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  return Send(request);
}

json Get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.get = true;
  return Send(request);
}

}  // namespace

MockServers FindMockServers() {
  ::setenv("no_proxy", "*", 1);  // a proxy that the environment names is not for them
  MockServers servers{.llmock = Variable("CAESAR_MOCK_LLMOCK"),
                      .openai = Variable("CAESAR_MOCK_OPENAI"),
                      .anthropic = Variable("CAESAR_MOCK_ANTHROPIC"),
                      .missing = Variable("CAESAR_MOCK_MISSING")};
  if (servers.missing.empty() && servers.llmock.empty())
    servers.missing = "no mock servers: run this program by scripts/mock-servers, as ctest does";
  return servers;
}

void Llmock::Reset() const { Post(url_ + "/_llmock/reset", json::object()); }

void Llmock::Queue(const json& behaviour) const {
  Post(url_ + "/_llmock/scenario", {{"behaviors", json::array({behaviour})}});
}

void Llmock::Reply(const std::string& text) const { Queue({{"type", "reply"}, {"text", text}}); }

void Llmock::Fail(int status, int times, double retry_after) const {
  Queue({{"type", "fail"}, {"status", status}, {"times", times}, {"retry_after", retry_after}});
}

std::vector<json> Llmock::Requests() const {
  return Get(url_ + "/_llmock/requests").at("requests");
}

std::vector<int> Llmock::Paid(int rounds) const {
  std::vector<int> paid(static_cast<std::size_t>(rounds), 0);
  for (const json& request : Requests()) {
    if (request.at("status") != 200 || !request.at("completed").get<bool>()) continue;
    // No whole reply, even if the server had sent the rest before the client hung up.
    const json& fault = request.at("fault");
    if (fault.is_string() && StartsWith(fault.get<std::string>(), "stream:malformed")) continue;
    const int round = RoundOf(request.at("body").dump());
    if (round >= 1 && round <= rounds) ++paid[static_cast<std::size_t>(round) - 1];
  }
  return paid;
}

std::string Llmock::Findings() const {
  std::string text;
  for (const json& finding : Get(url_ + "/_llmock/verdict").at("findings")) {
    text += Format("{}: {}\n", finding.at("code").get<std::string>(),
                   finding.at("title").get<std::string>());
  }
  return text;
}

json Llmock::RepeatWhole(const json& request) const {
  json body = request.at("body");
  for (const char* name : {"stream", "stream_options"}) body.erase(name);
  std::string path = request.at("path");
  constexpr std::string_view kGeminiStream = ":streamGenerateContent";
  if (const std::size_t at = path.find(kGeminiStream); at != std::string::npos)
    path.replace(at, kGeminiStream.size(), ":generateContent");
  return Post(url_ + path, body);
}

}  // namespace caesar::test
