// The conditions under which settings decide a result (influence.h).
#pragma once

namespace latentcrs {

struct Config;

/// Batches are cut into shards.
bool cuts_batches(const Config& config);
/// The raw files are records (is_records_format).
bool reads_records(const Config& config);
/// Settings of rows count: the raw files are records, or `movielens` or `amazon` with one of these settings changed.
bool reads_rows(const Config& config);
/// Sequences are divided otherwise than leave-one-out.
bool splits_otherwise(const Config& config);
/// Items are described by datasets.item_text.
bool has_item_text(const Config& config);
/// Fields of the metadata give the names of items; the score with text counts the names that words hold.
bool takes_names_from_metadata(const Config& config);
bool hears_names(const Config& config);
bool counts_mentions(const Config& config);
/// The genres that words name share a weight in it.
bool shares_genres(const Config& config);
/// The dataset comes without words about its items.
bool lacks_words(const Config& config);
/// One-turn ranks are among some of the items only.
bool samples_negatives(const Config& config);
/// The user's first utterance comes from the offline agenda, or from a language model.
bool agenda_speaks(const Config& config);
bool model_speaks(const Config& config);
/// In dialogues another simulator speaks for the user than in the stage simulate. The second function also requires
/// that it is a language model.
bool another_speaks_in_dialogues(const Config& config);
bool another_model_speaks_in_dialogues(const Config& config);
/// A language model reads the dialogues.
bool model_extracts(const Config& config);
/// A language model is evaluated as the recommender.
bool model_recommends(const Config& config);
/// Conversations are evaluated.
bool evaluates_conversations(const Config& config);
/// The baselines are evaluated at all, and those that have a setting of their own.
bool evaluates_baselines(const Config& config);
bool evaluates_item_cosine(const Config& config);
bool evaluates_ease(const Config& config);
/// The lists of recommended items are measured.
bool measures_lists(const Config& config);
/// Only some users get utterances.
bool simulates_some_users(const Config& config);
/// Sampled items count as often as makes their sum right.
bool corrects_sampling(const Config& config);
/// Pretraining shuffles items; it takes popularity out of the scores. The same of EM's networks.
bool pretrains_in_random_order(const Config& config);
bool pretrains_with_discount(const Config& config);
bool learns_with_discount(const Config& config);
/// EM learns from a few items of each history.
bool draws_histories(const Config& config);
/// The score with text has a part that the history alone decides.
bool adds_user_state(const Config& config);
/// The score with text is mixed with scores of the history, of popularity and of genres.
bool mixes_scores(const Config& config);
/// The agenda talks as people do in dialogues; the offline embedder looks for genres, and marks negated words.
bool speaks_as_people(const Config& config);
bool looks_for_genres(const Config& config);
bool marks_negation(const Config& config);
/// A language model's reply that was cut off counts with its whole sentences.
bool keeps_sentences(const Config& config);
/// Texts are embedded by the program itself, or by a service.
bool embeds_offline(const Config& config);
bool service_embeds(const Config& config);
/// The service says how wide vectors are; it gets one text at a time; the mean is subtracted from vectors.
bool asks_width(const Config& config);
bool embeds_texts_alone(const Config& config);
bool centres_vectors(const Config& config);

}  // namespace latentcrs
