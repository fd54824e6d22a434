// Runs the services with good and bad answers, then looks for the secrets in everything they left behind.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/llm/openai_embedder.h"
#include "language/llm/remote_chat.h"
#include "services/certificates.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;

namespace {

/// The key of one service and the token of another; neither may be found anywhere.
const std::string kSecret = "S3cret-0123456789";

/// A server that repeats the authorisation of every request, in good answers and in bad ones, and is busy at first.
Answer indiscreet(const Request& request) {
  static std::set<std::string> seen;
  const std::string said = request.header("authorization") + request.header("x-goog-api-key") + request.body;
  if (seen.insert(request.path).second) return {.status = 503, .body = "busy, but I got " + said};
  if (request.path == "/token") return {.body = json{{"access_token", kSecret}, {"expires_in", 3600}}.dump()};
  const json message = {{"message", {{"content", "you sent " + said}}}, {"finish_reason", "stop"}};
  if (request.path == "/v1/chat/completions") return {.body = json{{"choices", {message}}}.dump()};
  return {
      .status = 403, .body = json{{"error", {{"message", "refused: " + said}}}}.dump(), .headers = {{"X-Said", said}}};
}

}  // namespace

TEST_CASE("no log line, message or file holds a secret", "[secrecy]") {
  TempDir dir;
  FakeServer server(indiscreet);
  RemoteFixture remote;
  remote.variables["GEMINI_API_KEY"] = kSecret;
  remote.variables["OPENAI_API_KEY"] = kSecret;
  const RsaKey key = make_rsa_key();
  write_text(dir / "sa.json", json{{"type", "service_account"},
                                   {"client_email", "a@b"},
                                   {"private_key", key.private_pem},
                                   {"token_uri", server.url() + "/token"},
                                   {"project_id", "p"}}
                                  .dump());
  const LogLevel quiet(log::Level::error);
  log::add_file(dir / "work/run.log");

  std::string messages;
  const auto run = [&](const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      messages += std::string(error.what()) + "\n";
    }
  };
  const ChatRequest hello{.messages = {{ChatMessage::Role::user, "hello"}}};
  for (const char* provider : {"gemini", "vertex", "openai"}) {
    ChatService service{.provider = provider, .options = {.model = "m", .base_url = server.url()}};
    service.shared.cache = (dir / "work/cache").string();
    service.options.credentials.credentials_file = (dir / "sa.json").string();
    run([&] { make_chat(service, remote.context())->complete({hello}); });
  }
  EmbeddingService embedding{.options = {.model = "m", .base_url = server.url()}};
  embedding.shared.cache = "";
  run([&] { make_openai_embedder(embedding, 4, remote.context())->embed({"hello"}); });
  embedding.options.base_url = "http://me:" + kSecret + "@host";
  run([&] { make_openai_embedder(embedding, 4, remote.context()); });
  log::flush();

  CHECK(std::count(messages.begin(), messages.end(), '\n') == 4);
  const std::string log_text = read_text(dir / "work/run.log"), cache = read_text(dir / "work/cache/replies.jsonl");
  CHECK(log_text.find("busy, but I got") != std::string::npos);
  CHECK(cache.find("you sent Bearer ***") != std::string::npos);
  std::vector<std::string> secrets = {kSecret, "PRIVATE KEY", key.private_pem.substr(100, 40)};
  for (const Request& request : server.requests())
    if (request.path == "/token") secrets.push_back(request.query.at("assertion").substr(0, 40));
  CHECK(secrets.size() == 5);
  for (const std::string& text : {messages, log_text, cache}) {
    INFO(text);
    for (const std::string& secret : secrets) CHECK(text.find(secret) == std::string::npos);
  }
}
