#include "experiment/report/score_order.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace latentcrs {

namespace {

constexpr std::pair<std::string_view, ScoreKind> kKnownScores[] = {
    {"with text", ScoreKind::model},        {"without text", ScoreKind::model},
    {"sequence only", ScoreKind::model},    {"text only", ScoreKind::model},
    {"intents alone", ScoreKind::model},    {"mixture without text", ScoreKind::model},
    {"item cosine", ScoreKind::baseline},   {"EASE", ScoreKind::baseline},
    {"popularity", ScoreKind::baseline},    {"other's text", ScoreKind::control},
    {"other's history", ScoreKind::control}};

const auto* find_score(std::string_view score) {
  return std::find_if(std::begin(kKnownScores), std::end(kKnownScores),
                      [score](const auto& known) { return known.first == score; });
}

}  // namespace

ScoreKind score_kind(std::string_view score) {
  const auto* known = find_score(score);
  return known == std::end(kKnownScores) ? ScoreKind::baseline : known->second;
}

std::string heading_of(ScoreKind kind) {
  return kind == ScoreKind::model ? "Model" : kind == ScoreKind::baseline ? "Baselines" : "Controls";
}

std::vector<std::string> score_names(const nlohmann::json& table) {
  const auto place = [](const std::string& score) { return std::pair(score_kind(score), find_score(score)); };
  std::vector<std::string> names;
  for (const auto& [name, figures] : table.items()) names.push_back(name);
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  return names;
}

}  // namespace latentcrs
