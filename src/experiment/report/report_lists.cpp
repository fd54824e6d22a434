// Figures of the lists of recommended items: how much of the catalogue they show, and how alike their items are.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/report_sections.h"

namespace latentcrs {

namespace {

using nlohmann::json;

struct ListColumn {
  const char *key, *head;
  int digits;
  bool has_interval;
};
constexpr ListColumn kListColumns[] = {{"coverage", "coverage", 4, false},
                                       {"gini", "Gini", 4, false},
                                       {"popularity", "popularity", 1, true},
                                       {"novelty", "novelty (bits)", 2, true},
                                       {"genre_diversity", "diversity, genres", 4, true},
                                       {"intent_diversity", "diversity, intents", 4, true}};

/// What evaluate wrote about the lists of one split; null if it did not measure them.
json lists_of(const RunData& run, const std::string& split) {
  return run.lists.is_object() && run.lists.contains(split) ? run.lists.at(split) : json();
}

std::string list_cell(const json& figures, const ListColumn& column) {
  const double value = figures.at(column.key).get<double>();
  if (!column.has_interval) return fmt::format("{:.{}f}", value, column.digits);
  return fmt::format("{:.{}f} <span class=\"ci\">±{:.{}f}</span>", value, column.digits,
                     figures.at(std::string(column.key) + "_ci95").get<double>(), column.digits);
}

std::string list_table_html(const Runs& runs, const std::string& split, const std::string& caption) {
  HtmlTable table{.caption = caption, .head = {"run", "score"}, .text_columns = 2};
  for (const ListColumn& column : kListColumns) table.head.emplace_back(column.head);
  for (size_t i = 0; i < runs.size(); ++i) {
    const json lists = lists_of(runs[i], split);
    bool first = true;
    for (const auto& [score, figures] : lists.items()) {
      HtmlRow row{{first ? run_label(runs, i) : "", escape_html(score)}, first};
      for (const ListColumn& column : kListColumns) row.cells.push_back(list_cell(figures, column));
      table.rows.push_back(std::move(row));
      first = false;
    }
  }
  return table.rows.empty() ? "" : table.html();
}

}  // namespace

std::string lists_section(const Runs& runs) {
  const auto lacks = [](const RunData& run) { return !run.lists.is_object(); };
  if (std::all_of(runs.begin(), runs.end(), lacks))
    return html_note("evaluate.list_metrics_at=10 measures the lists of recommended items.");
  std::set<std::string> lengths;
  for (const RunData& run : runs)
    if (!lacks(run)) lengths.insert(run.setting("evaluate.list_metrics_at", "k"));
  std::string out;
  for (const std::string& length : lengths) out += (out.empty() ? "" : " and ") + length;
  const std::string first = "First " + out + " items, test, ";
  out = list_table_html(runs, "test_seen_kept", first + "history among the candidates") +
        list_table_html(runs, "test_seen_left_out", first + "history left out");
  if (!out.empty())
    out += html_note(
        "Coverage: share of all items that are in some list. Gini: 0 if all items are in equally many lists, near 1 if "
        "few "
        "have all places. Popularity: mean training interactions of an item in a list. Novelty: mean -log2 of the "
        "share of "
        "users that have it. Diversity: mean difference of two items of a list, in their genres (1 - Jaccard) or "
        "intents.");
  return out + missing_note(runs, "figures of lists (evaluate.list_metrics_at)", lacks);
}

}  // namespace latentcrs
