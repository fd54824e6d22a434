// The interface of a served run: what requests get, and what wrong ones get.
#include "service/serve/application.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "api/tiny_run.h"
#include "base/metrics/rank_file.h"
#include "base/util/files.h"
#include "latentcrs/recommender.h"
#include "serve/served_tiny.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const ServedTiny& served() {
  static const ServedTiny served;
  return served;
}

const std::string kRun = "/api/v1/runs/api";  // tiny_run() is called "api"

std::vector<int64_t> ids_in(const json& items) {
  std::vector<int64_t> ids;
  for (const json& item : items) ids.push_back(item.at("id"));
  return ids;
}

std::string new_session(const ServedTiny& server, json body = json::object()) {
  body["run"] = "api";
  const Asked created = server.post("/api/v1/sessions", body);
  REQUIRE(created.status == 201);
  return "/api/v1/sessions/" + created.body["id"].get<std::string>();
}

}  // namespace

TEST_CASE("every operation of the document has a route, and the document is served", "[serve]") {
  const Asked document = served().get("/api/v1/openapi.json");
  CHECK(document.status == 200);
  CHECK(document.body["paths"].size() >= 20);
  CHECK(served().get("/api/v1/health").body["status"] == "ok");
}

TEST_CASE("the page is served from the program, and nothing else is", "[serve]") {
  CHECK_THAT(served().get("/").text, Contains("<html"));
  for (const char* file : {"/app.js", "/app.css"}) CHECK(served().get(file).status == 200);
  for (const char* path : {"/openapi.json", "/../etc/passwd", "/app.js/", "//app.js", "/api", "/api/v1",
                           "/api/v1/runs/../../etc/passwd", "/api/v1/runs/api/items/1/2", "/v1/chat"})
    CHECK(served().get(path).status == 404);
}

TEST_CASE("another method is told which ones there are", "[serve]") {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
    const ServedRequest request{
        .method = method, .path = "/api/v1/runs", .query = {}, .headers = {{"host", "localhost"}}, .body = ""};
    const auto answer = served().application().gate(request);
    REQUIRE(answer);
    CHECK(answer->status == 405);
    REQUIRE(answer->headers.size() == 1);
    CHECK(answer->headers[0] == std::pair<std::string, std::string>("Allow", "GET"));
  }
}

TEST_CASE("with a token, requests without it get nothing but the page", "[serve]") {
  const ServedTiny locked({.token = "0123456789abcdef", .names = {}});
  for (const char* path : {"/api/v1/runs", "/api/v1/runs/api/users", "/v1/models", "/api/v1/runs/unknown"}) {
    CHECK(locked.get(path).status == 401);
    CHECK(locked.ask("GET", path, nullptr, {{"authorization", "Bearer 0123456789abcdeX"}}).status == 401);
  }
  CHECK(locked.ask("GET", "/api/v1/runs", nullptr, {{"authorization", "Bearer 0123456789abcdef"}}).status == 200);
  CHECK(locked.get("/").status == 200);
  CHECK(locked.get("/v1/models").body["error"]["type"] == "authentication_error");
}

TEST_CASE("a request by another name or from another page is refused", "[serve]") {
  CHECK(served().ask("GET", "/", nullptr, {{"host", "evil.example"}}).status == 403);
  const Asked foreign = served().ask("POST", kRun + "/reload", nullptr, {{"origin", "https://evil.example"}});
  CHECK(foreign.status == 403);
  CHECK(foreign.body["error"]["kind"] == "host");
}

TEST_CASE("a body that is not as the document describes it is refused with its place", "[serve]") {
  struct Case {
    json body;
    std::string message;
  };
  const std::vector<Case> cases = {{"{", "not JSON"},
                                   {"\"\xff\"", "not UTF-8"},
                                   {std::string(2000, '['), "too deeply"},
                                   {"[]", "root"},
                                   {R"({"k": 0})", "k"},
                                   {R"({"k": "ten"})", "k"},
                                   {R"({"kk": 1})", "kk"},
                                   {R"({"history": [1, "2"]})", "history"},
                                   {R"({"seen": "never"})", "seen"}};
  for (const Case& wrong : cases) {
    CAPTURE(wrong.message);
    const Asked refused = served().post(kRun + "/rank", wrong.body);
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body["error"]["message"].get<std::string>(), Contains(wrong.message));
  }
  CHECK(served().ask("POST", kRun + "/rank", "{}", {{"content-type", "text/plain"}}).status == 415);
  CHECK(served().post(kRun + "/rank", {{"history", {987654}}}).status == 422);
  CHECK(served().get(kRun + "/users?limit=0").status == 400);
  CHECK(served().get(kRun + "/users?limit=ten").status == 400);
  CHECK(served().get(kRun + "/users?limit=1&limit=2").status == 400);
  CHECK(served().get(kRun + "/items").status == 400);
  CHECK(served().get(kRun + "/items/x").status == 400);
  CHECK(served().get(kRun + "/items/987654").status == 404);
  CHECK(served().get("/api/v1/runs/unknown").status == 404);
}

