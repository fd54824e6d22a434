// Settings of EM training (config.h): its networks, its losses and its optimisation.
#pragma once

#include <string>
#include <vector>

#include "base/config/early_stop_options.h"

namespace latentcrs {

/// One head of the prior (group `prior`, keys `m_ux`).
struct PriorHeadOptions {
  std::string agg_type = "concat";  ///< concat or gated
  bool use_text_projection = true;
  std::vector<int> text_projection = {1024, 64};
  std::vector<int> layer_hidden = {128, 64};
  bool is_softmax = true;  ///< false is rejected: it takes logarithms of negative numbers
  double hidden_dropout_prob = 0.5;
  /// The score with text also has gamma(h_u) h_u·E[y]; gamma is learned.
  bool add_user_state = false;
};

struct PriorOptions {
  PriorHeadOptions m_ux;
  bool use_pretrained_intent = true;  ///< start from the pretrained encoder
  bool load_pretrained = false;
  std::string pretrained_path;  ///< a *_prior.pt to start from, of this program or published
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

/// The changes that one EM stage makes (list `stages`). A value of -1 or "" leaves the setting of EmOptions.
struct StageOptions {
  std::string name;  ///< posterior, prior, joint, or any other name
  bool no_estep = false;
  bool no_mstep = false;
  int only_rec_epoch = 0;  ///< epochs in which only the recommendation terms count
  int epochs = -1;
  double learning_rate = -1;
  std::string stopbywhich;  ///< EStep or MStep
};

/// Group `short_histories`: each epoch, an example's history is a few of its items, drawn anew.
struct ShortHistoryOptions {
  int most = 0;      ///< items drawn at most, in a random order; 0: the whole history as it is
  double empty = 0;  ///< chance that no item is drawn, in [0, 1]; else 1 to `most`, all alike
  /// An item is drawn the likelier the more it resembles the target, in proportion to exp(likeness · cosine of their
  /// rows in the item table); 0: all items alike.
  double likeness = 0;
};

/// EM training (docs/method.md, section 8). Its keys have no prefix: in YAML they stand at the root, as published.
struct EmOptions {
  PriorOptions prior;
  PosteriorOptions posterior;
  bool same_y_m = false;         ///< W_i starts as a copy of W_v and stays frozen
  bool train_preintent = false;  ///< train the encoders too
  /// Dropout stays active in the frozen encoders during training steps, as published: the states of users vary. false:
  /// a state is computed once, and epochs take less time.
  bool frozen_encoder_dropout = true;
  int batch_size = 480;
  int eval_batch_size = 1024;
  int neg_sample_size = 10;
  int epochs = 500;  ///< most epochs of one EM stage
  double learning_rate = 1e-3;
  bool use_negative_loss = true;      ///< published spelling use_negetive_loss is accepted
  double e_negative_loss_weight = 5;  ///< λ_e
  double m_negative_loss_weight = 0;  ///< λ_m
  double m_rec_loss_weight = 5;       ///< λ_r
  /// The recommendation terms compare the target, true: with all items; false: with neg_sample_size negatives, as
  /// published.
  bool full_catalogue_loss = true;
  double neg_loss_temp = 1;  ///< T
  /// As pretrain.popularity_discount, in the recommendation terms over all items; not for empty short histories.
  double popularity_discount = 0;
  ShortHistoryOptions short_histories;
  /// The score with text is mixed with the co-occurrence of items and with popularity, with weights by the length of
  /// the history that are learned on the validation examples.
  bool score_mixture = false;
  /// The weight of named people in the mixture, where items have names (datasets.item_names); 0: names do not count.
  double named_weight = 5;
  /// Files of other people's conversations (docs/conversations.md): items that many of their dialogues mention score
  /// more where people speak, in conversations, chat and the server. Empty: none.
  std::vector<std::string> mentions;
  double mention_weight = 1;  ///< τ of τ log(1 + dialogues)
  /// The genres that the words name share this part of the weight that one of them was taught to have; 0: each has
  /// all of it.
  double genre_trust = 0;
  double lambda_reconstruct = 0;  ///< λ_rec
  bool load_best_model = true;
  bool validation_first = true;
  std::vector<StageOptions> stages = {
      {.name = "posterior", .no_mstep = true, .only_rec_epoch = 500, .stopbywhich = "EStep"},
      {.name = "prior", .no_estep = true, .stopbywhich = "MStep"},
      {.name = "joint", .stopbywhich = "MStep"}};
  EmEarlyStopOptions early_stop;
  OptimOptions optim;
  SchedulerOptions scheduler;
};

}  // namespace latentcrs
