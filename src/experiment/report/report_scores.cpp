#include <fmt/format.h>

#include <algorithm>

#include "base/metrics/metrics.h"
#include "base/util/error.h"
#include "base/util/html.h"
#include "experiment/report/compare_runs.h"
#include "experiment/report/html_page.h"
#include "experiment/report/report_sections.h"
#include "experiment/report/score_order.h"
#include "experiment/report/success_interval.h"

namespace latentcrs {

namespace {

using nlohmann::json;

std::string with_interval(double value, double half_width) {
  return fmt::format("{:.4f} <span class=\"ci\">±{:.4f}</span>", value, half_width);
}

std::string one_turn_table_html(const Runs& runs, const std::string& key, const std::string& caption) {
  HtmlTable table{.caption = caption, .head = {"run", "score"}, .text_columns = 2};
  std::vector<std::string> metrics;
  for (const int k : kOneTurnCutoffs)
    for (const char* kind : {"HIT", "NDCG"}) metrics.push_back(fmt::format("{}@{}", kind, k));
  table.head.insert(table.head.end(), metrics.begin(), metrics.end());
  table.head.push_back("users");
  std::vector<double> best(metrics.size(), 0);
  const auto each = [&](auto visit) {
    for (size_t i = 0; i < runs.size(); ++i)
      if (runs[i].one_turn.is_object() && runs[i].one_turn.contains(key))
        for (const std::string& score : score_names(runs[i].one_turn[key]))
          visit(i, score, runs[i].one_turn[key][score]);
  };
  each([&](size_t, const std::string&, const json& figures) {
    for (size_t m = 0; m < metrics.size(); ++m) best[m] = std::max(best[m], figures.value(metrics[m], 0.0));
  });
  size_t previous = runs.size();
  each([&](size_t i, const std::string& score, const json& figures) {
    const std::string sampled = figures.contains("sampled_negatives") ? fmt::format(" (SAMPLED: among {} drawn items)",
                                                                                    figures["sampled_negatives"].dump())
                                                                      : "";
    HtmlRow row{{i == previous ? "" : run_label(runs, i), escape_html(score) + sampled}, i != previous};
    for (size_t m = 0; m < metrics.size(); ++m) {
      const double value = figures.value(metrics[m], 0.0);
      const std::string cell = with_interval(value, figures.value(metrics[m] + "_ci95", 0.0));
      row.cells.push_back(value == best[m] ? "<span class=\"best\">" + cell + "</span>" : cell);
    }
    row.cells.push_back(figures.contains("users") ? figures["users"].dump() : "-");
    table.rows.push_back(row);
    previous = i;
  });
  return table.rows.empty() ? "" : table.html();
}

std::string turns_cell(const json& figures, const std::string& name) {
  if (!figures.contains(name)) return "-";
  const std::string value = fmt::format("{:.3f}", figures[name].get<double>());
  const std::string interval = name + "_ci95";
  if (!figures.contains(interval)) return value;
  return value + fmt::format(" <span class=\"ci\">±{:.3f}</span>", figures[interval].get<double>());
}

/// The dialogues that succeed after a first turn without success.
std::string later_cell(const json& figures) {
  if (!figures.contains("after_first_turn")) return "-";
  const json& later = figures["after_first_turn"];
  const json& interval = later.at("success_rate_ci95");
  return fmt::format("{:.4f} <span class=\"ci\">[{:.3f}, {:.3f}]</span> of {}", later.at("success_rate").get<double>(),
                     interval.at(0).get<double>(), interval.at(1).get<double>(), later.at("users").dump());
}

void add_dialogue_row(const std::string& label, const std::string& users, const json& figures, HtmlTable& table) {
  HtmlRow row{{label, users, figures.at("users").dump()}, !label.empty()};
  const size_t turns = figures.at("success_rate").size();
  for (size_t t = 0; t < turns; ++t) {
    const Interval interval = success_interval(figures, t);
    row.cells.push_back(fmt::format("{:.4f} <span class=\"ci\">[{:.3f}, {:.3f}]</span>",
                                    figures["success_rate"][t].get<double>(), interval.low, interval.high));
  }
  row.cells.resize(table.head.size() - 4, "-");
  row.cells.push_back(later_cell(figures));
  row.cells.push_back(turns_cell(figures, "average_turn_failure_is_last"));
  row.cells.push_back(turns_cell(figures, "average_turn_failure_is_one_more"));
  row.cells.push_back(figures.value("missing_replies", json(0)).dump());
  table.rows.push_back(row);
}

std::string dialogues_table(const Runs& runs, size_t turns) {
  HtmlTable table{.caption = "", .head = {"run", "dialogues", "n"}, .text_columns = 2};
  for (size_t t = 1; t <= turns; ++t) table.head.push_back(fmt::format("SR@{}", t));
  table.head.insert(table.head.end(), {"turn 1 missed, later found", "AT (fail = T)", "AT (fail = T+1)", "silent"});
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].multi_turn.is_object()) continue;
    const json& all = runs[i].multi_turn.at("all");
    add_dialogue_row(run_label(runs, i), "all", all, table);
    if (runs[i].multi_turn.contains("without_leaks"))
      add_dialogue_row("", "title not leaked", runs[i].multi_turn["without_leaks"], table);
  }
  return table.html();
}

