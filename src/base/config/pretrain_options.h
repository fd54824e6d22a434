// Settings of the encoder and of its pretraining (config.h).
#pragma once

#include <string>
#include <vector>

#include "base/config/early_stop_options.h"

namespace latentcrs {

enum class ContrastType { none, instance, intent, hybrid };  ///< none | InstanceCL | IntentCL | Hybrid
enum class Representation { mean, concatenate };
enum class Augmentation { random, crop, mask, reorder };
enum class Activation { gelu, relu, swish };
enum class Precision { float32, bfloat16 };

/// The SASRec encoder (docs/method.md, section 4.1). Same keys as the published <model>_config.json.
struct EncoderOptions {
  int hidden_size = 64;       ///< d; divisible by num_attention_heads
  int num_hidden_layers = 2;  ///< in [1, 16]
  int num_attention_heads = 2;
  int max_seq_length = 50;  ///< L, items; in [2, 1024]
  Activation hidden_act = Activation::gelu;
  double hidden_dropout_prob = 0.5;           ///< in [0, 1)
  double attention_probs_dropout_prob = 0.5;  ///< in [0, 1)
  double initializer_range = 0.02;            ///< standard deviation of the initial weights
};

/// Group `pretrain`: SASRec + ICLRec (docs/method.md, section 4).
struct PretrainOptions {
  EncoderOptions encoder;
  ContrastType contrast_type = ContrastType::hybrid;
  Representation seq_representation_type = Representation::mean;                    ///< for intents
  Representation seq_representation_instancecl_type = Representation::concatenate;  ///< for instances
  Augmentation augment_type = Augmentation::random;
  double tao = 0.2;          ///< crop ratio, in (0, 1)
  double gamma = 0.7;        ///< mask ratio, in (0, 1)
  double beta = 0.2;         ///< reorder ratio, in (0, 1)
  int n_views = 2;           ///< augmented views of a sequence, v(v-1)/2 pairs; in [2, 8]
  double temperature = 1.0;  ///< > 0
  /// The next-item loss (base/config/next_item_loss_names.h). bce: one negative a position, as published. softmax: over
  /// all items. sampled_softmax: over num_negatives items drawn for a whole batch. gbce: gSASRec's, against
  /// num_negatives drawn for each position.
  std::string loss = "bce";
  int num_negatives = 256;  ///< of losses that draw several (sampled_softmax, gbce); >= 1
  double gbce_t = 0.75;     ///< calibration of gbce, in [0, 1]; 0 is plain bce
  /// Of sampled_softmax: each item that was drawn counts as often as makes the sum over the catalogue right on average.
  bool correct_sampling = false;
  /// Each epoch shuffles a user's items, of which a row keeps max_seq_length + 1, and the encoder has no positions: the
  /// state of any part of a row stands for a few items in no order.
  bool random_order = false;
  /// alpha, in [0, 1]: logits of softmax get alpha log(share of an item in the interactions) in training, so that
  /// scores are without it.
  double popularity_discount = 0;
  double rec_weight = 1.0;                       ///< weight of the next-item loss
  double cf_weight = 0.1;                        ///< weight of the instance contrast
  double intent_cf_weight = 0.1;                 ///< weight of the intent contrast
  std::vector<int> num_intent_clusters = {256};  ///< K; several are trained together, the first one feeds EM
  double warm_up_epoches = 0;                    ///< epochs before the intent contrast starts
  bool de_noise = false;                         ///< exclude same-label negatives from the contrasts
  double noise_ratio = 0.0;          ///< share of random items inserted into test inputs (robustness), in [0, 1)
  double training_data_ratio = 1.0;  ///< share of users trained on, in (0, 1]
  int batch_size = 256;
  int epochs = 300;
  double lr = 1e-3;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double weight_decay = 0.0;
  bool fused_encoder = true;  ///< our own encoder kernel on the CPU; false: LibTorch's operators
  /// On CUDA, with LibTorch 2: its attention in one kernel. A third less memory for long sequences, a little slower.
  bool fused_attention = false;
  Precision precision = Precision::float32;  ///< of the encoder's matrix products; bfloat16 is for GPUs
  int kmeans_niter = 20;
  int kmeans_nredo = 5;
  int kmeans_max_points_per_centroid = 4096;
  int eval_every = 1;  ///< epochs between validations; >= 1
  EarlyStopOptions early_stop{.patience = 40, .delta = 0.0, .stop_metrics = "NDCG@20"};
  std::string checkpoint;  ///< use this published or own encoder instead of training one; empty: train
  std::string centers;     ///< centers.npy that belongs to `checkpoint`; empty: cluster again
};

}  // namespace latentcrs
