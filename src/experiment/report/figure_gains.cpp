// What the words gain: NDCG@10 with text less NDCG@10 from the sequence only, user by user, in groups of users.
#include <fmt/format.h>

#include <unordered_map>

#include "base/metrics/conversation_metrics.h"
#include "base/metrics/rank_file.h"
#include "base/util/files.h"
#include "experiment/report/conversations_page.h"
#include "experiment/report/figure_kinds.h"
#include "experiment/report/forest_plot.h"
#include "experiment/report/value_groups.h"
#include "experiment/run/target_facts.h"

namespace latentcrs {

namespace {

constexpr const char *kGainOf = "with text", *kGainOver = "sequence only";
constexpr int kGainCutoff = 10;
constexpr size_t kGainGroups = 4;

/// The targets of a run: what is gained on each, and the number by which they are grouped.
struct GainTargets {
  std::vector<double> with, without;  ///< NDCG@10
  std::vector<int64_t> by;
  std::vector<int64_t> clusters;  ///< of conversations; else empty
};

/// How targets are grouped: by the history before them, or by their popularity.
enum class GroupBy { history, popularity };

/// Reads a file of ranks, and for each target the number that `by` asks for.
template <class Number>
std::optional<GainTargets> read_gain_targets(const fs::path& ranks, Number number) {
  if (!fs::exists(ranks)) return std::nullopt;
  const RankFile file = read_ranks_tsv(ranks);
  const RankedRow *with = file.find(kGainOf), *without = file.find(kGainOver);
  if (with == nullptr || without == nullptr) return std::nullopt;
  GainTargets targets;
  for (size_t i = 0; i < file.users.customer_ids.size(); ++i) {
    targets.with.push_back(ndcg_at({&with->ranks[i], 1}, kGainCutoff));
    targets.without.push_back(ndcg_at({&without->ranks[i], 1}, kGainCutoff));
    targets.by.push_back(number(file.users.customer_ids[i], file.users.targets[i]));
  }
  if (!file.users.dialogues.empty()) targets.clusters = clusters_of(file.users);
  return targets;
}

std::optional<TargetFacts> facts_of(const RunData& run) {
  return TargetFacts::read(run.folder / "preprocess", run.setting("datasets.dataset_name", ""));
}

std::optional<GainTargets> test_targets(const FigureInputs& inputs, const RunData& run, GroupBy by) {
  const auto facts = facts_of(run);
  if (!facts) return std::nullopt;
  return read_gain_targets(run.folder / fmt::format("evaluate/ranks_test_{}.tsv", inputs.seen_items()),
                           [&](const std::string& id, int64_t target) {
                             return by == GroupBy::history ? facts->items_before(id)
                                                           : facts->training_interactions(target);
                           });
}

std::optional<GainTargets> conversation_targets(const FigureInputs& /*inputs*/, const RunData& run, GroupBy by) {
  const fs::path folder = run.folder / "evaluate";
  const auto facts = facts_of(run);
  if (!facts || !fs::exists(folder / "conversations.jsonl")) return std::nullopt;
  std::unordered_map<std::string, int64_t> histories;
  for (const ShownConversation& conversation : read_shown_conversations(folder / "conversations.jsonl"))
    histories[conversation.id] = static_cast<int64_t>(conversation.history.size());
  return read_gain_targets(
      folder / fmt::format("ranks_{}_{}_seen_left_out.tsv", kConversationSplit, kConversationGroups[0]),
      [&](const std::string& id, int64_t target) {
        return by == GroupBy::history ? histories[id] : facts->training_interactions(target);
      });
}

/// The members of a group; without a group, all targets.
GainTargets part_of(const GainTargets& targets, const ValueGroup* group) {
  if (group == nullptr) return targets;
  GainTargets part;
  for (size_t i = 0; i < targets.by.size(); ++i) {
    if (!group->holds(targets.by[i])) continue;
    part.with.push_back(targets.with[i]);
    part.without.push_back(targets.without[i]);
    part.by.push_back(targets.by[i]);
    if (!targets.clusters.empty()) part.clusters.push_back(targets.clusters[i]);
  }
  return part;
}

using RunsTargets = std::vector<std::optional<GainTargets>>;

ForestRow gain_row(const std::string& label, const RunsTargets& runs, const ValueGroup* group,
                   const ResamplingOptions& resampling) {
  ForestRow row{label, {}, {}};
  for (const auto& targets : runs) {
    auto& estimates = row.estimates.emplace_back(1);
    auto& count = row.counts.emplace_back();
    if (!targets) continue;
    const GainTargets part = part_of(*targets, group);
    if (part.by.empty()) continue;
    const PairedMetric metric{.name = "NDCG@10", .a = part.with, .b = part.without};
    const PairedResult gain = compare_paired({&metric, 1}, resampling, part.clusters).front();
    estimates[0] = Estimate{gain.difference, Interval{gain.low, gain.high}};
    count = gain.users;
  }
  return row;
}

/// The targets of a figure, and its words for them.
struct GainPlan {
  std::optional<GainTargets> (*read)(const FigureInputs& inputs, const RunData& run, GroupBy by);
  std::string words;     ///< whose words gain
  std::string interval;  ///< after "paired bootstrap": what is drawn
  std::string remark;    ///< after the sentence
};

std::vector<Figure> gain_figure(const FigureInputs& inputs, std::string_view name, GroupBy by, const GainPlan& plan) {
  RunsTargets runs;
  std::vector<int64_t> all;
  for (const RunData& run : inputs.runs) {
    const auto& targets = runs.emplace_back(plan.read(inputs, run, by));
    if (targets) all.insert(all.end(), targets->by.begin(), targets->by.end());
  }
  const std::vector<ValueGroup> groups = value_groups(all, kGainGroups);
  if (groups.size() < 2) return {};
  const bool history = by == GroupBy::history;
  ForestPlot forest{.title = fmt::format("What {} gain, by the {}", plan.words,
                                         history ? "length of the history" : "popularity of the target"),
                    .description = "Points are mean differences, with 95% intervals, one row a group of targets.",
                    .runs = inputs.names(),
                    .panels = {"gain in NDCG@10: with text less sequence only"},
                    .columns = {"gain in NDCG@10"},
                    .row_name = history ? "items before the target" : "training interactions of the target",
                    .counted = "targets",
                    .groups = {{history ? "Items before (targets)" : "Training interactions (targets)", {}},
                               {"", {gain_row("all", runs, nullptr, inputs.resampling)}}},
                    .counts_in_labels = true,
                    .differences = true};
  for (const ValueGroup& group : groups)
    forest.groups.front().rows.push_back(gain_row(group.label(), runs, &group, inputs.resampling));
  const std::string how = fmt::format(
      "The gain is NDCG@10 with text less NDCG@10 from the sequence only of the same targets, with its 95% interval by "
      "the paired bootstrap{}.{}",
      plan.interval, plan.remark);
  return {{forest_picture(std::string(name), forest), how, forest_table(forest, forest.title + ". " + how)}};
}

template <GroupBy by>
std::vector<Figure> test_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(inputs, name, by, {test_targets, "the words", "", inputs.sampled_note()});
}

template <GroupBy by>
std::vector<Figure> conversation_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(inputs, name, by, {conversation_targets, "people's words", " of whole dialogues", ""});
}

}  // namespace

const FigureKind kHistoryGainFigure = {"gain-by-history", "One turn", test_gain<GroupBy::history>};
const FigureKind kPopularityGainFigure = {"gain-by-popularity", "One turn", test_gain<GroupBy::popularity>};
const FigureKind kConversationHistoryGainFigure = {"conversations-gain-by-history", "People's conversations",
                                                   conversation_gain<GroupBy::history>};
const FigureKind kConversationPopularityGainFigure = {"conversations-gain-by-popularity", "People's conversations",
                                                      conversation_gain<GroupBy::popularity>};

}  // namespace latentcrs
