#include "experiment/stages/conversation_evaluation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/metrics/conversation_metrics.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/random.h"
#include "experiment/report/conversations_page.h"
#include "experiment/stages/conversation_rows.h"
#include "experiment/stages/embedders.h"
#include "experiment/stages/mentions.h"
#include "experiment/stages/mixture_inputs.h"
#include "experiment/stages/multi_turn_evaluation.h"
#include "experiment/stages/one_turn_scores.h"
#include "recommender/eval/em_scores.h"
#include "recommender/eval/item_cosines.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kShownOnPage = 10;  ///< items of a ranking beside each conversation

/// The embedded words of every conversation, [n, E], each text embedded once; zeros where there are none.
at::Tensor embed_texts(const std::vector<std::string>& texts, Embedder& embedder) {
  std::unordered_map<std::string, int64_t> place;
  std::vector<std::string> distinct;
  for (const std::string& text : texts)
    if (!text.empty() && place.try_emplace(text, static_cast<int64_t>(distinct.size())).second)
      distinct.push_back(text);
  log::info("conversations: embedding {} texts of {} conversations", distinct.size(), texts.size());
  at::Tensor rows = at::zeros({static_cast<int64_t>(texts.size()), embedder.dim()}, at::kFloat);
  if (distinct.empty()) return rows;
  std::vector<float> vectors = embedder.embed(distinct);
  const at::Tensor made = at::from_blob(vectors.data(), {static_cast<int64_t>(distinct.size()), embedder.dim()});
  for (size_t i = 0; i < texts.size(); ++i)
    if (!texts[i].empty()) rows[static_cast<int64_t>(i)].copy_(made[place.at(texts[i])]);
  return rows;
}

/// States of the histories [n, d]; those without items have `mean`.
at::Tensor states_of(const SasRec& encoder, const Histories& histories, const at::Tensor& mean, const Config& config) {
  const UserSequences sequences(histories, encoder->options().max_seq_length, em_positions(config.compat),
                                mean.device());
  at::Tensor states = sequences.last_states(encoder, config.em.eval_batch_size).clone();
  for (int64_t i = 0; i < histories.size(); ++i)
    if (histories.of(i).empty()) states[i].copy_(mean[0]);
  return states;
}

/// The rows as the scores take them; `seen` holds the histories of the rows.
struct RankedConversations {
  const ConversationRows& rows;
  Histories seen;
  std::vector<uint8_t> has_text;
  std::vector<std::string> words;  // of both speakers
  OneTurnUsers users;

  RankedConversations(const ConversationRows& of, const EmNetworks& networks, Embedder& embedder,
                      const at::Tensor& mean, const Config& config)
      : rows(of) {
    std::vector<int64_t> places;
    for (const size_t c : rows.of_row) {
      places.push_back(static_cast<int64_t>(c));
      seen.add(rows.histories.of(static_cast<int64_t>(c)));
      has_text.push_back(rows.texts[c].empty() ? 0 : 1);
      words.push_back(embedded_text(rows.conversations[c], ConversationText::all));
    }
    const at::Device device = networks.prior->item_table().device();
    const at::Tensor index = at::tensor(places, at::kLong).to(device);
    users = {.posterior_states =
                 states_of(networks.posterior->encoder(), rows.histories, mean, config).index_select(0, index),
             .prior_states = states_of(networks.prior->encoder(), rows.histories, mean, config).index_select(0, index),
             .text = embed_texts(rows.texts, embedder).to(device).index_select(0, index),
             .words = words,
             .targets = rows.targets,
             .has_text = has_text,
             .seen = &seen};
  }
};

/// Ranks by the score with text; rows without words are misses.
std::vector<Rank> rank_spoken(const RankedConversations& ranked, const at::Tensor& vectors, const TextScorer& scorer,
                              const OneTurnOptions& options) {
  std::vector<Rank> ranks = rank_by_vectors(vectors, scorer.items(), ranked.users, options);
  for (size_t i = 0; i < ranks.size(); ++i)
    if (ranked.has_text[i] == 0) ranks[i] = 0;
  return ranks;
}

