#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "language/transport/curl_http.h"
#include "language/transport/parallel.h"
#include "services/certificates.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "services/tunnel_proxy.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

Answer echo(const Request& request) { return {.body = request.method + " " + request.target + " " + request.body}; }

}  // namespace

TEST_CASE("requests and answers pass unchanged", "[http]") {
  FakeServer server(echo);
  const auto http = make_curl_http({});

  SECTION("methods, bodies and headers") {
    for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
      HttpRequest request{.method = method, .url = server.url() + "/a%2Fb?c=d%20e"};
      request.headers = {{"Content-Type", "application/x-test"}, {"X-One", "1"}};
      request.authorization = {{"Authorization", Secret("Bearer abc")}};
      if (request.method == "POST" || request.method == "PUT") request.body = std::string("bytes\0\xff", 7);
      const HttpResponse response = http->send(request);
      CHECK(response.status == 200);
      CHECK(response.body == std::string(method) + " /a%2Fb?c=d%20e " + request.body);
      CHECK(server.requests().back().header("authorization") == "Bearer abc");
      CHECK(server.requests().back().header("x-one") == "1");
      CHECK(server.requests().back().header("content-type") == "application/x-test");
    }
  }
  SECTION("an empty POST has a length and no invented type") {
    CHECK(http->send({.method = "POST", .url = server.url()}).success());
    CHECK(server.requests().back().header("content-length") == "0");
    CHECK(server.requests().back().header("content-type").empty());
  }
  SECTION("repeated headers are joined, names lower-case") {
    server.answer_next({{.headers = {{"X-Goog-Hash", "crc32c=a"}, {"x-goog-hash", "md5=b"}}}});
    CHECK(http->send({.url = server.url()}).header("x-goog-hash") == "crc32c=a, md5=b");
  }
  SECTION("any status is an answer, and a redirect is not followed") {
    server.answer_next(
        {{.status = 307, .headers = {{"Location", server.url() + "/elsewhere"}}}, {.status = 503, .body = "no"}});
    CHECK(http->send({.url = server.url()}).status == 307);
    const HttpResponse response = http->send({.url = server.url()});
    CHECK(response.status == 503);
    CHECK(response.body == "no");
    CHECK_FALSE(response.success());
    CHECK(server.count() == 2);
  }
}

TEST_CASE("a transport failure says what kind it is", "[http]") {
  FakeServer server(echo);
  const auto http = make_curl_http({});
  const auto transport = [&](HttpRequest request) {
    const HttpResponse response = http->send(request);
    CHECK(response.status == 0);
    CHECK_FALSE(response.problem.empty());
    return response.transport;
  };
  CHECK(transport({.url = closed_port_url()}) == Transport::unreachable);
  CHECK(transport({.url = ResettingPort().url()}) == Transport::broken);

  server.answer_next({{.body = "0123456789", .delivery = Delivery::half}});
  CHECK(transport({.url = server.url()}) == Transport::broken);
  server.answer_next({{.body = "0123456789", .delivery = Delivery::never}});
  CHECK(transport({.url = server.url()}) == Transport::broken);
  server.answer_next({{.body = std::string(1000, 'x'), .delivery = Delivery::drip}});
  CHECK(transport({.url = server.url(), .timeout = 0.3}) == Transport::timeout);
  CHECK(transport({.method = "POST", .url = server.url(), .body = std::string(1000, 'x'), .max_body = 100}) ==
        Transport::too_large);
  CHECK_THROWS_WITH(http->send({.url = "nonsense://host"}), Contains("nonsense://host"));
}

TEST_CASE("files are sent and received in parts", "[http]") {
  TempDir dir;
  FakeServer server(echo);
  const auto http = make_curl_http({});
  write_text(dir / "in", "0123456789");

  CHECK(http->send({.method = "PUT", .url = server.url(), .upload = FileRange{dir / "in", 3, 4}}).success());
  CHECK(server.requests().back().body == "3456");
  CHECK(http->send({.method = "POST", .url = server.url(), .upload = FileRange{dir / "in", 10, 0}}).success());
  CHECK(server.requests().back().body.empty());
  CHECK_THROWS_WITH(http->send({.method = "PUT", .url = server.url(), .upload = FileRange{dir / "in", 5, 6}}),
                    Contains("shorter than the part"));
  CHECK_THROWS_WITH(http->send({.method = "PUT", .url = server.url(), .upload = FileRange{dir / "none", 0, 1}}),
                    Contains("cannot read"));

  server.answer_next(
      {{.body = "first"}, {.status = 206, .body = "+second"}, {.status = 404, .body = "gone"}, {.body = ""}});
  const HttpRequest download{.url = server.url(), .download = dir / "out"};
  HttpRequest more = download;
  more.append = true;
  CHECK(http->send(download).body.empty());
  CHECK(read_text(dir / "out") == "first");
  http->send(more);
  CHECK(read_text(dir / "out") == "first+second");
  CHECK(http->send(download).body == "gone");
  CHECK(read_text(dir / "out") == "first+second");
  http->send(download);
  CHECK(read_text(dir / "out").empty());
  CHECK_THROWS_WITH(http->send({.url = server.url(), .download = dir / "no/such/folder"}), Contains("cannot write"));
}

