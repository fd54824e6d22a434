#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "base/util/error.h"
#include "base/util/file_lock.h"
#include "language/llm/openai.h"
#include "language/llm/remote_chat.h"
#include "language/transport/request_cache.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

namespace {

std::string reply_of(const std::string& text) {
  return json{
      {"candidates", {{{"content", {{"role", "model"}, {"parts", {{{"text", text}}}}}}, {"finishReason", "STOP"}}}},
      {"usageMetadata", {{"promptTokenCount", 100}, {"candidatesTokenCount", 10}}}}
      .dump();
}

/// Says "echo of <last message>".
Answer echo(const Request& request) {
  return {.body = reply_of("echo of " +
                           json::parse(request.body)["contents"].back()["parts"][0]["text"].get<std::string>())};
}

ChatRequest question(const std::string& text, int attempt = 0) {
  return {.messages = {{Role::user, text}}, .attempt = attempt};
}

struct ChatFixture {
  ChatFixture() {
    remote.variables["GOOGLE_API_KEY"] = "key-123456";
    service.options.base_url = server.url();
    service.options.model = "gemini-test";
    service.shared.cache = (dir / "cache").string();
    service.options.concurrency = 4;
    service.shared.retry.max_attempts = 3;
  }
  std::unique_ptr<Chat> chat() { return make_chat(service, remote.context()); }

  TempDir dir;
  FakeServer server{echo};
  RemoteFixture remote;
  ChatService service;
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
  check(fixture.chat()->complete(questions).all, false);
  CHECK(fixture.server.count() == 20);
  CHECK(fixture.server.requests()[0].header("x-goog-api-key") == "key-123456");
  CHECK(fixture.server.requests()[0].target == "/v1beta/models/gemini-test:generateContent");

  check(fixture.chat()->complete(questions).all, true);
  CHECK(fixture.server.count() == 20);

  // Offline, neither network nor key is needed, and a question that is not in the cache fails.
  fixture.service.shared.offline = true;
  const auto variables = std::exchange(fixture.remote.variables, {});
  questions.push_back(question("q0", 1));
  const auto outcomes = fixture.chat()->complete(questions).all;
  CHECK(outcomes[0].text == "echo of q0");
  CHECK(outcomes[30].kind == Kind::failed);
  fixture.service.shared.offline = false;
  fixture.remote.variables = variables;
  CHECK(fixture.chat()->complete(questions).all[30].text == "echo of q0");
  CHECK(fixture.server.count() == 21);