std::vector<RankedRow> score_rows(const RankedConversations& ranked, const OneTurnModel& model,
                                  const CoOccurrence& pairs, const at::Tensor& mean, const Config& config) {
  const OneTurnOptions options{.seen_items = SeenItems::mask, .block = config.em.eval_batch_size};
  const auto& [networks, scorer] = model;
  const OneTurnUsers& users = ranked.users;
  const SaidWords said{.text = users.text, .words = users.words};
  const auto spoken = [&](const at::Tensor& states, const SaidWords& words, const Histories& histories) {
    return rank_spoken(ranked, scorer.vectors(states, words, histories, options.block), scorer, options);
  };
  const auto other = rows_of_other_dialogues(
      ranked.rows, derive_seed(static_cast<uint64_t>(config.random_seed), "evaluate.other_conversation"));
  std::vector<std::string> store;
  const SaidWords of_others = said.reordered(other, store);
  const at::Tensor strangers = mean.expand_as(users.prior_states);
  std::vector<RankedRow> rows = {{"with text", spoken(users.prior_states, said, ranked.seen)},
                                 {"without text", rank_without_text(networks.posterior, users, options)},
                                 {"sequence only", rank_sequence_only(networks.prior, users, options)},
                                 {"text only", spoken(strangers, said, empty_histories(strangers.size(0)))},
                                 {"popularity", rank_by_item_score(pairs.counts(), users, options)},
                                 {"item cosine", rank_by_history_cosines(pairs, ranked.seen, ranked.rows.targets)},
                                 {"other's text", spoken(users.prior_states, of_others, ranked.seen)}};
  if (scorer.mixture()) {
    const at::Tensor silent = scorer.mixture()->without_text(ranked.seen);
    rows.push_back({"mixture without text", rank_by_vectors(silent, scorer.items(), users, options)});
    rows.push_back({"intents alone", rank_with_text(networks.prior, users, options)});
  }
  return rows;
}

json item_json(const ItemCatalogue& catalogue, int64_t raw) {
  const Item* item = catalogue.find(raw);
  return {{"item", raw}, {"title", item == nullptr ? "" : item->title}};
}

/// Writes a line for each row: the conversation, its target, ranks, and the first items with and without text.
void write_conversations(const RankedConversations& ranked, const std::vector<RankedRow>& scores,
                         const OneTurnModel& model, const EmInputs& inputs, const ItemCatalogue& catalogue,
                         const fs::path& path) {
  const auto& [networks, scorer] = model;
  const Candidates candidates{.non_items = {0}, .excluded = [&](int64_t i) { return ranked.seen.of(i); }};
  const OneTurnUsers& users = ranked.users;
  const at::Tensor vectors = scorer.vectors(users.prior_states, {.text = users.text, .words = users.words}, ranked.seen,
                                            static_cast<int64_t>(ranked.rows.size()));
  const auto with_text = top_k(vectors, scorer.items(), kShownOnPage, candidates);
  const auto sequence = top_k(users.prior_states, networks.prior->item_table().detach(), kShownOnPage, candidates);
  const auto list = [&](const std::vector<int32_t>& dense) {
    json items = json::array();
    for (const int32_t item : dense)
      items.push_back(item_json(catalogue, inputs.items().raw_from_dense[static_cast<size_t>(item)]));
    return items;
  };
  AtomicFile file(path);
  for (size_t i = 0; i < ranked.rows.size(); ++i) {
    const size_t c = ranked.rows.of_row[i];
    const ConversationPoint& conversation = ranked.rows.conversations[c];
    json line = {{"id", ranked.rows.ranked.customer_ids[i]},
                 {"dialogue", conversation.dialogue},
                 {"condition", to_string(ranked.rows.conditions[i])},
                 {"target", item_json(catalogue, ranked.rows.ranked.targets[i])},
                 {"utterances", json::array()},
                 {"history", json::array()},
                 {"ranks", json::object()}};
    for (const SpokenLine& spoken : conversation.utterances)
      line["utterances"].push_back({to_string(spoken.speaker), spoken.text});
    const auto history = ranked.seen.of(static_cast<int64_t>(i));
    for (size_t h = 0; h < history.size(); ++h) {
      json item = item_json(catalogue, inputs.items().raw_from_dense[static_cast<size_t>(history[h])]);
      item["said_by"] = to_string(ranked.rows.said_by[c][h]);
      line["history"].push_back(std::move(item));
    }
    for (const RankedRow& row : scores) line["ranks"][row.name] = row.ranks[i];
    line["rankings"] = {{"with text", ranked.has_text[i] != 0 ? list(with_text[i]) : json::array()},
                        {"sequence only", list(sequence[i])}};
    file.stream() << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
  file.commit();
}

/// The name of the group in files of ranks; nullptr for a group without such a file.
const char* file_of_group(const std::string& group) {
  static const std::unordered_map<std::string, const char*> names = {
      {"recommendation", kConversationGroups[0]},
      {"discussion", kConversationGroups[1]},
      {"recommendation, with history", kConversationGroups[2]},
      {"recommendation, history of 2 or more", kConversationGroups[3]},
      {"recommendation, history of 0", kConversationGroups[4]}};
  const auto found = names.find(group);
  return found == names.end() ? nullptr : found->second;
}

fs::path rank_file(const fs::path& folder, const std::string& split) {
  return folder / fmt::format("ranks_{}_seen_left_out.tsv", split);
}

}  // namespace

