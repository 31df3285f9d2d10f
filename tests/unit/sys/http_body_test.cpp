// The real HTTP client and the bytes of a response: framings cut anywhere, encodings, floods, and
// headers as nobody should send them.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/loopback_server.h"
#include "unit/sys/http_fixture.h"

namespace caesar {
namespace {

using Action = LoopbackAction;
using Kind = HttpFailure::Kind;

constexpr std::size_t kMiB = std::size_t{1} << 20;

class HttpBodyTest : public HttpFixture {
 protected:
  HttpRequest Request() const { return RequestTo(server_.Url()); }

  void AddBytes(std::string bytes) {
    server_.Add({Action::Receive(), Action::Send(std::move(bytes))});
  }

  // Sends `unit` until the client has gone; counted in sent_.
  void AddFlood(const std::string& head, const std::string& unit) {
    server_.Add(
        {Action::Receive(), Action::Send(head), Action::Run([this, unit](LoopbackChannel& channel) {
           for (sent_ = 0; sent_ < 1'000 * kMiB && channel.Write(unit);) sent_ += unit.size();
         })});
  }

  // Of the whole response a beginning of each length: the sizes for which it passed.
  std::vector<std::size_t> Passed(const std::string& whole, const std::string& body) {
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      AddBytes(whole.substr(0, size));
      const HttpOutcome outcome = Send(Request());
      EXPECT_TRUE(StartsWith(body, streamed_)) << size;
      if (std::holds_alternative<HttpResponse>(outcome)) {
        sizes.push_back(size);
      } else {
        EXPECT_EQ(Failure(outcome).kind, Kind::kCut) << size << ": " << Failure(outcome).message;
        EXPECT_EQ(Failure(outcome).body_started, !streamed_.empty()) << size;
      }
    }
    return sizes;
  }

  std::atomic<std::size_t> sent_ = 0;
  LoopbackServer server_;
};

TEST_F(HttpBodyTest, AChunkedResponsePassesOnlyWhole) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  const std::vector<std::size_t> sizes = Passed(whole, "hello world");
  ASSERT_FALSE(sizes.empty());
  EXPECT_EQ(sizes.back(), whole.size());
  EXPECT_GE(sizes.front(), whole.size() - 1) << "libcurl does without the very last line feed";
  EXPECT_EQ(streamed_, "hello world");
}

TEST_F(HttpBodyTest, AResponseOfKnownLengthPassesOnlyWhole) {
  const std::string whole =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world";
  EXPECT_EQ(Passed(whole, "hello world"), (std::vector<std::size_t>{whole.size()}));
}

TEST_F(HttpBodyTest, AResponseUntilTheConnectionClosesPassesOnceItHasBegun) {
  const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  const std::string body = "hello world";
  std::vector<std::size_t> sizes;  // whether it is all there is for those to know who decode it
  for (std::size_t size = head.size(); size <= head.size() + body.size(); ++size)
    sizes.push_back(size);
  EXPECT_EQ(Passed(head + body, body), sizes);
}

TEST_F(HttpBodyTest, AnErrorStatusPassesOnlyWhole) {
  const std::string whole = "HTTP/1.1 429 Slow\r\nContent-Length: 4\r\n\r\nslow";
  EXPECT_EQ(Passed(whole, ""), (std::vector<std::size_t>{whole.size()}));
}

TEST_F(HttpBodyTest, EncodingsAreAskedForAndUndone) {
  struct Case {
    const char* name;
    std::string bytes;  // "hello"
  };
  const Case cases[] = {
      {"gzip", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
                           "\x86\xa6\x10\x36\x05\x00\x00\x00",
                           25)},
      {"deflate", std::string("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15", 13)},
      {"deflate", std::string("\xcb\x48\xcd\xc9\xc9\x07\x00", 7)},  // without zlib's frame
      {"br", std::string("\x0b\x02\x80hello\x03", 9)}};
  for (const auto& [name, bytes] : cases) {
    server_.AddResponse(200, bytes, {Format("Content-Encoding: {}", name)});
    const HttpOutcome outcome = Send(Request());
    const std::string asked = ToLower(server_.requests().back());
    const std::size_t at = asked.find("\r\naccept-encoding: ");
    ASSERT_NE(at, std::string::npos);
    if (asked.substr(at + 2, asked.find("\r\n", at + 2) - at).find(name) == std::string::npos) {
      EXPECT_STREQ(name, "br") << "every libcurl has zlib";
      GTEST_SKIP() << "this libcurl knows no brotli";
    }
    EXPECT_EQ(Response(outcome).status, 200);
    EXPECT_EQ(streamed_, "hello") << name;
  }
}

