#include "experiment/report/run_headline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "base/metrics/rank_file.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "experiment/report/compare_runs.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kMetrics[] = {"HIT@10", "NDCG@10"};
constexpr const char* kRows[] = {"with text", "sequence only", "popularity"};

/// One line: a label, and the text after it.
std::string line(const std::string& subject, const std::string& text) {
  return fmt::format("{:<17}{}\n", subject, text);
}

std::string words(const std::vector<std::string>& command) {
  std::vector<std::string> quoted;
  for (const std::string& word : command) quoted.push_back(shell_word(word));
  return fmt::format("{}", fmt::join(quoted, " "));
}

/// A file of the run as JSON; null if it does not exist or is not JSON.
json json_or_null(const fs::path& path) {
  return fs::exists(path) ? json::parse(read_file(path), nullptr, /*allow_exceptions=*/false) : json();
}

std::string data_text(const FinishedRun& run) {
  std::string text = run.dataset;
  const json report = json_or_null(run.folder / "preprocess/dataset_report.json");
  if (report.is_object() && report.contains("users") && report.contains("items"))
    text += fmt::format(", {} users, {} items", report["users"].dump(), report["items"].dump());
  return text + fmt::format("; seed {}", run.seed);
}

/// One column per metric: "0.3406 ± 0.0120".
template <class Cell>
std::string cells(Cell cell) {
  std::string text;
  for (const char* name : kMetrics) text += fmt::format("{:<18}", cell(name));
  return std::string(trimmed_end(text));
}

std::string headline_figure(double value, double half_width) {
  return fmt::format("{:.4f} ± {:.4f}", value, half_width);
}

/// "289 users", or "900 targets of 300 users" where users have several.
std::string targets_text(const std::vector<std::string>& customer_ids) {
  std::unordered_set<std::string_view> users;
  for (const std::string_view id : customer_ids) users.insert(id.substr(0, id.find('_')));
  if (users.size() == customer_ids.size()) return fmt::format("{} users", users.size());
  return fmt::format("{} targets of {} users", customer_ids.size(), users.size());
}

/// The one-turn scores of the test users; empty without an evaluation.
std::string one_turn_lines(const FinishedRun& run) {
  const SeenItems seen = run.evaluate.seen_items;
  const fs::path path =
      run.folder / fmt::format("evaluate/ranks_test_{}.tsv", seen == SeenItems::keep ? "seen_kept" : "seen_left_out");
  if (!fs::exists(path)) return "";
  const RankFile file = read_ranks_tsv(path);
  std::string text = line("One turn, test", cells([](const char* of) { return std::string(of); }) +
                                                fmt::format("{:<11}({}, {})", "", targets_text(file.users.customer_ids),
                                                            candidates_text(run.evaluate, seen)));
  for (const char* name : kRows)
    if (const RankedRow* row = file.find(name))
      text += line(name, cells([row](const char* of) {
                     return headline_figure(metric(row->ranks, of), confidence_95(row->ranks, of));
                   }));
  return text;
}

/// The scores of the encoder alone, with and without the history among the candidates; empty without pretraining.
std::string encoder_lines(const FinishedRun& run) {
  const json figures = json_or_null(run.folder / "pretrain/next_item.json");
  if (!figures.is_object()) return "";
  std::string text = line("Next item, test", cells([](const char* of) { return std::string(of); }));
  for (const auto& [key, name] : {std::pair{"seen_left_out", "history left out"},
                                  {"seen_scored_zero", "history scored 0"},
                                  {"seen_kept", "history kept"}}) {
    if (!figures.contains(key)) continue;
    const json& row = figures[key].at("test");
    text += line(name, cells([&row](const std::string& of) {
                   return headline_figure(row.at(of).get<double>(), row.at(of + "_ci95").get<double>());
                 }));
  }
  return text;
}

