// The real HTTP client against a server that sends exact bytes.
#include "sys/http.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "base/strings.h"
#include "fakes/loopback_server.h"
#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

using Action = LoopbackAction;
using Kind = HttpFailure::Kind;

class HttpTest : public HttpFixture {
 protected:
  HttpRequest Request(const std::string& path = "/") const { return RequestTo(server_.Url(path)); }

  // The request that the server saw, with lower-case header names and values as sent.
  std::string Seen(std::size_t index = 0) { return server_.requests().at(index); }
  bool Saw(const std::string& line) { return Seen().find(line + "\r\n") != std::string::npos; }

  LoopbackServer server_;
};

TEST_F(HttpTest, PostsTheBodyAndTheHeaders) {
  server_.AddResponse(200, "answer");
  HttpRequest request = Request("/v1/chat?x=1");
  request.body = std::string("{\"a\":\"\0\"}", 9);
  request.headers = {
      {"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}};
  const HttpResponse response = Response(Send(request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(streamed_, "answer");
  EXPECT_EQ(response.body, "") << "on_body took it";
  EXPECT_TRUE(StartsWith(Seen(), "POST /v1/chat?x=1 HTTP/1.1\r\n"));
  EXPECT_TRUE(EndsWith(Seen(), "\r\n\r\n" + request.body));
  EXPECT_TRUE(Saw("Content-Type: application/json"));
  EXPECT_TRUE(Saw("X-Empty:"));
  EXPECT_TRUE(Saw("Authorization: Bearer k"));
  EXPECT_EQ(Seen().find("Expect:"), std::string::npos);
}

TEST_F(HttpTest, GetSendsNoBody) {
  server_.AddResponse(200, "models");
  HttpRequest request = Request("/models");
  request.get = true;
  EXPECT_EQ(Response(RealHttp().Send(request, {}, {})).body, "models")
      << "without on_body it is collected";
  EXPECT_TRUE(StartsWith(Seen(), "GET /models HTTP/1.1\r\n"));
  EXPECT_TRUE(EndsWith(Seen(), "\r\n\r\n"));
}

TEST_F(HttpTest, AnErrorStatusIsAValueAndItsBodyIsCollected) {
  server_.AddResponse(429, "{\"error\":\"slow down\"}",
                      {"Retry-After: 7", "X-Ratelimit-Reset:   soon  "});
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, "{\"error\":\"slow down\"}");
  EXPECT_EQ(streamed_, "");
  EXPECT_EQ(response.Header("retry-after"), "7");
  EXPECT_EQ(response.Header("x-ratelimit-reset"), "soon");
  EXPECT_EQ(response.Header("none"), "");
}

TEST_F(HttpTest, RedirectsAreNotFollowed) {
  LoopbackServer elsewhere;
  for (const int status : {301, 302, 303, 307, 308}) {
    server_.AddResponse(status, "moved", {"Location: " + elsewhere.Url("/new")});
    HttpRequest request = Request();
    request.headers = {{"Authorization", "Bearer secret"}};
    const HttpResponse response = Response(Send(request));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.Header("location"), elsewhere.Url("/new"));
    EXPECT_EQ(response.body, "moved");
  }
  EXPECT_EQ(elsewhere.connections(), 0) << "the key would have travelled";
  EXPECT_EQ(server_.connections(), 5);
}

TEST_F(HttpTest, InterimResponsesAreSkipped) {
  server_.Add({Action::Receive(),
               Action::Send("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                            "HTTP/1.1 200 OK\r\nX-Late: 2\r\nContent-Length: 2\r\n\r\nok")});
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("x-early"), "");
  EXPECT_EQ(response.Header("x-late"), "2");
  EXPECT_EQ(streamed_, "ok");
}

TEST_F(HttpTest, APieceArrivesBeforeTheNextOneIsSent) {
  server_.Add({Action::Receive(),
               Action::Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
               Action::Await(), Action::Send("6\r\n world\r\n0\r\n\r\n")});
  on_data_ = [&] { server_.Continue(); };
  EXPECT_EQ(Response(Send(Request())).status, 200);
  EXPECT_EQ(streamed_, "hello world");
}

TEST_F(HttpTest, NobodyListens) {
  HttpRequest request = Request();
  {
    const LoopbackServer gone;
    request.url = gone.Url();
  }
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kConnect);
  EXPECT_NE(failure.message.find("127.0.0.1"), std::string::npos);
  EXPECT_FALSE(failure.body_started);
}

TEST_F(HttpTest, UnknownHost) {
  HttpRequest request = Request();
  request.url = "http://nosuch.invalid/";
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kResolve);
  EXPECT_NE(failure.message.find("nosuch.invalid"), std::string::npos);
}

TEST_F(HttpTest, WrongUrls) {
  for (const char* url :
       {"", "http://", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y"}) {
    HttpRequest request = Request();
    request.url = url;
    const HttpFailure failure = Failure(Send(request));
    EXPECT_EQ(failure.kind, Kind::kBadUrl) << url << ": " << failure.message;
    EXPECT_NE(failure.message, "") << url;
  }
}

TEST_F(HttpTest, HeadersCannotBeSmuggledAndKeysAreNotShown) {
  for (const auto& header :
       std::vector<std::pair<std::string, std::string>>{{"X-Key", "secret\r\nX-More: 1"},
                                                        {"X-Key", "secret\n"},
                                                        {"", "secret"},
                                                        {"a b", "secret"},
                                                        {"a:", "secret"}}) {
    HttpRequest request = Request();
    request.headers = {header};
    const HttpFailure failure = Failure(Send(request));
    EXPECT_EQ(failure.kind, Kind::kBadUrl);
    EXPECT_EQ(failure.message.find("secret"), std::string::npos);
  }
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(HttpTest, ACutStreamIsNotAnEnd) {
  server_.Add(
      {Action::Receive(),
       Action::Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")});
  const HttpFailure failure = Failure(Send(Request()));
  EXPECT_EQ(failure.kind, Kind::kCut);
  EXPECT_TRUE(failure.body_started);
  EXPECT_EQ(streamed_, "hello");
}

TEST_F(HttpTest, ACutErrorBodyWasNotDelivered) {
  server_.Add(
      {Action::Receive(), Action::Send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf")});
  const HttpFailure failure = Failure(Send(Request()));
  EXPECT_EQ(failure.kind, Kind::kCut);
  EXPECT_FALSE(failure.body_started);
}

TEST_F(HttpTest, ResetsAndNonsenseAreCuts) {
  server_.Add({Action::Receive(), Action::Reset()});
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
  server_.Add({Action::Receive()});
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
  server_.Add({Action::Receive(), Action::Send("220 mail.example ESMTP\r\n")});
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
  server_.AddResponse(200, "not gzip", {"Content-Encoding: gzip"});
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
}

TEST_F(HttpTest, SilenceBeforeTheFirstByteTimesOut) {
  server_.Add({Action::Receive(), Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.first_byte_timeout = Milliseconds(100);
  const auto start = std::chrono::steady_clock::now();
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_EQ(failure.message, "the response did not begin within 100 ms (first-byte time-out)");
  EXPECT_GE(std::chrono::steady_clock::now() - start, Milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - start, Milliseconds(20'000));
}

TEST_F(HttpTest, HeadersAreNotTheFirstByte) {
  LoopbackScript script = {Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\n")};
  for (int i = 0; i < 20; ++i) {
    script.push_back(Action::Send("X-Still-Thinking: yes\r\n"));
    script.push_back(Action::Pause(Milliseconds(20)));
  }
  script.push_back(Action::Send("\r\n"));
  script.push_back(Action::Pause(Milliseconds(60'000)));
  server_.Add(script);
  HttpRequest request = Request();
  request.first_byte_timeout = Milliseconds(200);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_NE(failure.message.find("first-byte"), std::string::npos) << failure.message;
}

TEST_F(HttpTest, AServerThatDoesNotReadMeetsTheSameLimit) {
  server_.Add({Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.body = std::string(64 << 20, 'x');
  request.first_byte_timeout = Milliseconds(300);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_NE(failure.message.find("first-byte"), std::string::npos) << failure.message;
}

TEST_F(HttpTest, AnAnswerBeforeTheEndOfTheRequestIsTaken) {
  server_.Add({Action::Run([](LoopbackChannel& channel) { channel.Read(); }),
               Action::Send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"),
               Action::Pause(Milliseconds(200))});
  HttpRequest request = Request();
  request.body = std::string(64 << 20, 'x');
  const HttpResponse response = Response(Send(request));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "big");
}

TEST_F(HttpTest, TheFirstByteMayTakeLongerThanAnIdleStream) {
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
               Action::Pause(Milliseconds(300)), Action::Send("ok")});
  HttpRequest request = Request();
  request.idle_timeout = Milliseconds(50);
  EXPECT_EQ(Response(Send(request)).status, 200);
}

TEST_F(HttpTest, TheTimeOfTheCallerIsNoSilence) {
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"),
               Action::Await(), Action::Pause(Milliseconds(50)), Action::Send("k")});
  HttpRequest request = Request();
  request.idle_timeout = Milliseconds(250);
  on_data_ = [&] {
    std::this_thread::sleep_for(Milliseconds(300));  // a terminal that was stopped
    server_.Continue();
  };
  EXPECT_EQ(Response(Send(request)).status, 200);
}

TEST_F(HttpTest, EachByteRestartsTheIdleTimer) {
  LoopbackScript script = {Action::Receive(),
                           Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")};
  for (int i = 0; i < 8; ++i) {
    script.push_back(Action::Pause(Milliseconds(100)));
    script.push_back(Action::Send("."));
  }
  server_.Add(script);
  HttpRequest request = Request();
  request.idle_timeout = Milliseconds(600);
  EXPECT_EQ(Response(Send(request)).status, 200);
  EXPECT_EQ(streamed_, "........");
}

TEST_F(HttpTest, SilenceInTheMiddleTimesOut) {
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
               Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.idle_timeout = Milliseconds(150);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_EQ(failure.message, "nothing was received within 150 ms (idle time-out)");
  EXPECT_TRUE(failure.body_started);
  EXPECT_EQ(streamed_, "half");
}

TEST_F(HttpTest, TheTotalTimeHasALimit) {
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\n\r\n"),
               Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.total_timeout = Milliseconds(150);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_EQ(failure.message, "the response was not complete within 150 ms (total time-out)");
}

TEST_F(HttpTest, ATooLargeBodyIsGivenUp) {
  HttpRequest request = Request();
  request.response_bytes_max = 1'000;
  server_.AddResponse(200, std::string(1'000, 'x'));
  EXPECT_EQ(Response(Send(request)).status, 200);
  streamed_.clear();
  server_.AddResponse(200, std::string(3'000'000, 'x'));
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTooLarge);
  EXPECT_EQ(failure.message, "the response is larger than 1000 bytes");
  EXPECT_LE(streamed_.size(), 1'000U);
  server_.AddResponse(500, std::string(3'000'000, 'x'));
  EXPECT_EQ(Failure(Send(request)).kind, Kind::kTooLarge) << "error bodies are limited, too";
}

TEST_F(HttpTest, EndlessHeadersAreGivenUp) {
  LoopbackScript script = {Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\n")};
  for (int i = 0; i < 400; ++i)
    script.push_back(Action::Send("X-Pad: " + std::string(1'000, 'x') + "\r\n"));
  server_.Add(script);
  const HttpFailure failure = Failure(Send(Request()));
  EXPECT_EQ(failure.kind, Kind::kTooLarge);
  EXPECT_EQ(failure.message, "the response's headers are larger than 262144 bytes");
}

TEST_F(HttpTest, AStopEndsASilentTransferAtOnce) {
  StopSource source;
  server_.Add({Action::Receive(), Action::Pause(Milliseconds(60'000))});
  std::thread stopper([&] {
    while (server_.requests().empty()) std::this_thread::sleep_for(Milliseconds(1));
    source.Request(StopLevel::kNow);
  });
  const auto start = std::chrono::steady_clock::now();
  const HttpFailure failure = Failure(Send(Request(), StopToken(source)));
  stopper.join();
  EXPECT_EQ(failure.kind, Kind::kStopped);
  EXPECT_FALSE(failure.body_started);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Milliseconds(20'000));
}

TEST_F(HttpTest, AStopDuringTheBodyIsAStopAndNotACut) {
  StopSource source;
  on_data_ = [&] { source.Request(StopLevel::kNow); };
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
               Action::Pause(Milliseconds(60'000))});
  const HttpFailure failure = Failure(Send(Request(), StopToken(source)));
  EXPECT_EQ(failure.kind, Kind::kStopped);
  EXPECT_TRUE(failure.body_started);
}

TEST_F(HttpTest, EnoughEndsTheTransferAsAResponse) {
  server_.Add(
      {Action::Receive(),
       Action::Send("HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 99\r\n\r\nall I need"),
       Action::Pause(std::chrono::seconds(60))});
  bool enough = false;
  HttpRequest request = Request();
  request.enough = &enough;
  on_data_ = [&] { enough = true; };
  const HttpResponse response = Response(Send(request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("x-request-id"), "r1");
  EXPECT_EQ(streamed_, "all I need");
}

TEST_F(HttpTest, AfterStepLetsATransferFinish) {
  StopSource source;
  source.Request(StopLevel::kAfterStep);
  server_.AddResponse(200, "ok");
  EXPECT_EQ(Response(Send(Request(), StopToken(source))).status, 200);
  source.Request(StopLevel::kNow);
  EXPECT_EQ(Failure(Send(Request(), StopToken(source))).kind, Kind::kStopped);
  EXPECT_EQ(server_.connections(), 1) << "after a stop nothing is sent";
}

TEST_F(HttpTest, TlsToAServerWithoutItFails) {
  server_.Add({Action::Send("HTTP/1.1 400 Bad Request\r\n\r\n")});
  HttpRequest request = Request();
  request.url = server_.Url("/", "https");
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kBadUrl) << failure.message;
  EXPECT_NE(failure.message.find("does not speak TLS"), std::string::npos) << failure.message;
}

TEST_F(HttpTest, ASilentTlsHandshakeMeetsTheConnectLimit) {
  server_.Add({Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.url = server_.Url("/", "https");
  request.connect_timeout = Milliseconds(100);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kConnect);
  EXPECT_TRUE(StartsWith(failure.message, "no connection within 100 ms (connect time-out): "))
      << failure.message;
}

TEST_F(HttpTest, TheTotalTimeHoldsForTheHandshakeToo) {
  server_.Add({Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request();
  request.url = server_.Url("/", "https");
  request.total_timeout = Milliseconds(100);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kConnect);
  EXPECT_EQ(failure.message, "no connection within 100 ms (total time-out)");
}

TEST_F(HttpTest, TransfersInParallelDoNotMix) {
  for (int i = 0; i < 12; ++i) server_.AddResponse(200, std::string(50'000, 'x'));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) {
        std::size_t bytes = 0;
        const auto outcome =
            RealHttp().Send(Request(), [&](std::string_view data) { bytes += data.size(); }, {});
        EXPECT_EQ(Response(outcome).status, 200);
        EXPECT_EQ(bytes, 50'000U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpTest, SignalsAreLeftAsTheyWere) {
  sigset_t before;
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  server_.AddResponse(200, "ok");
  EXPECT_EQ(Response(Send(Request())).status, 200);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(::sigismember(&after, SIGPIPE), ::sigismember(&before, SIGPIPE));
}

}  // namespace
}  // namespace caesar