TEST_F(HttpBodyTest, ACutEncodingIsNoSuccess) {
  const std::string zipped(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00"
      "\x00\x00",
      25);
  const std::string head = Format(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", zipped.size());
  EXPECT_EQ(Passed(head + zipped, "hello"),
            (std::vector<std::size_t>{head.size() + zipped.size()}));
}

// A deflate block of 1 MiB of zeros in 1,037 bytes, as zlib writes it; it can be repeated.
std::string BombUnit() {
  return std::string("\xec\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x08\x5f\xa0", 15) +
         std::string(1'016, '\0') + std::string("\x3e\x03\x00\x00\xff\xff", 6);
}

TEST_F(HttpBodyTest, ADecompressionBombIsCappedByWhatItBecomes) {
  AddFlood("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" +
               std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10),
           BombUnit());
  HttpRequest request = Request();
  request.response_bytes_max = 20 * kMiB;
  std::size_t bytes = 0;
  const HttpOutcome outcome =
      RealHttp().Send(request, [&](std::string_view data) { bytes += data.size(); }, {});
  EXPECT_EQ(Failure(outcome).kind, Kind::kTooLarge);
  EXPECT_GT(bytes, 19 * kMiB);
  EXPECT_LE(bytes, 20 * kMiB);
}

TEST_F(HttpBodyTest, AnEncodingThatBecomesNothingIsCappedByWhatCame) {
  // Empty stored blocks, without end.
  AddFlood("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" +
               std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10),
           ReplaceAll(std::string(4'000, 'x'), "x", std::string("\x00\x00\x00\xff\xff", 5)));
  HttpRequest request = Request();
  request.response_bytes_max = 4 * kMiB;
  EXPECT_EQ(Failure(Send(request)).kind, Kind::kTooLarge);
  EXPECT_EQ(streamed_, "");
}

TEST_F(HttpBodyTest, AFloodIsGivenUpAtTheLimitAndNotKept) {
  const auto peak_kib = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  HttpRequest request = Request();
  request.response_bytes_max = 100 * kMiB;
  AddFlood("HTTP/1.1 200 OK\r\n\r\n", std::string(64 * 1024, 'x'));
  [[maybe_unused]] const long before = peak_kib();
  std::size_t bytes = 0;
  const HttpOutcome outcome =
      RealHttp().Send(request, [&](std::string_view data) { bytes += data.size(); }, {});
  EXPECT_EQ(Failure(outcome).kind, Kind::kTooLarge);
  EXPECT_EQ(Failure(outcome).message, "the response is larger than 104857600 bytes");
  EXPECT_GT(bytes, 99 * kMiB);
  EXPECT_LE(bytes, 100 * kMiB);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(peak_kib() - before, 16 * 1024);
#endif
  EXPECT_LT(sent_, 130 * kMiB) << "what lies in the buffers of the sockets, and no more";
}

TEST_F(HttpBodyTest, AnAnnouncedSizeIsNotBelieved) {
  AddBytes("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhello");
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
  AddBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nhello");
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
  AddBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello");
  EXPECT_EQ(Failure(Send(Request())).kind, Kind::kCut);
}

TEST_F(HttpBodyTest, OfAnEndlessErrorPageTheBeginningIsTheAnswer) {
  AddFlood("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\n", std::string(64 * 1024, 'x'));
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("retry-after"), "3");
  EXPECT_EQ(response.body.size(), kMiB);
}

TEST_F(HttpBodyTest, ASlowDripLivesUntilTheTotalLimit) {
  const auto drip = [this](int bytes) {
    server_.Add({Action::Receive(), Action::Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
                 Action::Run([bytes](LoopbackChannel& channel) {
                   for (int i = 0; i < bytes && channel.Write("."); ++i)
                     channel.Pause(Milliseconds(5));
                 })});
  };
  HttpRequest request = Request();
  request.idle_timeout = Milliseconds(300);
  drip(100);
  EXPECT_EQ(Response(Send(request)).status, 200);
  EXPECT_EQ(streamed_.size(), 100U);
  request.total_timeout = Milliseconds(200);
  drip(100);
  const HttpFailure failure = Failure(Send(request));
  EXPECT_EQ(failure.kind, Kind::kTimedOut);
  EXPECT_EQ(failure.message, "the response was not complete within 200 ms (total time-out)");
  EXPECT_FALSE(streamed_.empty());
}

TEST_F(HttpBodyTest, HeadersInAnyForm) {
  AddBytes(
      "HTTP/1.1 200 OK\r\nCONTENT-LENGTH:2\r\nretry-AFTER:\t 7 \r\nX-Folded: one\r\n  two: 2\r\n"
      "\tthree\r\nX-Empty:\r\nX-Twice: a\r\nX-Twice: b\r\n\r\nok");
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(streamed_, "ok");
  EXPECT_EQ(response.Header("content-length"), "2");
  EXPECT_EQ(response.Header("retry-after"), "7");
  EXPECT_EQ(response.Header("x-folded"), "one two: 2 three");
  EXPECT_EQ(response.Header("x-empty"), "");
  EXPECT_EQ(response.Header("x-twice"), "a");
  EXPECT_EQ(response.headers.size(), 6U);
}

TEST_F(HttpBodyTest, TrailersAreNoHeaders) {
  AddBytes(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n2\r\nok\r\n0\r\n"
      "X-B: 2\r\nRetry-After: 9\r\n\r\n");
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(streamed_, "ok");
  EXPECT_EQ(response.Header("x-a"), "1");
  EXPECT_EQ(response.Header("retry-after"), "");
}

TEST_F(HttpBodyTest, ResponsesThatAreNone) {
  const std::string cases[] = {
      "HTTP/1.1 200 OK\r\nX-Nul: a" + std::string(1, '\0') + "b\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
      "HTTP/9.9 200 OK\r\n\r\nok",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nok",
      "{\"error\":\"no HTTP at all\"}",
      std::string(4'096, '\0'),
      "\r\n\r\n"};
  for (const std::string& bytes : cases) {
    AddBytes(bytes);
    const HttpFailure failure = Failure(Send(Request()));
    EXPECT_EQ(failure.kind, Kind::kCut) << Shorten(bytes, 80) << ": " << failure.message;
  }
}

TEST_F(HttpBodyTest, AHugeHeaderIsGivenUp) {
  HttpRequest request = Request();
  AddBytes("HTTP/1.1 200 OK\r\nX-Fits: " + std::string(60'000, 'x') +
           "\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(Response(Send(request)).Header("x-fits").size(), 60'000U);
  AddFlood("HTTP/1.1 200 OK\r\nX-Endless: ", std::string(64 * 1024, 'x'));
  const HttpFailure failure = Failure(Send(request));
  EXPECT_TRUE(failure.kind == Kind::kTooLarge || failure.kind == Kind::kCut) << failure.message;
  EXPECT_LT(sent_, 40 * kMiB);
}

TEST_F(HttpBodyTest, NoContentHasNone) {
  AddBytes("HTTP/1.1 204 No Content\r\n\r\n");
  const HttpResponse response = Response(Send(Request()));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
}

}  // namespace
}  // namespace caesar
