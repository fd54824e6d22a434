// The evaluation's simulated users, with the server as the other party: over HTTP they come to the figures that
// `latentcrs evaluate` wrote.
#include <ATen/ATen.h>
#include <httplib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <unordered_map>

#include "api/tiny_run.h"
#include "base/util/files.h"
#include "experiment/stages/providers.h"
#include "language/dialogue/multi_turn.h"
#include "serve/served_tiny.h"
#include "service/api/opened_run.h"
#include "service/serve/http_server.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;

namespace {

/// The application on a free port of this machine.
class LoopbackServer {
 public:
  LoopbackServer()
      : server_({}, {.gate = [this](const ServedRequest& request) { return served_.application().gate(request); },
                     .answer = [this](const ServedRequest& request) { return served_.application().answer(request); }}),
        port_(server_.bind("127.0.0.1", 0)),
        thread_([this] { server_.serve([this] { return stopped_.load(); }); }) {}
  ~LoopbackServer() {
    stopped_ = true;
    thread_.join();
  }
  int port() const { return port_; }

 private:
  ServedTiny served_;
  HttpServer server_;
  int port_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

/// Asks the server for rankings.
class RemoteRecommender : public DialogueRecommender {
 public:
  explicit RemoteRecommender(int port) : client_("127.0.0.1", port) { client_.set_keep_alive(true); }

  std::vector<std::vector<int32_t>> recommend(const std::vector<const SplitRecord*>& users,
                                              const std::vector<std::string>& texts, int k) override {
    std::vector<std::vector<int32_t>> all;
    for (size_t i = 0; i < users.size(); ++i) {
      const json request = {{"history", users[i]->history}, {"utterance", texts[i]}, {"k", k}};
      const auto answer = client_.Post("/api/v1/runs/api/rank", request.dump(), "application/json");
      REQUIRE(answer);
      REQUIRE(answer->status == 200);
      std::vector<int32_t>& ranked = all.emplace_back();
      const json ranking = json::parse(answer->body);
      for (const json& item : ranking.at("items")) ranked.push_back(item.at("id"));
    }
    return all;
  }

 private:
  httplib::Client client_;
};

/// The dialogues that the evaluation held, before their first turn.
std::vector<DialogueCase> evaluated_cases() {
  std::unordered_map<std::string, const Utterance*> said;
  for (const Utterance& utterance : tiny_run().test) said.emplace(utterance.record.customer_id, &utterance);
  std::vector<DialogueCase> cases;
  LineReader transcripts(tiny_run().folder / "evaluate/transcripts.jsonl");
  for (std::string_view line; transcripts.next(line);) {
    const Utterance& utterance = *said.at(json::parse(line).at("customer_id"));
    cases.push_back({.record = utterance.record,
                     .opening = utterance.response,
                     .opening_leaks = utterance.leaks_title,
                     .prompt = utterance.prompt});
  }
  return cases;
}

}  // namespace

TEST_CASE("simulated users over HTTP come to the figures of the evaluation", "[serve]") {
  const LoopbackServer server;
  RemoteRecommender recommender(server.port());
  const OpenedRun run(tiny_run().folder, {});
  const auto simulator = make_dialogue_simulator(run.context(), run.catalogue());
  const auto extractor = make_extractor(run.context(), run.catalogue());
  const Config& config = run.config();
  const MultiTurnResult result =
      run_dialogues(evaluated_cases(), {run.catalogue(), recommender, *simulator, *extractor},
                    {.evaluate = config.evaluate, .simulate = config.simulate, .compat = config.compat});

  const json figures = json::parse(read_file(tiny_run().folder / "evaluate/multi_turn.json")).at("all");
  const int turns = config.evaluate.max_turns;
  CHECK(result.dialogues.size() == figures["users"]);
  for (int t = 1; t <= turns; ++t)
    CHECK(result.success_rate(t) == figures["success_rate"][static_cast<size_t>(t - 1)].get<double>());
  CHECK(result.average_turn(turns) == figures["average_turn_failure_is_last"].get<double>());

  const std::filesystem::path ours = tiny_run().folder / "transcripts_over_http.jsonl";
  write_transcripts(result, run.catalogue(), ours);
  CHECK(read_file(ours) == read_file(tiny_run().folder / "evaluate/transcripts.jsonl"));
}