std::string comparison_html(const Comparison& comparison) {
  HtmlTable table{
      .caption = fmt::format("A = {}, B = {}", comparison.a, comparison.b),
      .head = {"metric", "users", "A", "B", "A − B", "95% interval", "p", "p (Holm)", "A better", "equal", "B better"}};
  for (const PairedResult& r : comparison.results) {
    const bool clear = r.p_holm <= 0.05;
    const auto marked = [clear](const std::string& text) {
      return clear ? "<span class=\"best\">" + text + "</span>" : text;
    };
    table.rows.push_back({{escape_html(r.metric), std::to_string(r.users), fmt::format("{:.4f}", r.mean_a),
                           fmt::format("{:.4f}", r.mean_b), marked(fmt::format("{:+.4f}", r.difference)),
                           fmt::format("[{:+.4f}, {:+.4f}]", r.low, r.high), fmt::format("{:.4f}", r.p),
                           marked(fmt::format("{:.4f}", r.p_holm)), std::to_string(r.wins), std::to_string(r.ties),
                           std::to_string(r.losses)}});
  }
  return table.html();
}

std::string report_html(const ComparisonReport& report) {
  std::string out;
  for (const Comparison& comparison : report.comparisons) out += comparison_html(comparison);
  for (const std::string& note : report.notes) out += html_note(note + ".");
  return out;
}

/// The dialogues to show: failures, long ones and a quick one. They are chosen in the order of the file, so the choice
/// is the same every time.
std::vector<const Transcript*> choose(const std::vector<Transcript>& transcripts) {
  constexpr size_t kFailures = 2, kLong = 2, kQuick = 1;
  std::vector<const Transcript*> failures, successes;
  for (const Transcript& transcript : transcripts)
    (transcript.success_turn > 0 ? successes : failures).push_back(&transcript);
  std::stable_sort(successes.begin(), successes.end(),
                   [](const Transcript* a, const Transcript* b) { return a->success_turn > b->success_turn; });
  std::vector<const Transcript*> chosen(
      failures.begin(), failures.begin() + static_cast<ptrdiff_t>(std::min(kFailures, failures.size())));
  for (size_t i = 0; i < successes.size(); ++i)
    if (i < kLong || i + kQuick >= successes.size()) chosen.push_back(successes[i]);
  return chosen;
}

/// Whether some run has users whose text gives the title away.
bool some_leak(const Runs& runs, const std::string& key) {
  const std::string clean = key + "_without_leaks";
  return std::any_of(runs.begin(), runs.end(), [&](const RunData& run) {
    return run.one_turn.is_object() && run.one_turn.contains(key) && run.one_turn.contains(clean) &&
           run.one_turn[key].front().value("users", json()) != run.one_turn[clean].front().value("users", json());
  });
}

}  // namespace

