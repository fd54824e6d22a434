#include "base/util/metrics_scalars.h"

#include <nlohmann/json.hpp>

namespace latentcrs {

namespace {

using nlohmann::json;

void add_scalars(const json& value, const std::string& path, std::vector<std::pair<std::string, double>>& scalars) {
  if (value.is_number()) scalars.emplace_back(path, value.get<double>());
  if (!value.is_object()) return;
  for (const auto& [key, part] : value.items()) {
    const bool no_scalar = path.empty() && (key == "epoch" || key == "best_epoch" || key == "seconds");
    if (!no_scalar) add_scalars(part, path.empty() ? key : path + "/" + key, scalars);
  }
}

}  // namespace

std::vector<std::pair<std::string, double>> scalars_of(const json& line) {
  std::vector<std::pair<std::string, double>> scalars;
  add_scalars(line, "", scalars);
  const std::string prefix = line.contains("epoch") ? "" : "best/";
  const std::string stage = line.value("em_stage", "");
  for (auto& [path, value] : scalars) path.insert(0, prefix + (stage.empty() ? "" : stage + "/"));
  return scalars;
}

}  // namespace latentcrs
