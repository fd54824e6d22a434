#include "language/llm/service_check.h"

#include <catch2/catch.hpp>

#include "services/fake_google.h"
#include "services/fake_models.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

ChatService chat_service(const std::string& provider, const std::string& base_url) {
  ChatService service;
  service.provider = provider;
  service.options.model = "m";
  service.options.base_url = base_url;
  service.shared.cache = "unused";
  service.shared.retry.max_attempts = 1;
  return service;
}

}  // namespace

TEST_CASE("a chat service is tried without asking it anything that costs", "[service_check]") {
  RemoteFixture remote;
  remote.variables["GEMINI_API_KEY"] = "a-key";
  FakeGemini gemini;
  ServiceCheck check = check_chat_service(chat_service("gemini", gemini.server.url()), remote.context());
  CHECK(check.problem.empty());
  CHECK(check.credentials == "API key of GEMINI_API_KEY");
  REQUIRE(gemini.server.count() == 1);
  CHECK(gemini.server.requests()[0].path == "/v1beta/models/m:countTokens");

  gemini.server.answer_next({{.status = 404, .body = R"({"error":{"code":404,"message":"no such model"}})"}});
  check = check_chat_service(chat_service("gemini", gemini.server.url()), remote.context());
  CHECK_THAT(check.problem, Contains("no such model") && Contains("check the model"));

  remote.variables.clear();
  check = check_chat_service(chat_service("gemini", gemini.server.url()), remote.context());
  CHECK_THAT(check.problem, Contains("GOOGLE_API_KEY"));

  FakeOpenAi openai;
  openai.models = {"a", "m"};
  CHECK(check_chat_service(chat_service("openai", openai.server.url()), remote.context()).problem.empty());
  openai.models = {"a", "b"};
  check = check_chat_service(chat_service("openai", openai.server.url()), remote.context());
  CHECK_THAT(check.problem, Contains("has no model 'm'; it lists a, b"));
  check = check_chat_service(chat_service("openai", closed_port_url()), remote.context());
  CHECK_FALSE(check.problem.empty());
}

TEST_CASE("a bucket is listed", "[service_check]") {
  RemoteFixture remote;
  FakeGoogle google;
  remote.variables["STORAGE_EMULATOR_HOST"] = google.server.url();
  BatchOptions batch;
  batch.folder = "gs://bkt/run";
  const ChatService service = chat_service("vertex", google.server.url());
  CHECK(check_batch_storage(service, batch, remote.context()).problem.empty());
  google.server.answer_next({{.status = 404, .body = R"({"error":{"code":404,"message":"no such bucket"}})"}});
  CHECK_THAT(check_batch_storage(service, batch, remote.context()).problem, Contains("no such bucket"));
  batch.folder = "bkt/run";
  CHECK_THAT(check_batch_storage(service, batch, remote.context()).problem, Contains("batch.folder=bkt/run"));
}
