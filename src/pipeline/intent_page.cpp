#include "latentcrs/pipeline/intent_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "latentcrs/pipeline/svg.h"
#include "latentcrs/util/html.h"
#include "util/text_width.h"

namespace latentcrs {

namespace {

constexpr size_t kShortLabels = 24;  // intents after the coloured ones that are given their number in the picture
constexpr int kLabelColumns = 26;    // of a title in the picture

/// The colour of the intent at `rank` of the report: the largest ones have one each.
int series_at(const IntentsReport& report, size_t rank) {
  return rank < kSeriesColours && report.intents[rank].users > 0 ? static_cast<int>(rank) : -1;
}

std::string users_text(const IntentRow& row) {
  return fmt::format("{} {} ({:.1f} %)", row.users, row.users == 1 ? "user" : "users", 100 * row.share);
}

std::string hover_text(const IntentRow& row) {
  std::string text = fmt::format("intent {}: {}", row.intent, users_text(row));
  for (const NearTitle& item : row.items) text += "\n" + item.title;
  return text;
}

Scatter::Circle circle_of(const IntentsReport& report, size_t rank) {
  const IntentRow& row = report.intents[rank];
  Scatter::Circle circle{.x = row.x,
                         .y = row.y,
                         .weight = static_cast<double>(row.users),
                         .series = series_at(report, rank),
                         .hover = hover_text(row)};
  if (row.users == 0) return circle;
  if (rank < kSeriesColours + kShortLabels) circle.short_label = std::to_string(row.intent);
  if (circle.series >= 0 && !row.items.empty())
    circle.label = fmt::format("{} {}", row.intent, shorten_text(row.items.front().title, kLabelColumns));
  return circle;
}

std::string caption(const char* axis, double explained) {
  return fmt::format("{} principal axis, {:.1f} % of the variance", axis, 100 * explained);
}

Scatter scatter_of(const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  Scatter scatter{.title = "Users and intent centres in the plane of their largest variance",
                  .x_caption = caption("first", report.axes[0]),
                  .y_caption = caption("second", report.axes[1])};
  std::map<int64_t, int> series;
  for (size_t rank = 0; rank < report.intents.size(); ++rank) {
    series[report.intents[rank].intent] = series_at(report, rank);
    scatter.circles.push_back(circle_of(report, rank));
  }
  for (const DrawnUser& user : drawn) scatter.dots.push_back({user.x, user.y, series.at(user.intent)});
  return scatter;
}

std::string swatch(int series) { return fmt::format("<i class=\"swatch {}\"></i>", series_class(series)); }

std::string legend(const IntentsReport& report) {
  std::string text = "<ul class=\"legend\">\n";
  size_t rank = 0;
  for (; rank < report.intents.size() && series_at(report, rank) >= 0; ++rank)
    text += fmt::format("<li>{}intent {}</li>\n", swatch(series_at(report, rank)), report.intents[rank].intent);
  if (rank < report.intents.size()) text += fmt::format("<li>{}the others</li>\n", swatch(-1));
  return text + "</ul>\n";
}

std::string how_to_read(const IntentsReport& report, size_t drawn) {
  std::string text =
      "A dot is a user: the mean of the encoder's states over the training input. A circle is the centre of an intent, "
      "its area in proportion to its users; hollow circles have none. Point at a circle for the items nearest to it.";
  if (static_cast<int64_t>(drawn) < report.users)
    text += fmt::format(" Of {} users {} are drawn, evenly spaced in the order of the dataset.", report.users, drawn);
  return text;
}

std::string table_of(const IntentsReport& report) {
  std::string text =
      "<table>\n<thead><tr><th>intent</th><th>users</th><th>share</th><th>nearest items</th></tr></thead>\n";
  for (size_t rank = 0; rank < report.intents.size(); ++rank) {
    const IntentRow& row = report.intents[rank];
    std::string items;
    for (const NearTitle& item : row.items)
      items += fmt::format("<span title=\"{:.3f}\">{}</span>", item.score, escape_html(item.title));
    text += fmt::format("<tr><td>{}{}</td><td>{}</td><td>{:.1f} %</td><td>{}</td></tr>\n",
                        swatch(series_at(report, rank)), row.intent, row.users, 100 * row.share, items);
  }
  return text + "</table>\n";
}

constexpr const char* kPageStyle =
    "body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,sans-serif}\n"
    "main{max-width:920px;margin:0 auto;padding:24px 20px 48px}\n"
    "h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 8px}p{margin:0 0 4px}\n"
    ".facts,figcaption{color:var(--muted)}figure{margin:18px 0 0}figcaption{font-size:13px;margin-top:8px}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:2px 16px;list-style:none;margin:0 0 8px;padding:0;font-size:13px}\n"
    ".swatch{display:inline-block;width:10px;height:10px;border-radius:50%;background:var(--c);margin-right:6px}\n"
    "table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}\n"
    "th{text-align:left;color:var(--muted);font-weight:500}th,td{padding:4px 14px 4px 0;vertical-align:top;"
    "border-bottom:1px solid var(--line)}\n"
    "th:nth-child(2),th:nth-child(3),td:nth-child(2),td:nth-child(3){text-align:right;white-space:nowrap}\n"
    "td:first-child{white-space:nowrap}td span+span::before{content:\" · \";color:var(--muted);white-space:pre}\n";

}  // namespace

std::string intent_page(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  const std::string title = escape_html("Intents of " + name);
  std::string facts;
  for (const std::string& line : report.summary())
    facts += fmt::format("<p class=\"facts\">{}</p>\n", escape_html(line));
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n<style>\n{1}{2}</style>\n</head>\n"
      "<body>\n<main>\n<h1>{0}</h1>\n{3}<figure>\n{4}{5}<figcaption>{6}</figcaption>\n</figure>\n"
      "<h2>All intents</h2>\n{7}</main>\n</body>\n</html>\n",
      title, svg_style(), kPageStyle, facts, legend(report), svg_scatter(scatter_of(report, drawn)),
      how_to_read(report, drawn.size()), table_of(report));
}

}  // namespace latentcrs
