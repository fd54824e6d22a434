#include "language/transport/credentials.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "language/transport/api_client.h"
#include "language/transport/encoding.h"
#include "language/transport/google_credentials.h"
#include "language/transport/service_account.h"
#include "services/certificates.h"
#include "services/fake_server.h"
#include "services/remote_fixture.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const RsaKey& rsa_key() {
  static const RsaKey key = make_rsa_key();
  return key;
}

std::string bearer(Credentials& credentials) { return credentials.headers().at(0).value.reveal(); }

/// A server that returns token-1, token-2, …, as Google's token service and metadata server do.
class TokenServer {
 public:
  TokenServer() : server([this](const Request& request) { return answer(request); }) {}

  double lifetime = 3599;
  FakeServer server;

 private:
  Answer answer(const Request& request) {
    if (request.path == "/") return {.headers = {{"Metadata-Flavor", "Google"}}};
    if (request.path.find("project-id") != std::string::npos) return {.body = "metadata-project", .type = "text/plain"};
    return {.body = json{{"access_token", "token-" + std::to_string(++count_)},
                         {"expires_in", lifetime},
                         {"token_type", "Bearer"}}
                        .dump()};
  }
  int count_ = 0;
};

json service_account(const std::string& token_uri) {
  return {{"type", "service_account"},
          {"client_email", "a@p.iam.gserviceaccount.com"},
          {"private_key", rsa_key().private_pem},
          {"private_key_id", "kid-1"},
          {"token_uri", token_uri},
          {"project_id", "file-project"}};
}

/// A service account's key file and the token service that it names.
struct ServiceAccount {
  TempDir dir;
  TokenServer tokens;
  RemoteFixture remote;
  std::unique_ptr<Credentials> credentials = make();

 private:
  std::unique_ptr<Credentials> make() {
    write_text(dir / "key.json", service_account(tokens.server.url() + "/token").dump());
    return make_google_credentials({.credentials_file = dir / "key.json"}, remote.context());
  }
};

}  // namespace

TEST_CASE("a service account signs an assertion and trades it for a token", "[credentials]") {
  ServiceAccount account;
  auto& [dir, tokens, remote, credentials] = account;
  CHECK(credentials->project() == "file-project");
  CHECK(credentials->describe() == "service account a@p.iam.gserviceaccount.com (" + (dir / "key.json").string() + ")");
  CHECK(tokens.server.count() == 0);
  CHECK(bearer(*credentials) == "Bearer token-1");

  const Request request = tokens.server.requests().at(0);
  CHECK(request.header("content-type") == "application/x-www-form-urlencoded");
  CHECK(request.query.at("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const std::string jwt = request.query.at("assertion");
  const size_t first = jwt.find('.'), second = jwt.rfind('.');
  const auto segment = [](std::string text) {
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    return base64_decode(text).value();
  };
  const json header = json::parse(segment(jwt.substr(0, first)));
  const json claims = json::parse(segment(jwt.substr(first + 1, second - first - 1)));
  CHECK(header == json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "kid-1"}});
  CHECK(claims["iss"] == "a@p.iam.gserviceaccount.com");
  CHECK(claims["aud"] == "https://oauth2.googleapis.com/token");
  CHECK(claims["scope"] == "https://www.googleapis.com/auth/cloud-platform");
  CHECK(claims["iat"].get<double>() < FakeClock::kStart);
  CHECK(claims["exp"].get<double>() - claims["iat"].get<double>() == 3600);
  CHECK(verifies(rsa_key(), jwt.substr(0, second), segment(jwt.substr(second + 1))));
}

TEST_CASE("a token is kept until shortly before it expires", "[credentials]") {
  ServiceAccount account;
  auto& [dir, tokens, remote, credentials] = account;
  CHECK(bearer(*credentials) == "Bearer token-1");
  remote.clock.sleep(3599 - 226);
  CHECK(bearer(*credentials) == "Bearer token-1");
  remote.clock.sleep(2);
  tokens.lifetime = 100;  // as from a metadata server: not asked for again with every request
  CHECK(bearer(*credentials) == "Bearer token-2");
  remote.clock.sleep(29);
  CHECK(bearer(*credentials) == "Bearer token-2");
  remote.clock.sleep(2);
  CHECK(bearer(*credentials) == "Bearer token-3");
}

