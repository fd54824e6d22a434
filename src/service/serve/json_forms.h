// Rankings, turns and users in the form of the interface (assets/openapi.json).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/report/transcripts.h"
#include "latentcrs/recommender.h"
#include "service/serve/http_message.h"
#include "service/serve/served_run.h"
#include "service/serve/test_users.h"
#include "service/talk/talk_session.h"

namespace latentcrs {

/// The text of a value; what is no UTF-8 in it is replaced.
std::string dumped(const nlohmann::json& value);
ServedAnswer json_answer(const nlohmann::json& value, int status = 200);

nlohmann::json item_json(const ItemDetails& item);
/// An item by its id; only id and title for one that the dataset does not describe.
nlohmann::json item_json(const RecommenderService& recommender, int64_t id);
nlohmann::json items_json(const std::vector<ItemDetails>& items);
nlohmann::json items_json(const RecommenderService& recommender, const std::vector<int64_t>& ids);
nlohmann::json run_json(const ServedRun& run);
nlohmann::json ranking_json(const RecommenderService& recommender, const Ranking& ranking);
nlohmann::json shown_json(const std::vector<ShownItem>& shown);
nlohmann::json turn_json(const TalkTurn& turn);
nlohmann::json reasons_json(const Reasons& reasons);
nlohmann::json ranks_json(const TestUser& user);
nlohmann::json transcript_json(const Transcript& transcript);

}  // namespace latentcrs