  // Another model or parameter is another question.
  fixture.service.options.parameters = R"({"maxOutputTokens":5})";
  CHECK_FALSE(fixture.chat()->complete({question("q0")}).all[0].from_cache);
}

TEST_CASE("a server is asked on while a reply waits for the disk, and the reply is not lost", "[chat]") {
  ChatFixture fixture;
  fixture.service.options.concurrency = 1;
  fixture.server.answer_next({{.body = reply_of("one")}, {.status = 401}});
  const auto folder = fixture.dir / "cache";
  std::filesystem::create_directories(folder);
  const auto chat = fixture.chat();
  std::optional<FileLock> disk = FileLock::wait_for(folder / "replies.jsonl");
  auto asked = std::async(std::launch::async, [&] { return chat->complete({question("a"), question("b")}); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (fixture.server.count() < 2 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(fixture.server.count() == 2);
  disk.reset();
  CHECK_THROWS_WITH(asked.get(), Contains("was refused"));

  const auto again = fixture.chat()->complete({question("a"), question("b")}).all;
  CHECK(again[0].text == "one");
  CHECK(again[0].from_cache);
  CHECK(again[1].text == "echo of b");
  CHECK(fixture.server.count() == 3);
}

TEST_CASE("a bad reply costs one answer, and is asked for again next time", "[chat]") {
  ChatFixture fixture;
  fixture.service.options.concurrency = 1;
  fixture.server.answer_next(
      {{.body = "<html>sign in</html>"},
       {.status = 400, .body = R"({"error":{"code":400,"message":"too long","status":"INVALID_ARGUMENT"}})"},
       {.body = R"({"promptFeedback":{"blockReason":"SAFETY"}})"},
       {.status = 503},
       {.body = reply_of("late")},
       {.status = 503},
       {.status = 503},
       {.status = 503}});
  const std::vector<ChatRequest> questions = {question("a"), question("b"), question("c"), question("d"),
                                              question("e")};
  const auto outcomes = fixture.chat()->complete(questions).all;
  CHECK(outcomes[0].kind == Kind::malformed);
  CHECK(outcomes[0].reason == "the reply is no JSON object: sign in");
  CHECK(outcomes[1].reason == "HTTP 400 INVALID_ARGUMENT: too long");
  CHECK(outcomes[2].kind == Kind::blocked);
  CHECK(outcomes[3].text == "late");
  CHECK(outcomes[4].kind == Kind::failed);
  CHECK(summarise_failures(outcomes) ==
        "4 of 5 without a usable answer: blocked (prompt: SAFETY) 1, failed (HTTP 400 INVALID_ARGUMENT: too long) 1, "
        "failed (HTTP 503: no explanation) 1, malformed (the reply is no JSON object: sign in) 1");

  const auto again = fixture.chat()->complete(questions).all;
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
  fixture.server.answer_next({blocked, blocked, {.body = reply_of("at last")}});
  const auto ask = [&](int unusable) {
    ChatRequest request = question("a");
    request.unusable = unusable;
    return fixture.chat()->complete({question("a"), request}).all[1];
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
  CHECK(fixture.chat()->complete({question("a", 1)}).all[0].unusable == 0);
}

TEST_CASE("where going on is pointless, all stops at once", "[chat]") {
  ChatFixture fixture;
  fixture.service.options.concurrency = 1;
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
  stops({.status = 402, .body = R"({"error":{"message":"Insufficient credits"}})"}, "no credit left");
  stops({.body = R"({"error":{"message":"Insufficient credits","code":402}})"}, "Insufficient credits");
  stops({.status = 307, .headers = {{"Location", "https://elsewhere/v1"}}},
        "redirects to https://elsewhere/v1; check base_url");
  stops({.body = R"({"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"PUP_LIMITED_DISABLED"}]})"},
        "switched this account off");

  fixture.service.shared.retry.max_attempts = 1;
  fixture.service.options.max_failures_in_a_row = 3;
  fixture.server.answer_next(
      {{.status = 500}, {.status = 500}, {.body = reply_of("one")}, {.status = 500}, {.status = 500}, {.status = 500}});
  std::vector<ChatRequest> many;
  for (int i = 0; i < 50; ++i) many.push_back(question("m" + std::to_string(i)));
  const size_t before = fixture.server.count();
  CHECK_THROWS_WITH(fixture.chat()->complete(many), Contains("3 requests in a row failed") && Contains("HTTP 500"));
  CHECK(fixture.server.count() == before + 6);
}

TEST_CASE("an error with status 200, and an answer that was broken off, are asked for again", "[chat]") {
  ChatFixture fixture;
  fixture.server.answer_next({{.body = R"({"error":{"message":"Too Many Requests","code":429}})"}, {.status = 529}});
  CHECK(fixture.chat()->complete({question("a")}).all[0].text == "echo of a");
  CHECK(fixture.server.count() == 3);

  FakeServer other([](const Request&) {
    return Answer{.body = R"({"choices":[{"message":{"content":"I would love"},"finish_reason":"error"}]})"};
  });
  fixture.service.provider = "openai";
  fixture.service.options.base_url = other.url() + "/v1";
  const auto broken = fixture.chat()->complete({question("a")}).all[0];
  CHECK(broken.kind == Kind::failed);
  CHECK(broken.reason == "the server broke off: finish_reason error");
  CHECK(other.count() == 3);  // max_attempts
  other.answer_next({{.body = R"({"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]})"}});
  CHECK(fixture.chat()->complete({question("a")}).all[0].text == "whole");  // nothing was stored
}

TEST_CASE("half an answer that an earlier version stored is asked for again", "[chat]") {
  ChatFixture fixture;
  FakeServer server([](const Request&) {
    return Answer{.body = R"({"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]})"};
  });
  fixture.service.provider = "openai";
  fixture.service.options.base_url = server.url() + "/v1";
  const auto protocol = make_openai_protocol(fixture.service.options, fixture.service.options.base_url);
  const json body = protocol->body(question("a"));
  RequestCache(fixture.service.shared.cache)
      .store(chat_cache_key(*protocol, body, 0),
             json::parse(R"({"choices":[{"message":{"content":"hal"},"finish_reason":"abort"}]})"));
  CHECK(fixture.chat()->complete({question("a")}).all[0].text == "whole");
  const auto again = fixture.chat()->complete({question("a")}).all[0];
  CHECK(again.text == "whole");
  CHECK(again.from_cache);
  CHECK(server.count() == 1);
}

