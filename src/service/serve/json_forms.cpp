#include "service/serve/json_forms.h"

#include <utility>

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr int kIntentItems = 3;  // items that name an intent

json list_of(const auto& values, auto form) {
  json list = json::array();
  for (const auto& value : values) list.push_back(form(value));
  return list;
}

json intent_json(const NamedIntent& intent) {
  return {{"intent", intent.intent}, {"probability", intent.probability}, {"items", items_json(intent.nearest)}};
}

json intent_json(const RecommenderService& recommender, const IntentProbability& intent) {
  std::vector<int64_t> ids;
  for (const RankedItem& item : recommender.items_of_intent(intent.intent, kIntentItems)) ids.push_back(item.id);
  return {{"intent", intent.intent}, {"probability", intent.probability}, {"items", items_json(recommender, ids)}};
}

json moved_json(const MovedItem& moved) {
  return {{"item", item_json(moved.item)}, {"rank_alone", moved.rank_alone}, {"rank", moved.rank}};
}

json criticism_json(const Criticism& criticism) {
  const char* year = criticism.year == YearWish::older ? "older" : criticism.year == YearWish::newer ? "newer" : "none";
  return {{"refused", criticism.refused},
          {"liked", criticism.liked},
          {"refuses_all", criticism.refuses_all},
          {"year", year},
          {"than", criticism.than.value_or(0)}};
}

}  // namespace

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

ServedAnswer json_answer(const json& value, int status) { return {.status = status, .body = dumped(value)}; }

json item_json(const ItemDetails& item) {
  return {{"id", item.id},
          {"title", item.title},
          {"year", item.year},
          {"facets", item.facets},
          {"description", item.description}};
}

json item_json(const RecommenderService& recommender, int64_t id) {
  const auto item = recommender.item(id);
  return item_json(
      item ? *item
           : ItemDetails{.id = id, .title = "item " + std::to_string(id), .year = 0, .facets = {}, .description = {}});
}

json items_json(const std::vector<ItemDetails>& items) {
  return list_of(items, [](const ItemDetails& item) { return item_json(item); });
}

json items_json(const RecommenderService& recommender, const std::vector<int64_t>& ids) {
  return list_of(ids, [&recommender](int64_t id) { return item_json(recommender, id); });
}

json run_json(const ServedRun& run) {
  const RunInfo& info = run.info();
  return {{"id", run.id()},
          {"name", info.name},
          {"dataset", info.dataset},
          {"item_noun", info.item_noun},
          {"items", info.items},
          {"intents", info.intents},
          {"history_length", info.history_length},
          {"generation", run.generation()},
          {"has_users", run.has_users()},
          {"has_dialogues", run.has_dialogues()}};
}

json ranking_json(const RecommenderService& recommender, const Ranking& ranking) {
  json items = json::array();
  for (const RankedItem& ranked : ranking.items) {
    json item = item_json(recommender, ranked.id);
    item.erase("description");
    item["rank"] = items.size() + 1;
    item["score"] = ranked.score;
    items.push_back(std::move(item));
  }
  const json intents =
      list_of(ranking.intents, [&](const IntentProbability& intent) { return intent_json(recommender, intent); });
  return {{"items", std::move(items)}, {"intents", intents}, {"with_text", ranking.with_text}};
}

json shown_json(const std::vector<ShownItem>& shown) {
  return list_of(shown, [](const ShownItem& one) {
    json item = item_json(one.item);
    item.erase("description");
    item.update({{"rank", one.rank},
                 {"rank_alone", one.rank_alone},
                 {"facets_wanted", one.facets_wanted},
                 {"score", one.score}});
    return item;
  });
}

json turn_json(const TalkTurn& turn) {
  return {{"said", turn.said},
          {"answer", turn.answer},
          {"text", to_text(turn)},
          {"notes", turn.notes},
          {"criticism", criticism_json(turn.criticism)},
          {"taken", items_json(turn.taken)},
          {"wanted", turn.wanted},
          {"features", turn.features},
          {"refused", turn.refused},
          {"items", shown_json(turn.shown)},
          {"intents", list_of(turn.intents, [](const NamedIntent& intent) { return intent_json(intent); })},
          {"rose", list_of(turn.rose, moved_json)},
          {"fell", list_of(turn.fell, moved_json)},
          {"accepted", turn.accepted}};
}

json reasons_json(const Reasons& reasons) {
  const json intents = list_of(reasons.intents, [](const ReasonIntent& reason) {
    json intent = intent_json(reason.intent);
    intent["rank"] = reason.rank;
    return intent;
  });
  return {{"item", item_json(reasons.item)},
          {"rank", reasons.rank},
          {"rank_alone", reasons.rank_alone},
          {"facets_wanted", reasons.facets_wanted},
          {"intents", intents},
          {"near_history", items_json(reasons.near_history)}};
}

json ranks_json(const TestUser& user) {
  json ranks = json::object();
  for (const auto& [score, rank] : user.ranks) ranks[score] = rank;
  return ranks;
}

json transcript_json(const Transcript& transcript) {
  const auto shown_item = [](const TranscriptItem& item) -> json { return {{"id", item.id}, {"title", item.title}}; };
  const json turns = list_of(transcript.turns, [&](const TranscriptTurn& turn) -> json {
    return {{"user", turn.user},
            {"gives_title_away", turn.leaks_title},
            {"features", turn.features},
            {"shown", list_of(turn.shown, shown_item)}};
  });
  return {{"id", transcript.customer_id},
          {"user", transcript.shown_id},
          {"target", transcript.target.id},
          {"target_title", transcript.target.title},
          {"success_turn", transcript.success_turn},
          {"missing_reply", transcript.missing_reply},
          {"turns", turns}};
}

}  // namespace latentcrs
