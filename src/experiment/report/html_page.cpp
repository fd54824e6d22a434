#include "experiment/report/html_page.h"

#include <fmt/format.h>

#include "base/util/html.h"
#include "experiment/report/assets.h"
#include "experiment/report/html_template.h"
#include "experiment/report/series.h"

namespace latentcrs {

std::string page_style() {
  std::string style;
  for (const char* file : {"colours.css", "page.css", "figure.css"}) style += report_asset(file);
  return style;
}

std::string html_page(const std::string& title, const std::string& body) {
  return fill_template("page.html", {{"title", escape_html(title)}, {"style", page_style()}, {"body", body}});
}

std::string html_note(const std::string& text) { return "<p class=\"note\">" + escape_html(text) + "</p>\n"; }

std::string html_legend(const std::vector<std::string>& names) {
  if (names.size() < 2) return "";
  std::string out = "<div class=\"legend\">";
  for (size_t i = 0; i < names.size(); ++i)
    out +=
        fmt::format("<span class=\"{}\"><span class=\"chip\"></span>{}</span>", series_class(i), escape_html(names[i]));
  return out + "</div>\n";
}

std::string HtmlTable::html() const {
  std::string out = "<div class=\"scroll\"><table>";
  if (!caption.empty()) out += "<caption>" + escape_html(caption) + "</caption>";
  const auto open = [this](const char* tag, size_t column) {
    return fmt::format("<{}{}>", tag, column < text_columns ? " class=\"text\"" : "");
  };
  out += "<thead><tr>";
  for (size_t c = 0; c < head.size(); ++c) out += open("th", c) + escape_html(head[c]) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const HtmlRow& row : rows) {
    out += row.starts_group ? "<tr class=\"group\">" : "<tr>";
    for (size_t c = 0; c < row.cells.size(); ++c) out += open("td", c) + row.cells[c] + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_details(const std::string& summary, const std::string& inner) {
  return "<details><summary>" + escape_html(summary) + "</summary>\n" + inner + "</details>\n";
}

}  // namespace latentcrs