TEST_CASE("an answer in parts is asked for to its end, and stored whole", "[chat]") {
  ChatFixture fixture;
  const auto part = [](const std::string& text, const char* reason, const char* token) {
    json reply = json::parse(reply_of(text));
    reply["candidates"][0]["finishReason"] = reason;
    if (*token != '\0') reply["continuationToken"] = token;
    return Answer{.body = reply.dump()};
  };
  fixture.server.answer_next(
      {part("I would ", "CONTINUATION", "t1"), part("love ", "", "t2"), part("jazz", "STOP", "")});
  const auto whole = fixture.chat()->complete({question("a")}).all[0];
  CHECK(whole.kind == Kind::text);
  CHECK(whole.text == "I would love jazz");
  CHECK(whole.usage == Usage{300, 30});
  REQUIRE(fixture.server.count() == 3);
  const auto requests = fixture.server.requests();
  json second = json::parse(requests[1].body);
  CHECK(second["continuationToken"] == "t1");
  second.erase("continuationToken");
  CHECK(second == json::parse(requests[0].body));
  CHECK(json::parse(requests[2].body)["continuationToken"] == "t2");
  CHECK(fixture.chat()->complete({question("a")}).all[0].text == "I would love jazz");
  CHECK(fixture.server.count() == 3);

  // Where the rest does not come, nothing is stored.
  fixture.service.shared.retry.max_attempts = 1;
  fixture.server.answer_next({part("I would ", "CONTINUATION", "t1"), {.status = 400}});
  CHECK(fixture.chat()->complete({question("b")}).all[0].kind == Kind::failed);
  CHECK(fixture.chat()->complete({question("b")}).all[0].text == "echo of b");
  // Without a token the rest cannot be asked for.
  fixture.server.answer_next({part("I would ", "CONTINUATION", "")});
  CHECK(fixture.chat()->complete({question("c")}).all[0].kind == Kind::truncated);
}

TEST_CASE("reasons that differ in numbers are one, and name the setting as it is written", "[chat]") {
  const auto failed = [](const std::string& reason) { return ChatOutcome{.kind = Kind::failed, .reason = reason}; };
  CHECK(
      summarise_failures({failed("HTTP 500: input (612 tokens) is too large, request a1b2c3"),
                          failed("HTTP 500: input (77 tokens) is too large, request d4"), failed("HTTP 400: input")}) ==
      "3 of 3 without a usable answer: failed (HTTP 500: input (612 tokens) is too large, request a1b2c3) 2, "
      "failed (HTTP 400: input) 1");

  ChatFixture fixture;
  fixture.service.section = "evaluate.extractor.chat";
  fixture.server.answer_next({{.status = 404}});
  CHECK_THROWS_WITH(fixture.chat()->complete({question("x")}),
                    Contains("evaluate.extractor.chat.model") && Contains("evaluate.extractor.chat.base_url"));
  fixture.service.options.parameters = "[1]";
  CHECK_THROWS_WITH(fixture.chat(), Contains("evaluate.extractor.chat.parameters=[1]: not a JSON object"));
  fixture.service.options.model = "";
  CHECK_THROWS_WITH(fixture.chat(), Contains("evaluate.extractor.chat.model: required"));
}

TEST_CASE("cost is estimated without asking, and limited", "[chat]") {
  ChatFixture fixture;
  fixture.service.options.concurrency = 1;
  fixture.service.options.price = {.input_per_million = 1000, .output_per_million = 1000, .expected_output_tokens = 10};
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

  fixture.service.options.max_cost = 0.5;  // four of 0.11 each
  CHECK_THROWS_WITH(fixture.chat()->complete(questions), Contains("max_cost=0.5"));
  CHECK(fixture.server.count() < 6);
  CHECK(fixture.server.count() >= 3);
}

TEST_CASE("settings of a chat are checked", "[chat]") {
  ChatFixture fixture;
  const auto fails = [&](const std::string& why) { CHECK_THROWS_WITH(fixture.chat(), Contains(why)); };
  fixture.service.provider = "nobody";
  fails("provider=nobody: gemini, vertex or openai");
  fixture.service.provider = "vertex";
  fails("no Google credentials");
  fixture.service.options.credentials.kind = "password";
  fails("credentials.kind=password: one of auto, api_key");
  fixture.service.options.credentials.kind = "auto";
  fixture.service.provider = "gemini";
  fixture.remote.variables.erase("GOOGLE_API_KEY");
  fails("set GOOGLE_API_KEY");
  fixture.service.options.model = "";
  fails("model: required");
}

TEST_CASE("Vertex takes a bearer token and names the project", "[chat]") {
  ChatFixture fixture;
  write_text(fixture.dir / "token", "abcdef");
  fixture.service.provider = "vertex";
  fixture.service.options.credentials.token_file = (fixture.dir / "token").string();
  CHECK_THROWS_WITH(fixture.chat(), Contains("project: required"));
  fixture.remote.variables["GOOGLE_CLOUD_PROJECT"] = "proj";
  CHECK(fixture.chat()->complete({question("v")}).all[0].text == "echo of v");
  CHECK(fixture.server.requests()[0].target ==
        "/v1/projects/proj/locations/global/publishers/google/models/gemini-test:generateContent");
  CHECK(fixture.server.requests()[0].header("authorization") == "Bearer abcdef");
  // The answer does not depend on the project that pays.
  fixture.service.options.project = "another";
  CHECK(fixture.chat()->complete({question("v")}).all[0].from_cache);
}
