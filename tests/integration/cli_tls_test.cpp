// The real program and a model behind TLS: whom it trusts, by which protocol and through which
// proxy it asks, and what it says if it does not.
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/http2_peer.h"
#include "fakes/loopback_tls.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

using Action = LoopbackAction;

class CliTls : public testing::Test {
 protected:
  CliTls() {
    machine_.Set("CAESAR_API_KEY", "sk-very-secret");
    machine_.Write("ca.pem", authority_.pem());
    machine_.Unset("no_proxy");
  }

  void Trust() { machine_.Set("SSL_CERT_FILE", machine_ / "ca.pem"); }

  Ended Run(const std::string& url) {
    return machine_.Run(
        {"run", "scale", "--model", "m-1", "--base-url", url, "--out", "R", "--rounds", "1"});
  }

  static std::string Answer() { return ModelServer::Stream(ReplyOf("judge: measure 30 60")); }

  void ExpectReply(const Ended& ended) {
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_HAS(ended.out, "30.00 us");
  }

  Machine machine_;
  TestAuthority authority_;
};

TEST_F(CliTls, ACertificateOfTheUsersOwnAuthority) {
  LoopbackServer model(TlsOf(authority_.Issue("127.0.0.1")));
  model.Add({Action::Receive(), Action::Send(Answer())});
  Trust();
  ExpectReply(Run(model.Url("/v1", "https")));
  ASSERT_EQ(model.requests().size(), 1U);
  EXPECT_HAS(model.requests()[0], "Authorization: Bearer sk-very-secret\r\n");
}

TEST_F(CliTls, AnUntrustedCertificateIsNotTriedAgainAndGetsNoKey) {
  LoopbackServer model(TlsOf(SelfSigned("127.0.0.1")));
  for (int i = 0; i < 6; ++i) model.Add({Action::Receive(), Action::Send(Answer())});
  const Ended ended = Run(model.Url("/v1", "https"));
  EXPECT_EQ(ended.code, 3) << ended;
  EXPECT_HAS(ended.err, "The certificate of " + model.Url("/v1", "https") + " is not trusted.");
  EXPECT_HAS(ended.err, "SSL_CERT_FILE");
  EXPECT_HAS(ended.err, "The reason: ");
  EXPECT_EQ(model.connections(), 1);
  EXPECT_EQ(Join(model.requests(), ""), "");
}

TEST_F(CliTls, AModelThatSpeaksHttp2) {
  LoopbackServer model(TlsOf(authority_.Issue("127.0.0.1"), {"h2"}));
  model.Add({Action::Run([](LoopbackChannel& channel) {
    Http2Peer peer(channel);
    peer.ReceiveRequest();
    peer.SendStatus200();
    const std::string answer = Answer();
    const std::size_t body = answer.find("\r\n\r\n") + 4;
    peer.SendData(std::string_view(answer).substr(body), true);
    peer.AwaitEnd();
  })});
  Trust();
  ExpectReply(Run(model.Url("/v1", "https")));
}

TEST_F(CliTls, ThroughAProxyThatSeesNoKey) {
  LoopbackServer model(TlsOf(authority_.Issue("model.test")));
  LoopbackServer proxy;
  proxy.Add({Action::Receive(), Action::Send("HTTP/1.1 200 Connection established\r\n\r\n"),
             Action::Tunnel(model.port())});
  model.Add({Action::Receive(), Action::Send(Answer())});
  Trust();
  machine_.Set("HTTPS_PROXY", proxy.Url(""));
  ExpectReply(Run("https://model.test/v1"));
  EXPECT_HAS_NOT(Join(proxy.requests(), ""), "very-secret");
  EXPECT_HAS(Join(model.requests(), ""), "very-secret");
}

TEST_F(CliTls, AProxyThatWantsAPasswordIsNotAskedAgain) {
  LoopbackServer proxy;
  for (int i = 0; i < 6; ++i) proxy.AddResponse(407, "");
  machine_.Set("HTTPS_PROXY", proxy.Url(""));
  const Ended ended = Run("https://model.test/v1");
  EXPECT_EQ(ended.code, 3) << ended;
  EXPECT_HAS(ended.err, "The proxy on the way to https://model.test/v1 does not let");
  EXPECT_HAS(ended.err, "status 407");
  EXPECT_EQ(proxy.connections(), 1);
}

}  // namespace
}  // namespace caesar
