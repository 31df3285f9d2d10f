// The real HTTP client and a server that speaks HTTP/2, frame by frame.
#include <gtest/gtest.h>

#include <fstream>

#include "base/strings.h"
#include "fakes/http2_peer.h"
#include "fakes/loopback_tls.h"
#include "fakes/temp_folder.h"
#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

using Action = LoopbackAction;
using Kind = HttpFailure::Kind;
using Peer = Http2Peer;

class HttpHttp2Test : public HttpFixture {
 protected:
  HttpHttp2Test() { std::ofstream(folder_.path() + "/ca.pem") << authority_.pem(); }

  HttpRequest Request() const { return RequestTo(server_.Url("/v1/chat", "https")); }

  // Adds a connection on which `talk` answers once the request was read.
  void Add(std::function<void(Peer&)> talk) {
    server_.Add({Action::Run([this, talk](LoopbackChannel& channel) {
      Peer peer(channel);
      body_ = peer.ReceiveRequest();
      talk(peer);
    })});
  }

  TempFolder folder_;
  TestAuthority authority_;
  ScopedVariable trust_{"SSL_CERT_FILE", folder_.path() + "/ca.pem"};
  std::string body_;  // of the last request; read after Send has returned
  LoopbackServer server_{TlsOf(authority_.Issue("127.0.0.1"), {"h2"})};
};

TEST_F(HttpHttp2Test, AWholeResponse) {
  Add([](Peer& peer) {
    peer.SendStatus200();
    peer.SendData("hello ");
    peer.SendData("world", true);
    peer.AwaitEnd();
  });
  HttpRequest request = Request();
  request.body = std::string(300'000, 'p');  // several windows of HTTP/2
  const HttpResponse response = Response(Send(request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("content-type"), "text/event-stream");
  EXPECT_EQ(streamed_, "hello world");
  EXPECT_EQ(body_, request.body);
}

TEST_F(HttpHttp2Test, APieceArrivesBeforeTheNextOneIsSent) {
  const auto peer = std::make_shared<std::unique_ptr<Peer>>();
  server_.Add({Action::Run([peer](LoopbackChannel& channel) {
                 *peer = std::make_unique<Peer>(channel);
                 (*peer)->ReceiveRequest();
                 (*peer)->SendStatus200();
                 (*peer)->SendData("one ");
               }),
               Action::Await(), Action::Run([peer](LoopbackChannel&) {
                 (*peer)->SendData("two", true);
                 (*peer)->AwaitEnd();
               })});
  on_data_ = [&] { server_.Continue(); };
  EXPECT_EQ(Response(Send(Request())).status, 200);
  EXPECT_EQ(streamed_, "one two");
}

TEST_F(HttpHttp2Test, ALargeResponse) {
  Add([](Peer& peer) {
    peer.SendStatus200();
    for (int i = 0; i < 200; ++i) peer.SendData(std::string(16'000, 'x'), i == 199);
    peer.AwaitEnd();
  });
  EXPECT_EQ(Response(Send(Request())).status, 200);
  EXPECT_EQ(streamed_.size(), 3'200'000U);
}

TEST_F(HttpHttp2Test, CutAfterEveryByteItIsNeverASuccess) {
  const std::string whole = Peer::Encode(Peer::kHeaders, 0x4, 1, Peer::HeadersOf200()) +
                            Peer::Encode(Peer::kData, 0, 1, "half") +
                            Peer::Encode(Peer::kData, 0x1, 1, "rest");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    server_.Add({Action::Run([&whole, size](LoopbackChannel& channel) {
      Peer peer(channel);
      peer.ReceiveRequest();
      channel.Write(std::string_view(whole).substr(0, size));
      if (size == whole.size()) peer.AwaitEnd();  // a reset could overtake the last bytes
    })});
    const HttpOutcome outcome = Send(Request());
    if (size == whole.size()) {
      EXPECT_EQ(Response(outcome).status, 200);
      EXPECT_EQ(streamed_, "halfrest");
    } else {
      EXPECT_EQ(Failure(outcome).kind, Kind::kCut) << size;
      EXPECT_TRUE(StartsWith("halfrest", streamed_));
    }
  }
}

TEST_F(HttpHttp2Test, AStreamThatIsResetIsCut) {
  for (const std::uint32_t error : {2U, 7U, 8U, 11U}) {
    Add([error](Peer& peer) {
      peer.SendStatus200();
      peer.SendData("half");
      peer.SendResetStream(error);
      peer.AwaitEnd();
    });
    const HttpFailure failure = Failure(Send(Request()));
    EXPECT_EQ(failure.kind, Kind::kCut) << error << ": " << failure.message;
    EXPECT_EQ(streamed_, "half");
  }
}

// The protocol says that nothing was done, so libcurl may ask again.
TEST_F(HttpHttp2Test, ARefusedStreamIsAskedAgain) {
  Add([](Peer& peer) {
    peer.SendResetStream(7);
    peer.AwaitEnd();
  });
  Add([](Peer& peer) {
    peer.SendStatus200();
    peer.SendData("in the end", true);
    peer.AwaitEnd();
  });
  EXPECT_EQ(Response(Send(Request())).status, 200);
  EXPECT_EQ(streamed_, "in the end");
  EXPECT_EQ(server_.connections(), 2);
}

// Any other reset may have been paid for.
TEST_F(HttpHttp2Test, AResetBeforeTheResponseIsNotAskedAgain) {
  for (const std::uint32_t error : {0U, 1U, 2U, 8U, 11U}) {
    Add([error](Peer& peer) {
      peer.SendResetStream(error);
      peer.AwaitEnd();
    });
    EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut) << error;
  }
  EXPECT_EQ(server_.connections(), 5);
}

TEST_F(HttpHttp2Test, AServerThatGoesAwayFinishesWhatItBegan) {
  Add([](Peer& peer) {
    peer.SendGoAway(peer.stream(), 0);
    peer.SendStatus200();
    peer.SendData("all of it", true);
    peer.AwaitEnd();
  });
  EXPECT_EQ(Response(Send(Request())).status, 200);
  EXPECT_EQ(streamed_, "all of it");
}

TEST_F(HttpHttp2Test, TheTimeOutsHold) {
  const auto first = [](Peer& peer) { peer.AwaitEnd(); };
  const auto headers = [](Peer& peer) {
    peer.SendStatus200();
    peer.AwaitEnd();
  };
  const auto body = [](Peer& peer) {
    peer.SendStatus200();
    peer.SendData("half");
    peer.AwaitEnd();
  };
  HttpRequest request = Request();
  request.first_byte_timeout = Milliseconds(400);
  request.idle_timeout = Milliseconds(300);
  const std::pair<std::function<void(Peer&)>, const char*> cases[] = {
      {first, "first-byte"}, {headers, "first-byte"}, {body, "idle"}};
  for (const auto& [talk, name] : cases) {
    Add(talk);
    const HttpFailure failure = Failure(Send(request));
    EXPECT_EQ(failure.kind, Kind::kTimedOut);
    EXPECT_NE(failure.message.find(name), std::string::npos) << failure.message;
  }
}

TEST_F(HttpHttp2Test, EnoughEndsTheTransfer) {
  Add([](Peer& peer) {
    peer.SendStatus200();
    peer.SendData("all I need");
    peer.AwaitEnd();
  });
  bool enough = false;
  HttpRequest request = Request();
  request.enough = &enough;
  on_data_ = [&] { enough = true; };
  EXPECT_EQ(Response(Send(request)).status, 200);
}

}  // namespace
}  // namespace caesar
