#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "config/provider_names.h"
#include "config/result_settings.h"
#include "data/utterances.h"
#include "eval/em_scores.h"
#include "eval/training_histories.h"
#include "metrics/one_turn.h"
#include "model/parameters.h"
#include "stages/em_inputs.h"
#include "stages/embedders.h"
#include "stages/evaluation_requests.h"
#include "stages/multi_turn_evaluation.h"
#include "stages/providers.h"
#include "stages/zero_shot_evaluation.h"
#include "train/em_data.h"
#include "util/files.h"
#include "util/random.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json settings(const StageContext& context) { return result_settings(context.config, "evaluate"); }

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = em_input_files(context);
  const std::string& name = context.config.exp_name;
  files.insert(files.end(), {context.folder.posterior(name), context.folder.prior(name), context.folder.features()});
  for (const auto& file : evaluation_templates(context)) files.push_back(file);
  return files;
}

void check_settings(const StageContext& context) { check_service_settings(context.config, "evaluate"); }

void check_before_run(const StageContext& context) {
  if (context.config.evaluate.multi_turn) check_embedding_tasks(context.config);
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
  const SasRec posterior = networks.posterior->encoder(), prior = networks.prior->encoder();
  const at::Tensor prior_states = sequences.last_states(prior, config.em.eval_batch_size);
  return {.posterior_states = same_parameters(*posterior, *prior)
                                  ? prior_states
                                  : sequences.last_states(posterior, config.em.eval_batch_size),
          .prior_states = prior_states,
          .text = examples.embeddings.all().to(device),
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

/// The score with text where each user speaks with somebody else's words, or comes with somebody else's history. The
/// user's own history is left out of the candidates where histories are.
std::vector<RankedRow> control_rows(const EmNetworks& networks, const OneTurnUsers& users,
                                    const OneTurnOptions& options, int64_t seed) {
  const auto other = [&](const char* what, const at::Tensor& rows, std::span<const uint8_t> among) {
    const uint64_t stream = derive_seed(static_cast<uint64_t>(seed), what);
    return rows.index_select(0, at::tensor(somebody_else(among, stream), at::kLong).to(rows.device()));
  };
  const std::vector<uint8_t> everybody(users.has_text.size(), 1);
  OneTurnUsers words = users, histories = users;
  words.text = other("evaluate.other_text", users.text, users.has_text);
  histories.prior_states = other("evaluate.other_history", users.prior_states, everybody);
  return {{"other's text", rank_with_text(networks.prior, words, options)},
          {"other's history", rank_with_text(networks.prior, histories, options)}};
}

/// The averages over users that the rows without a model of the user rank by.
struct PopulationAverages {
  std::vector<double> counts;  ///< of each item in training
  at::Tensor state;            ///< mean_training_state()
};

/// The rows of the one-turn table.
std::vector<RankedRow> one_turn_rows(const EmNetworks& networks, const OneTurnUsers& users,
                                     const OneTurnOptions& options, const PopulationAverages& averages,
                                     const Config& config) {
  OneTurnUsers strangers = users;
  strangers.prior_states = averages.state.expand_as(users.prior_states);
  std::vector<RankedRow> rows = {{"with text", rank_with_text(networks.prior, users, options)},
                                 {"without text", rank_without_text(networks.posterior, users, options)},
                                 {"sequence only", rank_sequence_only(networks.prior, users, options)},
                                 {"text only", rank_with_text(networks.prior, strangers, options)},
                                 {"popularity", rank_by_item_score(averages.counts, users, options)}};
  if (config.evaluate.controls)
    for (RankedRow& row : control_rows(networks, users, options, config.random_seed)) rows.push_back(std::move(row));
  return rows;
}

/// Writes the most probable intent of each user and its probability, by p(m|u,x) and by q(m|u). The columns of p are
/// empty for a user without a text.
void write_intents(const EmNetworks& networks, const OneTurnUsers& users, const EmExamples& examples, int64_t block,
                   const fs::path& path) {
  const at::NoGradGuard no_grad;
  const auto [p, m_with_text] = intent_distribution(networks.prior, users.prior_states, users.text, block).cpu().max(1);
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
OneTurnResult evaluate_one_turn(const StageContext& context, const EmInputs& inputs, const EmNetworks& networks) {
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), context.config.datasets);
  const std::filesystem::path folder = context.folder.stage("evaluate");
  const SeenItems headline = context.config.evaluate.seen_items;
  const SeenItems other = headline == SeenItems::keep ? SeenItems::mask : SeenItems::keep;
  const PopulationAverages averages = {popularity(inputs), mean_training_state(networks, inputs, context.config)};
  OneTurnResult result;
  json report = json::object();
  for (const std::string key : {"test", "valid"}) {
    const EmExamples examples = inputs.evaluation(key, &catalogue);
    warn_of_missing_replies("evaluate", key, examples);
    if (key == "test") result.test_ids = examples.customer_ids;
    OneTurnUsers users = users_of(networks, examples, context.config);
    users.negatives = sampled_negatives(inputs, examples, context.config);
    write_intents(networks, users, examples, context.config.em.eval_batch_size, folder / ("intents_" + key + ".tsv"));
    const RankedUsers ranked = ranked_users(examples, inputs.items());
    for (const SeenItems seen : {headline, other}) {
      const auto rows = one_turn_rows(networks, users,
                                      {.seen_items = seen,
                                       .rank_non_items = context.config.compat.rank_non_items,
                                       .block = context.config.em.eval_batch_size},
                                      averages, context.config);
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
    }
  }
  write_file_atomically(folder / "one_turn.json", report.dump(2) + "\n");
  return result;
}

StageOutcome run(const StageContext& context) {
  const EmInputs em(context);
  const std::string& name = context.config.exp_name;
  const int64_t text_width = em.text_width();
  if (context.config.evaluate.multi_turn) check_dialogue_embedder(context.config, text_width);
  EmNetworks networks =
      load_em_networks(em.model(text_width), context.folder.posterior(name), context.folder.prior(name));
  auto [tables, test, test_ids] = evaluate_one_turn(context, em, networks);
  if (asks_service(context.config.evaluate.zero_shot.provider)) {
    const auto records = make_split(em.interactions(), "test", context.config.datasets.max_history);
    ZeroShotUsers asked{.test = with_missing(read_utterances(context.folder.utterances("test")), records),
                        .customer_ids = test_ids,
                        .trained = test};
    const auto zero_shot = evaluate_zero_shot(context, em, std::move(asked), counts_by_id(em));
    if (!zero_shot.complete()) return {.answers_to_come = zero_shot.to_come};
    tables.insert(tables.begin() + 1, zero_shot.all.begin(), zero_shot.all.end());
  }
  if (context.config.evaluate.multi_turn) {
    const auto dialogues = evaluate_multi_turn(context, em, networks);
    if (!dialogues.complete()) return {.answers_to_come = dialogues.to_come};
    tables.insert(tables.begin() + 1, dialogues.all.begin(), dialogues.all.end());
  }
  write_stage_summary(context, "evaluate", tables);
  return {};
}

}  // namespace

Stage make_evaluate_stage() {
  return {.info = stage_info("evaluate"),
          .needs = {.stages = {"preprocess", "pretrain", "simulate", "embed", "train"}, .item_features = true},
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
