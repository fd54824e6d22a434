#include "report/html_page.h"

#include <fmt/format.h>

#include "report/assets.h"
#include "util/html.h"

namespace latentcrs {

namespace {

std::string series_style() {
  std::string css;
  for (size_t i = 0; i < kSeriesColours; ++i) css += fmt::format(".s{0} {{ --c: var(--c{0}); }} ", i);
  return css + ".rest { --c: var(--rest); } .series { stroke: var(--c); } .series-fill { fill: var(--c); }\n";
}

}  // namespace

std::string series_class(std::optional<size_t> series) {
  return series ? fmt::format("s{}", *series % kSeriesColours) : "rest";
}

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      escape_html(title), report_asset("page.css"), series_style(), body);
}

std::string html_note(const std::string& text) { return "<p class=\"note\">" + escape_html(text) + "</p>\n"; }

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
