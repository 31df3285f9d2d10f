// The real HTTP client and the proxies of the environment.
#include <gtest/gtest.h>

#include <fstream>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/loopback_tls.h"
#include "fakes/temp_folder.h"
#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

using Action = LoopbackAction;
using Kind = HttpFailure::Kind;

constexpr const char* kEstablished = "HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n";

// What is asked has a name that only the proxy knows.
class HttpProxyTest : public HttpFixture {
 protected:
  HttpProxyTest() { std::ofstream(folder_.path() + "/ca.pem") << authority_.pem(); }

  static HttpRequest Request(const std::string& url) {
    HttpRequest request = RequestTo(url);
    request.headers = {{"Authorization", "Bearer secret"}};
    return request;
  }

  std::string Seen() { return proxy_.requests().empty() ? "" : proxy_.requests().back(); }

  HttpFailure FailureOfConnect(const std::string& answer) {
    const ScopedVariable use("HTTPS_PROXY", proxy_.Url(""));
    proxy_.Add({Action::Receive(), Action::Send(answer)});
    const HttpFailure failure = Failure(Send(Request("https://model.test/v1")));
    EXPECT_EQ(Seen().find("secret"), std::string::npos);
    return failure;
  }

  TempFolder folder_;
  TestAuthority authority_;
  LoopbackServer proxy_;
};

TEST_F(HttpProxyTest, EachVariableIsUsedForItsScheme) {
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
    const ScopedVariable use(name, proxy_.Url(""));
    proxy_.AddResponse(200, "through the proxy");
    EXPECT_EQ(Response(Send(Request("http://model.test/path"))).status, 200) << name;
    EXPECT_TRUE(StartsWith(Seen(), "POST http://model.test/path HTTP/1.1\r\n")) << Seen();
  }
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const ScopedVariable use(name, proxy_.Url(""));
    proxy_.AddResponse(502, "");
    Failure(Send(Request("https://model.test/path")));
    EXPECT_TRUE(StartsWith(Seen(), "CONNECT model.test:443 HTTP/1.1\r\n")) << Seen();
  }
  EXPECT_EQ(proxy_.connections(), 8);
}

TEST_F(HttpProxyTest, TheOneForItsSchemeComesFirst) {
  LoopbackServer other;
  const ScopedVariable all("ALL_PROXY", other.Url(""));
  const ScopedVariable use("HTTP_PROXY", proxy_.Url(""));
  proxy_.AddResponse(200, "");
  EXPECT_EQ(Response(Send(Request("http://model.test/"))).status, 200);
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(HttpProxyTest, NoProxyNamesHostsToAskDirectly) {
  const ScopedVariable use("HTTP_PROXY", proxy_.Url(""));
  const ScopedVariable all("ALL_PROXY", proxy_.Url(""));
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const ScopedVariable direct(name, "other.test,.invalid");
    EXPECT_EQ(Failure(Send(Request("http://model.invalid/"))).kind, Kind::kResolve);
  }
  EXPECT_EQ(proxy_.connections(), 0);
}

TEST_F(HttpProxyTest, ThisMachineIsNeverAskedThroughAProxy) {
  const ScopedVariable http("http_proxy", proxy_.Url(""));
  const ScopedVariable all("ALL_PROXY", proxy_.Url(""));
  LoopbackServer model;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    model.AddResponse(200, "");
    EXPECT_EQ(Response(Send(Request(Format("http://{}:{}/", host, model.port())))).status, 200);
  }
  EXPECT_EQ(proxy_.connections(), 0);
}

TEST_F(HttpProxyTest, ATunnelToTlsHidesTheKeyFromTheProxy) {
  LoopbackServer model(TlsOf(authority_.Issue("model.test")));
  const ScopedVariable trust("SSL_CERT_FILE", folder_ / "ca.pem");
  const ScopedVariable use("https_proxy",
                           Format("http://user:password@127.0.0.1:{}", proxy_.port()));
  proxy_.Add({Action::Receive(), Action::Send(kEstablished), Action::Tunnel(model.port())});
  model.AddResponse(200, "hello");
  const HttpResponse response = Response(Send(Request("https://model.test/v1")));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("x-proxy"), "") << "the proxy's headers are not the model's";
  EXPECT_EQ(streamed_, "hello");
  EXPECT_TRUE(StartsWith(Seen(), "CONNECT model.test:443 HTTP/1.1\r\n"));
  EXPECT_EQ(Seen().find("secret"), std::string::npos);
  EXPECT_NE(Seen().find("Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n"), std::string::npos);
  ASSERT_EQ(model.requests().size(), 1U);
  EXPECT_NE(model.requests()[0].find("Authorization: Bearer secret\r\n"), std::string::npos);
  EXPECT_EQ(model.requests()[0].find("Proxy-"), std::string::npos);
}

