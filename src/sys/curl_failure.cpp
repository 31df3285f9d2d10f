#include "sys/curl_failure.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

using Kind = HttpFailure::Kind;

template <std::size_t N>
bool SaysAnyOf(const std::string& message, const std::array<const char*, N>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const char* phrase) { return message.find(phrase) != std::string::npos; });
}

// What TLS libraries say of a peer that answers in plain text. OpenSSL: "wrong version number"
// until 3.1, the next two later, "http request" where a plain one is sent. GnuTLS: the last two.
constexpr std::array kPlainText = {"wrong version number",  "packet length too long",
                                   "record layer failure",  "http request",
                                   "unexpected TLS packet", "illegal or unsupported version"};

// A handshake that failed over a certificate without libcurl's own code for it: the server wants
// one of ours (an alert), or OpenSSL met a signature by another key of the same name.
constexpr std::array kOfCertificate = {"certificate", "asn1 encoding routines"};

HttpFailure OfConnectStatus(int status) {
  const bool passing = status == 408 || status == 429 || status >= 500;
  return {passing ? Kind::kConnect : Kind::kProxy,
          Format("the proxy answered CONNECT with status {}{}", status,
                 status == 407 ? ": it wants a user name and a password "
                                 "(https_proxy=http://USER:PASSWORD@HOST:PORT)"
                               : ""),
          false};
}

HttpFailure OfCertificate(const CurlFailure& failure) {
  const std::string from = failure.ca_source.empty() ? "" : Format(" ({})", failure.ca_source);
  return {Kind::kCertificate, failure.message + from, false};
}

HttpFailure OfHandshake(const CurlFailure& failure) {
  if (SaysAnyOf(failure.message, kOfCertificate)) return OfCertificate(failure);
  if (!SaysAnyOf(failure.message, kPlainText)) return {Kind::kTls, failure.message, false};
  return {Kind::kBadUrl,
          Format("the server does not speak TLS there; is its address http://...? ({})",
                 failure.message),
          false};
}

}  // namespace

HttpFailure ToHttpFailure(const CurlFailure& failure) {
  if (failure.connect_status >= 300) return OfConnectStatus(failure.connect_status);
  if (StartsWith(failure.message, "Unsupported proxy")) {  // and shows the URL with its password
    return {Kind::kProxy, "the environment names a proxy that libcurl cannot use", false};
  }
  const Kind broken = failure.connected ? Kind::kCut : Kind::kConnect;
  // As an int: it is no enum of ours, and far larger than what we tell apart.
  switch (static_cast<int>(failure.code)) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:  // connected: the server does not speak HTTP
      return {failure.connected ? Kind::kCut : Kind::kBadUrl, failure.message, false};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Kind::kResolve, failure.message, false};
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return {broken, failure.message, false};
    case CURLE_OPERATION_TIMEDOUT:
      if (failure.connected) return {Kind::kTimedOut, failure.message, false};
      return {Kind::kConnect,
              Format("no connection within {} (connect time-out): {}",
                     ShownLimit(failure.connect_timeout), failure.message),
              false};
    case CURLE_SSL_CONNECT_ERROR:
      return OfHandshake(failure);
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return {Kind::kTls, failure.message, false};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
      return OfCertificate(failure);
    default:
      return {Kind::kCut, failure.message, false};
  }
}

std::string ShownLimit(Milliseconds limit) {
  const auto ms = limit.count();
  return ms >= 1'000 && ms % 1'000 == 0 ? Format("{} s", ms / 1'000) : Format("{} ms", ms);
}

}  // namespace caesar