std::string one_turn_section(const Runs& runs) {
  const bool keep = runs.front().setting("evaluate.seen_items", "keep") == "keep";
  const std::pair<const char*, const char*> seen[] = {{"seen_kept", "history among the candidates"},
                                                      {"seen_left_out", "history left out"}};
  std::string out, folded;
  for (const char* split : {"test", "valid"})
    for (const size_t s : {keep ? 0U : 1U, keep ? 1U : 0U}) {
      const std::string key = fmt::format("{}_{}", split, seen[s].first);
      const std::string caption = fmt::format("{}, {}", split, seen[s].second);
      (out.empty() ? out : folded) += one_turn_table_html(runs, key, caption);
      if (some_leak(runs, key))
        folded += one_turn_table_html(runs, key + "_without_leaks", caption + ", title not leaked");
    }
  if (!out.empty())
    out +=
        html_note("± is the half-width of a 95% normal interval of the mean over users. Bold: the best of a column.");
  if (!folded.empty()) out += html_details("The other splits and treatments of the history", folded);
  return out + missing_note(runs, "evaluate/one_turn.json", [](const RunData& run) { return run.one_turn.is_null(); });
}

std::string comparison_section(const Runs& runs, const ResamplingOptions& resampling) {
  std::string out = html_note(
      fmt::format("The same users under A and B: 95% interval by the paired bootstrap, p by the two-sided sign-flip "
                  "test, {} resamples, seed {}. Bold: p (Holm) at most 0.05.",
                  resampling.resamples, resampling.seed));
  const CompareOptions options{.resampling = resampling};
  std::vector<ComparisonReport> reports;
  std::string failures;
  const auto try_adding = [&](auto compare) {
    try {
      reports.push_back(compare());
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::data) throw;
      failures += html_note(std::string("Not compared: ") + e.what());
    }
  };
  if (runs.size() == 1) try_adding([&] { return compare_scores(runs[0].folder, options); });
  for (size_t i = 1; i < runs.size(); ++i)
    try_adding([&] {
      ComparisonReport report = compare_runs(runs[0].folder, runs[i].folder, options);
      report.comparisons.front().a = runs[0].name;
      report.comparisons.front().b = runs[i].name;
      return report;
    });
  adjust_as_one_family(reports);
  int64_t family = 0;
  for (const ComparisonReport& report : reports) {
    out += report_html(report);
    family += report.family();
  }
  if (family > 0) out += html_note(fmt::format("{} tests in Holm's family.", family));
  return out + failures;
}

std::string multi_turn_section(const Runs& runs) {
  size_t turns = 0;
  for (const RunData& run : runs)
    if (run.multi_turn.is_object()) turns = std::max(turns, run.multi_turn.at("all").at("success_rate").size());
  std::string out;
  if (turns > 0) {
    out = dialogues_table(runs, turns);
    out += html_note(
        "SR@t: share of dialogues that show the target within t turns, with Wilson's 95% interval. AT: mean "
        "turn of success, failures counted as the last turn T or one more; silent: the user's words were missing.");
  }
  return out +
         missing_note(runs, "evaluate/multi_turn.json", [](const RunData& run) { return run.multi_turn.is_null(); });
}

std::string transcripts_section(const Runs& runs) {
  std::string out;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].transcripts.empty()) continue;
    if (runs.size() > 1) out += "<h3>" + run_label(runs, i) + "</h3>\n";
    out += "<div class=\"dialogues\">\n";
    for (const Transcript* transcript : choose(runs[i].transcripts)) out += transcript_html(*transcript);
    out += "</div>\n";
  }
  if (!out.empty()) out += html_note("All dialogues of a run are in its evaluate/transcripts.html.");
  return out +
         missing_note(runs, "evaluate/transcripts.jsonl", [](const RunData& run) { return run.transcripts.empty(); });
}

}  // namespace latentcrs
