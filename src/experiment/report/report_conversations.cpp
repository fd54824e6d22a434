#include <fmt/format.h>

#include <algorithm>

#include "base/metrics/conversation_metrics.h"
#include "base/util/files.h"
#include "base/util/html.h"
#include "experiment/report/conversations_page.h"
#include "experiment/report/html_page.h"
#include "experiment/report/report_sections.h"

namespace latentcrs {

namespace {

constexpr size_t kConversationsShown = 6;

std::vector<std::string> conversation_columns() {
  std::vector<std::string> columns;
  for (const int k : kConversationCutoffs) columns.push_back(fmt::format("recall@{}", k));
  columns.insert(columns.end(), {"NDCG@10", "MRR"});
  return columns;
}

/// The scores of one group of conversations, runs below each other.
std::string conversation_group_html(const Runs& runs, const std::string& group) {
  HtmlTable table{.caption = group, .head = {"run", "score"}, .text_columns = 2};
  const std::vector<std::string> columns = conversation_columns();
  table.head.insert(table.head.end(), columns.begin(), columns.end());
  table.head.insert(table.head.end(), {"targets", "dialogues"});
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].conversations.is_object()) continue;
    for (const nlohmann::json& figures : runs[i].conversations.at("groups")) {
      if (figures.at("name") != group) continue;
      bool first = true;
      for (const auto& [score, values] : figures.at("scores").items()) {
        HtmlRow row{{first ? run_label(runs, i) : "", escape_html(score)}, first};
        for (const std::string& column : columns)
          row.cells.push_back(fmt::format("{:.4f} <span class=\"ci\">±{:.4f}</span>", values.at(column).get<double>(),
                                          values.at(column + "_ci95").get<double>()));
        row.cells.push_back(figures.at("rows").dump());
        row.cells.push_back(figures.at("dialogues").dump());
        table.rows.push_back(std::move(row));
        first = false;
      }
    }
  }
  return table.rows.empty() ? "" : table.html();
}

std::string left_out_note(const RunData& run) {
  std::string text;
  for (const auto& [what, count] : run.conversations.at("left_out").items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.dump(), what);
  return text.empty() ? "" : html_note(fmt::format("Left out in {}: {}.", run.name, text));
}

/// A few conversations: in turn one whose target stands high with text, and one whose target does not.
std::string some_conversations(const RunData& run) {
  const std::filesystem::path path = run.folder / "evaluate/conversations.jsonl";
  if (!std::filesystem::exists(path)) return "";
  std::vector<ShownConversation> high, low;
  for (ShownConversation& conversation : read_shown_conversations(path)) {
    const auto rank = conversation.ranks.find("with text");
    if (rank == conversation.ranks.end() || conversation.condition != "recommendation") continue;
    std::vector<ShownConversation>& part = rank->second >= 1 && rank->second <= 10 ? high : low;
    if (part.size() < kConversationsShown / 2) part.push_back(std::move(conversation));
  }
  std::string out = "<div class=\"dialogues wide\">\n";
  for (size_t i = 0; i < std::max(high.size(), low.size()); ++i) {
    if (i < high.size()) out += conversation_html(high[i]);
    if (i < low.size()) out += conversation_html(low[i]);
  }
  return out + "</div>\n";
}

}  // namespace

std::string conversations_section(const Runs& runs) {
  std::vector<std::string> groups;
  for (const RunData& run : runs) {
    if (!run.conversations.is_object()) continue;
    for (const nlohmann::json& figures : run.conversations.at("groups"))
      if (const std::string name = figures.at("name"); std::find(groups.begin(), groups.end(), name) == groups.end())
        groups.push_back(name);
  }
  if (groups.empty()) return html_note("No conversations were evaluated: latentcrs evaluate conversations=FILE.");
  std::string out, folded;
  for (const std::string& group : groups)
    (group.starts_with("recommendation") && group.find("target") == std::string::npos ? out : folded) +=
        conversation_group_html(runs, group);
  out += html_note("± is the half-width of a 95% interval of the mean, by dialogue. The history is left out.");
  for (const RunData& run : runs)
    if (run.conversations.is_object()) out += left_out_note(run);
  if (!folded.empty()) out += html_details("All, discussions, and by the popularity of the target", folded);
  for (const RunData& run : runs)
    if (run.conversations.is_object()) {
      if (runs.size() > 1) out += "<h3>" + escape_html(run.name) + "</h3>\n";
      out += some_conversations(run);
    }
  return out + html_note("All conversations of a run are in its evaluate/conversations.html.");
}

}  // namespace latentcrs
