// The order in which the scores of a table are shown.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// What a score is in an evaluation.
enum class ScoreKind {
  model,     ///< of the run's networks
  baseline,  ///< needs no training of networks
  control,   ///< the model with words or a history that are not the user's
};

ScoreKind score_kind(std::string_view score);
/// "Model", "Baselines" or "Controls".
std::string heading_of(ScoreKind kind);

/// The keys of a table by score: the model's scores, baselines with popularity last, controls.
std::vector<std::string> score_names(const nlohmann::json& table);

}  // namespace latentcrs