TEST_CASE("certificates are verified", "[http]") {
  TempDir dir;
  const Certificate good = make_certificate(dir.path(), "localhost"),
                    other = make_certificate(dir.path(), "example.org");
  FakeServer server(echo, good), impostor(echo, other);

  const HttpResponse answer = make_curl_http({.ca_file = good.certificate})->send({.url = server.url() + "/x"});
  CHECK(answer.problem == "");
  CHECK(answer.body == "GET /x ");
  CHECK(make_curl_http({})->send({.url = server.url()}).transport == Transport::certificate);
  // A certificate that is trusted, but for another name.
  CHECK(make_curl_http({.ca_file = other.certificate})->send({.url = impostor.url()}).transport ==
        Transport::certificate);

  REQUIRE(setenv("SSL_CERT_FILE", good.certificate.c_str(), 1) == 0);
  const auto by_environment = make_curl_http({});
  unsetenv("SSL_CERT_FILE");
  CHECK(by_environment->send({.url = server.url()}).success());
}

TEST_CASE("proxies are those of the environment, but not for this machine", "[http]") {
  FakeServer proxy([](const Request& request) { return Answer{.body = "by proxy: " + request.target}; });
  FakeServer server(echo);
  const auto http = make_curl_http({});
  REQUIRE(setenv("http_proxy", proxy.url().c_str(), 1) == 0);
  CHECK(http->send({.url = "http://service.invalid/x?y=1"}).body == "by proxy: http://service.invalid/x?y=1");
  CHECK(http->send({.url = server.url() + "/x"}).body == "GET /x ");
  unsetenv("http_proxy");
}

TEST_CASE("the proxy of the settings goes before the environment's", "[http]") {
  FakeServer proxy([](const Request& request) {
    return Answer{.body = request.target + " " + request.header("proxy-authorization")};
  });
  FakeServer server(echo);
  REQUIRE(setenv("http_proxy", closed_port_url().c_str(), 1) == 0);
  REQUIRE(setenv("A_PROXY_LOGIN", "me:pass:word", 1) == 0);
  const auto http = make_curl_http({.proxy = proxy.url(), .no_proxy = "direct.invalid", .proxy_env = "A_PROXY_LOGIN"});
  CHECK(http->send({.url = "http://service.invalid/x"}).body == "http://service.invalid/x Basic bWU6cGFzczp3b3Jk");
  CHECK(http->send({.url = server.url() + "/x"}).body == "GET /x ");
  CHECK(http->send({.url = "http://direct.invalid/x"}).transport == Transport::unreachable);
  CHECK(http->send({.url = "http://service.invalid/x", .direct = true}).transport == Transport::unreachable);
  CHECK(proxy.count() == 1);
  CHECK(make_curl_http({.proxy = proxy.url()})->send({.url = "http://service.invalid/y"}).body ==
        "http://service.invalid/y ");
  unsetenv("http_proxy");
  unsetenv("A_PROXY_LOGIN");
  CHECK_THROWS_WITH(make_curl_http({.proxy = proxy.url(), .proxy_env = "A_PROXY_LOGIN"}),
                    Contains("A_PROXY_LOGIN: this variable must hold user:password") && !Contains("pass:word"));
}

TEST_CASE("TLS goes through a proxy's tunnel, to the server that its certificate names", "[http]") {
  TempDir dir;
  const Certificate certificate = make_certificate(dir.path(), "service.invalid");
  FakeServer server(echo, certificate);
  TunnelProxy proxy(server.port()), strict(0);
  const std::string url = "https://service.invalid/x";
  const HttpResponse answer =
      make_curl_http({.ca_file = certificate.certificate, .proxy = proxy.url()})->send({.url = url});
  CHECK(answer.problem == "");
  CHECK(answer.body == "GET /x ");
  REQUIRE(proxy.heads().size() == 1);
  CHECK_THAT(proxy.heads()[0], Catch::StartsWith("CONNECT service.invalid:443 "));
  CHECK(make_curl_http({.proxy = proxy.url()})->send({.url = url}).transport == Transport::certificate);
  CHECK(make_curl_http({.proxy = strict.url()})->send({.url = url}).status == 407);
}

TEST_CASE("a password in the environment's proxy shows in no message", "[http]") {
  for (const char* proxy : {"nonsense://me:S3cret@127.0.0.1:1", "http://me:S3cret@127.0.0.1:1", "http://me:S3cret@"}) {
    REQUIRE(setenv("http_proxy", proxy, 1) == 0);
    const HttpResponse response = make_curl_http({})->send({.url = "http://service.invalid/x"});
    CHECK(response.status == 0);
    CHECK_THAT(response.problem, !Contains("S3cret"));
  }
  unsetenv("http_proxy");
}

TEST_CASE("a signal ends a transfer and a wait", "[http][fork]") {
  FakeServer server(
      [](const Request&) -> Answer { return {.body = std::string(1000, 'x'), .delivery = Delivery::drip}; });
  const pid_t child = fork();
  if (child == 0) {
    install_interrupt_handlers();
    int caught = 0;
    try {
      make_curl_http({})->send({.url = server.url()});
    } catch (const Error& error) {
      caught += error.kind() == ErrorKind::interrupted ? 1 : 0;
    }
    try {
      system_clock().sleep(100);
    } catch (const Error& error) {
      caught += error.kind() == ErrorKind::interrupted ? 1 : 0;
    }
    _exit(caught);
  }
  for (int i = 0; i < 500 && server.count() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(child, SIGTERM);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 2);
}

TEST_CASE("many threads share one client", "[http]") {
  FakeServer server(echo);
  const auto http = make_curl_http({});
  std::atomic<int> good{0};
  for_each_concurrently(100, 5, [&](size_t i) {
    if (http->send({.url = fmt::format("{}/{}", server.url(), i)}).body == fmt::format("GET /{} ", i)) ++good;
  });
  CHECK(good == 100);
}