TEST_CASE("rankings are those of the public interface", "[serve]") {
  const Recommender recommender = Recommender::open(tiny_run().folder);
  const std::vector<int64_t> history = tiny_run().history_of(tiny_run().test.front().record.user);
  const std::string words = tiny_run().test.front().response;
  const Ranking ranking = recommender.rank({.history = history, .utterance = words, .k = 7, .intents = 2});
  const Asked asked =
      served().post(kRun + "/rank", {{"history", history}, {"utterance", words}, {"k", 7}, {"intents", 2}});
  REQUIRE(asked.status == 200);
  REQUIRE(asked.body["items"].size() == 7);
  for (size_t i = 0; i < 7; ++i) {
    CHECK(asked.body["items"][i]["id"] == ranking.items[i].id);
    CHECK(asked.body["items"][i]["title"] == ranking.items[i].title);
    CHECK(asked.body["items"][i]["score"].get<double>() == ranking.items[i].score);
    CHECK(asked.body["items"][i]["rank"] == i + 1);
  }
  CHECK(asked.body["intents"].size() == 2);
  CHECK(asked.body["intents"][0]["items"].size() == 3);
  CHECK(asked.body["with_text"] == true);
}

TEST_CASE("items are found by titles and parts of them", "[serve]") {
  const int64_t id = tiny_run().test.front().record.target;
  const json item = served().get(kRun + "/items/" + std::to_string(id)).body;
  const std::string title = item.at("title");
  CHECK(served().get(kRun + "/items?q=" + title).body["items"][0]["id"] == id);
  const std::string part = title.substr(1, 6);
  const json partly = served().get(kRun + "/items?q=" + part + "&limit=100").body["items"];
  for (const json& found : partly) {
    CHECK_FALSE(found.at("title").get<std::string>().empty());
  }
  CHECK(served().get(kRun + "/items?q=" + std::to_string(id)).body["items"][0]["id"] == id);
  CHECK(served().get(kRun + "/items?q=zzzzzzzz").body["items"].empty());
}

TEST_CASE("test users have the ranks that the evaluation wrote", "[serve]") {
  const RankFile file = read_ranks_tsv(tiny_run().folder / "evaluate/ranks_test_seen_kept.tsv");
  const Asked page = served().get(kRun + "/users?offset=3&limit=2");
  CHECK(page.body["total"] == file.users.customer_ids.size());
  REQUIRE(page.body["users"].size() == 2);
  for (const json& row : page.body["users"]) {
    const auto place = std::find(file.users.customer_ids.begin(), file.users.customer_ids.end(), row["id"]);
    REQUIRE(place != file.users.customer_ids.end());
    for (const RankedRow& ranks : file.rows)
      CHECK(row["ranks"][ranks.name] == ranks.ranks[static_cast<size_t>(place - file.users.customer_ids.begin())]);
  }
  const Utterance& first = tiny_run().test.front();
  const Asked user = served().get(kRun + "/users/" + first.record.customer_id);
  CHECK(user.body["utterance"] == first.response);
  CHECK(user.body["target"]["id"] == first.record.target);
  CHECK(ids_in(user.body["history"]) == std::vector<int64_t>(first.record.history.begin(), first.record.history.end()));
  CHECK(served().get(kRun + "/users/nobody").status == 404);
  CHECK(served().get(kRun + "/users?q=zzzzzzzz").body["total"] == 0);
}

TEST_CASE("intents, dialogues and figures of a run", "[serve]") {
  const json map = served().get(kRun + "/intents").body;
  CHECK(map["intents"].size() == served().get(kRun).body["intents"]);
  CHECK(map["users"].size() == tiny_run().interactions.user_ids.size());
  CHECK_FALSE(map["intents"][0]["items"].empty());
  CHECK_FALSE(std::filesystem::exists(tiny_run().folder / "intents"));  // nothing is written

  const json all = served().get(kRun + "/dialogues?limit=200").body;
  const json missed = served().get(kRun + "/dialogues?outcome=not_found").body;
  CHECK(all["total"] == all["dialogues"].size());
  for (const json& dialogue : missed["dialogues"]) CHECK(dialogue["success_turn"] == 0);
  CHECK(served().get(kRun + "/figures").body["multi_turn"] ==
        json::parse(read_file(tiny_run().folder / "evaluate/multi_turn.json")));
}

