#include "pipeline/check_before_run.h"

#include <algorithm>

#include "stages/embedders.h"
#include "stages/providers.h"
#include "util/error.h"

namespace latentcrs {

namespace {

/// The networks of EM take one state a user; centres that a file gives have its width already.
void check_centre_width(const PretrainOptions& options) {
  if (options.seq_representation_type == Representation::concatenate && options.centers.empty())
    throw config_error(
        "pretrain.seq_representation_type=concatenate: its intent centres are as wide as all of a user's states, and "
        "EM takes centres as wide as one: set mean, or stop after pretraining");
}

}  // namespace

void check_before_run(const StageContext& context, const std::vector<std::string>& stages) {
  const Config& config = context.config;
  const auto wanted = [&](const char* stage) { return std::find(stages.begin(), stages.end(), stage) != stages.end(); };
  check_service_settings(config);
  check_templates(context);
  if (wanted("train")) check_centre_width(config.pretrain);
  if (wanted("embed") || (wanted("evaluate") && config.evaluate.multi_turn)) check_embedding_tasks(config);
  for (const std::string& name : stages) {
    const auto found = read_manifest(context.folder.stage(name));
    if (!found || !found->complete()) check_credentials(context, name);
  }
}

}  // namespace latentcrs
