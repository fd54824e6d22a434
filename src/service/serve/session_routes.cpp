// Dialogues with one user.
#include <mutex>

#include "service/serve/application.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"
#include "service/serve/rank_options.h"

namespace latentcrs {

namespace {

using nlohmann::json;

using Ids = std::vector<int64_t>;

json session_json(const ServedSession& session) {
  json turns = json::array();
  for (const TalkTurn& turn : session.talk.turns()) turns.push_back(turn_json(turn));
  return {{"id", session.id},
          {"run", session.run->id()},
          {"generation", session.run->generation()},
          {"history", items_json(*session.run->recommender(), session.talk.history())},
          {"unknown", session.unknown},
          {"turns", std::move(turns)}};
}

/// What `use` makes of the session that the path names; no other request uses it meanwhile.
template <class Use>
ServedAnswer with_session(const Served& served, const Call& call, Use use) {
  const Sessions::Shared session = served.sessions.find(call.text("session"));
  const std::lock_guard lock(session->mutex);
  return json_answer(use(*session));
}

constexpr int kMostSteps = 100;  // what can be taken back is kept

/// The same for a step that undo() takes back.
template <class Step>
ServedAnswer take_step(const Served& served, const Call& call, Step step) {
  return with_session(served, call, [&](ServedSession& session) {
    if (session.steps >= kMostSteps)
      throw HttpError(422, "usage", "The session is as long as it may be; begin another.");
    const json result = step(session);
    ++session.steps;
    return result;
  });
}

ServedAnswer create_session(const Served& served, const Call& call) {
  const json& body = call.body;
  const SharedRun run = served.runs.find(body.at("run"));
  TalkOptions options{.history = body.value("history", Ids{}),
                      .history_items = history_items_of(body.at("seen")),
                      .shown_items = body.at("shown_items"),
                      .reads_criticism = body.at("reads_criticism")};
  std::vector<std::string> unknown;
  for (const ItemDetails& item : read_history(*run->recommender(), body.value("titles", ""), unknown))
    options.history.push_back(item.id);
  const Sessions::Shared session = served.sessions.create(run, std::move(options), std::move(unknown));
  const std::lock_guard lock(session->mutex);
  ServedAnswer answer = json_answer(session_json(*session), 201);
  answer.headers.emplace_back("Location", "/api/v1/sessions/" + session->id);
  return answer;
}

ServedAnswer get_session(const Served& served, const Call& call) { return with_session(served, call, session_json); }

ServedAnswer end_session(const Served& served, const Call& call) {
  served.sessions.end(call.text("session"));
  return {.status = 204};
}

ServedAnswer say(const Served& served, const Call& call) {
  return take_step(served, call, [&](ServedSession& session) {
    return turn_json(session.talk.say(call.body.at("text").get<std::string>()));
  });
}

Criticism criticism_of(const json& body) {
  const std::string year = body.value("year", "");
  Criticism criticism{.refused = body.value("refuse", Ids{}),
                      .liked = body.value("like", Ids{}),
                      .refuses_all = body.at("refuse_all"),
                      .year = year == "older"   ? YearWish::older
                              : year == "newer" ? YearWish::newer
                                                : YearWish::none};
  if (body.contains("than")) criticism.than = body.at("than").get<int>();
  return criticism;
}

ServedAnswer criticise(const Served& served, const Call& call) {
  return take_step(served, call,
                   [&](ServedSession& session) { return turn_json(session.talk.criticise(criticism_of(call.body))); });
}

ServedAnswer accept(const Served& served, const Call& call) {
  return take_step(served, call, [&](ServedSession& session) {
    session.talk.accept(call.body.at("item"));
    return session_json(session);
  });
}

ServedAnswer undo(const Served& served, const Call& call) {
  return with_session(served, call, [&](ServedSession& session) {
    if (!session.talk.undo()) throw HttpError(422, "usage", "There is nothing to take back.");
    --session.steps;
    return session_json(session);
  });
}

ServedAnswer why(const Served& served, const Call& call) {
  return with_session(served, call,
                      [&](ServedSession& session) { return reasons_json(session.talk.why(call.number("item"))); });
}

ServedAnswer save_dialogue(const Served& served, const Call& call) {
  const Sessions::Shared session = served.sessions.find(call.text("session"));
  const std::lock_guard lock(session->mutex);
  return {.body = session->talk.dialogue_lines(session->id), .type = "application/jsonl"};
}

}  // namespace

std::vector<Route> session_routes() {
  return {{.operation = "createSession", .answer = create_session},
          {.operation = "getSession", .answer = get_session},
          {.operation = "endSession", .answer = end_session, .by = AnsweredBy::connection},
          {.operation = "say", .answer = say},
          {.operation = "criticise", .answer = criticise},
          {.operation = "accept", .answer = accept},
          {.operation = "undo", .answer = undo},
          {.operation = "why", .answer = why},
          {.operation = "saveDialogue", .answer = save_dialogue}};
}

}  // namespace latentcrs
