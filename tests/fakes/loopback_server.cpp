#include "fakes/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kRequestBytesMax = std::size_t{64} << 20;

// Waits until `fd` is ready for `events`; false if `wake` was first.
bool AwaitReady(int fd, short events, int wake) {
  pollfd waits[] = {{.fd = fd, .events = events, .revents = 0},
                    {.fd = wake, .events = POLLIN, .revents = 0}};
  while (::poll(waits, 2, -1) < 0) {
  }
  return waits[1].revents == 0;
}

std::size_t AnnouncedBody(const std::string& head) {
  const std::string lower = ToLower(head);
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::size_t at = lower.find(kName);
  return at == std::string::npos ? 0
                                 : std::strtoull(lower.c_str() + at + kName.size(), nullptr, 10);
}

}  // namespace

LoopbackServer::LoopbackServer()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      go_(::eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(::bind(listener_, generic, size) == 0);
  CHECK(::listen(listener_, 16) == 0);
  CHECK(::getsockname(listener_, generic, &size) == 0);
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

LoopbackServer::~LoopbackServer() {
  const std::uint64_t one = 1;
  CHECK(::write(wake_, &one, sizeof one) == sizeof one);
  thread_.join();
  ::close(listener_);
  ::close(wake_);
  ::close(go_);
}

std::string LoopbackServer::Url(const std::string& path, const std::string& scheme) const {
  return Format("{}://127.0.0.1:{}{}", scheme, port_, path);
}

void LoopbackServer::Add(LoopbackScript script) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back(std::move(script));
}

void LoopbackServer::AddResponse(int status, const std::string& body,
                                 const std::vector<std::string>& header_lines) {
  std::string response =
      Format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n", status, body.size());
  for (const std::string& line : header_lines) response += line + "\r\n";
  Add({LoopbackAction::Receive(), LoopbackAction::Send(response + "\r\n" + body)});
}

void LoopbackServer::AnswerWith(std::function<std::string(const std::string&)> answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void LoopbackServer::Continue() {
  const std::uint64_t one = 1;
  CHECK(::write(go_, &one, sizeof one) == sizeof one);
}

std::vector<std::string> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int LoopbackServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void LoopbackServer::Serve() {
  while (AwaitReady(listener_, POLLIN, wake_)) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    LoopbackScript script;
    std::function<std::string(const std::string&)> answer;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
      if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
      } else {
        answer = answer_;
      }
    }
    if (answer) {
      Send(connection, answer(Receive(connection)));
    } else {
      Play(connection, script);
    }
    ::close(connection);
  }
}

void LoopbackServer::Play(int connection, const LoopbackScript& script) {
  for (const LoopbackAction& action : script) {
    switch (action.kind) {
      case LoopbackAction::Kind::kReceive:
        Receive(connection);
        break;
      case LoopbackAction::Kind::kSend:
        if (!Send(connection, action.bytes)) return;
        break;
      case LoopbackAction::Kind::kPause: {
        pollfd wake{.fd = wake_, .events = POLLIN, .revents = 0};
        ::poll(&wake, 1, static_cast<int>(action.duration.count()));
        break;
      }
      case LoopbackAction::Kind::kAwait: {
        std::uint64_t one = 0;
        if (AwaitReady(go_, POLLIN, wake_)) CHECK(::read(go_, &one, sizeof one) == sizeof one);
        break;
      }
      case LoopbackAction::Kind::kClose:
        return;
      case LoopbackAction::Kind::kReset: {
        const linger hard{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return;
      }
    }
  }
}

bool LoopbackServer::Send(int connection, std::string_view bytes) {
  while (!bytes.empty() && AwaitReady(connection, POLLOUT, wake_)) {
    const ssize_t sent =
        ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string LoopbackServer::Receive(int connection) {
  std::string request;
  std::size_t wanted = std::string::npos;
  while (request.size() < std::min(wanted, kRequestBytesMax) &&
         AwaitReady(connection, POLLIN, wake_)) {
    char buffer[16 * 1024];
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) break;
    request.append(buffer, static_cast<std::size_t>(count));
    const std::size_t end = request.find("\r\n\r\n");
    if (wanted == std::string::npos && end != std::string::npos) {
      wanted = end + 4 + AnnouncedBody(request.substr(0, end));
    }
  }
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  return request;
}

}  // namespace caesar
