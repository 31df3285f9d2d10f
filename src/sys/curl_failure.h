// What libcurl's error of a transfer means.
#pragma once

#include <string>

#include "sys/curl_library.h"
#include "sys/http.h"

namespace caesar {

struct CurlFailure {
  CURLcode code = CURLE_OK;
  std::string message = {};    // libcurl's
  bool connected = false;      // name look-up, TCP and TLS were done: the request went out
  int connect_status = 0;      // the proxy's answer to CONNECT; 0: none was asked
  std::string ca_source = {};  // "SSL_CERT_FILE=/a.pem": where the CA file comes from, if set
  Milliseconds connect_timeout{0};
};

// Kind and message; the message never holds a proxy's password.
HttpFailure ToHttpFailure(const CurlFailure& failure);

std::string ShownLimit(Milliseconds limit);  // "10 s", "150 ms"

}  // namespace caesar
