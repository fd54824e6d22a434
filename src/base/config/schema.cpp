#include "base/config/schema.h"

#include <algorithm>
#include <utility>

#include "base/config/conditions.h"
#include "base/config/next_item_loss_names.h"
#include "base/config/schema_section.h"

namespace latentcrs {

namespace {

void add_run(const Section& add, Config& c) {
  add.with(decides({"train"}))("exp_name", &c.exp_name, required());
  add("output_dir", &c.output_dir, required_path());
  add.with(decides({"pretrain", "simulate", "embed", "train", "evaluate"}))("random_seed", &c.random_seed, at_least(0));
  add("threads", &c.threads, at_least(0));
  add.with(decides({"pretrain", "train"}, cuts_batches))("data_shards", &c.data_shards, between(1, 1024));
  add("device", &c.device, required());  // the manifests say which one it was
  const Section computed = add.with(decides({"pretrain", "train", "evaluate"}));
  computed("arithmetic", named(c.arithmetic, {"portable", "native"}));
  add("cuda_graphs", &c.cuda_graphs);
  add("tensorboard", &c.tensorboard);
}

void add_cluster(const Section& add, ClusterOptions& o) {
  add("lost_after", &o.lost_after, between(0.1, 3600));
  add("start_within", &o.start_within, above_upto(0, 86400));
}

void add_datasets(const Section& add, DatasetOptions& o) {
  const Section of_speech = add.with(decides({"preprocess", "simulate"}));
  const Section of_dialogues = add.with(decides({"preprocess", "evaluate"}));
  add("dataset_name", &o.dataset_name, required());
  std::vector<std::string> formats;
  for (const DatasetFormat& format : kDatasetFormats) formats.emplace_back(format.name);
  add("format", named(o.format, formats));
  of_speech("item_noun", &o.item_noun, required());
  add("interactions", &o.interactions, required_path());
  add("metadata", &o.metadata, path());
  add("features_name", &o.features_name);
  add("id_column", &o.id_column, required());
  add.with(decides({"preprocess", "simulate", "evaluate"}, has_item_text))("item_text", &o.item_text);
  add.with(decides({"preprocess"}, lacks_words))("items_without_words",
                                                 named(o.items_without_words, {"neighbours", "off"}));
  add.with(names_input_of({"preprocess"}))("item_names", &o.item_names, path());
  add.with(decides({"preprocess"}, takes_names_from_metadata))("names_from", &o.names_from);
  add("with_features_column", &o.with_features_column);
  // They count for records alone, so that the results of other formats stay up to date.
  const Section of_records = add.with(decides({"preprocess"}, reads_records));
  of_records("columns.user", &o.columns.user);
  of_records("columns.item", &o.columns.item);
  of_records("columns.rating", &o.columns.rating);
  of_records("columns.time", &o.columns.time);
  of_records("columns.title", &o.columns.title);
  of_records("columns.genres", &o.columns.genres);
  of_records("columns.year", &o.columns.year);
  of_records("columns.description", &o.columns.description);
  of_records("columns.metadata_item", &o.columns.metadata_item);
  of_records("more_interactions", &o.more_interactions, path());
  of_records("separator", &o.separator);
  const Section of_rows = add.with(decides({"preprocess"}, reads_rows));
  of_rows("time_unit", named(o.time_unit, {"auto", "s", "ms", "us", "ns", "iso", "order", "dmy", "mdy"}));
  of_rows("min_item_interactions", &o.min_item_interactions, or_inherited(at_least(0)));
  of_rows("feedback", named(o.feedback, {"ratings", "implicit"}));
  of_rows("ties", named(o.ties, {"file_order", "reversed"}));
  of_rows("short_users", named(o.short_users, {"drop", "refuse"}));
  const Section limits = of_rows.below("limits");
  limits("malformed", &o.limits.malformed, between(0, 1));
  limits("doubtful_times", &o.limits.doubtful_times, between(0, 1));
  limits("alike_ids", &o.limits.alike_ids, between(0, 1));
  limits("unknown_items", &o.limits.unknown_items, between(0, 1));
  add("min_rating", &o.min_rating, at_least(0));
  add("min_interactions", &o.min_interactions, at_least(1));
  add("sort_by_time", &o.sort_by_time);
  add("repeats", named(o.repeats, {"keep", "first", "last"}));
  add("item_filter", named(o.item_filter, {"none", "metadata", "description"}));
  add("item_filter_time", named(o.item_filter_time, {"before_kcore", "after_kcore"}));
  const Section split = add.with(decides({"preprocess"}, splits_otherwise)).below("split");
  split("by", named(o.split.by, {kSplitNames.begin(), kSplitNames.end()}));
  split("valid_items", &o.split.valid_items, at_least(0));
  split("test_items", &o.split.test_items, at_least(1));
  split("valid_from", &o.split.valid_from, required());
  split("test_from", &o.split.test_from, required());
  split("column", &o.split.column);
  split("valid", &o.split.valid, path());
  split("test", &o.split.test, path());
  of_speech("root_category", &o.root_category);
  of_speech("max_history", &o.max_history, between(3, 1000));
  add.with(decides({"preprocess", "embed", "train"}))("meta_task_keys", &o.meta_task_keys, required());
  add.with(decides({"preprocess", "simulate", "embed", "train"}))("filter_keys", &o.filter_keys, required());
  of_dialogues("multi_turn_users", &o.multi_turn_users, at_least(1));
  of_dialogues("multi_turn_seed", &o.multi_turn_seed, at_least(0));
}

/// The published pretraining has these beside its other options, without a section of their own.
void add_encoder(const Section& add_in_section, EncoderOptions& o) {
  const auto add = [&](const std::string& name, FieldRef ref, Rule rule = {}) {
    add_in_section(name, std::move(ref), std::move(rule), {"pretrain." + name});
  };
  add("hidden_size", &o.hidden_size, at_least(1));
  add("num_hidden_layers", &o.num_hidden_layers, between(1, 16));
  add("num_attention_heads", &o.num_attention_heads, at_least(1));
  add("max_seq_length", &o.max_seq_length, between(2, 1024));
  add("hidden_act", named(o.hidden_act, {"gelu", "relu", "swish"}));
  add("hidden_dropout_prob", &o.hidden_dropout_prob, below(0, 1));
  add("attention_probs_dropout_prob", &o.attention_probs_dropout_prob, below(0, 1));
  add("initializer_range", &o.initializer_range, above(0));
}

void add_early_stop(const Section& add, EarlyStopOptions& o) {
  add("patience", &o.patience, at_least(1));
  add("delta", &o.delta, at_least(0));
  add("stop_metrics", &o.stop_metrics, required());
}

void add_contrast(const Section& add, PretrainOptions& o) {
  add("contrast_type", named(o.contrast_type, {"none", "InstanceCL", "IntentCL", "Hybrid"}));
  add("seq_representation_type", named(o.seq_representation_type, {"mean", "concatenate"}));
  add("seq_representation_instancecl_type", named(o.seq_representation_instancecl_type, {"mean", "concatenate"}));
  add("augment_type", named(o.augment_type, {"random", "crop", "mask", "reorder"}));
  add("tao", &o.tao, inside(0, 1));
  add("gamma", &o.gamma, inside(0, 1));
  add("beta", &o.beta, inside(0, 1));
  add("n_views", &o.n_views, between(2, 8));
  add("temperature", &o.temperature, above(0));
  add("loss", named(o.loss, {kNextItemLossNames.begin(), kNextItemLossNames.end()}));
  add("num_negatives", &o.num_negatives, at_least(1));
  add("gbce_t", &o.gbce_t, between(0, 1));
  // They count where they are used alone, so that results of before they existed stay up to date.
  add.with(decides({"pretrain"}, corrects_sampling))("correct_sampling", &o.correct_sampling);
  add.with(decides({"pretrain"}, pretrains_in_random_order))("random_order", &o.random_order);
  add.with(decides({"pretrain"}, pretrains_with_discount))("popularity_discount", &o.popularity_discount,
                                                           between(0, 1));
  add("rec_weight", &o.rec_weight, at_least(0));
  add("cf_weight", &o.cf_weight, at_least(0));
  add("intent_cf_weight", &o.intent_cf_weight, at_least(0));
  // The run scripts abbreviate the option; the EM configuration names its intents by the k-means it loads.
  add("num_intent_clusters", &o.num_intent_clusters, {.low = 2, .required = true},
      {"pretrain.num_intent_cluster", "datasets.precalculated_recmodel.kmeans_num_clusters"});
  add("warm_up_epoches", &o.warm_up_epoches, at_least(0));
  add("de_noise", &o.de_noise);
}

void add_pretrain(const Section& add, PretrainOptions& o) {
  add("noise_ratio", &o.noise_ratio, below(0, 1));
  add("training_data_ratio", &o.training_data_ratio, above_upto(0, 1));
  add("batch_size", &o.batch_size, at_least(1));
  add("epochs", &o.epochs, at_least(1));
  add("lr", &o.lr, above(0));
  add("adam_beta1", &o.adam_beta1, below(0, 1));
  add("adam_beta2", &o.adam_beta2, below(0, 1));
  add("weight_decay", &o.weight_decay, at_least(0));
  add("fused_encoder", &o.fused_encoder);
  add("fused_attention", &o.fused_attention);
  add("precision", named(o.precision, {"float32", "bfloat16"}));
  add("kmeans_niter", &o.kmeans_niter, at_least(1));
  add("kmeans_nredo", &o.kmeans_nredo, at_least(1));
  add("kmeans_max_points_per_centroid", &o.kmeans_max_points_per_centroid, at_least(1));
  add("eval_every", &o.eval_every, at_least(1));
}

void add_networks(const Section& add, EmOptions& o) {
  const Section prior = add.below("prior"), m_ux = prior.below("m_ux");
  m_ux("agg_type", &o.prior.m_ux.agg_type, one_of({"concat", "gated"}));
  m_ux("use_text_projection", &o.prior.m_ux.use_text_projection);
  m_ux("text_projection", &o.prior.m_ux.text_projection, at_least(1));
  m_ux("layer_hidden", &o.prior.m_ux.layer_hidden, at_least(1));
  m_ux("is_softmax", &o.prior.m_ux.is_softmax);
  m_ux("hidden_dropout_prob", &o.prior.m_ux.hidden_dropout_prob, below(0, 1));
  m_ux.with(decides({"train", "evaluate"}, adds_user_state))("add_user_state", &o.prior.m_ux.add_user_state);

  prior("use_pretrained_intent", &o.prior.use_pretrained_intent);
  prior("load_pretrained", &o.prior.load_pretrained);
  prior("pretrained_path", &o.prior.pretrained_path, path());

  const Section posterior = add.below("posterior");
  posterior("use_pretrained_intent", &o.posterior.use_pretrained_intent);
  posterior("is_softmax", &o.posterior.is_softmax);
  posterior("load_pretrained", &o.posterior.load_pretrained);
  posterior("pretrained_path", &o.posterior.pretrained_path, path());
}

void add_em(const Section& add, EmOptions& o) {
  add("same_y_m", &o.same_y_m);
  add("train_preintent", &o.train_preintent);
  add("batch_size", &o.batch_size, at_least(1));
  add("eval_batch_size", &o.eval_batch_size, at_least(1));
  add("neg_sample_size", &o.neg_sample_size, at_least(1));
  add("epochs", &o.epochs, at_least(1));
  add("learning_rate", &o.learning_rate, above(0));
  add("use_negative_loss", &o.use_negative_loss, {}, {"use_negetive_loss"});
  add("e_negative_loss_weight", &o.e_negative_loss_weight, at_least(0), {"e_negetive_loss_weight"});
  add("m_negative_loss_weight", &o.m_negative_loss_weight, at_least(0), {"m_negetive_loss_weight"});
  add("m_rec_loss_weight", &o.m_rec_loss_weight, at_least(0));
  add("frozen_encoder_dropout", &o.frozen_encoder_dropout);
  add("full_catalogue_loss", &o.full_catalogue_loss);
  add("neg_loss_temp", &o.neg_loss_temp, above(0));
  add("lambda_reconstruct", &o.lambda_reconstruct, at_least(0));
  add.with(decides({"train", "evaluate"}, learns_with_discount))("popularity_discount", &o.popularity_discount,
                                                                 between(0, 1));
  const Section histories = add.with(decides({"train", "evaluate"}, draws_histories)).below("short_histories");
  histories("most", &o.short_histories.most, at_least(0));
  histories("empty", &o.short_histories.empty, between(0, 1));
  histories("likeness", &o.short_histories.likeness, at_least(0));
  add.with(decides({"train", "evaluate"}, mixes_scores))("score_mixture", &o.score_mixture);
  add.with(decides({"evaluate"}, hears_names))("named_weight", &o.named_weight, at_least(0));
  add.with(names_input_of({"evaluate"}))("mentions", &o.mentions, path());
  add.with(decides({"evaluate"}, counts_mentions))("mention_weight", &o.mention_weight, at_least(0));
  add.with(decides({"evaluate"}, shares_genres))("genre_trust", &o.genre_trust, at_least(0));
  add("load_best_model", &o.load_best_model);
  add("validation_first", &o.validation_first);
  add("stages", &o.stages);
}

void add_optimisation(const Section& add, EmOptions& o) {
  const Section optim = add.below("optim");
  optim("adam_beta1", &o.optim.adam_beta1, below(0, 1));
  optim("adam_beta2", &o.optim.adam_beta2, below(0, 1));
  optim("adam_weight_decay", &o.optim.adam_weight_decay, at_least(0));
  optim("adam_epsilon", &o.optim.adam_epsilon, above(0));

  const Section scheduler = add.below("scheduler");
  scheduler("enabled", &o.scheduler.enabled);
  scheduler("start_factor", &o.scheduler.start_factor, above_upto(0, 1));
  scheduler("end_factor", &o.scheduler.end_factor, between(0, 1));
  scheduler("total_iters", &o.scheduler.total_iters, at_least(1));
}

void add_compat(const Section& add, CompatOptions& o) {
  const Section of_pretraining = add.with(decides({"pretrain", "train", "evaluate"}));
  const Section of_the_data = add.with(decides({"preprocess", "train", "evaluate"}));
  add("constant_learning_rate", &o.constant_learning_rate);
  add("batch_width_positions", &o.batch_width_positions);
  of_pretraining("seen_items_score_zero", &o.seen_items_score_zero);
  add("gate_over_batch", &o.gate_over_batch);
  add("rank_non_items", &o.rank_non_items);
  of_the_data("reviews_by_asin", &o.reviews_by_asin);
  of_the_data("ten_kcore_passes", &o.ten_kcore_passes);
  of_pretraining("denoise_label_from_validation", &o.denoise_label_from_validation);
  add("refused_items_return", &o.refused_items_return);
  add("drop_missing_replies", &o.drop_missing_replies);
  add("fixed_negatives", &o.fixed_negatives);
}

void add_evaluate(const Section& add, EvaluateOptions& o) {
  // Early stopping ranks the validation users with it.
  add.with(decides({"train", "evaluate"}))("seen_items", named(o.seen_items, {"keep", "mask"}));
  add("max_turns", &o.max_turns, between(1, 20));
  add("shown_items", &o.shown_items, between(1, 50));
  add("candidates", &o.candidates, at_least(1));
  add("multi_turn", &o.multi_turn);
  add("controls", &o.controls);
  add.with(decides({"evaluate"}, samples_negatives))("sampled_negatives", &o.sampled_negatives, at_least(0));
  add.with(names_input_of({"evaluate"}))("conversations", &o.conversations, path(), {"conversations"});
  // They count where they are used alone, so that results of before they existed stay up to date.
  const auto where = [&](Influence::Condition condition) { return add.with(decides({"evaluate"}, condition)); };
  where(evaluates_conversations)("conversation_text", named(o.conversation_text, {"user", "last", "all"}));
  where(evaluates_baselines)("baselines", &o.baselines, {.choices = {"item_cosine", "ease"}});
  where(evaluates_item_cosine)("item_cosine_neighbours", &o.item_cosine_neighbours, at_least(0));
  where(evaluates_ease)("ease_weight", &o.ease_weight, above(0));
  where(measures_lists)("list_metrics_at", &o.list_metrics_at, between(0, 100));
}

}  // namespace

std::vector<Field> schema(Config& c) {
  std::vector<Field> fields;
  add_run(Section(fields, "run", "", speed()), c);
  add_cluster(Section(fields, "cluster", "cluster.", speed()), c.cluster);
  add_services(Section(fields, "services", "services.", speed()), c.services);
  add_datasets(Section(fields, "datasets", "datasets.", decides({"preprocess"})), c.datasets);
  const Section pretrain(fields, "pretrain", "pretrain.", decides({"pretrain"}));
  add_encoder(pretrain.below("encoder"), c.pretrain.encoder);
  add_contrast(pretrain, c.pretrain);
  add_pretrain(pretrain, c.pretrain);
  add_early_stop(pretrain.below("early_stop"), c.pretrain.early_stop);
  pretrain("checkpoint", &c.pretrain.checkpoint, path(), {"datasets.precalculated_recmodel.checkpoint"});
  pretrain("centers", &c.pretrain.centers, path());
  add_simulate(Section(fields, "simulate", "simulate.", decides({"simulate", "evaluate"})), c.simulate);
  add_embed(Section(fields, "embed", "embed.", decides({"embed", "evaluate"})), c.embed);
  const Section em(fields, "em", "", decides({"train", "evaluate"}));
  add_networks(em, c.em);
  add_em(em, c.em);
  add_early_stop(em.below("early_stop"), c.em.early_stop);
  em.below("early_stop")("stopbywhich", &c.em.early_stop.stopbywhich, one_of({"EStep", "MStep"}));
  add_optimisation(em, c.em);
  add_compat(Section(fields, "compat", "compat.", decides({"train", "evaluate"})), c.compat);
  const Section evaluate(fields, "evaluate", "evaluate.", decides({"evaluate"}));
  add_evaluate(evaluate, c.evaluate);
  add_dialogue_roles(evaluate, c.evaluate);
  return fields;
}

std::vector<Field> stage_schema(StageOptions& stage) {
  std::vector<Field> fields;
  const Section add(fields, "em", "", decides({"train", "evaluate"}));
  add("name", &stage.name, required());
  add("no_estep", &stage.no_estep);
  add("no_mstep", &stage.no_mstep);
  add("only_rec_epoch", &stage.only_rec_epoch, at_least(0));
  add("epochs", &stage.epochs, or_inherited(at_least(0)));
  add("learning_rate", &stage.learning_rate, or_inherited(above(0)));
  add("stopbywhich", &stage.stopbywhich, one_of({"", "EStep", "MStep"}));
  return fields;
}

}  // namespace latentcrs
