#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/config/provider_names.h"
#include "base/config/result_settings.h"
#include "base/metrics/list_metrics.h"
#include "base/metrics/one_turn.h"
#include "base/util/files.h"
#include "base/util/profile.h"
#include "base/util/random.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/conversation_evaluation.h"
#include "experiment/stages/em_inputs.h"
#include "experiment/stages/embedders.h"
#include "experiment/stages/evaluation_requests.h"
#include "experiment/stages/mentions.h"
#include "experiment/stages/mixture_inputs.h"
#include "experiment/stages/multi_turn_evaluation.h"
#include "experiment/stages/one_turn_scores.h"
#include "experiment/stages/providers.h"
#include "experiment/stages/zero_shot_evaluation.h"
#include "numerics/parallel/processes.h"
#include "recommender/eval/em_scores.h"
#include "recommender/eval/training_histories.h"
#include "recommender/model/parameters.h"
#include "recommender/train/em_data.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json settings(const StageContext& context) { return result_settings(context.config, "evaluate"); }

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = em_input_files(context);
  const std::string& name = context.config.exp_name;
  files.insert(files.end(), {context.folder.posterior(name), context.folder.prior(name), context.folder.features()});
  if (context.config.em.score_mixture) files.push_back(mixture_file(context));
  if (has_item_names(context.config.datasets)) files.push_back(context.folder.item_names());
  for (const auto& file : evaluation_templates(context)) files.push_back(file);
  if (context.config.evaluate.conversations.empty()) return files;
  files.push_back(conversations_file(context));
  for (const auto& file : mention_files(context)) files.push_back(file);
  return files;
}

std::vector<ConfigFile> config_files(const Config& config) {
  if (config.evaluate.conversations.empty()) return {};
  std::vector<ConfigFile> files = {{"evaluate.conversations", config.evaluate.conversations}};
  for (const std::string& file : config.em.mentions) files.push_back({"mentions", file});
  return files;
}

/// Whether texts are embedded here, beside those of the stage embed.
bool embeds(const Config& config) { return config.evaluate.multi_turn || !config.evaluate.conversations.empty(); }

void check_settings(const StageContext& context) { check_service_settings(context.config, "evaluate"); }

void check_before_run(const StageContext& context) {
  if (embeds(context.config)) check_embedding_tasks(context.config);
}

/// How often each item, by dense id, occurs in the training part of the sequences.
std::vector<double> popularity(const EmInputs& inputs) {
  std::vector<double> counts(static_cast<size_t>(inputs.items().size()), 0.0);
  for (int64_t u = 0; u < inputs.interactions().num_users(); ++u)
    for (const int32_t raw : inputs.interactions().training(u)) counts[inputs.items().dense_from_raw[raw]] += 1;
  return counts;
}

/// popularity() by raw id, without the items that do not occur.
ItemCounts counts_by_id(const EmInputs& inputs) {
  const std::vector<double> counts = popularity(inputs);
  ItemCounts by_id;
  for (size_t dense = 1; dense < counts.size(); ++dense)
    if (counts[dense] > 0) by_id[inputs.items().raw_from_dense[dense]] = static_cast<int64_t>(counts[dense]);
  return by_id;
}

/// The users of a split as the scores take them. `examples` must outlive the result.
OneTurnUsers users_of(const EmNetworks& networks, const EmExamples& examples, const Config& config) {
  const auto device = networks.prior->item_table().device();
  const UserSequences sequences(examples.histories, networks.prior->encoder()->options().max_seq_length,
                                em_positions(config.compat), device);
  const profile::Scope scope("states of all users");
  const SasRec posterior = networks.posterior->encoder(), prior = networks.prior->encoder();
  const at::Tensor prior_states = sequences.last_states(prior, config.em.eval_batch_size);
  return {.posterior_states = same_parameters(*posterior, *prior)
                                  ? prior_states
                                  : sequences.last_states(posterior, config.em.eval_batch_size),
          .prior_states = prior_states,
          .text = device.is_cpu() ? examples.embeddings : RowTable(examples.embeddings.all().to(device)),
          .words = examples.words,
          .targets = examples.targets,
          .has_text = examples.has_text,
          .seen = &examples.seen};
}

