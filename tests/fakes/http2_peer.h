// The server's half of one HTTP/2 connection, frame by frame (RFC 9113), for one request. Runs
// within a LoopbackAction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/loopback_server.h"

namespace caesar {

class Http2Peer {
 public:
  enum Frame : std::uint8_t {
    kData = 0,
    kHeaders = 1,
    kReset = 3,
    kSettings = 4,
    kGoAway = 7,
    kWindow = 8
  };

  explicit Http2Peer(LoopbackChannel& channel) : channel_(channel) {}

  // Reads the preface and one whole request, and agrees to its settings. The body of the request;
  // its header block stays compressed.
  std::string ReceiveRequest();

  void SendStatus200(bool last = false);  // with a content type
  void SendData(std::string_view data, bool last = false);
  void SendResetStream(std::uint32_t error);  // RFC 9113, 7: 7 is REFUSED_STREAM, 8 CANCEL
  void SendGoAway(std::uint32_t last_stream, std::uint32_t error);
  void AwaitEnd();  // until the client has closed

  // The bytes of a frame, to be cut anywhere.
  static std::string Encode(Frame type, std::uint8_t flags, std::uint32_t stream,
                            std::string_view payload);
  static std::string HeadersOf200();  // the payload of kHeaders
  std::uint32_t stream() const { return stream_; }

 private:
  bool ReadExactly(std::size_t size, std::string& bytes);

  LoopbackChannel& channel_;
  std::string read_;
  std::uint32_t stream_ = 0;
};

}  // namespace caesar
