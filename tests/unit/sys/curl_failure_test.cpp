// What other versions of libcurl and other TLS libraries say, which the sockets here do not
// produce.
#include "sys/curl_failure.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

using Kind = HttpFailure::Kind;

TEST(CurlFailure, PlainTextWhereTlsWasExpected) {
  for (const char* message :
       {"error:0A00010B:SSL routines::wrong version number",
        "TLS connect error: error:0A0000C6:SSL routines::packet length too long",
        "TLS connect error: error:0A000139:SSL routines::record layer failure",
        "GnuTLS, handshake failed: An unexpected TLS packet was received.",
        "GnuTLS, handshake failed: A packet with illegal or unsupported version was received."}) {
    const HttpFailure failure =
        ToHttpFailure({.code = CURLE_SSL_CONNECT_ERROR, .message = message});
    EXPECT_EQ(failure.kind, Kind::kBadUrl) << message;
    EXPECT_NE(failure.message.find(message), std::string::npos);
  }
}

TEST(CurlFailure, BrokenHandshakes) {
  for (const char* message :
       {"OpenSSL SSL_connect: Connection reset by peer in connection to api.test:443",
        "error:0A000126:SSL routines::unexpected eof while reading",
        "GnuTLS, handshake failed: The TLS connection was non-properly terminated."}) {
    EXPECT_EQ(ToHttpFailure({.code = CURLE_SSL_CONNECT_ERROR, .message = message}).kind, Kind::kTls)
        << message;
  }
}

TEST(CurlFailure, HandshakesThatFailOverACertificate) {
  for (const char* message : {"error:0A00045C:SSL routines::tlsv13 alert certificate required",
                              "error:06880006:asn1 encoding routines::EVP lib",
                              "error:0A000086:SSL routines::certificate verify failed"}) {
    const CurlFailure failure{
        .code = CURLE_SSL_CONNECT_ERROR, .message = message, .ca_source = "SSL_CERT_FILE=/a.pem"};
    EXPECT_EQ(ToHttpFailure(failure).kind, Kind::kCertificate) << message;
    EXPECT_EQ(ToHttpFailure(failure).message, std::string(message) + " (SSL_CERT_FILE=/a.pem)");
  }
}

TEST(CurlFailure, WhatBreaksBeforeTheRequestWentOutIsNoCut) {
  for (const CURLcode code :
       {CURLE_COULDNT_CONNECT, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING}) {
    EXPECT_EQ(ToHttpFailure({.code = code, .message = "x"}).kind, Kind::kConnect);
    EXPECT_EQ(ToHttpFailure({.code = code, .message = "x", .connected = true}).kind, Kind::kCut);
  }
}

TEST(CurlFailure, StatusesOfAProxy) {
  const auto kind = [](int status) {
    return ToHttpFailure({.code = CURLE_RECV_ERROR, .message = "x", .connect_status = status}).kind;
  };
  for (const int status : {301, 400, 401, 403, 405, 407}) EXPECT_EQ(kind(status), Kind::kProxy);
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_EQ(kind(status), Kind::kConnect);
}

TEST(CurlFailure, LimitsAreShownInTheUnitThatFits) {
  EXPECT_EQ(ShownLimit(Milliseconds(600'000)), "600 s");
  EXPECT_EQ(ShownLimit(Milliseconds(1'500)), "1500 ms");
  EXPECT_EQ(ShownLimit(Milliseconds(0)), "0 ms");
}

}  // namespace
}  // namespace caesar
