#include "experiment/report/compare_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "base/config/saved_config.h"
#include "base/metrics/conversation_metrics.h"
#include "base/metrics/metrics.h"
#include "base/metrics/rank_file.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/report/made_with.h"
#include "experiment/report/transcripts.h"

namespace latentcrs {

namespace {

using nlohmann::json;

std::string saved_setting(const fs::path& run, const char* key, const char* otherwise) {
  if (fs::exists(run / "config.yaml"))
    for (const SavedValue& value : read_saved_config(run / "config.yaml"))
      if (value.key == key) return value.value;
  return otherwise;
}

/// How the run's evaluation treats a user's history among the candidates.
std::string seen_items_of(const fs::path& run) { return saved_setting(run, "evaluate.seen_items", "keep"); }

/// The number of drawn items among which one-turn targets are ranked; 0: all items.
std::string sampled_of(const fs::path& run) { return saved_setting(run, "evaluate.sampled_negatives", "0"); }

void note_sampling(const fs::path& run, ComparisonReport& report) {
  if (const std::string sampled = sampled_of(run); sampled != "0")
    report.notes.push_back(
        fmt::format("SAMPLED: one-turn ranks are among {} drawn items and say little about the catalogue", sampled));
}

void check_same_candidates(const fs::path& a, const fs::path& b) {
  if (sampled_of(a) != sampled_of(b))
    throw data_error(
        fmt::format("{} ranks among {} drawn items and {} among {} (0: all items): evaluate both with one "
                    "evaluate.sampled_negatives",
                    a.string(), sampled_of(a), b.string(), sampled_of(b)));
}

/// Whether the split is of conversations, which a dialogue has several of.
bool of_conversations(const CompareOptions& options) { return options.split.starts_with(kConversationSplit); }

CompareOptions resolved(CompareOptions options, const fs::path& run) {
  if (of_conversations(options)) options.seen_items = "mask";
  if (options.seen_items.empty()) options.seen_items = seen_items_of(run);
  return options;
}

fs::path rank_file_of(const fs::path& run, const CompareOptions& options) {
  const char* seen = options.seen_items == "keep" ? "seen_kept" : "seen_left_out";
  const char* with = of_conversations(options) ? " with conversations=FILE" : "";
  const fs::path path = run / "evaluate" / fmt::format("ranks_{}_{}.tsv", options.split, seen);
  if (!fs::exists(path))
    throw data_error(fmt::format("{}: no such file: {} is not the folder of a run that `latentcrs evaluate`{} finished",
                                 path.string(), run.string(), with));
  return path;
}

/// The ranks that one score of the run gave.
const RankedRow& row_of(const RankFile& file, const std::string& score, const fs::path& path) {
  if (const RankedRow* row = file.find(score)) return *row;
  std::vector<std::string> names;
  for (const RankedRow& row : file.rows) names.push_back(row.name);
  throw data_error(
      fmt::format("{}: no score is named '{}'; there are: {}", path.string(), score, fmt::join(names, ", ")));
}

/// The users to compare, by their places in the files of A and of B.
struct MatchedUsers {
  std::vector<size_t> in_a, in_b;
};

void check_same_targets(const RankedUsers& a, const RankedUsers& b, const MatchedUsers& users,
                        const std::string& what) {
  size_t differ = 0, first = 0;
  for (size_t i = users.in_a.size(); i-- > 0;)
    if (a.targets[users.in_a[i]] != b.targets[users.in_b[i]]) {
      ++differ;
      first = i;
    }
  if (differ > 0)
    throw data_error(fmt::format(
        "{}: {} of {} users have different targets in the runs (first: {}, items {} and {}): they are of different "
        "datasets, or of one that was preprocessed in two ways",
        what, differ, users.in_a.size(), a.customer_ids[users.in_a[first]], a.targets[users.in_a[first]],
        b.targets[users.in_b[first]]));
}

/// The users that both runs have, in the order of `a`.
MatchedUsers match_users(const RankedUsers& a, const RankedUsers& b, const CompareOptions& options,
                         const std::string& what) {
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < b.customer_ids.size(); ++i) place.emplace(b.customer_ids[i], i);
  MatchedUsers users;
  for (size_t i = 0; i < a.customer_ids.size(); ++i) {
    const auto found = place.find(a.customer_ids[i]);
    if (found == place.end()) continue;
    users.in_a.push_back(i);
    users.in_b.push_back(found->second);
  }
  const size_t both = users.in_a.size(), all_a = a.customer_ids.size(), all_b = b.customer_ids.size();
  if (both == 0) throw data_error(fmt::format("{}: the runs have no user in common", what));
  if (!options.common && (both < all_a || both < all_b))
    throw data_error(
        fmt::format("{}: {} users are in both runs, {} only in the first, {} only in the second; --common "
                    "compares those in both",
                    what, both, all_a - both, all_b - both));
  check_same_targets(a, b, users, what);
  if (!options.without_leaks) return users;
  MatchedUsers clean;
  for (size_t i = 0; i < both; ++i)
    if (a.leaks_title[users.in_a[i]] == 0 && b.leaks_title[users.in_b[i]] == 0) {
      clean.in_a.push_back(users.in_a[i]);
      clean.in_b.push_back(users.in_b[i]);
    }
  if (clean.in_a.empty()) throw data_error(fmt::format("{}: every user's words give the title away", what));
  return clean;
}

/// HIT and NDCG at the published cut-offs for the users of `matching`; recall is HIT for conversations.
std::vector<PairedMetric> one_turn_metrics(const RankedRow& a, const RankedRow& b, const MatchedUsers& users,
                                           const CompareOptions& options) {
  const bool conversations = of_conversations(options);
  const std::span<const int> cutoffs = conversations ? std::span<const int>(kConversationCutoffs) : kOneTurnCutoffs;
  std::vector<PairedMetric> metrics;
  for (const int k : cutoffs)
    for (const bool ndcg : {false, true}) {
      PairedMetric& metric = metrics.emplace_back();
      metric.name = fmt::format("{}@{}", ndcg ? "NDCG" : conversations ? "recall" : "HIT", k);
      const auto value = [&](const Rank& rank) { return ndcg ? ndcg_at({&rank, 1}, k) : hit_at({&rank, 1}, k); };
      for (const size_t i : users.in_a) metric.a.push_back(value(a.ranks[i]));
      for (const size_t i : users.in_b) metric.b.push_back(value(b.ranks[i]));
    }
  return metrics;
}

/// The tests of one score against another: by user, or by dialogue where the users are turns of dialogues.
std::vector<PairedResult> one_turn_results(const RankedRow& a, const RankedRow& b, const MatchedUsers& users,
                                           const RankedUsers& all, const CompareOptions& options) {
  std::vector<int64_t> clusters;
  if (!all.dialogues.empty()) {
    const std::vector<int64_t> of_all = clusters_of(all);
    for (const size_t i : users.in_a) clusters.push_back(of_all[i]);
  }
  return compare_paired(one_turn_metrics(a, b, users, options), options.resampling, clusters);
}

void note_clusters(const RankFile& file, ComparisonReport& report) {
  if (file.users.dialogues.empty()) return;
  const std::vector<int64_t> clusters = clusters_of(file.users);
  report.notes.push_back(fmt::format(
      "whole dialogues ({}) are drawn and have their signs changed, because their turns depend on each other",
      *std::max_element(clusters.begin(), clusters.end()) + 1));
}

struct DialogueResults {
  RankedUsers users;
  std::vector<int> success_turns;  ///< 0: never
  int turns = 0;                   ///< allowed
};

std::optional<DialogueResults> read_dialogues(const fs::path& run) {
  const fs::path folder = run / "evaluate";
  if (!fs::exists(folder / "transcripts.jsonl") || !fs::exists(folder / "multi_turn.json")) return std::nullopt;
  DialogueResults dialogues;
  for (const Transcript& transcript : read_transcripts(folder / "transcripts.jsonl")) {
    dialogues.users.customer_ids.push_back(transcript.customer_id);
    dialogues.users.targets.push_back(transcript.target.id);
    dialogues.users.leaks_title.push_back(std::any_of(transcript.turns.begin(), transcript.turns.end(),
                                                      [](const auto& turn) { return turn.leaks_title; }));
    dialogues.success_turns.push_back(transcript.success_turn);
  }
  try {
    const json figures = json::parse(read_file(folder / "multi_turn.json"));
    dialogues.turns = static_cast<int>(figures.at("all").at("success_rate").size());
  } catch (const json::exception& e) {
    throw data_error(fmt::format("{}: {}", (folder / "multi_turn.json").string(), e.what()));
  }
  return dialogues;
}

/// SR@1 … SR@T and AT counted both ways, where T is the smaller number of turns that the two runs allowed.
std::vector<PairedMetric> dialogue_metrics(const DialogueResults& a, const DialogueResults& b,
                                           const MatchedUsers& users) {
  const int turns = std::min(a.turns, b.turns);
  const auto values = [](const DialogueResults& dialogues, const std::vector<size_t>& places, auto value) {
    std::vector<double> out;
    for (const size_t i : places) out.push_back(value(dialogues.success_turns[i]));
    return out;
  };
  std::vector<PairedMetric> metrics;
  for (int t = 1; t <= turns; ++t) {
    const auto succeeds = [t](int turn) { return turn >= 1 && turn <= t ? 1.0 : 0.0; };
    metrics.push_back({fmt::format("SR@{}", t), values(a, users.in_a, succeeds), values(b, users.in_b, succeeds)});
  }
  for (const int failure : {turns, turns + 1}) {
    const auto turn_of = [turns, failure](int turn) {
      return static_cast<double>(turn >= 1 && turn <= turns ? turn : failure);
    };
    metrics.push_back({.name = fmt::format("AT (failure = {})", failure),
                       .a = values(a, users.in_a, turn_of),
                       .b = values(b, users.in_b, turn_of),
                       .lower_is_better = true});
  }
  return metrics;
}

std::string title_of(const CompareOptions& options) {
  return fmt::format("{}, history {}{}", options.split,
                     options.seen_items == "keep" ? "among the candidates" : "left out",
                     options.without_leaks ? ", title not leaked" : "");
}

void compare_dialogues(const fs::path& run_a, const fs::path& run_b, const CompareOptions& options,
                       ComparisonReport& report) {
  const auto a = read_dialogues(run_a), b = read_dialogues(run_b);
  if (!a || !b) {
    report.notes.push_back(
        fmt::format("SR and AT are left out: {} has no dialogues", a ? run_b.string() : run_a.string()));
    return;
  }
  const MatchedUsers users = match_users(a->users, b->users, options, "dialogues");
  const auto results = compare_paired(dialogue_metrics(*a, *b, users), options.resampling);
  auto& all = report.comparisons.front().results;
  all.insert(all.end(), results.begin(), results.end());
  if (a->turns != b->turns)
    report.notes.push_back(fmt::format("the dialogues had up to {} and {} turns: the first {} are compared", a->turns,
                                       b->turns, std::min(a->turns, b->turns)));
}

std::string signed_figure(double value) { return fmt::format("{:+.4f}", value); }

}  // namespace

