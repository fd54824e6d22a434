#include "experiment/pipeline/runnable.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& file, const fs::path& folder) {
  const fs::path relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

bool needs(const Stage& stage, const std::string& earlier) {
  const std::vector<std::string>& stages = stage.needs.stages;
  return std::find(stages.begin(), stages.end(), earlier) != stages.end();
}

/// The first of the blocked stages from which `stage` reads a missing file; "" if it can read all of them.
std::string waits_for(const Stage& stage, const StageContext& context, const StagePlan& plan) {
  if (plan.blocked.empty()) return "";
  try {
    for (const fs::path& input : stage.inputs(context))
      for (const StagePlan::Blocked& blocked : plan.blocked)
        if (needs(stage, blocked.stage) && is_below(input, context.folder.stage(blocked.stage)) && !fs::exists(input))
          return blocked.stage;
  } catch (const Error&) {
    // A missing file of the user's: the stage itself says so.
  }
  return "";
}

}  // namespace

std::string StagePlan::blocked_text() const {
  std::vector<std::string> reasons;
  for (const Blocked& stage : blocked)
    if (std::find(reasons.begin(), reasons.end(), stage.lacks) == reasons.end()) reasons.push_back(stage.lacks);
  std::vector<std::string> parts;
  for (const std::string& reason : reasons) {
    std::vector<std::string> names;
    for (const Blocked& stage : blocked)
      if (stage.lacks == reason) names.push_back(stage.stage);
    parts.push_back(fmt::format("{} {} {}", fmt::join(names, " and "), names.size() == 1 ? "needs" : "need", reason));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

StagePlan plan_stages(const std::vector<Stage>& table, const StageContext& context,
                      const std::vector<std::string>& stages) {
  StagePlan plan;
  size_t relevant = 0;  // of the blocked stages: those up to the last that is asked for
  for (const Stage& stage : table) {
    const bool asked = std::find(stages.begin(), stages.end(), stage.info.name) != stages.end();
    const std::string lacks = stage.lacks(context);
    const std::string waits = lacks.empty() ? waits_for(stage, context, plan) : "";
    if (lacks.empty() && waits.empty()) {
      if (asked) plan.runnable.push_back(stage.info.name);
      continue;
    }
    plan.blocked.push_back({stage.info.name, lacks.empty() ? fmt::format("what {} makes", waits) : lacks});
    if (asked) relevant = plan.blocked.size();
  }
  plan.blocked.resize(relevant);
  return plan;
}

}  // namespace latentcrs
