#include "experiment/stages/multi_turn_evaluation.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "base/config/conditions.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/report/transcripts.h"
#include "experiment/stages/embedders.h"
#include "experiment/stages/mixture_inputs.h"
#include "experiment/stages/providers.h"
#include "language/dialogue/multi_turn.h"
#include "recommender/eval/em_scores.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The prior's ranking given a user's history and the embedded text.
class PriorRecommender : public DialogueRecommender {
 public:
  PriorRecommender(EmNetworks& networks, const TextScorer& scorer, const EmInputs& inputs, Embedder& embedder,
                   const Config& config)
      : networks_(networks),
        scorer_(scorer),
        inputs_(inputs),
        embedder_(embedder),
        seen_items_(config.evaluate.seen_items),
        positions_(em_positions(config.compat)) {}

  std::vector<std::vector<int32_t>> recommend(const std::vector<const SplitRecord*>& users,
                                              const std::vector<std::string>& texts, int k) override {
    const int64_t n = static_cast<int64_t>(users.size());
    const c10::Device device = networks_.prior->item_table().device();
    const Histories histories =
        dense_items(users, [](const SplitRecord& user) { return std::span<const int32_t>(user.history); });
    const UserSequences sequences(histories, networks_.prior->encoder()->options().max_seq_length, positions_, device);
    const at::Tensor states = sequences.last_states(networks_.prior->encoder(), n);
    std::vector<float> vectors = embedder_.embed(texts);
    const at::Tensor text = at::from_blob(vectors.data(), {n, embedder_.dim()}, at::kFloat).to(device);
    Candidates candidates{.non_items = {0}};
    Histories seen;
    if (seen_items_ == SeenItems::mask) {
      seen = dense_items(users, [this](const SplitRecord& user) { return inputs_.before_target(user); });
      candidates.excluded = [&seen](int64_t user) { return seen.of(user); };
    }
    auto best =
        top_k(scorer_.vectors(states, {.text = text, .words = texts}, histories, n), scorer_.items(), k, candidates);
    for (auto& items : best)
      for (int32_t& item : items) item = inputs_.items().raw_from_dense[item];
    return best;
  }

 private:
  /// For each user what `items` gives, a span of the dataset's ids.
  template <class Items>
  Histories dense_items(const std::vector<const SplitRecord*>& users, Items items) const {
    Histories all;
    for (const SplitRecord* user : users) {
      std::vector<int32_t> dense;
      for (const int32_t raw : items(*user)) dense.push_back(inputs_.items().dense(raw, "dialogue history"));
      all.add(dense);
    }
    return all;
  }

  EmNetworks& networks_;
  const TextScorer& scorer_;
  const EmInputs& inputs_;
  Embedder& embedder_;
  SeenItems seen_items_;
  Positions positions_;
};

/// The sampled users: published as `random.sample` of the processed test file, so users without a reply are no
/// candidates there; here they follow in the file and can be drawn too, unless compat.drop_missing_replies.
std::vector<DialogueCase> dialogue_cases(const StageContext& context, const EmInputs& inputs) {
  const DatasetOptions& dataset = context.config.datasets;
  auto utterances = read_utterances(context.folder.utterances("test"));
  if (!context.config.compat.drop_missing_replies)
    utterances =
        with_missing(std::move(utterances), make_simulated_split(inputs.interactions(), "test", context.config));
  std::vector<DialogueCase> cases;
  for (const int64_t i :
       multi_turn_sample(static_cast<int64_t>(utterances.size()), dataset.multi_turn_users, dataset.multi_turn_seed)) {
    Utterance& utterance = utterances[static_cast<size_t>(i)];
    DialogueCase dialogue{.record = std::move(utterance.record),
                          .opening = std::nullopt,
                          .opening_leaks = utterance.leaks_title,
                          .prompt = std::move(utterance.prompt)};
    if (!utterance.response.empty()) dialogue.opening = std::move(utterance.response);
    cases.push_back(std::move(dialogue));
  }
  return cases;
}

std::string share(const MultiTurnResult& result, int turn) {
  const Interval interval = result.success_rate_95(turn);
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", result.success_rate(turn), interval.low, interval.high);
}

