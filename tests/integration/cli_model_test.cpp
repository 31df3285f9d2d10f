// The real program against servers that refuse, break, babble or are not there. Each message says
// what was wrong, where, and what to do; what was recorded stays, and the same command goes on.
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

using Action = LoopbackAction;

constexpr const char* kSample = "R/scale/sample_0000/";

std::string Response(int status, const std::string& body, const std::string& headers = "") {
  return Format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers,
                body);
}

std::string Page(const char* title) {
  return Format("<!DOCTYPE html><html><head><title>{}</title></head><body>x</body></html>", title);
}

// A whole answer that does not stream.
std::string Message(const std::string& content_json) {
  return Response(200, R"({"choices":[{"message":{"content":)" + content_json +
                           R"(},"finish_reason":"stop"}]})");
}

// A port of 127.0.0.1 that nobody listens on: bound here, so that nobody else gets it.
class DeadPort {
 public:
  DeadPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(socket_, generic, size) == 0);
    CHECK(::getsockname(socket_, generic, &size) == 0);
    port_ = ::ntohs(address.sin_port);
  }
  ~DeadPort() { ::close(socket_); }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

class CliModel : public testing::Test {
 protected:
  CliModel() : model_({ReplyOf("judge: measure 30 60"), ReplyOf("judge: measure 20 60")}) {}

  Words Command(const std::string& url) const {
    return {"run", "scale", "--model", "m-1", "--base-url", url, "--out", "R", "--rounds", "2"};
  }
  Ended Run() { return machine_.Run(Command(model_.Url())); }

  void Answer(const std::string& response) {
    model_.server().Add({Action::Receive(), Action::Send(response)});
  }

  // The second round's question fails with these parts in the message; then the server is well, and
  // the same command finishes without asking for the first round again.
  void ExpectFailsThenGoesOn(const std::string& response, const Words& parts) {
    machine_.Shell("rm -rf R");
    model_.Forget();
    Answer(ModelServer::Stream(ReplyOf("judge: measure 30 60")));
    Answer(response);
    const Ended failed = Run();
    EXPECT_EQ(failed.code, 3) << failed;
    for (const std::string& part : parts) EXPECT_HAS(failed.err, part);
    EXPECT_HAS_NOT(failed.err, "very-secret");
    EXPECT_HAS(failed.err, "Nothing recorded is lost. To resume: caesar run scale --out R");
    EXPECT_EQ(machine_.LastStep(), "Start RoundOpened");
    EXPECT_EQ(machine_.Steps().size(), 6U);
    const Ended resumed = Run();
    EXPECT_EQ(resumed.code, 0) << resumed;
    EXPECT_EQ(model_.asked(), (std::vector<int>{0, 1}));
    EXPECT_HAS(resumed.out, "best:   round 2, 20.00 us");
  }
  // The first question is answered like this, and then all is well without another command.
  Ended ExpectRecovers(LoopbackScript script, const Words& parts) {
    model_.server().Add(std::move(script));
    const Ended ended = Run();
    EXPECT_EQ(ended.code, 0) << ended;
    for (const std::string& part : parts) EXPECT_HAS(ended.err, part);
    EXPECT_EQ(model_.asked(), (std::vector<int>{1, 1}));
    EXPECT_EQ(machine_.Read(std::string(kSample) + "round_001/reply.md"),
              ReplyOf("judge: measure 30 60"));
    return ended;
  }
  // The first reply has no code: feedback for the second round.
  void ExpectNoCode(const std::string& response, const std::string& reason) {
    machine_.Shell("rm -rf R");
    Answer(response);
    const Ended ended = Run();
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_EQ(machine_.Steps()[1], "Generate NoCode");
    EXPECT_HAS(ended.err, "NoCode");
    EXPECT_HAS(machine_.Read(std::string(kSample) + "round_001/feedback.md"), reason);
  }

  Machine machine_;
  ModelServer model_;
};

