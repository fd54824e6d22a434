// The test users of a run and the dialogues of its evaluation.
#include <algorithm>

#include "service/serve/application.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The entries that `offset` and `limit` ask for.
template <class Entry, class Form>
json page_of(const std::vector<const Entry*>& all, const Call& call, Form form) {
  const size_t begin = std::min(all.size(), static_cast<size_t>(call.number("offset")));
  const size_t end = std::min(all.size(), begin + static_cast<size_t>(call.number("limit")));
  json page = json::array();
  for (size_t i = begin; i < end; ++i) page.push_back(form(*all[i]));
  return page;
}

json row_json(const TestUser& user) {
  return {{"id", user.id},
          {"user", user.shown_id},
          {"target", user.target},
          {"target_title", user.target_title},
          {"ranks", ranks_json(user)}};
}

ServedAnswer list_users(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  const auto users = run->users().matching(call.parameters.value("q", ""));
  return json_answer({{"total", users.size()}, {"users", page_of(users, call, row_json)}});
}

ServedAnswer get_user(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  const TestUser* user = run->users().find(call.text("user"));
  if (user == nullptr) throw not_found("The run has no such test user.");
  const RecommenderService& recommender = *run->recommender();
  return json_answer({{"id", user->id},
                      {"user", user->shown_id},
                      {"history", items_json(recommender, user->history)},
                      {"utterance", user->utterance},
                      {"gives_title_away", user->leaks_title},
                      {"target", item_json(recommender, user->target)},
                      {"ranks", ranks_json(*user)}});
}

ServedAnswer list_dialogues(const Served& served, const Call& call) {
  const SharedRun run = served.runs.find(call.text("run"));
  const std::string outcome = call.text("outcome");
  std::vector<const Transcript*> wanted;
  for (const Transcript& transcript : run->dialogues())
    if (outcome == "all" || (outcome == "found") == (transcript.success_turn > 0)) wanted.push_back(&transcript);
  return json_answer({{"total", wanted.size()}, {"dialogues", page_of(wanted, call, transcript_json)}});
}

}  // namespace

std::vector<Route> user_routes() {
  return {{.operation = "listUsers", .answer = list_users},
          {.operation = "getUser", .answer = get_user},
          {.operation = "listDialogues", .answer = list_dialogues}};
}

}  // namespace latentcrs