TEST_CASE("a session talks, takes criticism and acceptance, and goes back", "[serve]") {
  const std::string session = new_session(served());
  const json first = served().post(session + "/say", {{"text", "I would like something new."}}).body;
  REQUIRE_FALSE(first["items"].empty());
  const int64_t refused = first["items"][0]["id"];
  const json second = served().post(session + "/criticise", {{"refuse", {refused}}}).body;
  const std::vector<int64_t> shown = ids_in(second["items"]);
  CHECK(std::find(shown.begin(), shown.end(), refused) == shown.end());
  CHECK(served().get(session + "/dialogue").status == 422);  // nothing was accepted
  const int64_t taken = shown.front();
  CHECK(ids_in(served().post(session + "/accept", {{"item", taken}}).body["history"]) == std::vector<int64_t>{taken});
  CHECK(served().get(session + "/why/" + std::to_string(taken)).body["item"]["id"] == taken);
  CHECK(served().get(session + "/dialogue").status == 200);
  CHECK(served().post(session + "/undo").body["history"].empty());
  CHECK(served().post(session + "/undo").body["turns"].size() == 1);
  CHECK(served().post(session + "/undo").status == 200);
  CHECK(served().post(session + "/undo").status == 422);
  CHECK(served().post(session + "/say", {{"text", " "}}).status == 400);
  CHECK(served().ask("DELETE", session).status == 204);
  CHECK(served().get(session).status == 404);
}

TEST_CASE("the session that has been idle for longest makes room", "[serve]") {
  const ServedTiny small({}, 2);
  const std::string a = new_session(small), b = new_session(small);
  CHECK(small.get(a).status == 200);
  const std::string c = new_session(small);
  CHECK(small.get(b).status == 404);
  CHECK(small.get(a).status == 200);
  CHECK(small.get(c).status == 200);
}

TEST_CASE("a session goes on with the generation with which it began", "[serve]") {
  const ServedTiny own;
  const std::string old = new_session(own);
  const Asked reloaded = own.post(kRun + "/reload");
  REQUIRE(reloaded.status == 200);
  CHECK(reloaded.body["changed"] == false);
  CHECK(reloaded.body["run"]["generation"] == 2);
  CHECK(own.get(old).body["generation"] == 1);
  CHECK(own.post(old + "/say", {{"text", "something new"}}).status == 200);
  CHECK(own.get(new_session(own)).body["generation"] == 2);
}

TEST_CASE("OpenAI's clients talk to a run as to a model", "[serve]") {
  CHECK(served().get("/v1/models").body["data"][0]["id"] == "api");
  CHECK(served().get("/v1/models/gpt-4").body["error"]["code"] == "not_found");
  json messages = json::array(
      {{{"role", "system"}, {"content", "Be brief."}}, {{"role", "user"}, {"content", "I would like something new."}}});
  json request = {{"model", "api"}, {"messages", messages}};
  const json first = served().post("/v1/chat/completions", request).body;
  const std::string session = new_session(served());
  const json same = served().post(session + "/say", {{"text", "I would like something new."}}).body;
  CHECK(first["items"] == same["items"]);
  CHECK(first["choices"][0]["message"]["content"] == same["text"]);

  // Going on from the messages is going on with the session, also where the user criticises.
  for (const char* words : {"not 2", "something else, with more action"}) {
    messages.push_back(
        {{"role", "assistant"},
         {"content", served().post("/v1/chat/completions", request).body["choices"][0]["message"]["content"]}});
    messages.push_back({{"role", "user"}, {"content", words}});
    request["messages"] = messages;
    CHECK(served().post("/v1/chat/completions", request).body["items"] ==
          served().post(session + "/say", {{"text", words}}).body["items"]);
  }
  CHECK(served().post("/v1/chat/completions", {{"model", "api"}, {"messages", json::array()}}).status == 400);
  CHECK(served().post("/v1/chat/completions", {{"model", "gpt-4"}, {"messages", messages}}).status == 404);
  const json of_no_user = json::array({json{{"role", "tool"}}});
  CHECK(served().post("/v1/chat/completions", {{"model", "api"}, {"messages", of_no_user}}).status == 422);
}

TEST_CASE("items that another assistant listed count as shown", "[serve]") {
  const json titles = served().post(kRun + "/rank", {{"k", 3}, {"utterance", "something new"}}).body["items"];
  std::string list = "How about these?\n";
  for (const json& item : titles)
    list += fmt::format("{}. {}\n", item["rank"].get<int>(), item["title"].get<std::string>());
  const json messages = json::array({{{"role", "user"}, {"content", "something for tonight"}},
                                     {{"role", "assistant"}, {"content", list}},
                                     {{"role", "user"}, {"content", "something new"}}});
  const json answer = served().post("/v1/chat/completions", {{"model", "api"}, {"messages", messages}}).body;
  const std::vector<int64_t> shown = ids_in(answer["items"]);
  REQUIRE_FALSE(shown.empty());
  for (const json& item : titles)
    CHECK(std::find(shown.begin(), shown.end(), item["id"].get<int64_t>()) == shown.end());
}
