// The scalars in the lines of a metrics.jsonl.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// The numbers of a line of metrics.jsonl with their paths, joined with '/': "losses/total", "valid/NDCG@20". The name
/// of an EM stage comes first ("joint/valid/with_text/NDCG@10"), so that its epochs form a curve of their own. A line
/// about the best epoch has "best" first ("best/test/HIT@5"). Epochs, times and null are left out.
std::vector<std::pair<std::string, double>> scalars_of(const nlohmann::json& line);

}  // namespace latentcrs
