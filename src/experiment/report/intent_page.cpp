#include "experiment/report/intent_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/util/html.h"
#include "base/util/text_width.h"
#include "experiment/report/html_page.h"
#include "experiment/report/html_template.h"
#include "experiment/report/scatter.h"
#include "experiment/report/series.h"

namespace latentcrs {

namespace {

constexpr size_t kShortLabels = 24;  // uncoloured intents whose numbers the picture shows
constexpr int kLabelColumns = 26;    // columns of a title in the picture
constexpr int kTitleColumns = 38;    // columns of a title in a terminal

/// The colour of the intent at `rank` of the report: each of the largest intents has its own.
std::optional<size_t> series_at(const IntentsReport& report, size_t rank) {
  return rank < kSeriesColours && report.intents[rank].users > 0 ? std::optional(rank) : std::nullopt;
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
  if (circle.series && !row.items.empty())
    circle.label = fmt::format("{} {}", row.intent, shorten_text(row.items.front().title, kLabelColumns));
  return circle;
}

/// The share of the variance is 0 where it is not known.
std::string axis_caption(const char* axis, double explained) {
  const std::string share = explained > 0 ? fmt::format(", {:.1f} % of the variance", 100 * explained) : "";
  return fmt::format("{} principal axis{}", axis, share);
}

Scatter scatter_of(const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  Scatter scatter{.title = "Users and intent centres in the plane of their largest variance",
                  .description = how_to_read_intents(report, drawn.size()),
                  .x_caption = axis_caption("first", report.axes[0]),
                  .y_caption = axis_caption("second", report.axes[1])};
  std::map<int64_t, std::optional<size_t>> series;
  for (size_t rank = 0; rank < report.intents.size(); ++rank) {
    series[report.intents[rank].intent] = series_at(report, rank);
    scatter.circles.push_back(circle_of(report, rank));
  }
  for (const DrawnUser& user : drawn) scatter.dots.push_back({user.x, user.y, series[user.intent]});
  return scatter;
}

std::string chip(std::optional<size_t> series) {
  return fmt::format("<span class=\"{}\"><span class=\"chip\"></span></span>", series_class(series));
}

std::string legend(const IntentsReport& report) {
  std::string text = "<div class=\"legend\">\n";
  size_t rank = 0;
  for (; rank < report.intents.size() && series_at(report, rank); ++rank)
    text += fmt::format("<span>{}intent {}</span>\n", chip(rank), report.intents[rank].intent);
  if (rank < report.intents.size()) text += fmt::format("<span>{}the others</span>\n", chip({}));
  return text + "</div>\n";
}

HtmlTable table_of(const IntentsReport& report) {
  HtmlTable table{.caption = "", .head = {"intent", "nearest items", "users", "share"}, .text_columns = 2};
  for (size_t rank = 0; rank < report.intents.size(); ++rank) {
    const IntentRow& row = report.intents[rank];
    std::string items;
    for (const NearTitle& item : row.items)
      items += fmt::format("{}<span title=\"{:.3f}\">{}</span>", items.empty() ? "" : " · ", item.score,
                           escape_html(item.title));
    table.rows.push_back(
        {{fmt::format("{}{}", chip(series_at(report, rank)), row.intent), "<span class=\"titles\">" + items + "</span>",
          std::to_string(row.users), fmt::format("{:.1f} %", 100 * row.share)}});
  }
  return table;
}

}  // namespace

Table IntentsReport::table(size_t top) const {
  Table table{"", {{"intent", "users", "share", "nearest items"}}};
  for (size_t i = 0; i < std::min(top, intents.size()); ++i) {
    const IntentRow& row = intents[i];
    std::string titles;
    for (const NearTitle& item : row.items)
      titles += (titles.empty() ? "" : " · ") + shorten_text(item.title, kTitleColumns);
    table.rows.push_back(
        {std::to_string(row.intent), std::to_string(row.users), fmt::format("{:.1f} %", 100 * row.share), titles});
  }
  return table;
}

std::vector<std::string> IntentsReport::summary() const {
  std::vector<std::string> lines = {
      fmt::format("{} users in {} intents, {} of them empty; the largest has {:.1f} % of the users", users,
                  intents.size(), empty, 100 * intents.front().share),
      fmt::format("Effective number of intents (exp of the entropy of the shares): {:.1f}", effective)};
  if (objective)
    lines.push_back(fmt::format("k-means objective {:.6g}; the intents explain {:.1f} % of the users' variance",
                                *objective, 100 * *explained));
  else
    lines.push_back("k-means objective unknown: the centres were given, and users are compared with them by direction");
  return lines;
}

std::string how_to_read_intents(const IntentsReport& report, size_t drawn) {
  std::string text = drawn == 0 ? "" : "A dot is a user: the mean of the encoder's states over the training input. ";
  text +=
      "A circle is the centre of an intent, its area in proportion to its users; hollow circles have none. Point at a "
      "circle for the items nearest to it.";
  if (drawn > 0 && static_cast<int64_t>(drawn) < report.users)
    text += fmt::format(" Of {} users {} are drawn, evenly spaced in the order of the dataset.", report.users, drawn);
  return text;
}

Svg intent_picture(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  return scatter_picture(name, scatter_of(report, drawn));
}

std::string intent_page(const std::string& name, const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  const std::string title = "Intents of " + name;
  std::string facts;
  for (const std::string& line : report.summary()) facts += html_note(line);
  return html_page(title,
                   fill_template("intents.html", {{"title", escape_html(title)},
                                                  {"facts", facts},
                                                  {"legend", legend(report)},
                                                  {"picture", intent_picture("intents", report, drawn).element()},
                                                  {"note", html_note(how_to_read_intents(report, drawn.size()))},
                                                  {"table", table_of(report).html()}}));
}

}  // namespace latentcrs
