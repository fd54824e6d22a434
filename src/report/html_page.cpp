#include "report/html_page.h"

#include <fmt/format.h>

#include "util/html.h"

namespace latentcrs {

namespace {

constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; --page: #fcfcfb; --card: #ffffff; --ink: #1c1c1a; --muted: #6b6a66; --line: #e2e1dc;
  --grid: #eceae4; --accent: #f1f0ec; --good: #177245; --bad: #b3261e; --said: #e4effb;
  --c0: #2a78d6; --c1: #d9580f; --c2: #128a5f; --c3: #6a4fc4; --c4: #b98200; --c5: #c2417c; --c6: #5b6770; --c7: #c0322f; --rest: #a3a29c; }
@media (prefers-color-scheme: dark) { :root { --page: #161615; --card: #1e1e1c; --ink: #ecebe6; --muted: #a09f99;
  --line: #383733; --grid: #2c2b28; --accent: #282724; --good: #5cc493; --bad: #f0827a; --said: #1d3450;
  --c0: #5a9fec; --c1: #f08a4b; --c2: #3cc193; --c3: #a593f0; --c4: #dcae3c; --c5: #e885b4; --c6: #a3b0ba; --c7: #f0827a; --rest: #77766f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.5rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .4rem; } h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-top: .6rem;
  border-top: 1px solid var(--line); } h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .4rem 0; max-width: 60rem; } .note { color: var(--muted); font-size: .87rem; }
a { color: var(--c0); } nav { margin: .8rem 0 1rem; font-size: .9rem; } nav a { margin-right: 1.1rem; white-space: nowrap; }
code, pre { font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; } pre { overflow-x: auto; margin: .5rem 0; }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; background: var(--card);
  border: 1px solid var(--line); }
caption { text-align: left; font-weight: 600; font-size: .95rem; padding: .2rem 0 .4rem; }
th, td { padding: .28rem .7rem; text-align: right; vertical-align: baseline; white-space: nowrap; }
th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--line); }
th.text, td.text { text-align: left; }
td .titles { display: inline-block; max-width: 46rem; white-space: normal; }
td code { display: inline-block; max-width: 30rem; white-space: normal; overflow-wrap: anywhere; }
tr.group td { border-top: 1px solid var(--line); } tbody tr:hover td { background: var(--accent); }
td .ci { display: block; color: var(--muted); font-size: .9em; font-weight: 400; line-height: 1.25; }
.best { font-weight: 650; }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: .8rem; margin: .6rem 0 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); padding: .55rem .6rem .3rem; }
figure.wide { max-width: 44rem; } figure.picture { max-width: 60rem; margin-top: 1rem; }
figcaption { font-size: .87rem; font-weight: 600; } figcaption small { font-weight: 400; color: var(--muted); }
svg { display: block; width: 100%; height: auto; } svg text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: var(--muted); }
svg .grid { stroke: var(--grid); } svg .axis { stroke: var(--line); } svg .mark { fill: var(--card); stroke-width: 1.6; }
svg .curve { fill: none; stroke-width: 1.7; stroke-linejoin: round; stroke-linecap: round; } svg .whisker { stroke-width: 1.2; }
svg .frame { fill: none; stroke: var(--line); }
svg .dots { fill: none; stroke: var(--c); stroke-width: 3.4; stroke-linecap: round; stroke-opacity: .55; }
svg .dots.rest { stroke-opacity: .35; } svg .circle { fill: var(--c); fill-opacity: .85; stroke: var(--card); stroke-width: 1.5; }
svg .circle.rest { fill-opacity: .6; } svg .hollow { fill: var(--card); fill-opacity: .4; stroke: var(--c); }
svg .circle:hover, svg .hollow:hover { stroke: var(--ink); }
svg .label { fill: var(--ink); font-size: 12px; font-weight: 600; stroke: var(--card); stroke-width: 3.5; stroke-linejoin: round;
  paint-order: stroke; pointer-events: none; } svg .label.minor { fill: var(--muted); font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; font-size: .87rem; margin: .5rem 0; }
.chip { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .4em; background: var(--c); }
.dialogues { display: grid; grid-template-columns: repeat(auto-fill, minmax(27rem, 1fr)); gap: 1rem; align-items: start; }
.dialogue { background: var(--card); border: 1px solid var(--line); padding: .7rem .8rem; }
.dialogue header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem; font-size: .87rem;
  border-bottom: 1px solid var(--line); padding-bottom: .4rem; margin-bottom: .5rem; }
.outcome { font-weight: 600; white-space: nowrap; } .yes { color: var(--good); } .no { color: var(--bad); }
.said { margin: .5rem 0 .3rem 3rem; padding: .4rem .7rem; background: var(--said); border-radius: .8rem .8rem .15rem .8rem; }
.shown { margin: .3rem 3rem .3rem 0; padding: .4rem .7rem; background: var(--accent);
  border-radius: .8rem .8rem .8rem .15rem; font-size: .9rem; }
.shown ol { margin: 0; padding-left: 1.4rem; } .shown .hit { font-weight: 650; color: var(--good); }
.heard { font-size: .8rem; color: var(--muted); margin-bottom: .15rem; } .leak { color: var(--bad); font-size: .8rem; }
@media (max-width: 40rem) { body { padding: 1rem .8rem 3rem; } .charts, .dialogues { grid-template-columns: 1fr; }
  .said { margin-left: 1rem; } .shown { margin-right: 1rem; } }
)css";

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
      escape_html(title), kStyle, series_style(), body);
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