/// The items among which the targets of a split are ranked, [n, N]; undefined where all items are candidates.
at::Tensor sampled_negatives(const EmInputs& inputs, const EmExamples& examples, const Config& config) {
  const int count = config.evaluate.sampled_negatives;
  if (count == 0) return {};
  const ExampleNegatives negatives(examples.users, examples.targets, inputs.interactions(), inputs.items(), count,
                                   "evaluate.sampled_negatives");
  return draw_all(negatives, derive_seed(static_cast<uint64_t>(config.random_seed), "evaluate.negatives"), 0);
}

RankedUsers ranked_users(const EmExamples& examples, const DenseItems& items) {
  RankedUsers users{examples.customer_ids, {}, examples.leaks_title};
  for (const int32_t dense : examples.targets)
    users.targets.push_back(items.raw_from_dense[static_cast<size_t>(dense)]);
  return users;
}

/// The mean state of the histories that EM was trained on, [1, d]; it says nothing about a single user.
at::Tensor mean_training_state(const EmNetworks& networks, const EmInputs& inputs, const Config& config) {
  const Histories histories = training_histories(inputs.interactions(), inputs.items(), config.datasets);
  const SasRec encoder = networks.prior->encoder();
  const UserSequences sequences(histories, encoder->options().max_seq_length, em_positions(config.compat),
                                networks.prior->item_table().device());
  return sequences.last_states(encoder, config.em.eval_batch_size).mean(0, /*keepdim=*/true);
}

/// What is known about the items for the figures of lists.
ListItems list_items(const EmInputs& inputs, const EmNetworks& networks, const ItemCatalogue& catalogue,
                     const std::vector<double>& counts) {
  const at::NoGradGuard no_grad;
  const at::Tensor intent = at::mm(networks.prior->item_table(), networks.prior->item_vectors().t()).argmax(1).cpu();
  ListItems items{.counts = counts, .users = inputs.interactions().num_users(), .genres = {}, .intents = {}};
  std::map<std::string, int> numbers;
  for (int64_t dense = 0; dense < inputs.items().size(); ++dense) {
    std::vector<int> genres;
    const Item* item = catalogue.find(inputs.items().raw_from_dense[static_cast<size_t>(dense)]);
    if (item != nullptr)
      for (const std::string& genre : item->facets)
        if (genre != kNoGenres)
          genres.push_back(numbers.try_emplace(genre, static_cast<int>(numbers.size())).first->second);
    std::sort(genres.begin(), genres.end());
    items.genres.push_back(std::move(genres));
    items.intents.push_back(static_cast<int>(intent[dense].item<int64_t>()));
  }
  return items;
}

/// The scores of the items of each list: the product of the user's vector with theirs.
std::vector<std::vector<float>> scores_of_lists(const ScoreVectors& score,
                                                const std::vector<std::vector<int32_t>>& lists) {
  const at::NoGradGuard no_grad;
  const at::Tensor users = score.users.cpu(), items = score.items.cpu();
  std::vector<std::vector<float>> scores;
  for (size_t i = 0; i < lists.size(); ++i) {
    const auto ids = at::tensor(std::vector<int64_t>(lists[i].begin(), lists[i].end()), at::kLong);
    const at::Tensor products = at::mv(items.index_select(0, ids), users[static_cast<int64_t>(i)]).to(at::kFloat);
    scores.emplace_back(products.data_ptr<float>(), products.data_ptr<float>() + products.numel());
  }
  return scores;
}

