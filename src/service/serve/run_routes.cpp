// The server itself, its runs, their items and rankings.
#include "experiment/run/version.h"
#include "service/serve/application.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"
#include "service/serve/rank_options.h"

namespace latentcrs {

namespace {

using nlohmann::json;

ServedAnswer health(const Served& served, const Call& /*call*/) {
  return json_answer({{"status", "ok"}, {"sessions", served.sessions.count()}, {"version", version_string()}});
}

ServedAnswer document(const Served& served, const Call& /*call*/) {
  std::vector<std::string> ids;
  for (const SharedRun& run : served.runs.all()) ids.push_back(run->id());
  return {.body = api_document(ids)};
}

ServedAnswer list_runs(const Served& served, const Call& /*call*/) {
  json runs = json::array();
  for (const SharedRun& run : served.runs.all()) runs.push_back(run_json(*run));
  return json_answer({{"runs", runs}});
}

ServedAnswer get_run(const Served& served, const Call& call) {
  return json_answer(run_json(*served.runs.find(call.text("run"))));
}

ServedAnswer reload_run(const Served& served, const Call& call) {
  const SharedRun old = served.runs.find(call.text("run")), now = served.runs.reload(call.text("run"));
  return json_answer({{"run", run_json(*now)}, {"changed", old->manifests() != now->manifests()}});
}

ServedAnswer get_figures(const Served& served, const Call& call) {
  return json_answer(served.runs.find(call.text("run"))->figures());
}

ServedAnswer get_intents(const Served& served, const Call& call) {
  return json_answer(served.runs.find(call.text("run"))->intent_map());
}

ServedAnswer search_items(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  return json_answer({{"items", items_json(run->search(call.text("q"), static_cast<size_t>(call.number("limit"))))}});
}

ServedAnswer get_item(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  const auto item = run->recommender()->item(call.number("item"));
  if (!item) throw not_found("The dataset has no such item.");
  return json_answer(item_json(*item));
}

ServedAnswer rank(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  const json& body = call.body;
  const Ranking ranking = run->recommender()->rank({.history = body.value("history", std::vector<int64_t>{}),
                                                    .utterance = body.value("utterance", ""),
                                                    .k = body.at("k"),
                                                    .history_items = history_items_of(body.at("seen")),
                                                    .excluded = body.value("exclude", std::vector<int64_t>{}),
                                                    .intents = body.at("intents")});
  return json_answer(ranking_json(*run->recommender(), ranking));
}

}  // namespace

std::vector<Route> run_routes() {
  using enum AnsweredBy;
  return {{.operation = "health", .answer = health, .by = connection, .needs_token = false},
          {.operation = "getOpenApi", .answer = document, .by = connection, .needs_token = false},
          {.operation = "listRuns", .answer = list_runs, .by = connection},
          {.operation = "getRun", .answer = get_run, .by = connection},
          {.operation = "reloadRun", .answer = reload_run, .by = connection},
          {.operation = "getFigures", .answer = get_figures},
          {.operation = "getIntents", .answer = get_intents, .by = connection},
          {.operation = "searchItems", .answer = search_items},
          {.operation = "getItem", .answer = get_item},
          {.operation = "rank", .answer = rank}};
}

}  // namespace latentcrs
