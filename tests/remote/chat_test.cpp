#include "latentcrs/remote/chat.h"

#include <catch2/catch.hpp>

#include "latentcrs/util/error.h"
#include "remote/fake_server.h"
#include "remote/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

namespace {

std::string reply(const std::string& text) {
  return json{
      {"candidates", {{{"content", {{"role", "model"}, {"parts", {{{"text", text}}}}}}, {"finishReason", "STOP"}}}},
      {"usageMetadata", {{"promptTokenCount", 100}, {"candidatesTokenCount", 10}}}}
      .dump();
}

/// Says "echo of <last message>".
Answer echo(const Request& request) {
  return {.body =
              reply("echo of " + json::parse(request.body)["contents"].back()["parts"][0]["text"].get<std::string>())};
}

ChatRequest question(const std::string& text, int attempt = 0) {
  return {.messages = {{Role::user, text}}, .attempt = attempt};
}

struct ChatFixture {
  ChatFixture() {
    remote.variables["GOOGLE_API_KEY"] = "key-123456";
    options.base_url = server.url();
    options.model = "gemini-test";
    options.cache = (dir / "cache").string();
    options.concurrency = 4;
    options.retry.max_attempts = 3;
  }
  std::unique_ptr<Chat> chat() { return make_chat(options, remote.context()); }

  TempDir dir;
  FakeServer server{echo};
  RemoteFixture remote;
  ChatOptions options;
};

}  // namespace

TEST_CASE("answers come in order, identical questions are asked once, and all is remembered", "[chat]") {
  ChatFixture fixture;
  std::vector<ChatRequest> questions;
  for (int i = 0; i < 30; ++i) questions.push_back(question("q" + std::to_string(i % 20)));
  const auto check = [&](const std::vector<ChatOutcome>& outcomes, bool cached) {
    REQUIRE(outcomes.size() == 30);
    for (size_t i = 0; i < 30; ++i) {
      CHECK(outcomes[i].kind == Kind::text);
      CHECK(outcomes[i].text == "echo of q" + std::to_string(i % 20));
      CHECK(outcomes[i].usage == Usage{100, 10});
      CHECK(outcomes[i].from_cache == cached);
    }
  };
  check(fixture.chat()->complete(questions), false);
  CHECK(fixture.server.count() == 20);
  CHECK(fixture.server.requests()[0].header("x-goog-api-key") == "key-123456");
  CHECK(fixture.server.requests()[0].target == "/v1beta/models/gemini-test:generateContent");

  check(fixture.chat()->complete(questions), true);
  CHECK(fixture.server.count() == 20);

  // Without a network or a key, and for what is not in the cache.
  fixture.options.offline = true;
  const auto variables = std::exchange(fixture.remote.variables, {});
  questions.push_back(question("q0", 1));
  const auto outcomes = fixture.chat()->complete(questions);
  CHECK(outcomes[0].text == "echo of q0");
  CHECK(outcomes[30].kind == Kind::failed);
  fixture.options.offline = false;
  fixture.remote.variables = variables;
  CHECK(fixture.chat()->complete(questions)[30].text == "echo of q0");
  CHECK(fixture.server.count() == 21);

  // Another model or parameter is another question.
  fixture.options.parameters = R"({"maxOutputTokens":5})";
  CHECK_FALSE(fixture.chat()->complete({question("q0")})[0].from_cache);
}

TEST_CASE("a bad reply costs one answer, and is asked for again next time", "[chat]") {
  ChatFixture fixture;
  fixture.options.concurrency = 1;
  fixture.server.answer_next(
      {{.body = "<html>sign in</html>"},
       {.status = 400, .body = R"({"error":{"code":400,"message":"too long","status":"INVALID_ARGUMENT"}})"},
       {.body = R"({"promptFeedback":{"blockReason":"SAFETY"}})"},
       {.status = 503},
       {.body = reply("late")},
       {.status = 503},
       {.status = 503},
       {.status = 503}});
  const std::vector<ChatRequest> questions = {question("a"), question("b"), question("c"), question("d"),
                                              question("e")};
  const auto outcomes = fixture.chat()->complete(questions);
  CHECK(outcomes[0].kind == Kind::malformed);
  CHECK(outcomes[0].reason == "the reply is no JSON object: sign in");
  CHECK(outcomes[1].reason == "HTTP 400 INVALID_ARGUMENT: too long");
  CHECK(outcomes[2].kind == Kind::blocked);
  CHECK(outcomes[3].text == "late");
  CHECK(outcomes[4].kind == Kind::failed);
  CHECK(summarise_failures(outcomes) ==
        "4 of 5 without a usable answer: blocked (prompt: SAFETY) 1, failed (HTTP 400 INVALID_ARGUMENT: too long) 1, "
        "failed (HTTP 503: no explanation) 1, malformed (the reply is no JSON object: sign in) 1");

  const auto again = fixture.chat()->complete(questions);
  CHECK(again[0].text == "echo of a");
  CHECK(again[2].kind == Kind::blocked);
  CHECK(again[2].from_cache);
  CHECK(again[3].from_cache);
  CHECK(again[4].text == "echo of e");
  CHECK(summarise_failures({again[0]}).empty());
}

