#include "experiment/pipeline/check_before_run.h"

#include <algorithm>

namespace latentcrs {

namespace {

bool is_finished(const Stage& stage, const StageContext& context) {
  const auto manifest = read_manifest(context.folder.stage(stage.info.name));
  return manifest && manifest->complete();
}

}  // namespace

void check_before_run(const std::vector<Stage>& table, const StageContext& context,
                      const std::vector<std::string>& stages) {
  const auto runs = [&](const Stage& stage) {
    return std::find(stages.begin(), stages.end(), stage.info.name) != stages.end();
  };
  for (const Stage& stage : table)
    if (stage.checks.settings) stage.checks.settings(context);
  for (const Stage& stage : table)
    if (stage.checks.templates) stage.checks.templates(context);
  for (const Stage& stage : table)
    if (stage.checks.before_run && runs(stage)) stage.checks.before_run(context);
  for (const Stage& stage : table)
    if (stage.checks.credentials && runs(stage) && !is_finished(stage, context)) stage.checks.credentials(context);
}

}  // namespace latentcrs