std::string dialogue_line(const FinishedRun& run) {
  const json figures = json_or_null(run.folder / "evaluate/multi_turn.json");
  if (!run.evaluate.multi_turn || !figures.is_object()) return "";
  const json& all = figures.at("all");
  const json &rates = all.at("success_rate"), &interval = all.at("success_rate_ci95").back();
  return line(
      "Dialogues, test",
      fmt::format("SR@{} {:.4f} [{:.4f}, {:.4f}], AT {:.3f} ± {:.3f} (a failure counts as turn {}), {} users",
                  rates.size(), rates.back().get<double>(), interval.at(0).get<double>(), interval.at(1).get<double>(),
                  all.at("average_turn_failure_is_last").get<double>(),
                  all.at("average_turn_failure_is_last_ci95").get<double>(), rates.size(), all.at("users").dump()));
}

/// Recall on the recommendations in people's conversations; empty without conversations.
std::string conversations_line(const FinishedRun& run) {
  const json report = json_or_null(run.folder / "evaluate/conversations.json");
  if (!report.is_object()) return "";
  for (const json& group : report.at("groups")) {
    if (group.at("name") != "recommendation") continue;
    std::vector<std::string> recalls;
    for (const char* score : {"with text", "sequence only", "item cosine"}) {
      const json& figures = group.at("scores").at(score);
      recalls.push_back(fmt::format("{:.4f} ± {:.4f} {}", figures.at("recall@10").get<double>(),
                                    figures.at("recall@10_ci95").get<double>(), score));
    }
    return line("Conversations", fmt::format("recall@10 {} ({} targets of {} dialogues)", fmt::join(recalls, ", "),
                                             group.at("rows").dump(), group.at("dialogues").dump()));
  }
  return "";
}

/// The comparison of the score with text with one of the scores without it.
std::optional<PairedResult> gain_over(const FinishedRun& run, const char* score) {
  const CompareOptions options{.seen_items = run.evaluate.seen_items == SeenItems::keep ? "keep" : "mask"};
  const auto comparison = compare_with(run.folder, score, options);
  if (!comparison) return std::nullopt;
  const auto found = std::find_if(comparison->results.begin(), comparison->results.end(),
                                  [](const PairedResult& result) { return result.metric == "NDCG@10"; });
  return found == comparison->results.end() ? std::nullopt : std::optional(*found);
}

/// The text helped if the interval of each gain lies above 0, and hurt if the interval of one lies below 0.
std::string text_line(const FinishedRun& run) {
  std::vector<std::string> gains;
  bool helped = true, hurt = false;
  for (const char* score : {"sequence only", "without text"}) {
    const auto gain = gain_over(run, score);
    if (!gain) continue;
    helped = helped && gain->low > 0;
    hurt = hurt || gain->high < 0;
    gains.push_back(fmt::format("{:+.4f} [{:+.4f}, {:+.4f}] over {}", gain->difference, gain->low, gain->high, score));
  }
  if (gains.empty()) return "";
  const char* const verdict = helped ? "helped" : hurt ? "did not help" : "no gain shown";
  return line("Text", fmt::format("{}: NDCG@10 {} (paired by user, 95%)", verdict, fmt::join(gains, ", ")));
}

std::string next_lines(const FinishedRun& run) {
  std::string text = line("Summary", (run.folder / "summary.md").string());
  const bool evaluated = fs::exists(run.folder / "evaluate/one_turn.json");
  text += line("Report",
               words({"latentcrs", "report", run.folder.string()}) + " makes " + (run.folder / "report.html").string());
  std::vector<std::string> next = {"latentcrs", "compare", run.folder.string()};
  if (!evaluated) {
    next = {"latentcrs", "intents"};
    next.insert(next.end(), run.same.begin(), run.same.end());
  }
  return text + line("Next", words(next));
}

}  // namespace

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string run_headline(const FinishedRun& run) {
  std::string text = line("Asked", words(run.command)) + line("Data", data_text(run));
  const std::string scores = one_turn_lines(run);
  text += scores.empty() ? encoder_lines(run) : scores + dialogue_line(run) + text_line(run) + conversations_line(run);
  if (!run.not_run.empty()) text += line("Not run", run.not_run);
  return text + next_lines(run);
}

}  // namespace latentcrs