/// The first k items of every score for every user.
std::vector<RecommendedLists> recommended_lists(const std::vector<ScoreVectors>& scores, const OneTurnUsers& users,
                                                const OneTurnOptions& options, int k) {
  std::vector<RecommendedLists> rows;
  for (const ScoreVectors& score : scores) {
    RecommendedLists row{score.name, top_k_by_vectors(score.users, score.items, k, users, options)};
    row.scores = scores_of_lists(score, row.lists);
    for (size_t i = 0; i < row.lists.size(); ++i)
      if (score.reads_text && users.has_text[i] == 0) row.lists[i].clear();
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Writes the most probable intent of each user and its probability, by p(m|u,x) and by q(m|u). The columns of p are
/// empty for a user without a text.
void write_intents(const EmNetworks& networks, const OneTurnUsers& users, const EmExamples& examples, int64_t block,
                   const fs::path& path) {
  const at::NoGradGuard no_grad;
  const auto [p, m_with_text] = intent_distribution(networks.prior, users.prior_states, users.text, block).cpu().max(1);
  if (!Processes::current().leads()) return;
  const auto [q, m_without_text] = networks.posterior->q_m(users.posterior_states).cpu().max(1);
  AtomicFile file(path);
  file.stream() << "customer_id\tm (u,x)\tp(m|u,x)\tm (u)\tq(m|u)\n";
  for (int64_t i = 0; i < examples.size(); ++i) {
    const std::string with_text =
        examples.has_text[i] ? fmt::format("{}\t{:.4f}", m_with_text[i].item<int64_t>(), p[i].item<float>()) : "\t";
    file.stream() << fmt::format("{}\t{}\t{}\t{:.4f}\n", examples.customer_ids[i], with_text,
                                 m_without_text[i].item<int64_t>(), q[i].item<float>());
  }
  file.commit();
}

/// "300 users, 3 of them without a reply"; users without a reply gave no title away. Where users have several targets,
/// each is ranked: "900 targets of 300 users".
std::string users_text(const EmExamples& examples, size_t ranked) {
  const std::unordered_set<int64_t> users(examples.users.begin(), examples.users.end());
  std::string text = users.size() == examples.users.size()
                         ? fmt::format("{} users", ranked)
                         : fmt::format("{} targets of {} users", ranked, users.size());
  if (const auto silent = std::count(examples.has_text.begin(), examples.has_text.end(), 0); silent > 0)
    text += fmt::format(", {} of them without a reply", silent);
  if (examples.left_out > 0) text += fmt::format(", {} without a reply left out", examples.left_out);
  return text;
}

/// to_json(), with the users that compat.drop_missing_replies leaves out, and the number of sampled negatives.
json figures(const std::vector<RankedRow>& rows, int64_t dropped, const EvaluateOptions& options) {
  json out = to_json(rows);
  for (json& row : out) {
    row["dropped"] = dropped;
    if (options.sampled_negatives > 0) row["sampled_negatives"] = options.sampled_negatives;
  }
  return out;
}

std::string split_title(const std::string& key, SeenItems seen, const std::string& users,
                        const EvaluateOptions& options) {
  return fmt::format("One turn, {}, {}, {}", key, users, candidates_text(options, seen));
}

struct OneTurnResult {
  std::vector<Table> tables;
  std::vector<RankedRow> test;  ///< with the configured treatment of the history
  std::vector<std::string> test_ids;
};

/// Tables of both splits and both treatments of the history, the configured one first; ranks on disk.
OneTurnResult evaluate_one_turn(const StageContext& context, const EmInputs& inputs, const EmNetworks& networks,
                                const PopulationAverages& averages) {
  const profile::Scope scope("one turn");
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), context.config.datasets);
  const TextScorer scorer = make_text_scorer(context, inputs, networks.prior, catalogue);
  const std::filesystem::path folder = context.folder.stage("evaluate");
  const SeenItems headline = context.config.evaluate.seen_items;
  const SeenItems other = headline == SeenItems::keep ? SeenItems::mask : SeenItems::keep;
  const auto baselines = baseline_weights(inputs.interactions(), inputs.items(), context.config.evaluate);
  const int list_length = context.config.evaluate.list_metrics_at;
  const ListItems items_of_lists =
      list_length > 0 ? list_items(inputs, networks, catalogue, averages.counts) : ListItems{};
  OneTurnResult result;
  json report = json::object(), lists = json::object();
  for (const std::string key : {"test", "valid"}) {
    const EmExamples examples = inputs.evaluation(key, &catalogue);
    warn_of_missing_replies("evaluate", key, examples);
    if (key == "test") result.test_ids = examples.customer_ids;
    OneTurnUsers users = users_of(networks, examples, context.config);
    users.negatives = sampled_negatives(inputs, examples, context.config);
    write_intents(networks, users, examples, context.config.em.eval_batch_size, folder / ("intents_" + key + ".tsv"));
    const RankedUsers ranked = ranked_users(examples, inputs.items());
    const auto scores = profile::timed("user vectors", [&] {
      return one_turn_scores({networks, scorer}, users, averages, baselines, context.config);
    });
    OneTurnOptions options{.rank_non_items = context.config.compat.rank_non_items,
                           .block = context.config.em.eval_batch_size};
    const TreatedRows treated = ranked_rows(scores, users, options);
    for (const SeenItems seen : {headline, other}) {
      options.seen_items = seen;
      const std::vector<RankedRow>& rows = treated.with(seen);
      if (!Processes::current().leads()) continue;
      const std::string name = fmt::format("{}_{}", key, seen == SeenItems::keep ? "seen_kept" : "seen_left_out");
      write_ranks_tsv(rows, ranked, folder / ("ranks_" + name + ".tsv"));
      report[name] = figures(rows, examples.left_out, context.config.evaluate);
      result.tables.push_back(
          one_turn_table(split_title(key, seen, users_text(examples, examples.targets.size()), context.config.evaluate),
                         rows, kOneTurnCutoffs));
      const std::vector<RankedRow> clean = rows_without(examples.leaks_title, rows);
      report[name + "_without_leaks"] = figures(clean, examples.left_out, context.config.evaluate);
      if (const size_t users_left = clean[0].ranks.size(); users_left != rows[0].ranks.size())
        result.tables.push_back(one_turn_table(
            split_title(key, seen, users_text(examples, users_left) + ", title not leaked", context.config.evaluate),
            clean, kOneTurnCutoffs));
      if (key == "test" && seen == headline) result.test = rows;
      if (list_length > 0) {
        const auto shown = recommended_lists(scores, users, options, list_length);
        if (key == "test")
          write_lists_tsv(shown, ranked.customer_ids, inputs.items().raw_from_dense,
                          folder / ("lists_" + name + ".tsv"));
        lists[name] = list_json(shown, items_of_lists);
        result.tables.push_back(list_table(
            fmt::format("First {}: {}", list_length,
                        split_title(key, seen, users_text(examples, examples.targets.size()), context.config.evaluate)),
            shown, items_of_lists));
      }
    }
  }
  if (!Processes::current().leads()) return result;
  write_file_atomically(folder / "one_turn.json", report.dump(2) + "\n");
  if (list_length > 0) write_file_atomically(folder / "lists.json", lists.dump(2) + "\n");
  return result;
}