TEST_F(HttpProxyTest, AProxyCannotPassForTheModel) {
  LoopbackServer impostor(TlsOf(authority_.Issue("proxy.test")));
  const ScopedVariable trust("SSL_CERT_FILE", folder_ / "ca.pem");
  const ScopedVariable use("https_proxy", proxy_.Url(""));
  proxy_.Add({Action::Receive(), Action::Send(kEstablished), Action::Tunnel(impostor.port())});
  EXPECT_EQ(Failure(Send(Request("https://model.test/v1"))).kind, Kind::kCertificate);
  EXPECT_TRUE(impostor.requests().empty());
}

TEST_F(HttpProxyTest, AProxyThatWantsAPasswordIsAClearFailure) {
  const HttpFailure failure = FailureOfConnect(
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n"
      "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(failure.kind, Kind::kProxy);
  EXPECT_NE(failure.message.find("407"), std::string::npos) << failure.message;
  EXPECT_NE(failure.message.find("password"), std::string::npos);
  const ScopedVariable use("http_proxy", proxy_.Url(""));
  proxy_.AddResponse(407, "", {"Proxy-Authenticate: Basic realm=x"});
  EXPECT_EQ(Response(Send(Request("http://model.test/"))).status, 407) << "it answers for itself";
}

TEST_F(HttpProxyTest, AProxyBehindTlsMustBeTrustedToo) {
  LoopbackServer proxy(TlsOf(authority_.Issue("127.0.0.1")));
  const ScopedVariable use("https_proxy", proxy.Url("", "https"));
  for (int i = 0; i < 2; ++i) proxy.AddResponse(407, "");
  EXPECT_EQ(Failure(Send(Request("https://model.test/"))).kind, Kind::kCertificate);
  const ScopedVariable trust("SSL_CERT_FILE", folder_ / "ca.pem");
  EXPECT_EQ(Failure(Send(Request("https://model.test/"))).kind, Kind::kProxy);
  EXPECT_TRUE(StartsWith(proxy.requests().back(), "CONNECT model.test:443 HTTP/1.1\r\n"));
  EXPECT_EQ(Join(proxy.requests(), "").find("secret"), std::string::npos);
}

TEST_F(HttpProxyTest, WhatARefusedTunnelMeans) {
  EXPECT_EQ(FailureOfConnect("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnono").kind,
            Kind::kProxy);
  EXPECT_EQ(FailureOfConnect("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").kind,
            Kind::kConnect);
  EXPECT_EQ(FailureOfConnect("").kind, Kind::kConnect) << "closed";
  EXPECT_EQ(FailureOfConnect("HTTP/1.1 200 Conn").kind, Kind::kConnect) << "cut";
}

TEST_F(HttpProxyTest, AProxyThatIsDead) {
  std::string gone;
  {
    const LoopbackServer dead;
    gone = dead.Url("");
  }
  const ScopedVariable use("ALL_PROXY", gone);
  for (const char* url : {"http://model.test/", "https://model.test/"}) {
    const HttpFailure failure = Failure(Send(Request(url)));
    EXPECT_EQ(failure.kind, Kind::kConnect);
    EXPECT_NE(failure.message.find("127.0.0.1"), std::string::npos) << failure.message;
  }
}

TEST_F(HttpProxyTest, ASilentProxyMeetsTheConnectLimit) {
  const ScopedVariable use("HTTPS_PROXY", proxy_.Url(""));
  proxy_.Add({Action::Receive(), Action::Pause(Milliseconds(60'000))});
  HttpRequest request = Request("https://model.test/");
  request.connect_timeout = Milliseconds(100);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kConnect);
  EXPECT_NE(failure.message.find("connect time-out"), std::string::npos) << failure.message;
}

TEST_F(HttpProxyTest, AProxyThatIsNoneDoesNotShowItsPassword) {
  for (const char* proxy : {"gopher://user:password@127.0.0.1:1", "http://user:password@:0:x",
                            "http://user:password@[::1", "http://user:password@nosuch.invalid"}) {
    const ScopedVariable use("ALL_PROXY", proxy);
    const HttpFailure failure = Failure(Send(Request("https://model.test/")));
    EXPECT_TRUE(failure.kind == Kind::kProxy || failure.kind == Kind::kResolve)
        << static_cast<int>(failure.kind) << failure.message;
    EXPECT_EQ(failure.message.find("password@"), std::string::npos) << failure.message;
  }
}

}  // namespace
}  // namespace caesar
