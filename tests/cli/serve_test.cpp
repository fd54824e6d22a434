// `latentcrs serve` as a user starts it, on a free port of this machine: its output, its ends and its refusals.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/running_process.h"
#include "support/temp_dir.h"

using namespace latentcrs::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

Environment with_configs(Environment more = {}) {
  more.emplace_back("LATENTCRS_CONFIG_DIR", source_path("configs"));
  return more;
}

/// A short run on the tiny dataset, made once.
const fs::path& tiny_run_folder() {
  static const TempDir temp;
  static const fs::path folder = [] {
    const Finished made = run_process({LATENTCRS_BINARY, "run", "-c", "tiny", "exp_name=served", "tensorboard=false",
                                       "output_dir=" + (temp / "run").string()},
                                      {.folder = source_path("."), .environment = with_configs()});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    return temp / "run";
  }();
  return folder;
}

/// The server, and the port that it printed.
class Serving {
 public:
  explicit Serving(std::vector<std::string> options = {}, const Environment& environment = {})
      : process_(words(std::move(options)), {.folder = ".", .environment = with_configs(environment)}),
        output_(process_.output_with("Ctrl-C")) {
    std::smatch found;
    if (std::regex_search(output_, found, std::regex(R"(http://[^:]+:(\d+)/(?:#token=(\w+))?)"))) {
      port_ = std::stoi(found[1]);
      token_ = found[2];
    }
    CAPTURE(process_.output_with(""));
    REQUIRE(port_ > 0);
  }

  httplib::Client client() const { return httplib::Client("127.0.0.1", port_); }
  const std::string& output() const { return output_; }
  const std::string& token() const { return token_; }
  Finished end(int signal) { return process_.end(signal); }

 private:
  static std::vector<std::string> words(std::vector<std::string> options) {
    std::vector<std::string> all = {LATENTCRS_BINARY, "serve", tiny_run_folder().string(), "--port", "0"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  RunningProcess process_;
  std::string output_;
  int port_ = 0;
  std::string token_;
};

}  // namespace

TEST_CASE("serve answers until Ctrl-C, and then ends with 0", "[serve]") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  Serving serving;
  httplib::Client client = serving.client();
  client.set_keep_alive(true);  // an open connection does not hold the end up
  const auto runs = client.Get("/api/v1/runs");
  REQUIRE(runs);
  CHECK(json::parse(runs->body)["runs"][0]["id"] == "served");
  CHECK(client.Get("/")->status == 200);
  CHECK(client.Get("/api/v1/nothing")->status == 404);
  CHECK(client.Put("/api/v1/runs", "", "text/plain")->status == 405);
  CHECK(client.Get("/%2e%2e/%2e%2e/etc/passwd")->status == 404);
  CHECK(client.Post("/api/v1/runs/served/rank", std::string(300'000, ' '), "application/json")->status == 413);
  const Finished finished = serving.end(signal);
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.err, !Contains("error"));
}

TEST_CASE("serve asks for the token that it was given", "[serve]") {
  const Serving serving({}, {{"LATENTCRS_SERVE_TOKEN", "0123456789abcdef"}});
  CHECK_THAT(serving.output(), !Contains("0123456789abcdef"));
  CHECK(serving.client().Get("/api/v1/runs")->status == 401);
  CHECK(serving.client().Get("/api/v1/runs", {{"Authorization", "Bearer wrong-wrong-wrong"}})->status == 401);
  CHECK(serving.client().Get("/api/v1/runs", {{"Authorization", "Bearer 0123456789abcdef"}})->status == 200);
}

TEST_CASE("serve makes a token where others than this machine may reach it", "[serve]") {
  const Serving serving({"--host", "0.0.0.0"});
  REQUIRE(serving.token().size() == 32);
  CHECK(serving.client().Get("/api/v1/runs")->status == 401);
  CHECK(serving.client().Get("/api/v1/runs", {{"Authorization", "Bearer " + serving.token()}})->status == 200);
}

TEST_CASE("serve says what is wrong before it listens", "[serve]") {
  const TempDir temp;
  std::ofstream(temp / "short") << "secret\n";
  const std::string run = tiny_run_folder().string(), token = (temp / "short").string();
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string message;
  };
  const std::vector<Case> cases = {{{}, 2, "one or two run folders, not 0"},
                                   {{"a", "b", "c"}, 2, "not 3"},
                                   {{run, "--port", "70000"}, 2, "--port"},
                                   {{run, "--host", "203.0.113.7", "--port", "0"}, 2, "cannot listen on 203.0.113.7"},
                                   {{run, "--token-file", token}, 2, "at least 16 characters"},
                                   {{run, "--token-file", (temp / "none").string()}, 4, "none"},
                                   {{(temp / "none").string()}, 4, "no such folder"},
                                   {{temp.path().string()}, 4, "no config.yaml"}};
  for (const Case& wrong : cases) {
    std::vector<std::string> words = {LATENTCRS_BINARY, "serve"};
    words.insert(words.end(), wrong.arguments.begin(), wrong.arguments.end());
    const Finished finished = run_process(words, {.folder = ".", .environment = with_configs()});
    CAPTURE(finished.err);
    CHECK(finished.exit_code == wrong.exit_code);
    CHECK_THAT(finished.err, Contains(wrong.message));
    CHECK_THAT(finished.err, !Contains("secret"));
  }
}
