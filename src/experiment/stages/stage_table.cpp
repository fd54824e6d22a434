#include "experiment/stages/stage_table.h"

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

// Each in stages/stage_<name>.cpp.
Stage make_preprocess_stage();
Stage make_pretrain_stage();
Stage make_simulate_stage();
Stage make_embed_stage();
Stage make_train_stage();
Stage make_evaluate_stage();

const std::vector<Stage>& all_stages() {
  static const std::vector<Stage> stages = {make_preprocess_stage(), make_pretrain_stage(), make_simulate_stage(),
                                            make_embed_stage(),      make_train_stage(),    make_evaluate_stage()};
  return stages;
}

const Stage& stage_named(const std::string& name) {
  const auto found = std::find_if(all_stages().begin(), all_stages().end(),
                                  [&name](const Stage& stage) { return stage.info.name == name; });
  if (found == all_stages().end()) throw internal_error("no stage " + name + " in the table of stages");
  return *found;
}

}  // namespace latentcrs
