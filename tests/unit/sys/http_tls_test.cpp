// The real HTTP client and TLS: whom it trusts, and what it says if it does not.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/strings.h"
#include "fakes/loopback_tls.h"
#include "fakes/temp_folder.h"
#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

using Action = LoopbackAction;
using Kind = HttpFailure::Kind;

constexpr long kDay = 86'400;

class HttpTlsTest : public HttpFixture {
 protected:
  std::string Save(const std::string& name) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << authority_.pem();
    return path;
  }

  // Asks a server that identifies itself so, and is trusted if it can be.
  HttpFailure Refused(const TlsIdentity& identity) {
    const ScopedVariable trust("SSL_CERT_FILE", Save("ca.pem"));
    LoopbackServer server(TlsOf(identity));
    server.AddResponse(200, "the key was sent");
    HttpRequest request = RequestTo(server.Url("/", "https"));
    request.headers = {{"Authorization", "Bearer secret"}};
    const HttpFailure failure = Failure(Send(request));
    EXPECT_EQ(Join(server.requests(), ""), "");
    return failure;
  }

  void ExpectAnswer() {
    server_.AddResponse(200, "hello");
    EXPECT_EQ(Response(Send(RequestTo(server_.Url("/", "https")))).status, 200);
    EXPECT_EQ(streamed_, "hello");
  }

  TempFolder folder_;
  TestAuthority authority_;
  LoopbackServer server_{TlsOf(authority_.Issue("127.0.0.1"))};
};

TEST_F(HttpTlsTest, TrustsTheFileOfTheEnvironment) {
  const std::string path = Save("ca.pem");
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    const ScopedVariable trust(name, path);
    ExpectAnswer();
  }
}

TEST_F(HttpTlsTest, TheVariableOfCurlComesFirst) {
  const ScopedVariable curl("CURL_CA_BUNDLE", Save("ca.pem"));
  const ScopedVariable other("SSL_CERT_FILE", "/nonexistent/ca.pem");
  ExpectAnswer();
}

TEST_F(HttpTlsTest, TrustsTheFolderOfTheEnvironment) {
  Save(authority_.file_name());
  const ScopedVariable trust("SSL_CERT_DIR", folder_.path());
  ExpectAnswer();
}

TEST_F(HttpTlsTest, AnEmptyVariableIsNone) {
  const ScopedVariable trust("SSL_CERT_FILE", "");
  server_.AddResponse(200, "");
  EXPECT_EQ(Failure(Send(RequestTo(server_.Url("/", "https")))).kind, Kind::kCertificate);
}

TEST_F(HttpTlsTest, AnUnknownAuthorityIsNotTrusted) {
  for (const char* name : {"another authority", "caesar test authority"}) {
    const HttpFailure failure = Refused(TestAuthority(name).Issue("127.0.0.1"));
    EXPECT_EQ(failure.kind, Kind::kCertificate) << name << ": " << failure.message;
  }
}

TEST_F(HttpTlsTest, WrongCertificatesAreRefusedBeforeAnythingIsSent) {
  for (const TlsIdentity& identity :
       {SelfSigned("127.0.0.1"), authority_.Issue("127.0.0.2"), authority_.Issue("other.test"),
        authority_.Issue("127.0.0.1", -2 * kDay, -kDay),
        authority_.Issue("127.0.0.1", kDay, 2 * kDay)}) {
    const HttpFailure failure = Refused(identity);
    EXPECT_EQ(failure.kind, Kind::kCertificate) << failure.message;
    EXPECT_NE(failure.message, "");
  }
}

TEST_F(HttpTlsTest, AMissingFileIsNamedAndSoIsItsVariable) {
  const ScopedVariable trust("SSL_CERT_FILE", "/nonexistent/ca.pem");
  const HttpFailure failure = Failure(Send(RequestTo(server_.Url("/", "https"))));
  EXPECT_EQ(failure.kind, Kind::kCertificate);
  EXPECT_NE(failure.message.find("/nonexistent/ca.pem"), std::string::npos) << failure.message;
  EXPECT_NE(failure.message.find("SSL_CERT_FILE"), std::string::npos) << failure.message;
}

TEST_F(HttpTlsTest, AHandshakeThatBreaksMayGoBetterNextTime) {
  LoopbackServer plain;
  const auto hello = Action::Run([](LoopbackChannel& channel) { channel.Read(); });
  for (const Action& end : {Action::Close(), Action::Reset()}) {
    plain.Add({hello, end});
    const HttpFailure failure = Failure(Send(RequestTo(plain.Url("/", "https"))));
    EXPECT_EQ(failure.kind, Kind::kTls) << failure.message;
  }
}

TEST_F(HttpTlsTest, ATlsPortAskedInPlainTextIsACut) {
  EXPECT_EQ(Failure(Send(RequestTo(server_.Url("/", "http")))).kind, Kind::kCut);
}

TEST_F(HttpTlsTest, AStreamWithoutAGoodbyeIsWholeOnlyByItsLength) {
  const ScopedVariable trust("SSL_CERT_FILE", Save("ca.pem"));
  const HttpRequest request = RequestTo(server_.Url("/", "https"));
  server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
               Action::Cut()});
  EXPECT_EQ(Response(Send(request)).status, 200);
  const std::string until_close = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";
  server_.Add({Action::Receive(), Action::Send(until_close)});
  EXPECT_EQ(Response(Send(request)).status, 200);
  EXPECT_EQ(streamed_, "hello");
  server_.Add({Action::Receive(), Action::Send(until_close), Action::Cut()});
  // Whether this counts as an end depends on libcurl's age and TLS library; it is no other failure.
  const HttpOutcome outcome = Send(request);
  EXPECT_EQ(streamed_, "hello");
  if (std::holds_alternative<HttpFailure>(outcome)) {
    EXPECT_EQ(Failure(outcome).kind, Kind::kCut) << Failure(outcome).message;
  }
}

TEST_F(HttpTlsTest, ManyThreadsHaveTheirOwnHandshakes) {
  const ScopedVariable trust("SSL_CERT_FILE", Save("ca.pem"));
  for (int i = 0; i < 12; ++i) server_.AddResponse(200, std::string(50'000, 'x'));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3; ++i) {
        const HttpOutcome outcome = RealHttp().Send(RequestTo(server_.Url("/", "https")), {}, {});
        EXPECT_EQ(Response(outcome).body.size(), 50'000U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace caesar