TEST_CASE("the token service's errors", "[credentials]") {
  ServiceAccount account;
  auto& [dir, tokens, remote, credentials] = account;
  const auto failure = [&]() -> std::pair<ErrorKind, std::string> {
    try {
      account.credentials->headers();
    } catch (const Error& error) {
      return {error.kind(), error.what()};
    }
    return {ErrorKind::internal, "no error"};
  };
  tokens.server.answer_next(
      {{.status = 503}, {.status = 400, .body = R"({"error":"server_error","error_description":"x"})"}});
  CHECK(bearer(*credentials) == "Bearer token-1");
  CHECK(remote.clock.sleeps().size() == 2);

  remote.clock.sleep(3600);
  tokens.server.answer_next(
      {{.status = 400, .body = R"({"error":"invalid_grant","error_description":"Invalid JWT: clock"})"}});
  auto [kind, text] = failure();
  CHECK(kind == ErrorKind::config);
  CHECK_THAT(text, Contains("a@p.iam") && Contains("invalid_grant: Invalid JWT: clock"));
  tokens.server.answer_next({{.status = 500}, {.status = 500}, {.status = 500}});
  CHECK(failure().first == ErrorKind::remote);
  tokens.server.answer_next({{.body = "<html>"}});
  CHECK_THAT(failure().second, Contains("without a usable access_token"));
}

TEST_CASE("Google's order of default credentials", "[credentials]") {
  TempDir dir;
  TokenServer tokens;
  RemoteFixture remote;
  RemoteContext context = remote.context();
  context.google_token_url = tokens.server.url() + "/token";
  const auto describe = [&] { return make_google_credentials({}, context)->describe(); };

  CHECK_THROWS_WITH(describe(), Contains("gcloud auth application-default login"));

  remote.variables.erase("NO_GCE_CHECK");
  remote.variables["GCE_METADATA_HOST"] = tokens.server.url().substr(7);
  const auto machine = make_google_credentials({}, context);
  CHECK_THAT(machine->describe(), Contains("metadata server"));
  CHECK(machine->project() == "metadata-project");
  CHECK(bearer(*machine) == "Bearer token-1");
  CHECK(tokens.server.requests().back().header("metadata-flavor") == "Google");

  const json user = {{"type", "authorized_user"},
                     {"client_id", "id"},
                     {"client_secret", "se cret"},
                     {"refresh_token", "re/fresh"},
                     {"quota_project_id", "quota"}};
  remote.variables["HOME"] = dir.path().string();
  write_text(dir / ".config/gcloud/application_default_credentials.json", user.dump());
  const auto own = make_google_credentials({}, context);
  CHECK_THAT(own->describe(), Contains("user credentials"));
  const auto headers = own->headers();
  CHECK(headers.at(0).value.reveal() == "Bearer token-2");
  CHECK(headers.at(1).name == "x-goog-user-project");
  CHECK(headers.at(1).value.reveal() == "quota");
  const auto sent = tokens.server.requests().back().query;
  CHECK(sent.at("grant_type") == "refresh_token");
  CHECK(sent.at("client_secret") == "se cret");
  CHECK(sent.at("refresh_token") == "re/fresh");
  remote.variables["GOOGLE_CLOUD_QUOTA_PROJECT"] = "other";
  CHECK(make_google_credentials({}, context)->headers().at(1).value.reveal() == "other");

  remote.variables["CLOUDSDK_CONFIG"] = (dir / "sdk").string();
  write_text(dir / "sdk/application_default_credentials.json", service_account(tokens.server.url() + "/token").dump());
  CHECK_THAT(describe(), Contains("sdk/application_default"));

  remote.variables["GOOGLE_APPLICATION_CREDENTIALS"] = (dir / "none.json").string();
  CHECK_THROWS_WITH(describe(), Contains("none.json"));
  for (const char* type : {"external_account", "external_account_authorized_user", "impersonated_service_account",
                           "gdch_service_account"}) {
    write_text(dir / "none.json", json{{"type", type}}.dump());
    CHECK_THROWS_WITH(describe(), Contains(std::string("of type ") + type));
  }
  write_text(dir / "none.json", R"({"type":"service_account","client_email":"a"})");
  CHECK_THROWS_WITH(describe(), Contains("no \"private_key\""));
  json leaking = service_account("http://example.org/token");
  write_text(dir / "none.json", leaking.dump());
  CHECK_THROWS_WITH(describe(), Contains("http://example.org/token is not https"));
}

