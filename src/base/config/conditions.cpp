#include "base/config/conditions.h"

#include <algorithm>

#include "base/config/config.h"
#include "base/config/provider_names.h"

namespace latentcrs {

namespace {

bool has_baseline(const Config& config, const char* name) {
  const auto& baselines = config.evaluate.baselines;
  return std::find(baselines.begin(), baselines.end(), name) != baselines.end();
}

/// The results of the other formats were made before these settings counted for them.
bool changes_rows(const DatasetOptions& o) {
  const DatasetOptions usual;
  return o.time_unit != usual.time_unit || o.min_item_interactions != usual.min_item_interactions ||
         o.feedback != usual.feedback || o.ties != usual.ties || o.short_users != usual.short_users ||
         o.limits != usual.limits;
}

}  // namespace

bool cuts_batches(const Config& config) { return config.data_shards > 1; }
bool reads_records(const Config& config) { return is_records_format(config.datasets.format); }
bool reads_rows(const Config& config) { return reads_records(config) || changes_rows(config.datasets); }
bool splits_otherwise(const Config& config) { return config.datasets.split.by != SplitBy::leave_one_out; }
bool has_item_text(const Config& config) { return !config.datasets.item_text.empty(); }
bool takes_names_from_metadata(const Config& config) { return !config.datasets.names_from.empty(); }
bool hears_names(const Config& config) {
  return config.em.score_mixture && config.em.named_weight > 0 && has_item_names(config.datasets);
}
bool counts_mentions(const Config& config) { return config.em.score_mixture && !config.em.mentions.empty(); }
bool shares_genres(const Config& config) { return config.em.score_mixture && config.em.genre_trust > 0; }
bool lacks_words(const Config& config) { return config.datasets.metadata.empty() && !needs_metadata(config.datasets); }
bool samples_negatives(const Config& config) { return config.evaluate.sampled_negatives > 0; }

bool simulates_some_users(const Config& config) { return config.simulate.users > 0; }
bool keeps_sentences(const Config& config) { return model_speaks(config) && config.simulate.keep_sentences; }

bool corrects_sampling(const Config& config) {
  return config.pretrain.loss == "sampled_softmax" && config.pretrain.correct_sampling;
}
bool pretrains_in_random_order(const Config& config) { return config.pretrain.random_order; }
bool pretrains_with_discount(const Config& config) { return config.pretrain.popularity_discount > 0; }
bool learns_with_discount(const Config& config) { return config.em.popularity_discount > 0; }
bool draws_histories(const Config& config) { return config.em.short_histories.most > 0; }
bool mixes_scores(const Config& config) { return config.em.score_mixture; }
bool adds_user_state(const Config& config) { return config.em.prior.m_ux.add_user_state; }
bool speaks_as_people(const Config& config) { return agenda_speaks(config) && config.simulate.wording == "people"; }
bool looks_for_genres(const Config& config) { return embeds_offline(config) && config.embed.genre_weight > 0; }
bool marks_negation(const Config& config) { return embeds_offline(config) && config.embed.mark_negation; }

bool agenda_speaks(const Config& config) { return !model_speaks(config); }
bool model_speaks(const Config& config) { return asks_service(config.simulate.provider); }

bool another_speaks_in_dialogues(const Config& config) {
  const std::string& speaker = config.evaluate.simulator.provider;
  return config.evaluate.multi_turn && !speaker.empty() && service_of(speaker) != service_of(config.simulate.provider);
}

bool another_model_speaks_in_dialogues(const Config& config) {
  return another_speaks_in_dialogues(config) && asks_service(config.evaluate.simulator.provider);
}

bool model_extracts(const Config& config) {
  return config.evaluate.multi_turn && asks_service(config.evaluate.extractor.provider);
}

bool model_recommends(const Config& config) { return asks_service(config.evaluate.zero_shot.provider); }

bool evaluates_conversations(const Config& config) { return !config.evaluate.conversations.empty(); }
bool evaluates_baselines(const Config& config) { return !config.evaluate.baselines.empty(); }
bool evaluates_item_cosine(const Config& config) { return has_baseline(config, "item_cosine"); }
bool evaluates_ease(const Config& config) { return has_baseline(config, "ease"); }
bool measures_lists(const Config& config) { return config.evaluate.list_metrics_at > 0; }

bool embeds_offline(const Config& config) { return !service_embeds(config); }
bool service_embeds(const Config& config) { return asks_service(config.embed.provider); }
bool asks_width(const Config& config) { return service_embeds(config) && config.embed.remote.ask_width; }
bool embeds_texts_alone(const Config& config) { return service_embeds(config) && config.embed.remote.alone; }
bool centres_vectors(const Config& config) { return config.embed.center; }

}  // namespace latentcrs
