// Every setting of a run as plain structs. Defaults stand here and nowhere else; above each field: meaning, unit,
// range. Key names mirror the published Hydra set-up (config/em_train.yaml and the options of pre_rec_model/main.py),
// so that `learning_rate=0.001 datasets=cds datasets.meta_task_keys=[raw]` means what its users expect. The mapping key
// <-> field, ranges and spellings is in src/config/schema.cpp; values are read by load_config.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "latentcrs/config/remote_options.h"

namespace latentcrs {

enum class DatasetFormat { movielens, amazon, sequences };  ///< raw input; `sequences` = ICLRec's `user item item …`
enum class ItemFilter { none, metadata, description };      ///< what an item must have to be kept (Amazon)
enum class FilterTime { before_kcore, after_kcore };

/// Group `datasets`: where the raw data is and how it is filtered (spec section 3).
struct DatasetOptions {
  std::string dataset_name;  ///< file stem of everything produced: ml-1m, cds, videogames, tiny-…; required
  DatasetFormat format = DatasetFormat::movielens;
  std::string item_noun = "items";    ///< what prompts and utterances call an item, plural: movies, CDs, video games
  std::string interactions;           ///< ratings.dat, <Category>.jsonl or a sequence file; .gz allowed; required
  std::string metadata;               ///< movies.dat or meta_<Category>.jsonl; empty for `sequences`
  std::string features_name;          ///< file name of the item features written: movie_features.csv, CDs_features.csv
  std::string id_column = "MovieID";  ///< header of the id column of that file: MovieID, CDsID, GamesID
  bool with_features_column = false;  ///< games: the metadata's `features` are written as a column too
  double min_rating = 4.0;            ///< keep ratings of at least this, in [0, 5]
  int min_interactions = 5;           ///< users (and items, Amazon) need this many kept interactions; >= 3
  bool sort_by_time = true;           ///< stable sort of each user's interactions by time; false keeps file order
  ItemFilter item_filter = ItemFilter::metadata;
  FilterTime item_filter_time = FilterTime::before_kcore;
  std::string root_category;  ///< category that names the whole shop and is no facet ("CDs & Vinyl")
  int max_history = 25;       ///< items of a prompt, target included; in [3, 1000]
  /// Embedding tasks whose mean is the model input. A name becomes part of file names; what a task asks the embedding
  /// model is in its file of embed.prompt_templates.
  std::vector<std::string> meta_task_keys = {"raw"};
  /// Training splits: `raw` and the seeds of the `selection` splits (spec section 5).
  std::vector<std::string> filter_keys = {"raw", "1755", "2097", "3068", "6868", "7702"};
  int multi_turn_users = 500;  ///< test users drawn for dialogues (fewer if there are fewer); >= 1
  int64_t multi_turn_seed = 1024;
};

enum class ContrastType { none, instance, intent, hybrid };  ///< none | InstanceCL | IntentCL | Hybrid
enum class Representation { mean, concatenate };
enum class Augmentation { random, crop, mask, reorder };
enum class Activation { gelu, relu, swish };
enum class NextItemLoss { bce, softmax, sampled_softmax, gbce };
enum class Precision { float32, bfloat16 };

/// The SASRec encoder (spec section 4.1). Same keys as the published <model>_config.json.
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

/// Group `early_stop`, also inside `pretrain`.
struct EarlyStopOptions {
  int patience = 20;                     ///< epochs without improvement before stopping; >= 1
  double delta = 1e-5;                   ///< smallest improvement that counts; >= 0
  std::string stop_metrics = "NDCG@10";  ///< HIT@k or NDCG@k
  std::string stopbywhich = "MStep";     ///< score watched in EM: EStep (without text) or MStep (with text)
};

/// Group `pretrain`: SASRec + ICLRec (spec section 4).
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
  /// The next-item loss. bce: one negative a position, as published. softmax: over all items. sampled_softmax: over
  /// num_negatives items drawn for a whole batch. gbce: gSASRec's, against num_negatives drawn for each position.
  NextItemLoss loss = NextItemLoss::bce;
  int num_negatives = 256;                       ///< of sampled_softmax and gbce; >= 1
  double gbce_t = 0.75;                          ///< calibration of gbce, in [0, 1]; 0 is plain bce
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

/// Group `simulate`: who speaks for the user (spec section 5).
struct SimulateOptions {
  /// offline (agenda-based, needs no model); gemini, vertex, openai: one request after the other, several at a time;
  /// gemini_batch, vertex_batch, openai_batch: batch jobs.
  std::string provider = "offline";
  std::string prompt_template = "prompts/user_simulator.txt";  ///< found like a config file
  int max_facets = 2;              ///< facets of the target named in one utterance, in [1, 2]
  double likeness_prob = 0.25;     ///< chance of referring to a similar item of the history, in [0, 1]
  double fuzzy_leak_ratio = 0.85;  ///< title similarity above which an utterance counts as leaking, in (0, 1]
  int max_attempts = 5;            ///< utterances tried before a leaking one is kept and flagged
  ChatOptions chat;                ///< of a remote provider
  BatchOptions batch;              ///< of every batch job, whoever speaks
};

/// Group `embed`: text to vector (spec section 6).
struct EmbedOptions {
  std::string provider = "offline";  ///< offline (hashed n-grams); openai (any server with /v1/embeddings)
  int text_embedding_dim = 512;      ///< D, in [8, 65536]
  int word_ngrams = 2;               ///< longest word n-gram, in [1, 4]
  int char_ngrams = 4;               ///< longest character n-gram, 0 disables; in [0, 8]
  double char_weight = 0.3;          ///< weight of characters relative to words; >= 0
  std::string dtype = "float32";     ///< of the cache: float32 or float16
  /// Of a remote provider: one for each of datasets.meta_task_keys, in their order; found like config files.
  std::vector<std::string> prompt_templates = {"prompts/embedding.txt"};
  RemoteEmbedOptions remote;
};

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

/// What one EM stage changes (list `stages`; spec section 8). -1, "" mean: as at the root.
struct StageOptions {
  std::string name;  ///< posterior, prior, joint, or any other name
  bool no_estep = false;
  bool no_mstep = false;
  int only_rec_epoch = 0;  ///< epochs in which only the recommendation terms count
  int epochs = -1;
  double learning_rate = -1;
  std::string stopbywhich;  ///< EStep or MStep
};

/// Which published behaviours to reproduce (group `compat`, spec section 10). All false: the right thing.
struct CompatOptions {
  bool constant_learning_rate = false;  ///< the schedule changes nothing
  bool batch_width_positions = false;   ///< EM pads to the batch's longest history; positions counted from its left
  bool frozen_encoder_dropout = false;  ///< dropout stays active in frozen encoders during training steps
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

enum class SeenItems { keep, mask };

/// Who speaks for the user in dialogues.
struct DialogueSimulatorOptions {
  std::string provider;  ///< as simulate.provider; empty: the same. A direct one spares a batch job for every turn
};

/// Who reads a dialogue for what the user wants.
struct DialogueExtractorOptions {
  std::string provider = "offline";                              ///< as simulate.provider; offline: word matching
  std::string prompt_template = "prompts/intent_extractor.txt";  ///< found like a config file
  ChatOptions chat;                                              ///< each setting that is not given is simulate.chat's
};

/// A chat model as the recommender: it names titles, which are looked up in the catalogue.
struct ZeroShotOptions {
  std::string provider = "none";  ///< none: not evaluated; otherwise as simulate.provider, without offline
  /// What the model is told: all (history and utterance), text (the utterance), items (the history).
  std::vector<std::string> inputs = {"all"};
  int titles = 20;           ///< asked for, best first; in [1, 100]
  int users = 500;           ///< test users, drawn as those of the dialogues; 0: all
  double match_ratio = 0.9;  ///< similarity from which a misspelled title is the catalogue's, in (0, 1]
  std::string prompt_template = "prompts/zero_shot.txt";              ///< of `all`
  std::string prompt_template_text = "prompts/zero_shot_text.txt";    ///< of `text`
  std::string prompt_template_items = "prompts/zero_shot_items.txt";  ///< of `items`
  ChatOptions chat;  ///< each setting that is not given is simulate.chat's
};

/// Group `evaluate` (spec section 9).
struct EvaluateOptions {
  /// Whether a user's history stays among the candidates: in dialogues, and in the headline of the one-turn table (the
  /// other one is reported too).
  SeenItems seen_items = SeenItems::keep;
  int max_turns = 5;    ///< in [1, 20]
  int shown_items = 5;  ///< items shown a turn, in [1, 50]
  int candidates = 50;  ///< of the prior's ranking, re-ranked by features; >= shown_items
  bool multi_turn = true;
  /// Also score users with someone else's utterance, and with someone else's history: what falls to the row without
  /// text, or to the row without history, was earned.
  bool controls = false;
  DialogueSimulatorOptions simulator;
  DialogueExtractorOptions extractor;
  ZeroShotOptions zero_shot;
};

struct Config {
  std::string exp_name = "default";
  std::string output_dir = "outputs/${exp_name}";  ///< the run folder
  int64_t random_seed = 42;
  int threads = 0;              ///< 0: all cores
  std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
  bool cuda_graphs = true;      ///< on CUDA, record training steps once and launch them as a whole; same results
  bool tensorboard = true;      ///< write TensorBoard event files beside every metrics.jsonl

  ServiceOptions services;
  DatasetOptions datasets;
  PretrainOptions pretrain;
  SimulateOptions simulate;
  EmbedOptions embed;

  // EM training, at the root as published.
  PriorOptions prior;
  PosteriorOptions posterior;
  bool same_y_m = false;         ///< W_i starts as a copy of W_v and stays frozen
  bool train_preintent = false;  ///< train the encoders too
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
  double neg_loss_temp = 1;       ///< T
  double lambda_reconstruct = 0;  ///< λ_rec
  bool load_best_model = true;
  bool validation_first = true;
  std::vector<StageOptions> stages = {
      {.name = "posterior", .no_mstep = true, .only_rec_epoch = 500, .stopbywhich = "EStep"},
      {.name = "prior", .no_estep = true, .stopbywhich = "MStep"},
      {.name = "joint", .stopbywhich = "MStep"}};
  EarlyStopOptions early_stop;
  OptimOptions optim;
  SchedulerOptions scheduler;

  CompatOptions compat;
  EvaluateOptions evaluate;
};

}  // namespace latentcrs
