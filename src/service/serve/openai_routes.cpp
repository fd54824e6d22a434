// The interface that OpenAI's clients speak: a run is a model, and a dialogue is the list of its messages.
#include <ctime>

#include "service/serve/access.h"
#include "service/serve/application.h"
#include "service/serve/chat_messages.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"
#include "service/serve/rank_options.h"

namespace latentcrs {

namespace {

using nlohmann::json;

using Ids = std::vector<int64_t>;

json model_json(const ServedRun& run) {
  return {{"id", run.id()}, {"object", "model"}, {"created", 0}, {"owned_by", "latentcrs"}};
}

ServedAnswer list_models(const Served& served, const Call& /*call*/) {
  json models = json::array();
  for (const SharedRun& run : served.runs.all()) models.push_back(model_json(*run));
  return json_answer({{"object", "list"}, {"data", models}});
}

ServedAnswer get_model(const Served& served, const Call& call) {
  return json_answer(model_json(*served.runs.find(call.text("model"))));
}

/// The items that a message lists with numbers, as far as the dataset has them.
Ids items_listed(const RecommenderService& recommender, const std::string& message) {
  Ids ids;
  for (const std::string& line : numbered_lines(message)) {
    const auto found = recommender.find_items(line, 1);  // the title stands first, facets follow
    if (!found.empty()) ids.push_back(found.front().id);
  }
  return ids;
}

Ids ids_of(const std::vector<ShownItem>& shown) {
  Ids ids;
  for (const ShownItem& item : shown) ids.push_back(item.item.id);
  return ids;
}

/// The session in which all but the last exchange were held. What this run shows again in the same places was its own
/// answer, and criticism is understood; where a message lists other items, these were shown, and what was said is
/// words.
TalkSession replay(const SharedRecommenderService& recommender, const TalkOptions& options,
                   const std::vector<ChatExchange>& exchanges) {
  TalkSession session(recommender, options);
  TalkOptions foreign = options;
  bool is_foreign = false;
  for (size_t i = 0; i + 1 < exchanges.size(); ++i) {
    const auto& [said, answered] = exchanges[i];
    Ids own;
    bool is_own = false;
    if (!is_foreign) {
      const TalkTurn& turn = session.say(said);
      own = ids_of(turn.shown);
      is_own = answered == to_text(turn);
    }
    const Ids listed = is_own ? own : items_listed(*recommender, answered);
    is_foreign = is_foreign || (!listed.empty() && listed != own);
    foreign.earlier.push_back({.utterance = said, .shown = listed});
  }
  return is_foreign ? TalkSession(recommender, foreign) : std::move(session);
}

int64_t words_of(const std::vector<ChatExchange>& exchanges) {
  int64_t words = 0;
  for (const ChatExchange& exchange : exchanges) words += count_words(exchange.said) + count_words(exchange.answered);
  return words;
}

bool is_true(const json& object, const char* name) { return object.contains(name) && object.at(name) == true; }

ServedAnswer chat_completion(const Served& served, const Call& call) {
  const json& body = call.body;
  const SharedRun run = served.runs.find(body.at("model"));
  const std::vector<ChatExchange> exchanges = exchanges_of(body.at("messages"));
  const TalkOptions options{.history = body.value("history", Ids{}),
                            .history_items = history_items_of(body.at("seen")),
                            .shown_items = body.at("shown_items"),
                            .reads_criticism = body.at("reads_criticism")};
  TalkSession session = replay(run->recommender(), options, exchanges);
  const TalkTurn& turn = session.say(exchanges.back().said);
  const ChatAnswer answer{.id = "chatcmpl-" + random_id(),
                          .model = run->id(),
                          .created = std::time(nullptr),
                          .text = to_text(turn),
                          .items = shown_json(turn.shown),
                          .words_read = words_of(exchanges)};
  if (!is_true(body, "stream")) return json_answer(completion_json(answer));
  const json options_of_stream = body.value("stream_options", json());
  const bool usage = options_of_stream.is_object() && is_true(options_of_stream, "include_usage");
  return {.body = completion_events(answer, usage), .type = "text/event-stream"};
}

}  // namespace

std::vector<Route> openai_routes() {
  return {{.operation = "listModels", .answer = list_models, .by = AnsweredBy::connection},
          {.operation = "getModel", .answer = get_model, .by = AnsweredBy::connection},
          {.operation = "chatCompletion", .answer = chat_completion}};
}

}  // namespace latentcrs