StageOutcome run(const StageContext& context) {
  const EmInputs em(context);
  const std::string& name = context.config.exp_name;
  const int64_t text_width = em.text_width();
  if (embeds(context.config)) check_dialogue_embedder(context.config, text_width);
  EmNetworks networks =
      load_em_networks(em.model(text_width), context.folder.posterior(name), context.folder.prior(name));
  const PopulationAverages averages = {popularity(em), mean_training_state(networks, em, context.config)};
  auto [tables, test, test_ids] = evaluate_one_turn(context, em, networks, averages);
  if (!Processes::current().leads()) return {};
  const WorkingTogether by_itself(Processes::alone());  // dialogues and services are the first process' own work
  if (asks_service(context.config.evaluate.zero_shot.provider)) {
    const auto records = make_simulated_split(em.interactions(), "test", context.config);
    ZeroShotUsers asked{.test = with_missing(read_utterances(context.folder.utterances("test")), records),
                        .customer_ids = test_ids,
                        .trained = test};
    const auto zero_shot = evaluate_zero_shot(context, em, std::move(asked), counts_by_id(em));
    if (!zero_shot.complete()) return {.answers_to_come = zero_shot.to_come};
    tables.insert(tables.begin() + 1, zero_shot.all.begin(), zero_shot.all.end());
  }
  if (context.config.evaluate.multi_turn) {
    const auto dialogues = profile::timed("dialogues", [&] { return evaluate_multi_turn(context, em, networks); });
    if (!dialogues.complete()) return {.answers_to_come = dialogues.to_come};
    tables.insert(tables.begin() + 1, dialogues.all.begin(), dialogues.all.end());
  }
  if (!context.config.evaluate.conversations.empty()) {
    const std::vector<Table> conversations = evaluate_conversations(context, em, networks, averages.state);
    tables.insert(tables.end(), conversations.begin(), conversations.end());
  }
  write_stage_summary(context, "evaluate", tables, kNdcgNote);
  return {};
}

}  // namespace

Stage make_evaluate_stage() {
  return {.info = stage_info("evaluate"),
          .needs = {.stages = {"preprocess", "pretrain", "simulate", "embed", "train"}, .item_features = true},
          .config_files = config_files,
          .settings = settings,
          .inputs = inputs,
          .checks = {.settings = check_settings,
                     .templates = check_evaluation_templates,
                     .before_run = check_before_run,
                     .credentials = [](const StageContext& context) { check_credentials(context, "evaluate"); }},
          .planned_requests = planned_evaluation_requests,
          .run = run};
}

}  // namespace latentcrs
