// What the words gain: NDCG@10 with text less NDCG@10 from the sequence only, user by user, in groups of users.
#include <fmt/format.h>

#include <unordered_map>

#include "metrics/conversation_metrics.h"
#include "metrics/rank_file.h"
#include "report/conversations_page.h"
#include "report/figure_kinds.h"
#include "report/forest_plot.h"
#include "report/value_groups.h"
#include "run/target_facts.h"
#include "util/files.h"

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

std::optional<GainTargets> test_targets(const RunData& run, GroupBy by) {
  const bool keep = run.setting("evaluate.seen_items", "keep") == "keep";
  const auto facts = facts_of(run);
  if (!facts) return std::nullopt;
  return read_gain_targets(run.folder / fmt::format("evaluate/ranks_test_{}.tsv", keep ? "seen_kept" : "seen_left_out"),
                           [&](const std::string& id, int64_t target) {
                             return by == GroupBy::history ? facts->items_before(id)
                                                           : facts->training_interactions(target);
                           });
}

std::optional<GainTargets> conversation_targets(const RunData& run, GroupBy by) {
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

/// The words of a figure of gains.
struct GainText {
  const char* title;
  const char* row_name;
  const char* heading;
  const char* counted;
  const char* interval;
};

std::vector<Figure> gain_figure(const FigureInputs& inputs, std::string_view name, const RunsTargets& runs,
                                const GainText& text) {
  std::vector<int64_t> all;
  for (const auto& targets : runs)
    if (targets) all.insert(all.end(), targets->by.begin(), targets->by.end());
  const std::vector<ValueGroup> groups = value_groups(all, kGainGroups);
  if (groups.size() < 2) return {};
  ForestPlot forest{.title = text.title,
                    .description = "Points are mean differences, with 95% intervals, one row a group.",
                    .runs = inputs.names(),
                    .panels = {"gain in NDCG@10: with text less sequence only"},
                    .columns = {"gain in NDCG@10"},
                    .row_name = text.row_name,
                    .counted = text.counted,
                    .groups = {{fmt::format("{} ({})", text.heading, text.counted), {}},
                               {"", {gain_row("all", runs, nullptr, inputs.resampling)}}},
                    .counts_in_labels = true,
                    .differences = true};
  for (const ValueGroup& group : groups)
    forest.groups.front().rows.push_back(gain_row(group.label(), runs, &group, inputs.resampling));
  const std::string how = fmt::format(
      "The gain is NDCG@10 with text less NDCG@10 from the sequence only of the same {}, with its 95% interval by the "
      "paired bootstrap{}.",
      text.counted, text.interval);
  return {{forest_picture(std::string(name), forest), how, forest_table(forest, text.title + (". " + how))}};
}

template <class Read>
RunsTargets targets_of(const FigureInputs& inputs, Read read, GroupBy by) {
  RunsTargets runs;
  for (const RunData& run : inputs.runs) runs.push_back(read(run, by));
  return runs;
}

constexpr const char *kHistoryHeading = "Items before", *kPopularityHeading = "Training interactions";

std::vector<Figure> history_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(
      inputs, name, targets_of(inputs, test_targets, GroupBy::history),
      {"What the words gain, by the length of the history", "items before the target", kHistoryHeading, "users", ""});
}

std::vector<Figure> popularity_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(inputs, name, targets_of(inputs, test_targets, GroupBy::popularity),
                     {"What the words gain, by the popularity of the target", "training interactions of the target",
                      kPopularityHeading, "users", ""});
}

std::vector<Figure> conversation_history_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(inputs, name, targets_of(inputs, conversation_targets, GroupBy::history),
                     {"What the words of people gain, by the length of the history", "items before the target",
                      kHistoryHeading, "targets", " of dialogues"});
}

std::vector<Figure> conversation_popularity_gain(const FigureInputs& inputs, std::string_view name) {
  return gain_figure(inputs, name, targets_of(inputs, conversation_targets, GroupBy::popularity),
                     {"What the words of people gain, by the popularity of the target",
                      "training interactions of the target", kPopularityHeading, "targets", " of dialogues"});
}

}  // namespace

const FigureKind kHistoryGainFigure = {"gain-by-history", "One turn", history_gain};
const FigureKind kPopularityGainFigure = {"gain-by-popularity", "One turn", popularity_gain};
const FigureKind kConversationHistoryGainFigure = {"conversations-gain-by-history", "People's conversations",
                                                   conversation_history_gain};
const FigureKind kConversationPopularityGainFigure = {"conversations-gain-by-popularity", "People's conversations",
                                                      conversation_popularity_gain};

}  // namespace latentcrs
