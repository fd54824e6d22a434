// The curves in a metrics.jsonl.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// The numbers of a line of metrics.jsonl by their paths, joined with '/': "losses/total", "valid/NDCG@20". The name of
/// an EM stage comes first ("joint/valid/with_text/NDCG@10"), so that its epochs are a curve of their own; "best" where
/// the line is about no epoch, but about the best one ("best/test/HIT@5"). Left out: epochs, times, null.
std::vector<std::pair<std::string, double>> scalars_of(const nlohmann::json& line);

}  // namespace latentcrs
