// The server's limits, with real connections on a free port of this machine.
#include "service/serve/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A server that gives the body back; `/refused` is stopped at the gate.
class EchoServer {
 public:
  explicit EchoServer(const HttpLimits& limits = {})
      : server_(limits, {.gate = gate, .answer = echo}), port_(server_.bind("127.0.0.1", 0)) {
    thread_ = std::thread([this] { server_.serve([this] { return stopped_.load(); }); });
  }
  ~EchoServer() {
    stopped_ = true;
    thread_.join();
  }
  int port() const { return port_; }

 private:
  static std::optional<ServedAnswer> gate(const ServedRequest& request) {
    if (request.path == "/refused") return ServedAnswer{.status = 401, .body = "{}"};
    return std::nullopt;
  }
  static ServedAnswer echo(const ServedRequest& request) { return {.body = request.body + "!", .type = "text/plain"}; }

  HttpServer server_;
  int port_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

class RawConnection {
 public:
  explicit RawConnection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawConnection() { close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool send(const std::string& text) const {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  /// Everything until the server closes.
  std::string read_to_end() const {
    std::string text;
    char part[4096];
    for (ssize_t got; (got = recv(socket_, part, sizeof part, 0)) > 0;) text.append(part, static_cast<size_t>(got));
    return text;
  }
  /// What has come when `end` has come; the rest stays.
  std::string read_until(const std::string& end) const {
    std::string text;
    char c = 0;
    while (text.find(end) == std::string::npos && recv(socket_, &c, 1, 0) == 1) text += c;
    return text;
  }

 private:
  int socket_;
};

std::string post(const std::string& path, const std::string& body, const std::string& more = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

const std::string kClose = "Connection: close\r\n";

/// The answer to one request, on a connection of its own.
std::string answer_to(const EchoServer& server, const std::string& request) {
  const RawConnection connection(server.port());
  connection.send(request);
  return connection.read_to_end();
}

}  // namespace

TEST_CASE("answers carry the headers that keep a page safe", "[serve]") {
  const EchoServer server;
  const std::string answer = answer_to(server, post("/", "hello", kClose));
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200"));
  CHECK_THAT(answer, Contains("default-src 'none'; script-src 'self'; style-src 'self'"));
  CHECK_THAT(answer, !Contains("unsafe"));
  CHECK_THAT(answer, Contains("X-Content-Type-Options: nosniff"));
  CHECK_THAT(answer, !Contains("Access-Control"));
  CHECK_THAT(answer, Contains("\r\n\r\nhello!"));
}

TEST_CASE("a connection takes one request after another, also without a body", "[serve]") {
  const EchoServer server;
  const RawConnection connection(server.port());
  connection.send(post("/", "a") + "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n" + post("/", "c", kClose));
  const std::string answers = connection.read_to_end();
  const size_t a = answers.find("\r\n\r\na!"), b = answers.find("\r\n\r\n!"), c = answers.find("\r\n\r\nc!");
  CHECK(a < b);
  CHECK(b < c);
  CHECK(c != std::string::npos);
}

TEST_CASE("a body that is too large is refused without being read", "[serve]") {
  const EchoServer server({.body_bytes = 100});
  CHECK_THAT(answer_to(server, post("/", std::string(100, 'x'), kClose)), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(answer_to(server, post("/", std::string(101, 'x'))), StartsWith("HTTP/1.1 413"));
  CHECK_THAT(answer_to(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
             StartsWith("HTTP/1.1 413"));
  std::string chunks;
  for (int i = 0; i < 20; ++i) chunks += "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  CHECK_THAT(answer_to(server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks),
             StartsWith("HTTP/1.1 413"));
}

TEST_CASE("headers without end close the connection", "[serve]") {
  const EchoServer server({.header_bytes = 1000});
  std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 100; ++i) request += "X-Header: " + std::string(50, 'x') + "\r\n";
  CHECK_THAT(answer_to(server, request), !StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a length that is not clear is refused, and nothing behind it is taken for a request", "[serve]") {
  const EchoServer server;
  const std::string lengths[] = {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: -1\r\n",
                                 "Content-Length: 5x\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                                 "Transfer-Encoding: gzip\r\n"};
  for (const std::string& length : lengths) {
    CAPTURE(length);
    const std::string answer =
        answer_to(server, "POST / HTTP/1.1\r\nHost: localhost\r\n" + length + "\r\nhello" + post("/", "second"));
    CHECK_THAT(answer, StartsWith("HTTP/1.1 400"));
    CHECK_THAT(answer, !Contains("second!"));
  }
}

TEST_CASE("what the gate refuses ends the connection if there is a body", "[serve]") {
  const EchoServer server;
  const std::string answer = answer_to(server, post("/refused", post("/", "smuggled")));
  CHECK_THAT(answer, StartsWith("HTTP/1.1 401"));
  CHECK_THAT(answer, !Contains("smuggled!"));
}

TEST_CASE("a client that is too slow loses its connection, however steadily it sends", "[serve]") {
  const EchoServer server({.request_time = std::chrono::milliseconds(300)});
  const RawConnection connection(server.port());
  connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n");
  bool taken = true;
  for (int i = 0; i < 200 && taken; ++i) {  // four seconds, a byte every 20 ms
    taken = connection.send("X");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK_FALSE(taken);
}

TEST_CASE("a body that does not come in time is answered with 408", "[serve]") {
  const EchoServer server({.request_time = std::chrono::milliseconds(200)});
  CHECK_THAT(answer_to(server, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"),
             StartsWith("HTTP/1.1 408"));
}

TEST_CASE("a connection too many is told so, and the others go on", "[serve]") {
  const EchoServer server({.connections = 2});
  const RawConnection first(server.port()), second(server.port());
  for (const RawConnection* connection : {&first, &second}) {
    connection->send(post("/", "hello"));
    CHECK_THAT(connection->read_until("hello!"), StartsWith("HTTP/1.1 200"));
  }
  const RawConnection third(server.port());
  const std::string refusal = third.read_to_end();
  CHECK_THAT(refusal, StartsWith("HTTP/1.1 503"));
  CHECK_THAT(refusal, Contains(R"("kind": "busy")"));
  first.send(post("/", "again", kClose));
  CHECK_THAT(first.read_to_end(), Contains("again!"));
}

TEST_CASE("a port that is taken is an error of usage", "[serve]") {
  const EchoServer server;
  HttpServer other({}, {});
  CHECK_THROWS_WITH(other.bind("127.0.0.1", server.port()), Contains("--port"));
  CHECK_THROWS_AS(other.bind("203.0.113.7", 0), Error);
}
