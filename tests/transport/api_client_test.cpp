#include "language/transport/api_client.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "language/transport/parallel.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

/// Credentials with the tokens t1, t2, …, of which the server accepts only the newest.
class CountingCredentials : public Credentials {
 public:
  std::vector<SecretHeader> headers() override {
    const std::lock_guard lock(mutex);
    return {{"Authorization", Secret("Bearer token-" + std::to_string(number))}};
  }
  bool renew(const std::vector<SecretHeader>& refused) override {
    const std::string current = headers().at(0).value.reveal();
    const std::lock_guard lock(mutex);
    if (refused.at(0).value.reveal() == current) ++number;
    return true;
  }
  std::string describe() const override { return "test"; }
  std::string project() const override { return {}; }

  std::mutex mutex;
  int number = 1;
};

}  // namespace

TEST_CASE("a client insists as long as it is worth it", "[api_client]") {
  FakeServer server([](const Request&) { return Answer{.body = "good"}; });
  RemoteFixture remote;
  const auto nobody = make_no_credentials();
  ApiClient client(remote.context(), *nobody, {{}, {.max_attempts = 4}, {}});
  const HttpRequest request{.method = "POST", .url = server.url(), .body = "x"};

  server.answer_next({{.status = 429, .headers = {{"Retry-After", "7"}}},
                      {.status = 500},
                      {.body = "cut", .delivery = Delivery::half}});
  CHECK(client.call(request).body == "good");
  CHECK(server.count() == 4);
  CHECK(remote.clock.sleeps().size() == 3);
  CHECK(remote.clock.sleeps().at(0) == 7);

  server.answer_next({{.status = 503}, {.status = 503}, {.status = 503}, {.status = 503}});
  CHECK(client.call(request).status == 503);
  CHECK(server.count() == 8);
  server.answer_next({{.status = 400}});
  CHECK(client.call(request).status == 400);
  CHECK(server.count() == 9);

  HttpRequest once = request;
  once.repeat = Repeat::never;
  server.answer_next({{.status = 503}});
  CHECK(client.call(once).status == 503);
  server.answer_next({{.body = "cut", .delivery = Delivery::never}});
  CHECK(client.call(once).transport == Transport::broken);
  CHECK(server.count() == 11);
  HttpRequest nowhere = request;
  nowhere.url = closed_port_url();
  CHECK(client.call(nowhere).transport == Transport::unreachable);
}

TEST_CASE("a refused token is renewed once, by one thread of many", "[api_client]") {
  FakeServer server([](const Request& request) -> Answer {
    return {.status = request.header("authorization") == "Bearer token-2" ? 200 : 401};
  });
  RemoteFixture remote;
  CountingCredentials credentials;
  ApiClient client(remote.context(), credentials, {{}, {}, {}});
  for_each_concurrently(32, 5, [&](size_t) { client.call({.url = server.url()}); });
  CHECK(credentials.number == 2);
  CHECK(client.call({.url = server.url()}).status == 200);
  CHECK(remote.clock.sleeps().empty());

  server.answer_next({{.status = 401}, {.status = 401}});
  CHECK(client.call({.url = server.url()}).status == 401);
}

TEST_CASE("a key that the server repeats is struck out", "[api_client]") {
  FakeServer server([](const Request& request) -> Answer {
    const std::string said = "Incorrect API key provided: " + request.header("authorization");
    return {.status = 400, .body = said, .headers = {{"X-Echo", said}}};
  });
  RemoteFixture remote;
  remote.variables["KEY"] = "sk-12345678";
  const auto key = make_api_key({.api_key_env = "KEY"}, {"Authorization", "Bearer ", {}, {}}, remote.context());
  const HttpResponse response = ApiClient(remote.context(), *key, {{}, {}, {}}).call({.url = server.url()});
  CHECK(response.body == "Incorrect API key provided: Bearer ***");
  CHECK(response.header("x-echo") == "Incorrect API key provided: Bearer ***");
}

TEST_CASE("an answer nested beyond all use is taken for no JSON", "[api_client]") {
  FakeServer server([](const Request&) { return Answer{.body = std::string(501, '[') + std::string(501, ']')}; });
  RemoteFixture remote;
  const auto nobody = make_no_credentials();
  const HttpResponse response = ApiClient(remote.context(), *nobody, {{}, {}, {}}).call({.url = server.url()});
  CHECK(response.body == "an answer that is nested too deeply");
}