/// A line per figure, a column per group of users.
Table summary_table(const std::string& title, const std::vector<std::pair<std::string, MultiTurnResult>>& groups,
                    int turns) {
  Table table{title, {{"95% intervals"}}};
  for (const auto& [name, result] : groups) table.rows[0].push_back(name);
  const auto add = [&](const std::string& figure, auto cell) {
    std::vector<std::string>& cells = table.rows.emplace_back(std::vector{figure});
    for (const auto& [name, result] : groups) cells.push_back(cell(result));
  };
  add("users", [](const MultiTurnResult& result) { return std::to_string(result.dialogues.size()); });
  for (int t = 1; t <= turns; ++t)
    add(fmt::format("SR@{}", t), [t](const MultiTurnResult& result) { return share(result, t); });
  add("turn 1 missed, later found", [turns](const MultiTurnResult& result) {
    const MultiTurnResult later = result.after_first_turn();
    return fmt::format("{} of {}", share(later, turns), later.dialogues.size());
  });
  for (const int failure : {turns, turns + 1})
    add(fmt::format("AT (failure = {})", failure), [failure](const MultiTurnResult& result) {
      return fmt::format("{:.3f} ± {:.3f}", result.average_turn(failure), result.average_turn_95(failure));
    });
  return table;
}

json figures(const MultiTurnResult& result, int turns) {
  json value = {{"users", result.dialogues.size()},
                {"missing_replies", result.missing_replies()},
                {"dropped", result.dropped},
                {"average_turn_failure_is_last", result.average_turn(turns)},
                {"average_turn_failure_is_last_ci95", result.average_turn_95(turns)},
                {"average_turn_failure_is_one_more", result.average_turn(turns + 1)},
                {"average_turn_failure_is_one_more_ci95", result.average_turn_95(turns + 1)}};
  for (int t = 1; t <= turns; ++t) {
    const Interval interval = result.success_rate_95(t);
    value["success_rate"].push_back(result.success_rate(t));
    value["success_rate_ci95"].push_back({interval.low, interval.high});
  }
  const MultiTurnResult later = result.after_first_turn();
  const Interval interval = later.success_rate_95(turns);
  value["after_first_turn"] = {{"users", later.dialogues.size()},
                               {"success_rate", later.success_rate(turns)},
                               {"success_rate_ci95", {interval.low, interval.high}}};
  return value;
}

}  // namespace

void check_dialogue_embedder(const Config& config, int64_t text_width) {
  if (asks_width(config) || config.embed.text_embedding_dim == text_width) return;
  throw data_error(
      fmt::format("the embedded utterances have width {}, but embed.provider={} would embed what is said in dialogues "
                  "with width {} (embed.text_embedding_dim): choose the embedder that made the files, or set "
                  "evaluate.multi_turn=false and no evaluate.conversations",
                  text_width, config.embed.provider, config.embed.text_embedding_dim));
}

Answers<Table> evaluate_multi_turn(const StageContext& context, const EmInputs& inputs, EmNetworks& networks) {
  const Config& config = context.config;
  const ItemCatalogue catalogue = read_item_catalogue(context.folder.features(), config.datasets);
  const auto simulator = make_dialogue_simulator(context, catalogue);
  const auto embedder = make_embedder(context, training_corpus(context));
  const auto extractor = make_extractor(context, catalogue);
  const TextScorer scorer = make_text_scorer(context, inputs, networks.prior, catalogue);
  PriorRecommender recommender(networks, scorer, inputs, *embedder, config);
  const MultiTurnResult all =
      run_dialogues(dialogue_cases(context, inputs), {catalogue, recommender, *simulator, *extractor},
                    {.evaluate = config.evaluate, .simulate = config.simulate, .compat = config.compat});
  if (all.answers_to_come > 0) return Answers<Table>::still_to_come(all.answers_to_come);
  const MultiTurnResult clean = all.without_leaks();

  const std::filesystem::path folder = context.folder.stage("evaluate");
  const int turns = config.evaluate.max_turns;
  write_transcripts(all, catalogue, folder / "transcripts.jsonl");
  write_transcript_page(folder / "transcripts.jsonl", fmt::format("Dialogues of {}", config.exp_name),
                        folder / "transcripts.html");
  write_file_atomically(folder / "multi_turn.json",
                        json{{"all", figures(all, turns)}, {"without_leaks", figures(clean, turns)}}.dump(2) + "\n");
  std::string title = fmt::format("Multi turn, test, {} items a turn", config.evaluate.shown_items);
  if (const int64_t silent = all.missing_replies(); silent > 0) {
    log::warn("evaluate: {} of {} dialogues end with a missing reply", silent, all.dialogues.size());
    title += fmt::format(", {} of {} end with a missing reply", silent, all.dialogues.size());
  }
  if (all.dropped > 0) {
    log::warn("evaluate: {} of {} dialogues are left out for a missing reply", all.dropped,
              static_cast<int64_t>(all.dialogues.size()) + all.dropped);
    title += fmt::format(", {} left out for a missing reply", all.dropped);
  }
  return std::vector{summary_table(title, {{"all users", all}, {"title not leaked", clean}}, turns)};
}

}  // namespace latentcrs
