// Replies as servers really send them, from a table beside the checkout, through the whole client.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/text.h"
#include "language/llm/batch_chat.h"
#include "language/llm/openai_embedder.h"
#include "language/llm/remote_chat.h"
#include "services/fake_models.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;
using Kind = ChatOutcome::Kind;

namespace {

std::vector<json> shared_replies() {
  const auto data = real_data_dir();
  const auto file = data.parent_path() / "cases/replies/replies.jsonl";
  std::vector<json> replies;
  if (data.empty() || !std::filesystem::exists(file)) return replies;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) replies.push_back(json::parse(line));
  return replies;
}

/// The result of a reply.
struct Result {
  std::string stopped = {};  ///< the message that ended the run; empty: it went on
  ChatOutcome outcome = {};
  std::vector<float> vectors = {};
  size_t sent = 0;          ///< requests until then
  bool asked_anew = false;  ///< by the next run
};

Answer answer_of(const json& reply) {
  const json& body = reply.at("body");
  const bool text = body.is_string();
  return {.status = reply.at("status"),
          .body = text ? body.get<std::string>() : body.dump(),
          .type = text ? "text/html" : "application/json"};
}

Result ask_chat(const json& reply) {
  const TempDir dir;
  RemoteFixture remote;
  FakeServer server([&](const Request&) { return answer_of(reply); });
  const bool gemini = reply.at("api") == "gemini";
  ChatService service{.provider = gemini ? "gemini" : "openai", .options = {.model = "m"}};
  service.options.base_url = server.url() + (gemini ? "" : "/v1");
  service.shared.cache = (dir / "cache").string();
  remote.variables["GOOGLE_API_KEY"] = "key-123456";
  const std::vector<ChatRequest> question = {{.messages = {{ChatMessage::Role::user, "q"}}}};
  Result result;
  try {
    result.outcome = make_chat(service, remote.context())->complete(question).all[0];
    result.sent = server.count();
    result.asked_anew = !make_chat(service, remote.context())->complete(question).all[0].from_cache;
  } catch (const Error& error) {
    result.stopped = error.what();
    result.sent = server.count();
  }
  remote.http.reset();
  return result;
}

Result ask_batch(const json& reply) {
  const TempDir dir;
  RemoteFixture remote;
  FakeOpenAi server;
  server.rows = [&](const Rows& input) {
    json row = reply.at("body");
    row["custom_id"] = input[0]["custom_id"];
    return Rows{row};
  };
  ChatService service{.provider = "openai", .options = {.model = "m"}};
  service.options.base_url = server.server.url() + "/v1";
  service.shared.cache = (dir / "cache").string();
  Result result;
  try {
    result.outcome = make_batch_chat(service, {}, remote.context())
                         ->complete({{.messages = {{ChatMessage::Role::user, "q"}}}})
                         .all[0];
  } catch (const Error& error) {
    result.stopped = error.what();
  }
  remote.http.reset();
  return result;
}

/// Different vectors of the width of a table's ones, for the texts of the embedder's probe.
json probe_vectors(size_t texts, size_t width) {
  json data = json::array();
  for (size_t i = 0; i < texts; ++i) {
    std::vector<double> vector(width, 1.0);
    vector[i % width] += static_cast<double>(i);
    data.push_back({{"index", i}, {"embedding", vector}});
  }
  return {{"object", "list"}, {"data", data}, {"model", "m"}};
}

/// The vectors of a table answer the two texts; the probe before gets others if the table expects vectors.
Result embed(const json& reply) {
  RemoteFixture remote;
  const json& expect = reply.at("expect");
  FakeServer server([&](const Request& request) {
    const json texts = json::parse(request.body).value("input", json::array());
    if (!expect.contains("vectors") || texts == json{"a", "b"}) return answer_of(reply);
    return Answer{.body = probe_vectors(texts.size(), expect["vectors"][0].size()).dump()};
  });
  EmbeddingService service{.options = {.model = "m", .base_url = server.url() + "/v1", .bos_marker = ""},
                           .prompt = "{text}",
                           .section = "embed.remote"};
  service.shared.cache = "";
  service.shared.retry.max_attempts = 2;
  const int dim = static_cast<int>(reply.at("expect").value("vectors", json({{1, 2}})).at(0).size());
  Result result;
  try {
    result.vectors = make_openai_embedder(service, dim, remote.context())->embed({"a", "b"});
  } catch (const Error& error) {
    result.stopped = error.what();
  }
  remote.http.reset();
  return result;
}

bool mentions(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

/// Whether the result agrees with the table's words.
bool is_as_expected(const Result& result, const json& expect) {
  const std::string kind = expect.at("kind");
  const Kind outcome = result.outcome.kind;
  if (kind == "text")
    return outcome == Kind::text && std::string(trimmed(result.outcome.text, " \n")) == expect.at("text");
  if (kind.starts_with("truncated")) return result.stopped.empty() && outcome == Kind::truncated;
  if (kind == "blocked") return result.stopped.empty() && outcome == Kind::blocked;
  if (kind == "vectors") {
    std::vector<float> wanted;
    for (const json& row : expect.at("vectors"))
      for (const json& number : row) wanted.push_back(number);
    return result.vectors == wanted;
  }
  if (kind.starts_with("error of one line"))
    return mentions(result.stopped, "vector per token") && !mentions(result.stopped, "\n") &&
           result.stopped.size() < 700;
  if (mentions(kind, "redirects")) return mentions(result.stopped, "redirects") && mentions(result.stopped, "base_url");
  if (mentions(kind, "stops")) return !result.stopped.empty() && result.sent == 1;
  const bool again = !mentions(kind, "tried again") || result.sent > 1;
  return result.stopped.empty() && (outcome == Kind::failed || outcome == Kind::malformed) && result.asked_anew &&
         again;
}

}  // namespace

TEST_CASE("replies as servers really send them", "[replies]") {
  const LogLevel quiet(log::Level::error);
  const auto replies = shared_replies();
  if (replies.empty()) {
    WARN("skipped: no table of replies beside the checkout");
    return;
  }
  size_t right = 0;
  for (const json& reply : replies) {
    const std::string api = reply.at("api");
    const Result result = api == "openai_embeddings"  ? embed(reply)
                          : api == "openai_batch_row" ? ask_batch(reply)
                                                      : ask_chat(reply);
    INFO(reply.at("name") << ": " << to_string(result.outcome.kind) << " '" << result.outcome.text << "' ("
                          << result.outcome.reason << "), sent " << result.sent << ", " << result.stopped);
    const bool as_expected = is_as_expected(result, reply.at("expect"));
    CHECK(as_expected);
    right += as_expected ? 1 : 0;
  }
  CHECK(right == replies.size());
}
