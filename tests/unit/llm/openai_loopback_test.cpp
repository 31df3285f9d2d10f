// The client over the real HTTP stack, against a server that sends exact bytes.
#include <gtest/gtest.h>

#include <cstdlib>

#include "fakes/fake_clock.h"
#include "fakes/loopback_server.h"
#include "llm/http_model.h"
#include "unit/llm/recording_sink.h"

namespace caesar {
namespace {

ModelRequest Hi() {
  ModelRequest request;
  request.messages.push_back({ChatMessage::Role::kUser, "hi"});
  return request;
}

using Action = LoopbackAction;

class OpenAiLoopbackTest : public testing::Test {
 protected:
  // A proxy of the environment must not catch what is meant for loopback.
  static void SetUpTestSuite() { ::setenv("no_proxy", "*", 1); }

  Result<ModelOutcome> Ask() {
    ModelConfig config;
    config.model = "m";
    Endpoint endpoint;
    endpoint.base_url = server_.Url("/v1");
    endpoint.key = "sk-secret";
    HttpModel model(kOpenAiChat, config, endpoint, RealHttp(), clock_, [] { return 0.0; });
    return model.Ask(Hi(), sink_, {});
  }

  LoopbackServer server_;
  FakeClock clock_;
  RecordingSink sink_;
};

TEST_F(OpenAiLoopbackTest, StreamThatTheServerLeavesOpen) {
  server_.Add(
      {Action::Receive(),
       Action::Send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: r7\r\n\r\n"
                    "data: {\"choices\":[{\"delta\":{\"content\":\"He"),
       Action::Send("llo\"}}]}\r\n\r\n: ping\r\n\r\ndata: "
                    "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r"),
       Action::Send("\n\r\ndata: [DONE]\r\n\r\n"), Action::Pause(std::chrono::seconds(60))});
  const auto outcome = Ask();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto& reply = std::get<ModelReply>(outcome.value());
  EXPECT_EQ(reply.text, "Hello");
  EXPECT_EQ(reply.request_id, "r7");
  const std::string request = server_.requests().at(0);
  EXPECT_EQ(request.rfind("POST /v1/chat/completions HTTP/1.1\r\n", 0), 0U);
  EXPECT_NE(request.find("Authorization: Bearer sk-secret\r\n"), std::string::npos);
}

TEST_F(OpenAiLoopbackTest, ConnectionThatBreaksIsTriedAgain) {
  server_.Add({Action::Receive(), Action::Reset()});
  server_.Add({Action::Receive(),
               Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\ndata: "
                            "{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"),
               Action::Close()});
  server_.AddResponse(
      200, "{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}");
  const auto outcome = Ask();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(std::get<ModelReply>(outcome.value()).attempts, 3);
  EXPECT_EQ(sink_.text, "whole");
}

}  // namespace
}  // namespace caesar