TEST_CASE("an invalid key is refused without showing it", "[credentials]") {
  const ServiceAccountKey key = {"a@b", Secret("-----BEGIN PRIVATE KEY-----\nnonsense\n"), ""};
  CHECK_THROWS_WITH(service_account_assertion(key, 0), Contains("a@b") && !Contains("nonsense"));
}

TEST_CASE("tokens of a command or a file are fetched again when refused", "[credentials]") {
  TempDir dir;
  const std::string file = (dir / "token").string();
  FakeServer server([](const Request& request) -> Answer {
    return {.status = request.header("authorization") == "Bearer second" ? 200 : 401};
  });
  RemoteFixture remote;
  const CredentialOptions kinds[] = {{.kind = "token_file", .token_file = file},
                                     {.kind = "token_command", .token_command = "cat " + file}};
  for (const CredentialOptions& options : kinds) {
    write_text(dir / "token", "first\n");
    const auto credentials = make_google_credentials(options, remote.context());
    ApiClient client(remote.context(), *credentials, {{}, {}, {}});
    const size_t before = server.count();
    CHECK(client.call({.url = server.url()}).status == 401);
    write_text(dir / "token", " second \n");
    CHECK(client.call({.url = server.url()}).status == 200);
    CHECK(server.count() == before + 4);
    CHECK(client.call({.url = server.url()}).status == 200);
    CHECK(server.count() == before + 5);
  }
  const auto token_of = [&](const std::string& command) {
    return make_google_credentials({.token_command = command}, remote.context())->headers();
  };
  CHECK_THROWS_WITH(token_of("echo secret-output; exit 3"), Contains("exit 3' failed") && !Contains("secret-output\n"));
  CHECK_THROWS_WITH(token_of("true"), Contains("printed no token"));
  CHECK_THROWS_WITH(token_of("echo two words"), Contains("printed no token"));
  write_text(dir / "token", "\n");
  CHECK_THROWS_WITH(make_google_credentials({.token_file = file}, remote.context())->headers(),
                    Contains("holds no token"));
}

TEST_CASE("API keys from files and variables", "[credentials]") {
  TempDir dir;
  RemoteFixture remote;
  const ApiKeyStyle style = {"x-goog-api-key", "", {"GOOGLE_API_KEY", "GEMINI_API_KEY"}, {}};
  const auto key = [&](const CredentialOptions& options) { return make_api_key(options, style, remote.context()); };
  CHECK(key({}) == nullptr);
  CHECK_THROWS_WITH(key({.kind = "api_key"}), Contains("set GOOGLE_API_KEY"));
  remote.variables["GEMINI_API_KEY"] = " abc ";
  CHECK(bearer(*key({})) == "abc");
  CHECK(key({})->describe() == "API key of GEMINI_API_KEY");
  remote.variables["GOOGLE_API_KEY"] = "def";
  CHECK(bearer(*key({})) == "def");
  CHECK_THROWS_WITH(key({.api_key_env = "MINE"}), Contains("MINE"));
  remote.variables["MINE"] = "ghi";
  CHECK(bearer(*key({.api_key_env = "MINE"})) == "ghi");
  write_text(dir / "key", "jkl\n");
  CHECK(bearer(*key({.api_key_env = "MINE", .api_key_file = dir / "key"})) == "jkl");
  CHECK_FALSE(key({})->renew({}));
}
