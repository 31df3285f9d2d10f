#include "fakes/http2_peer.h"

namespace caesar {
namespace {

constexpr std::uint8_t kAck = 0x1;
constexpr std::uint8_t kEndStream = 0x1;
constexpr std::uint8_t kEndHeaders = 0x4;
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string BigEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

std::uint32_t Number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::string Http2Peer::ReceiveRequest() {
  std::string bytes;
  std::string body;
  if (!ReadExactly(kPreface.size(), bytes) || bytes != kPreface) return "";
  channel_.Write(Encode(kSettings, 0, 0, "") + Encode(kSettings, kAck, 0, ""));
  for (bool last = false; !last;) {
    if (!ReadExactly(9, bytes)) return "";
    const std::size_t size = Number(bytes.substr(0, 3));
    const auto type = static_cast<std::uint8_t>(bytes[3]);
    const auto flags = static_cast<std::uint8_t>(bytes[4]);
    const std::uint32_t stream = Number(bytes.substr(5, 4));
    if (!ReadExactly(size, bytes)) return "";
    if (type == kHeaders) stream_ = stream;
    if (type == kData && size > 0) {
      body += bytes;
      for (const std::uint32_t whom : {0U, stream})
        channel_.Write(Encode(kWindow, 0, whom, BigEndian(static_cast<std::uint32_t>(size), 4)));
    }
    last = (type == kHeaders || type == kData) && (flags & kEndStream) != 0;
  }
  return body;
}

void Http2Peer::SendStatus200(bool last) {
  const auto flags = static_cast<std::uint8_t>(kEndHeaders | (last ? kEndStream : 0));
  channel_.Write(Encode(kHeaders, flags, stream_, HeadersOf200()));
}

void Http2Peer::SendData(std::string_view data, bool last) {
  channel_.Write(Encode(kData, last ? kEndStream : 0, stream_, data));
}

void Http2Peer::SendResetStream(std::uint32_t error) {
  channel_.Write(Encode(kReset, 0, stream_, BigEndian(error, 4)));
}

void Http2Peer::SendGoAway(std::uint32_t last_stream, std::uint32_t error) {
  channel_.Write(Encode(kGoAway, 0, 0, BigEndian(last_stream, 4) + BigEndian(error, 4)));
}

void Http2Peer::AwaitEnd() {
  while (!channel_.Read().empty()) {
  }
}

std::string Http2Peer::Encode(Frame type, std::uint8_t flags, std::uint32_t stream,
                              std::string_view payload) {
  std::string frame = BigEndian(static_cast<std::uint32_t>(payload.size()), 3);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + BigEndian(stream, 4) + std::string(payload);
}

// HPACK (RFC 7541): ":status: 200" is entry 8 of the static table, and "content-type" the name of
// entry 31, whose value follows as it is and is not remembered (0x0F 0x10).
std::string Http2Peer::HeadersOf200() {
  constexpr std::string_view kType = "text/event-stream";
  return std::string("\x88\x0F\x10") + static_cast<char>(kType.size()) + std::string(kType);
}

bool Http2Peer::ReadExactly(std::size_t size, std::string& bytes) {
  while (read_.size() < size) {
    const std::string more = channel_.Read();
    if (more.empty()) return false;
    read_ += more;
  }
  bytes = read_.substr(0, size);
  read_.erase(0, size);
  return true;
}

}  // namespace caesar