TEST_F(CliModel, WrongKey) {
  machine_.Set("CAESAR_API_KEY", "sk-very-secret");
  ExpectFailsThenGoesOn(
      Response(401, R"({"error":{"message":"Incorrect API key provided: sk-very-secret"}})"),
      {"does not accept the API key", "CAESAR_API_KEY: check that it is valid", "HTTP status 401",
       model_.Url()});
  EXPECT_HAS(model_.server().requests().at(0), "Authorization: Bearer sk-very-secret");
  EXPECT_EQ(machine_.Shell("grep -r very-secret R cache judge.log").code, 1)
      << "the key was written down";
}

TEST_F(CliModel, NoKey) {
  const Ended ended = machine_.Run({"run", "scale", "--model", "m-1", "--out", "R"});
  EXPECT_EQ(ended.code, 3) << ended;
  EXPECT_HAS(ended.err, "OPENAI_API_KEY is not set");
  EXPECT_FALSE(machine_.Has("R"));
}

TEST_F(CliModel, ModelNotFound) {
  ExpectFailsThenGoesOn(
      Response(404, R"({"error":{"message":"The model m-1 does not exist"}})"),
      {"knows no model 'm-1'", "Check --model and --base-url", "The model m-1 does not exist"});
}

TEST_F(CliModel, NoCreditLeft) {
  ExpectFailsThenGoesOn(
      Response(429, R"({"error":{"message":"You exceeded","code":"insufficient_quota"}})"),
      {"has no credit left", "Add credit"});
}

TEST_F(CliModel, WebPageInsteadOfJson) {
  ExpectFailsThenGoesOn(
      Response(200, Page("Welcome"), "Content-Type: text/html\r\n"),
      {"answers with a web page instead of JSON", "The base URL is probably wrong", "/v1"});
}

TEST_F(CliModel, ARedirectIsNotFollowed) {
  ExpectFailsThenGoesOn(Response(301, "", "Location: https://elsewhere.example/v1\r\n"),
                        {"redirects to https://elsewhere.example/v1", "Use the final address"});
}

TEST_F(CliModel, ARateLimitIsWaitedFor) {
  ExpectRecovers(
      {Action::Receive(), Action::Send(Response(429, R"({"error":{"message":"slow down"}})",
                                                "Retry-After-Ms: 20\r\n"))},
      {"attempt 1 failed (rate limit (429))"});
}

TEST_F(CliModel, ATruncatedStreamStartsAgainFromNothing) {
  const std::string whole = ModelServer::Stream("half of a reply, and then the line was cut");
  ExpectRecovers({Action::Receive(), Action::Send(whole.substr(0, whole.size() / 2))},
                 {"attempt 1 failed (connection cut)"});
}

TEST_F(CliModel, AStreamThatEndsWithoutItsEndStartsAgain) {
  ExpectRecovers({Action::Receive(),
                  Action::Send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: "
                               "{\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n")},
                 {"attempt 1 failed (answer cut off)"});
}

TEST_F(CliModel, AServerErrorIsTriedAgain) {
  ExpectRecovers({Action::Receive(), Action::Send(Response(502, Page("Bad Gateway")))},
                 {"attempt 1 failed (server error (502))"});
}

TEST_F(CliModel, RepliesWithoutCodeAreOutcomes) {
  ExpectNoCode(Message("\"\""), "The reply is empty.");
  ExpectNoCode(Message("null"), "The reply is empty.");
  ExpectNoCode(Message(R"("I would rather write a poem.")"), "No kernel was found");
  ExpectNoCode(Message(R"("```cuda\n__global__ void k() {}\n```")"), "solve");
}

