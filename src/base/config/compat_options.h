// Settings that reproduce published behaviours (config.h).
#pragma once

namespace latentcrs {

/// Group `compat` (docs/method.md, section 10). With all of them false nothing published is imitated.
struct CompatOptions {
  bool constant_learning_rate = false;  ///< the schedule changes nothing
  bool batch_width_positions = false;   ///< EM pads to the batch's longest history; positions counted from its left
  bool seen_items_score_zero = false;   ///< pretraining evaluation: seen items score 0, non-items are candidates
  bool gate_over_batch = false;         ///< the gated prior normalises over the batch
  bool rank_non_items = false;          ///< one-turn ranking keeps row 0 and other non-items among the candidates
  bool reviews_by_asin = false;         ///< Amazon reviews are keyed by asin instead of parent_asin
  bool ten_kcore_passes = false;        ///< the k-core stops after 10 passes
  bool denoise_label_from_validation = false;  ///< contrast de-noising labels a sequence with its validation item
  bool refused_items_return = false;           ///< in a dialogue the feature sort may bring back refused items
  bool drop_missing_replies = false;           ///< users without an utterance leave the denominator
  bool fixed_negatives = false;                ///< EM negatives are drawn once instead of once an epoch
};

}  // namespace latentcrs