fs::path conversations_file(const StageContext& context) {
  return context.input("evaluate.conversations", context.config.evaluate.conversations);
}

std::vector<Table> evaluate_conversations(const StageContext& context, const EmInputs& inputs,
                                          const EmNetworks& networks, const at::Tensor& mean_state) {
  const at::NoGradGuard no_grad;
  const Config& config = context.config;
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), config.datasets);
  const CoOccurrence pairs(user_items(inputs.interactions(), inputs.items(), ItemsOfUsers::all), inputs.items().size());
  ItemCounts counts;
  for (size_t dense = 1; dense < pairs.counts().size(); ++dense)
    counts[inputs.items().raw_from_dense[dense]] = static_cast<int64_t>(pairs.counts()[dense]);

  ConversationFaults left_out;
  const fs::path source = conversations_file(context);
  const ConversationCatalogue to{catalogue, inputs.items(), counts,
                                 RawIds(item_id_map(context.folder.stage("preprocess")))};
  const ConversationRows rows =
      link_conversations(read_conversations(source, left_out), to, config.evaluate.conversation_text, left_out);
  left_out.warn();

  const TextScorer scorer = make_text_scorer(context, inputs, networks.prior, catalogue,
                                             mention_scores(context, to, MentionNotes::said, rows.conversations));
  const OneTurnModel model{networks, scorer};
  const auto embedder = make_embedder(context, training_corpus(context));
  const RankedConversations ranked(rows, networks, *embedder, mean_state, config);
  const std::vector<RankedRow> scores = score_rows(ranked, model, pairs, mean_state, config);
  const auto silent = std::count(ranked.has_text.begin(), ranked.has_text.end(), 0);
  if (silent > 0)
    log::warn("conversations: {} of {} rows have no words to embed: misses of every score with text", silent,
              rows.size());

  const fs::path folder = context.folder.stage("evaluate");
  write_ranks_tsv(scores, rows.ranked, rank_file(folder, kConversationSplit));
  json report = {{"file", source.filename().string()},
                 {"left_out", left_out.to_json()},
                 {"without_words", silent},
                 {"groups", json::array()}};
  std::vector<Table> tables;
  for (const RowGroup& group : conversation_groups(rows, pairs.counts())) {
    const RankedUsers users = users_of(group, rows.ranked);
    if (users.customer_ids.empty()) continue;
    const std::vector<RankedRow> part = rows_of(group, scores);
    json figures = conversation_figures(part, users);
    tables.push_back(conversation_table(
        fmt::format("Conversations, {}: {} targets of {} dialogues, history left out, intervals by dialogue",
                    group.name, users.customer_ids.size(), figures["dialogues"].dump()),
        part, users));
    if (const char* name = file_of_group(group.name))
      write_ranks_tsv(part, users, rank_file(folder, fmt::format("{}_{}", kConversationSplit, name)));
    figures["name"] = group.name;
    report["groups"].push_back(std::move(figures));
  }
  write_file_atomically(folder / "conversations.json", report.dump(2) + "\n");
  write_conversations(ranked, scores, model, inputs, catalogue, folder / "conversations.jsonl");
  write_conversations_page(folder / "conversations.jsonl", fmt::format("Conversations, {}", config.exp_name),
                           folder / "conversations.html");
  return tables;
}

}  // namespace latentcrs