// The note on a reply was made and never shown.
TEST_F(CliModel, AReplyThatWasCutIsSaidToTheUserAndToTheModel) {
  Answer(Response(200,
                  R"({"choices":[{"message":{"content":"Let me think"},"finish_reason":"length"}],)"
                  R"("usage":{"prompt_tokens":900,"completion_tokens":77}})"));
  const Ended ended = Run();
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS(ended.err, "The reply was cut at the token limit of 77 tokens; --max-tokens may allow more.");
  EXPECT_HAS(machine_.Read(std::string(kSample) + "round_001/feedback.md"),
             "cut off at the limit of its length");
}

TEST_F(CliModel, ATenMegabyteReply) {
  const std::string prose(10 << 20, 'x');
  Answer(ModelServer::Stream(prose + "\n\n" + ReplyOf("judge: measure 30 60")));
  const Ended ended = Run();
  EXPECT_EQ(ended.code, 0) << ended;
  const std::string reply = machine_.Read(std::string(kSample) + "round_001/reply.md");
  EXPECT_GT(reply.size(), std::size_t{1} << 20) << "what came is kept, up to the limit";
  EXPECT_EQ(machine_.Run({"show", "R", "--round", "1"}).code, 0);
}

TEST_F(CliModel, InvalidUtf8) {
  Answer(Message("\"\xff\xfe caf\xe9 \\ud800\\n```cuda\\nvoid solve() {} // \xc0\xaf\\n```\""));
  const Ended ended = Run();
  EXPECT_EQ(ended.code, 0) << ended;
  const std::string reply = machine_.Read(std::string(kSample) + "round_001/reply.md");
  EXPECT_EQ(reply, ToValidUtf8(reply));
  EXPECT_HAS(reply, "caf");
  EXPECT_EQ(machine_.Steps()[1], "Generate Replied");
}

TEST_F(CliModel, EscapesOfTheModelDoNotReachTheTerminal) {
  Answer(Message(R"("\u001b]0;owned\u0007\n```cuda\n// \u001b[2J\nvoid solve() {}\n```")"));
  const Ended ended = Run();
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS_NOT(ended.err + ended.out, "\x1b");
  EXPECT_HAS_NOT(machine_.Run({"show", "R", "--round", "1"}).out, "\x1b");
}

TEST_F(CliModel, HttpsWhereHttpIsSpokenIsNotTriedAgain) {
  LoopbackServer plain;
  plain.Add({Action::Send("HTTP/1.1 400 Bad Request\r\n\r\n")});
  const Ended ended = machine_.Run(Command(plain.Url("/v1", "https")));
  EXPECT_EQ(ended.code, 3) << ended;
  EXPECT_HAS(ended.err, "is no address that can be asked");
  EXPECT_HAS(ended.err, "the server does not speak TLS there");
  EXPECT_EQ(plain.connections(), 1);
}

// Six tries take a while each: side by side.
TEST_F(CliModel, ServersThatAreNotThere) {
  const DeadPort dead;
  struct Case {
    std::string url;
    Words parts;
  };
  const std::vector<Case> cases = {
      {Format("http://127.0.0.1:{}/v1", dead.port()),
       {Format("No connection to http://127.0.0.1:{}/v1.", dead.port()),
        "Is the server running, and is the port right?", "attempt 1 failed (no connection)"}},
      {"http://no-such-host.invalid/v1",
       {"The host of http://no-such-host.invalid/v1 was not found.", "Check the name in --base-url",
        "attempt 1 failed (host not found)"}}};
  std::vector<Running> running;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Words command = Command(cases[i].url);
    command[7] = Format("R{}", i);
    running.push_back(machine_.Start(command));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Ended ended = running[i].Wait();
    EXPECT_EQ(ended.code, 3) << ended;
    for (const std::string& part : cases[i].parts) EXPECT_HAS(ended.err, part);
    EXPECT_HAS(ended.err, "Given up: after 6 tries.");
    EXPECT_HAS(ended.err, Format("To resume: caesar run scale --out R{}", i));
    EXPECT_EQ(machine_.Steps(Format("R{}/scale/sample_0000", i)), (Words{"Start RoundOpened"}));
  }
}

}  // namespace
}  // namespace caesar
