#include "fakes/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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

std::string LoopbackChannel::Read() {
  if (!AwaitReady(POLLIN)) return "";
  std::string bytes(16 * 1024, '\0');
  const ssize_t count = ::recv(connection_, bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

bool LoopbackChannel::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!AwaitReady(POLLOUT)) return false;
    const ssize_t sent =
        ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void LoopbackChannel::Pause(std::chrono::milliseconds duration) const {
  pollfd wake{.fd = wake_, .events = POLLIN, .revents = 0};
  ::poll(&wake, 1, static_cast<int>(duration.count()));
}

bool LoopbackChannel::AwaitReady(short events) const {
  return caesar::AwaitReady(connection_, events, wake_);
}

LoopbackAction LoopbackAction::Tunnel(int port) {
  return Run([port](LoopbackChannel& channel) {
    const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(static_cast<std::uint16_t>(port));
    CHECK(::connect(target, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const int ends[] = {channel.connection_, target};
    for (bool open = true; open;) {
      pollfd waits[] = {{.fd = ends[0], .events = POLLIN, .revents = 0},
                        {.fd = ends[1], .events = POLLIN, .revents = 0},
                        {.fd = channel.wake_, .events = POLLIN, .revents = 0}};
      ::poll(waits, 3, -1);
      open = waits[2].revents == 0;
      for (int from = 0; from < 2 && open; ++from) {
        if (waits[from].revents == 0) continue;
        char buffer[16 * 1024];
        const ssize_t count = ::recv(ends[from], buffer, sizeof buffer, 0);
        open = count > 0 && ::send(ends[1 - from], buffer, static_cast<std::size_t>(count),
                                   MSG_NOSIGNAL) == count;
      }
    }
    ::close(target);
  });
}

LoopbackServer::LoopbackServer(LoopbackWrap wrap)
    : wrap_(std::move(wrap)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
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
  sigset_t pipe;  // TLS libraries write with plain write()
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (AwaitReady(listener_, POLLIN, wake_)) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    Talk(connection);
    ::close(connection);
  }
}

void LoopbackServer::Talk(int connection) {
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
  const auto channel =
      wrap_ ? wrap_(connection, wake_) : std::make_unique<LoopbackChannel>(connection, wake_);
  if (channel == nullptr) return;
  if (answer) channel->Write(answer(Receive(*channel)));
  if (Play(connection, *channel, script)) channel->SayGoodbye();
}

// False: the connection is to be cut.
bool LoopbackServer::Play(int connection, LoopbackChannel& channel, const LoopbackScript& script) {
  for (const LoopbackAction& action : script) {
    switch (action.kind) {
      case LoopbackAction::Kind::kReceive:
        Receive(channel);
        break;
      case LoopbackAction::Kind::kSend:
        if (!channel.Write(action.bytes)) return false;
        break;
      case LoopbackAction::Kind::kPause:
        channel.Pause(action.duration);
        break;
      case LoopbackAction::Kind::kAwait: {
        std::uint64_t one = 0;
        if (AwaitReady(go_, POLLIN, wake_)) CHECK(::read(go_, &one, sizeof one) == sizeof one);
        break;
      }
      case LoopbackAction::Kind::kRun:
        action.run(channel);
        break;
      case LoopbackAction::Kind::kClose:
        return true;
      case LoopbackAction::Kind::kCut:
        return false;
      case LoopbackAction::Kind::kReset: {
        const linger hard{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
      }
    }
  }
  return true;
}

std::string LoopbackServer::Receive(LoopbackChannel& channel) {
  std::string request;
  std::size_t wanted = std::string::npos;
  while (request.size() < std::min(wanted, kRequestBytesMax)) {
    const std::string bytes = channel.Read();
    if (bytes.empty()) break;
    request += bytes;
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