std::vector<std::string> compare_splits() {
  std::vector<std::string> splits = {"test", "valid", kConversationSplit};
  for (const char* group : kConversationGroups) splits.push_back(fmt::format("{}_{}", kConversationSplit, group));
  return splits;
}

int64_t ComparisonReport::family() const {
  int64_t tests = 0;
  for (const Comparison& comparison : comparisons) tests += static_cast<int64_t>(comparison.results.size());
  return tests;
}

std::string run_name(const fs::path& run) {
  const fs::path path = fs::absolute(run).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

void adjust_as_one_family(std::span<ComparisonReport> reports) {
  std::vector<PairedResult*> family;
  for (ComparisonReport& report : reports)
    for (Comparison& comparison : report.comparisons)
      for (PairedResult& result : comparison.results) family.push_back(&result);
  adjust_holm(family);
}

ComparisonReport compare_runs(const fs::path& run_a, const fs::path& run_b, const CompareOptions& given) {
  check_same_candidates(run_a, run_b);
  const CompareOptions options = resolved(given, run_a);
  const fs::path path_a = rank_file_of(run_a, options), path_b = rank_file_of(run_b, options);
  const RankFile a = read_ranks_tsv(path_a), b = read_ranks_tsv(path_b);
  const RankedRow& row_a = row_of(a, options.score, path_a);
  const RankedRow& row_b = row_of(b, options.score, path_b);
  const MatchedUsers users = match_users(a.users, b.users, options, "one turn");

  ComparisonReport report{fmt::format("{}, {}", options.score, title_of(options)), {}, {}};
  report.comparisons.push_back(
      {run_a.string(), run_b.string(), one_turn_results(row_a, row_b, users, a.users, options)});
  note_clusters(a, report);
  if (options.split == "test") compare_dialogues(run_a, run_b, options, report);
  note_sampling(run_a, report);
  if (given.seen_items.empty() && !of_conversations(given) && seen_items_of(run_b) != options.seen_items)
    report.notes.push_back(
        fmt::format("the runs differ in evaluate.seen_items; ranked as in the first, {}", options.seen_items));
  if (const auto made = differences_of_runs(run_a, run_b); !made.empty())
    report.notes.push_back(
        fmt::format("the runs were made with {}: a part of the difference may be rounding", fmt::join(made, "; ")));
  adjust_as_one_family({&report, 1});
  return report;
}

ComparisonReport compare_scores(const fs::path& run, const CompareOptions& given) {
  const CompareOptions options = resolved(given, run);
  const fs::path path = rank_file_of(run, options);
  const RankFile file = read_ranks_tsv(path);
  const RankedRow& a = row_of(file, options.score, path);
  const MatchedUsers users = match_users(file.users, file.users, options, path.string());
  ComparisonReport report{fmt::format("{}, {}", run.string(), title_of(options)), {}, {}};
  for (const RankedRow& b : file.rows)
    if (b.name != a.name)
      report.comparisons.push_back({a.name, b.name, one_turn_results(a, b, users, file.users, options)});
  note_sampling(run, report);
  if (report.comparisons.empty()) throw data_error(fmt::format("{}: '{}' is the only score", path.string(), a.name));
  note_clusters(file, report);
  adjust_as_one_family({&report, 1});
  return report;
}

std::optional<Comparison> compare_with(const fs::path& run, const std::string& other, const CompareOptions& given) {
  const CompareOptions options = resolved(given, run);
  const fs::path path = rank_file_of(run, options);
  const RankFile file = read_ranks_tsv(path);
  const RankedRow *a = file.find(options.score), *b = file.find(other);
  if (a == nullptr || b == nullptr) return std::nullopt;
  const MatchedUsers users = match_users(file.users, file.users, options, path.string());
  return Comparison{a->name, b->name, one_turn_results(*a, *b, users, file.users, options)};
}

Table to_table(const Comparison& comparison) {
  Table table{fmt::format("A = {}, B = {}", comparison.a, comparison.b),
              {{"metric", "users", "A", "B", "A - B [95%]", "p", "p (Holm)", "A better", "equal", "B better"}}};
  for (const PairedResult& r : comparison.results)
    table.rows.push_back(
        {r.metric, std::to_string(r.users), fmt::format("{:.4f}", r.mean_a), fmt::format("{:.4f}", r.mean_b),
         fmt::format("{} [{}, {}]", signed_figure(r.difference), signed_figure(r.low), signed_figure(r.high)),
         fmt::format("{:.4f}", r.p), fmt::format("{:.4f}", r.p_holm), std::to_string(r.wins), std::to_string(r.ties),
         std::to_string(r.losses)});
  return table;
}

std::string to_text(const ComparisonReport& report, const ResamplingOptions& resampling) {
  std::string text = report.title + "\n\n";
  for (const Comparison& comparison : report.comparisons) text += to_table(comparison).to_text() + "\n";
  text +=
      fmt::format("95%: paired bootstrap; p: two-sided sign-flip test; {} resamples, seed {}; Holm over {} tests.\n",
                  resampling.resamples, resampling.seed, report.family());
  for (const std::string& note : report.notes) text += "Note: " + note + ".\n";
  return text;
}

json to_json(const ComparisonReport& report, const ResamplingOptions& resampling) {
  json out = {{"title", report.title},   {"resamples", resampling.resamples},
              {"seed", resampling.seed}, {"family", report.family()},
              {"notes", report.notes},   {"comparisons", json::array()}};
  for (const Comparison& comparison : report.comparisons) {
    json results = json::array();
    for (const PairedResult& r : comparison.results)
      results.push_back({{"metric", r.metric},
                         {"users", r.users},
                         {"a", r.mean_a},
                         {"b", r.mean_b},
                         {"difference", r.difference},
                         {"ci95", {r.low, r.high}},
                         {"p", r.p},
                         {"p_holm", r.p_holm},
                         {"wins", r.wins},
                         {"ties", r.ties},
                         {"losses", r.losses}});
    out["comparisons"].push_back({{"a", comparison.a}, {"b", comparison.b}, {"results", results}});
  }
  return out;
}

}  // namespace latentcrs
