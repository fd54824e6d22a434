// Settings of the networks of EM and of its optimisation (config.h); its losses stand at the root, in Config.
#pragma once

#include <string>
#include <vector>

#include "config/early_stop_options.h"

namespace latentcrs {

/// One head of the prior (group `prior`, keys `m_ux`).
struct PriorHeadOptions {
  std::string agg_type = "concat";  ///< concat or gated
  bool use_text_projection = true;
  std::vector<int> text_projection = {1024, 64};
  std::vector<int> layer_hidden = {128, 64};
  bool is_softmax = true;  ///< false is rejected: it takes logarithms of negative numbers
  double hidden_dropout_prob = 0.5;
};

struct PriorOptions {
  PriorHeadOptions m_ux;
  bool use_pretrained_intent = true;  ///< start from the pretrained encoder
  bool load_pretrained = false;
  std::string pretrained_path;  ///< a *_prior.pt to start from, ours or published
};

struct PosteriorOptions {
  bool use_pretrained_intent = true;
  bool is_softmax = true;  ///< false is rejected, as above
  bool load_pretrained = false;
  std::string pretrained_path;  ///< a *_inference.pt to start from
};

struct OptimOptions {
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_weight_decay = 0.0;
  double adam_epsilon = 1e-8;
};

/// Linear factor on the learning rate from start_factor to end_factor over total_iters epochs (group `scheduler`).
struct SchedulerOptions {
  bool enabled = false;
  double start_factor = 1.0;
  double end_factor = 0.01;
  int total_iters = 50;
};

/// Group `early_stop`.
struct EmEarlyStopOptions : EarlyStopOptions {
  std::string stopbywhich = "MStep";  ///< score watched: EStep (without text) or MStep (with text)
};

/// What one EM stage changes (list `stages`; docs/method.md, section 8). -1, "" mean: as at the root.
struct StageOptions {
  std::string name;  ///< posterior, prior, joint, or any other name
  bool no_estep = false;
  bool no_mstep = false;
  int only_rec_epoch = 0;  ///< epochs in which only the recommendation terms count
  int epochs = -1;
  double learning_rate = -1;
  std::string stopbywhich;  ///< EStep or MStep
};

}  // namespace latentcrs