TEST_CASE("a blocked reply is asked for again on request only, once for each request", "[chat]") {
  ChatFixture fixture;
  const Answer blocked = {.body = R"({"promptFeedback":{"blockReason":"SAFETY"}})"};
  fixture.server.answer_next({blocked, blocked, {.body = reply("at last")}});
  const auto ask = [&](int unusable) {
    ChatRequest request = question("a");
    request.unusable = unusable;
    return fixture.chat()->complete({question("a"), request})[1];
  };
  CHECK(ask(0).unusable == 1);
  CHECK(ask(0).from_cache);
  CHECK(fixture.server.count() == 1);
  for (int i = 0; i < 2; ++i) CHECK(ask(1).unusable == 2);
  CHECK(fixture.server.count() == 2);
  ChatRequest open = question("a");
  open.unusable = 2;
  CHECK(fixture.chat()->estimate({open}).requests == 1);
  CHECK(fixture.chat()->estimate({question("a")}).requests == 0);
  CHECK(ask(2).text == "at last");
  for (const int unusable : {0, 2, 5}) CHECK(ask(unusable).text == "at last");
  CHECK(fixture.server.count() == 3);
  // Another attempt is another question.
  CHECK(fixture.chat()->complete({question("a", 1)})[0].unusable == 0);
}

TEST_CASE("where going on is pointless, all stops at once", "[chat]") {
  ChatFixture fixture;
  fixture.options.concurrency = 1;
  const auto stops = [&](const Answer& answer, const std::string& advice) {
    const size_t before = fixture.server.count();
    fixture.server.answer_next({answer});
    CHECK_THROWS_WITH(fixture.chat()->complete({question("x"), question("y")}),
                      Contains(advice) && Contains(fixture.server.url()) && !Contains("key-123456"));
    CHECK(fixture.server.count() == before + 1);
  };
  stops({.status = 401, .body = R"({"error":{"message":"bad key key-123456"}})"}, "was refused");
  stops({.status = 400,
         .body = R"({"error":{"status":"INVALID_ARGUMENT","message":"x","details":[{"reason":"API_KEY_INVALID"}]}})"},
        "was refused");
  stops({.status = 403, .body = R"({"error":{"status":"PERMISSION_DENIED","message":"aiplatform.endpoints.predict"}})"},
        "aiplatform.endpoints.predict");
  stops({.status = 404, .body = R"({"error":{"status":"NOT_FOUND","message":"no model"}})"}, "check the model");
  stops({.status = 429, .body = R"({"error":{"type":"insufficient_quota","message":"pay"}})"}, "quota is used up");

  fixture.options.retry.max_attempts = 1;
  fixture.options.max_failures_in_a_row = 3;
  fixture.server.answer_next(
      {{.status = 500}, {.status = 500}, {.body = reply("one")}, {.status = 500}, {.status = 500}, {.status = 500}});
  std::vector<ChatRequest> many;
  for (int i = 0; i < 50; ++i) many.push_back(question("m" + std::to_string(i)));
  const size_t before = fixture.server.count();
  CHECK_THROWS_WITH(fixture.chat()->complete(many), Contains("3 requests in a row failed") && Contains("HTTP 500"));
  CHECK(fixture.server.count() == before + 6);
}

TEST_CASE("cost is estimated without asking, and limited", "[chat]") {
  ChatFixture fixture;
  fixture.options.concurrency = 1;
  fixture.options.price = {.input_per_million = 1000, .output_per_million = 1000, .expected_output_tokens = 10};
  std::vector<ChatRequest> questions;
  for (int i = 0; i < 10; ++i) questions.push_back(question(std::string(400, 'x') + std::to_string(i)));
  fixture.chat()->complete({questions[0]});
  const CostEstimate estimate = fixture.chat()->estimate(questions);
  CHECK(estimate.requests == 9);
  CHECK(estimate.cached == 1);
  CHECK(estimate.usage.output == 90);
  CHECK(estimate.usage.input >= 900);
  CHECK(estimate.cost == Approx(static_cast<double>(estimate.usage.input + 90) / 1000));
  CHECK(fixture.server.count() == 1);

  fixture.options.max_cost = 0.5;  // four of 0.11 each
  CHECK_THROWS_WITH(fixture.chat()->complete(questions), Contains("max_cost=0.5"));
  CHECK(fixture.server.count() < 6);
  CHECK(fixture.server.count() >= 3);
}

TEST_CASE("settings of a chat are checked", "[chat]") {
  ChatFixture fixture;
  const auto fails = [&](const std::string& why) { CHECK_THROWS_WITH(fixture.chat(), Contains(why)); };
  fixture.options.provider = "nobody";
  fails("provider=nobody: gemini, vertex or openai");
  fixture.options.provider = "vertex";
  fails("no Google credentials");
  fixture.options.credentials.kind = "password";
  fails("credentials.kind=password: one of auto, api_key");
  fixture.options.credentials.kind = "auto";
  fixture.options.provider = "gemini";
  fixture.remote.variables.erase("GOOGLE_API_KEY");
  fails("set GOOGLE_API_KEY");
  fixture.options.model = "";
  fails("model: required");
}

TEST_CASE("Vertex takes a bearer token and names the project", "[chat]") {
  ChatFixture fixture;
  write_text(fixture.dir / "token", "abcdef");
  fixture.options.provider = "vertex";
  fixture.options.credentials.token_file = (fixture.dir / "token").string();
  CHECK_THROWS_WITH(fixture.chat(), Contains("project: required"));
  fixture.remote.variables["GOOGLE_CLOUD_PROJECT"] = "proj";
  CHECK(fixture.chat()->complete({question("v")})[0].text == "echo of v");
  CHECK(fixture.server.requests()[0].target ==
        "/v1/projects/proj/locations/global/publishers/google/models/gemini-test:generateContent");
  CHECK(fixture.server.requests()[0].header("authorization") == "Bearer abcdef");
  // Whose project paid does not matter to the answer.
  fixture.options.project = "another";
  CHECK(fixture.chat()->complete({question("v")})[0].from_cache);
}
