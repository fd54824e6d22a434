#include "config/schema.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "config/next_item_loss_names.h"
#include "config/provider_names.h"

namespace latentcrs {

namespace {

/// Adds fields under a common prefix.
class Section {
 public:
  /// With `defaults_from`, the default of each field is the value of the field of that name under that prefix.
  Section(std::vector<Field>& fields, std::string prefix, std::string defaults_from = {})
      : fields_(fields), prefix_(std::move(prefix)), defaults_from_(std::move(defaults_from)) {}

  void operator()(const std::string& name, FieldRef ref, Rule rule = {}, std::vector<std::string> aliases = {}) const {
    fields_.push_back({prefix_ + name, std::move(ref), std::move(rule), std::move(aliases),
                       defaults_from_.empty() ? "" : defaults_from_ + name});
  }
  Section below(const std::string& name) const {
    return {fields_, prefix_ + name + ".", defaults_from_.empty() ? "" : defaults_from_ + name + "."};
  }

 private:
  std::vector<Field>& fields_;
  std::string prefix_;
  std::string defaults_from_;
};

/// `names` in the order of the enumerators, which count from 0.
template <class E>
EnumRef named(E& value, std::vector<std::string> names) {
  return {std::move(names), [&value] { return static_cast<size_t>(value); },
          [&value](size_t index) { value = static_cast<E>(index); }};
}

/// A text that is one of `names`, under the same rules.
EnumRef named(std::string& value, std::vector<std::string> all) {
  return {all, [all, &value] { return static_cast<size_t>(std::find(all.begin(), all.end(), value) - all.begin()); },
          [all, &value](size_t index) { value = all[index]; }};
}

Rule at_least(double low) { return {.low = low}; }
Rule above(double low) { return {.low = low, .low_excluded = true}; }
Rule between(double low, double high) { return {.low = low, .high = high}; }
/// [low, high)
Rule below(double low, double high) { return {.low = low, .high = high, .high_excluded = true}; }
/// (low, high]
Rule above_upto(double low, double high) { return {.low = low, .high = high, .low_excluded = true}; }
/// (low, high)
Rule inside(double low, double high) { return {.low = low, .high = high, .low_excluded = true, .high_excluded = true}; }
Rule one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }
Rule required() { return {.required = true}; }
Rule path() { return {.path = true}; }
Rule required_path() { return {.required = true, .path = true}; }
Rule json_object() { return {.json_object = true}; }
Rule or_inherited(Rule rule) {
  rule.inherits = -1;
  return rule;
}

void add_run(Section add, Config& c) {
  add("exp_name", &c.exp_name, required());
  add("output_dir", &c.output_dir, required_path());
  add("random_seed", &c.random_seed, at_least(0));
  add("threads", &c.threads, at_least(0));
  add("device", &c.device, required());
  add("arithmetic", named(c.arithmetic, {"portable", "native"}));
  add("cuda_graphs", &c.cuda_graphs);
  add("tensorboard", &c.tensorboard);
}

void add_datasets(Section add, DatasetOptions& o) {
  add("dataset_name", &o.dataset_name, required());
  std::vector<std::string> formats;
  for (const DatasetFormat& format : kDatasetFormats) formats.emplace_back(format.name);
  add("format", named(o.format, formats));
  add("item_noun", &o.item_noun, required());
  add("interactions", &o.interactions, required_path());
  add("metadata", &o.metadata, path());
  add("features_name", &o.features_name);
  add("id_column", &o.id_column, required());
  add("with_features_column", &o.with_features_column);
  add("min_rating", &o.min_rating, between(0, 5));
  add("min_interactions", &o.min_interactions, at_least(3));
  add("sort_by_time", &o.sort_by_time);
  add("repeats", named(o.repeats, {"keep", "first", "last"}));
  add("item_filter", named(o.item_filter, {"none", "metadata", "description"}));
  add("item_filter_time", named(o.item_filter_time, {"before_kcore", "after_kcore"}));
  add("root_category", &o.root_category);
  add("max_history", &o.max_history, between(3, 1000));
  add("meta_task_keys", &o.meta_task_keys, required());
  add("filter_keys", &o.filter_keys, required());
  add("multi_turn_users", &o.multi_turn_users, at_least(1));
  add("multi_turn_seed", &o.multi_turn_seed, at_least(0));
}

/// The published pretraining has these beside its other options, without a section of their own.
void add_encoder(Section add_in_section, EncoderOptions& o) {
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

void add_early_stop(Section add, EarlyStopOptions& o) {
  add("patience", &o.patience, at_least(1));
  add("delta", &o.delta, at_least(0));
  add("stop_metrics", &o.stop_metrics, required());
}

void add_contrast(Section add, PretrainOptions& o) {
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
  add("rec_weight", &o.rec_weight, at_least(0));
  add("cf_weight", &o.cf_weight, at_least(0));
  add("intent_cf_weight", &o.intent_cf_weight, at_least(0));
  // The run scripts abbreviate the option; the EM configuration names its intents by the k-means it loads.
  add("num_intent_clusters", &o.num_intent_clusters, {.low = 2, .required = true},
      {"pretrain.num_intent_cluster", "datasets.precalculated_recmodel.kmeans_num_clusters"});
  add("warm_up_epoches", &o.warm_up_epoches, at_least(0));
  add("de_noise", &o.de_noise);
}

void add_pretrain(Section add, PretrainOptions& o) {
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

void add_services(Section add, ServiceOptions& o) {
  add("cache", &o.cache, required_path());
  add("offline", &o.offline);
  const Section http = add.below("http");
  http("connect_timeout", &o.http.connect_timeout, between(1, 120));
  http("timeout", &o.http.timeout, between(1, 7200));
  http("stall_timeout", &o.http.stall_timeout, between(5, 3600));
  http("ca_file", &o.http.ca_file, path());
  http("ca_dir", &o.http.ca_dir, path());
  http("proxy", &o.http.proxy);
  http("no_proxy", &o.http.no_proxy);
  http("proxy_env", &o.http.proxy_env);
  const Section retry = add.below("retry");
  retry("max_attempts", &o.retry.max_attempts, between(1, 20));
  retry("first_wait", &o.retry.first_wait, above_upto(0, 60));
  retry("max_wait", &o.retry.max_wait, above(0));
  retry("max_hint", &o.retry.max_hint, at_least(0));
  retry("max_total", &o.retry.max_total, at_least(0));
}

void add_credentials(Section add, CredentialOptions& o) {
  add("kind", &o.kind, one_of({"auto", "api_key", "google", "token_command", "token_file", "none"}));
  add("api_key_env", &o.api_key_env);
  add("api_key_file", &o.api_key_file, path());
  add("credentials_file", &o.credentials_file, path());
  add("token_command", &o.token_command);
  add("token_file", &o.token_file, path());
  add("quota_project", &o.quota_project);
}

void add_chat(Section add, ChatOptions& o) {
  add("model", &o.model);
  add("base_url", &o.base_url);
  add("project", &o.project);
  add("location", &o.location);
  add("parameters", &o.parameters, json_object());
  add("safety_threshold", &o.safety_threshold);
  add("concurrency", &o.concurrency, between(1, 256));
  add("max_failures_in_a_row", &o.max_failures_in_a_row, at_least(1));
  const Section price = add.below("price");
  price("input_per_million", &o.price.input_per_million, at_least(0));
  price("output_per_million", &o.price.output_per_million, at_least(0));
  price("expected_output_tokens", &o.price.expected_output_tokens, at_least(1));
  add("max_cost", &o.max_cost, at_least(0));
  add_credentials(add.below("credentials"), o.credentials);
}

void add_batch(Section add, BatchOptions& o) {
  add("folder", &o.folder);
  add("poll_interval", &o.poll_interval, between(1, 3600));
  add("max_poll_interval", &o.max_poll_interval, between(1, 3600));
  add("max_requests", &o.max_requests, between(1, 200'000));
  add("max_megabytes", &o.max_megabytes, above_upto(0, 1000));
  add("max_rounds", &o.max_rounds, between(1, 10));
}

void add_remote_embedder(Section add, RemoteEmbedOptions& o) {
  add("model", &o.model);
  add("base_url", &o.base_url);
  add("bos_marker", &o.bos_marker);
  add("bos_tokens", &o.bos_tokens, between(0, 2));
  add("parameters", &o.parameters, json_object());
  add("encoding", &o.encoding, one_of({"float", "base64"}));
  add("accept_unit_vectors", &o.accept_unit_vectors);
  add("batch_size", &o.batch_size, between(1, 2048));
  add("concurrency", &o.concurrency, between(1, 64));
  add("price_per_million", &o.price_per_million, at_least(0));
  add_credentials(add.below("credentials"), o.credentials);
}

/// One of `others` or of the chat providers.
Rule provider(std::vector<std::string> others) {
  others.insert(others.end(), std::begin(kChatProviderNames), std::end(kChatProviderNames));
  return one_of(std::move(others));
}

void add_text_stages(std::vector<Field>& fields, Config& c) {
  Section simulate(fields, "simulate.");
  simulate("provider", &c.simulate.provider, provider({"offline"}));
  simulate("prompt_template", &c.simulate.prompt_template, required_path());
  simulate("max_facets", &c.simulate.max_facets, between(1, 2));
  simulate("likeness_prob", &c.simulate.likeness_prob, between(0, 1));
  simulate("fuzzy_leak_ratio", &c.simulate.fuzzy_leak_ratio, above_upto(0, 1));
  simulate("max_attempts", &c.simulate.max_attempts, at_least(1));
  add_chat(simulate.below("chat"), c.simulate.chat);
  add_batch(simulate.below("batch"), c.simulate.batch);

  Section embed(fields, "embed.");
  embed("provider", &c.embed.provider,
        one_of({std::begin(kEmbeddingProviderNames), std::end(kEmbeddingProviderNames)}));
  embed("text_embedding_dim", &c.embed.text_embedding_dim, between(8, 65536), {"text_embedding_dim"});
  embed("word_ngrams", &c.embed.word_ngrams, between(1, 4));
  embed("char_ngrams", &c.embed.char_ngrams, between(0, 8));
  embed("char_weight", &c.embed.char_weight, at_least(0));
  embed("dtype", &c.embed.dtype, one_of({"float32", "float16"}));
  embed("prompt_templates", &c.embed.prompt_templates, required_path(), {"embed.prompt_template"});
  add_remote_embedder(embed.below("remote"), c.embed.remote);
}

void add_networks(std::vector<Field>& fields, Config& c) {
  Section m_ux(fields, "prior.m_ux.");
  m_ux("agg_type", &c.em.prior.m_ux.agg_type, one_of({"concat", "gated"}));
  m_ux("use_text_projection", &c.em.prior.m_ux.use_text_projection);
  m_ux("text_projection", &c.em.prior.m_ux.text_projection, at_least(1));
  m_ux("layer_hidden", &c.em.prior.m_ux.layer_hidden, at_least(1));
  m_ux("is_softmax", &c.em.prior.m_ux.is_softmax);
  m_ux("hidden_dropout_prob", &c.em.prior.m_ux.hidden_dropout_prob, below(0, 1));

  Section prior(fields, "prior.");
  prior("use_pretrained_intent", &c.em.prior.use_pretrained_intent);
  prior("load_pretrained", &c.em.prior.load_pretrained);
  prior("pretrained_path", &c.em.prior.pretrained_path, path());

  Section posterior(fields, "posterior.");
  posterior("use_pretrained_intent", &c.em.posterior.use_pretrained_intent);
  posterior("is_softmax", &c.em.posterior.is_softmax);
  posterior("load_pretrained", &c.em.posterior.load_pretrained);
  posterior("pretrained_path", &c.em.posterior.pretrained_path, path());
}

void add_em(Section add, Config& c) {
  add("same_y_m", &c.em.same_y_m);
  add("train_preintent", &c.em.train_preintent);
  add("batch_size", &c.em.batch_size, at_least(1));
  add("eval_batch_size", &c.em.eval_batch_size, at_least(1));
  add("neg_sample_size", &c.em.neg_sample_size, at_least(1));
  add("epochs", &c.em.epochs, at_least(1));
  add("learning_rate", &c.em.learning_rate, above(0));
  add("use_negative_loss", &c.em.use_negative_loss, {}, {"use_negetive_loss"});
  add("e_negative_loss_weight", &c.em.e_negative_loss_weight, at_least(0), {"e_negetive_loss_weight"});
  add("m_negative_loss_weight", &c.em.m_negative_loss_weight, at_least(0), {"m_negetive_loss_weight"});
  add("m_rec_loss_weight", &c.em.m_rec_loss_weight, at_least(0));
  add("frozen_encoder_dropout", &c.em.frozen_encoder_dropout);
  add("full_catalogue_loss", &c.em.full_catalogue_loss);
  add("neg_loss_temp", &c.em.neg_loss_temp, above(0));
  add("lambda_reconstruct", &c.em.lambda_reconstruct, at_least(0));
  add("load_best_model", &c.em.load_best_model);
  add("validation_first", &c.em.validation_first);
  add("stages", &c.em.stages);
}

void add_optimisation(std::vector<Field>& fields, Config& c) {
  Section optim(fields, "optim.");
  optim("adam_beta1", &c.em.optim.adam_beta1, below(0, 1));
  optim("adam_beta2", &c.em.optim.adam_beta2, below(0, 1));
  optim("adam_weight_decay", &c.em.optim.adam_weight_decay, at_least(0));
  optim("adam_epsilon", &c.em.optim.adam_epsilon, above(0));

  Section scheduler(fields, "scheduler.");
  scheduler("enabled", &c.em.scheduler.enabled);
  scheduler("start_factor", &c.em.scheduler.start_factor, above_upto(0, 1));
  scheduler("end_factor", &c.em.scheduler.end_factor, between(0, 1));
  scheduler("total_iters", &c.em.scheduler.total_iters, at_least(1));
}

void add_compat(Section add, CompatOptions& o) {
  add("constant_learning_rate", &o.constant_learning_rate);
  add("batch_width_positions", &o.batch_width_positions);
  add("seen_items_score_zero", &o.seen_items_score_zero);
  add("gate_over_batch", &o.gate_over_batch);
  add("rank_non_items", &o.rank_non_items);
  add("reviews_by_asin", &o.reviews_by_asin);
  add("ten_kcore_passes", &o.ten_kcore_passes);
  add("denoise_label_from_validation", &o.denoise_label_from_validation);
  add("refused_items_return", &o.refused_items_return);
  add("drop_missing_replies", &o.drop_missing_replies);
  add("fixed_negatives", &o.fixed_negatives);
}

void add_dialogue_roles(std::vector<Field>& fields, EvaluateOptions& o) {
  Section(fields, "evaluate.simulator.")("provider", &o.simulator.provider, provider({"", "offline"}));

  Section extractor(fields, "evaluate.extractor.");
  extractor("provider", &o.extractor.provider, provider({"offline"}));
  extractor("prompt_template", &o.extractor.prompt_template, required_path());
  add_chat(Section(fields, "evaluate.extractor.chat.", "simulate.chat."), o.extractor.chat);

  Section zero_shot(fields, "evaluate.zero_shot.");
  zero_shot("provider", &o.zero_shot.provider, provider({"none"}));
  zero_shot("inputs", &o.zero_shot.inputs, {.choices = {"all", "text", "items"}, .required = true});
  zero_shot("titles", &o.zero_shot.titles, between(1, 100));
  zero_shot("users", &o.zero_shot.users, at_least(0));
  zero_shot("match_ratio", &o.zero_shot.match_ratio, above_upto(0, 1));
  zero_shot("prompt_template", &o.zero_shot.prompt_template, required_path());
  zero_shot("prompt_template_text", &o.zero_shot.prompt_template_text, required_path());
  zero_shot("prompt_template_items", &o.zero_shot.prompt_template_items, required_path());
  add_chat(Section(fields, "evaluate.zero_shot.chat.", "simulate.chat."), o.zero_shot.chat);
}

void add_evaluate(Section add, EvaluateOptions& o) {
  add("seen_items", named(o.seen_items, {"keep", "mask"}));
  add("max_turns", &o.max_turns, between(1, 20));
  add("shown_items", &o.shown_items, between(1, 50));
  add("candidates", &o.candidates, at_least(1));
  add("multi_turn", &o.multi_turn);
  add("controls", &o.controls);
}

}  // namespace

std::vector<Field> schema(Config& c) {
  std::vector<Field> fields;
  add_run(Section(fields, ""), c);
  add_services(Section(fields, "services."), c.services);
  add_datasets(Section(fields, "datasets."), c.datasets);
  add_encoder(Section(fields, "pretrain.encoder."), c.pretrain.encoder);
  add_contrast(Section(fields, "pretrain."), c.pretrain);
  add_pretrain(Section(fields, "pretrain."), c.pretrain);
  add_early_stop(Section(fields, "pretrain.early_stop."), c.pretrain.early_stop);
  Section files_of_pretrain(fields, "pretrain.");
  files_of_pretrain("checkpoint", &c.pretrain.checkpoint, path(), {"datasets.precalculated_recmodel.checkpoint"});
  files_of_pretrain("centers", &c.pretrain.centers, path());
  add_text_stages(fields, c);
  add_networks(fields, c);
  add_em(Section(fields, ""), c);
  const Section early_stop(fields, "early_stop.");
  add_early_stop(early_stop, c.em.early_stop);
  early_stop("stopbywhich", &c.em.early_stop.stopbywhich, one_of({"EStep", "MStep"}));
  add_optimisation(fields, c);
  add_compat(Section(fields, "compat."), c.compat);
  add_evaluate(Section(fields, "evaluate."), c.evaluate);
  add_dialogue_roles(fields, c.evaluate);
  return fields;
}

std::vector<Field> stage_schema(StageOptions& stage) {
  std::vector<Field> fields;
  Section add(fields, "");
  add("name", &stage.name, required());
  add("no_estep", &stage.no_estep);
  add("no_mstep", &stage.no_mstep);
  add("only_rec_epoch", &stage.only_rec_epoch, at_least(0));
  add("epochs", &stage.epochs, or_inherited(at_least(0)));
  add("learning_rate", &stage.learning_rate, or_inherited(above(0)));
  add("stopbywhich", &stage.stopbywhich, one_of({"", "EStep", "MStep"}));
  return fields;
}

std::string section_of(const std::string& key) {
  static const std::array own_sections = {"services", "datasets", "pretrain", "simulate",
                                          "embed",    "compat",   "evaluate"};
  static const std::array general = {"exp_name", "output_dir", "random_seed", "threads",
                                     "device",   "arithmetic", "cuda_graphs", "tensorboard"};
  if (std::find(general.begin(), general.end(), key) != general.end()) return "run";
  const std::string first = key.substr(0, key.find('.'));
  return std::find(own_sections.begin(), own_sections.end(), first) != own_sections.end() ? first : "em";
}

}  // namespace latentcrs
