#include "experiment/report/figure_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/util/csv.h"
#include "base/util/html.h"
#include "experiment/report/axis.h"
#include "experiment/report/html_page.h"

namespace latentcrs {

namespace {

/// What takes the place of a piece of text in LaTeX: of all characters that are commands there, of brackets and stars,
/// which a line end takes for its arguments, and of the signs of our own tables that pdflatex does not know.
constexpr std::pair<std::string_view, std::string_view> kLatexTexts[] = {{"\\", "\\textbackslash{}"},
                                                                         {"{", "\\{"},
                                                                         {"}", "\\}"},
                                                                         {"[", "{[}"},
                                                                         {"*", "{*}"},
                                                                         {"&", "\\&"},
                                                                         {"%", "\\%"},
                                                                         {"$", "\\$"},
                                                                         {"#", "\\#"},
                                                                         {"_", "\\_"},
                                                                         {"~", "\\textasciitilde{}"},
                                                                         {"^", "\\textasciicircum{}"},
                                                                         {"<", "\\textless{}"},
                                                                         {">", "\\textgreater{}"},
                                                                         {"|", "\\textbar{}"},
                                                                         {"−", "$-$"},
                                                                         {"±", "$\\pm$"},
                                                                         {"·", "$\\cdot$"}};

std::string number_text(double value, const NumberStyle& style) {
  return style.signs ? fmt::format("{:+.{}f}", value, style.digits) : fmt::format("{:.{}f}", value, style.digits);
}

bool is_even(const Estimate& estimate) {
  const double below = estimate.value - estimate.interval->low, above = estimate.interval->high - estimate.value;
  return std::abs(above - below) <= 1e-9 * std::max(1.0, std::abs(estimate.value));
}

/// The two forms of an estimate, with the signs of the place that they are for.
struct EstimateForm {
  const char *even, *uneven, *alone;
};
constexpr EstimateForm kPlain = {"{0} ± {1}", "{0} [{2}, {3}]", "{0}"};
constexpr EstimateForm kLatexForm = {"${0} \\pm {1}$", "${0}$ $[{2}, {3}]$", "${0}$"};

std::string format_estimate(const Estimate& estimate, const NumberStyle& style, const EstimateForm& form) {
  const std::string value = number_text(estimate.value, style);
  if (!std::isfinite(estimate.value)) return value;
  if (!estimate.interval) return fmt::format(fmt::runtime(form.alone), value);
  const std::string half = number_text((estimate.interval->high - estimate.interval->low) / 2, {style.digits, false});
  return fmt::format(fmt::runtime(is_even(estimate) ? form.even : form.uneven), value, half,
                     number_text(estimate.interval->low, style), number_text(estimate.interval->high, style));
}

/// A cell with the functions for text and for estimates.
template <class Text, class Number>
std::string cell_text(const FigureCell& cell, Text text, Number number, const char* nothing) {
  if (const auto* content = std::get_if<std::string>(&cell)) return text(*content);
  if (const auto* count = std::get_if<int64_t>(&cell)) return std::to_string(*count);
  if (const auto* estimate = std::get_if<Estimate>(&cell)) return number(*estimate);
  return nothing;
}

bool holds_text(const std::vector<std::vector<FigureCell>>& rows, size_t column) {
  return std::any_of(rows.begin(), rows.end(),
                     [column](const auto& row) { return std::holds_alternative<std::string>(row[column]); });
}

bool has_intervals(const std::vector<std::vector<FigureCell>>& rows, size_t column) {
  return std::any_of(rows.begin(), rows.end(), [column](const auto& row) {
    const auto* estimate = std::get_if<Estimate>(&row[column]);
    return estimate != nullptr && estimate->interval;
  });
}

std::string exact(double value) { return fmt::format("{}", value); }

void add_csv_cells(const FigureCell& cell, bool with_interval, std::vector<std::string>& cells) {
  cells.push_back(cell_text(
      cell, [](const std::string& text) { return text; }, [](const Estimate& e) { return exact(e.value); }, ""));
  if (!with_interval) return;
  const auto* estimate = std::get_if<Estimate>(&cell);
  const bool known = estimate != nullptr && estimate->interval;
  cells.push_back(known ? exact(estimate->interval->low) : "");
  cells.push_back(known ? exact(estimate->interval->high) : "");
}

std::string latex_line(const std::vector<std::string>& cells) {
  std::string line = "    ";
  for (size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : " & ") + cells[i];
  return line + " \\\\\n";
}

}  // namespace

std::string estimate_text(const Estimate& estimate, const NumberStyle& style) {
  return with_minus_signs(format_estimate(estimate, style, kPlain));
}

std::string escape_latex(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto* found = std::find_if(std::begin(kLatexTexts), std::end(kLatexTexts),
                                     [&](const auto& piece) { return text.substr(at).starts_with(piece.first); });
    if (found == std::end(kLatexTexts)) {
      out += text[at++];
    } else {
      out += found->second;
      at += found->first.size();
    }
  }
  return out;
}

std::string FigureTable::csv() const {
  std::vector<std::string> head;
  std::vector<bool> with_interval;
  for (size_t c = 0; c < columns.size(); ++c) {
    with_interval.push_back(has_intervals(rows, c));
    head.push_back(columns[c].name);
    if (with_interval[c]) head.insert(head.end(), {columns[c].name + " low", columns[c].name + " high"});
  }
  std::string out = csv_line(head);
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < row.size(); ++c) add_csv_cells(row[c], with_interval[c], cells);
    out += csv_line(cells);
  }
  return out;
}

std::string FigureTable::latex(const std::string& name) const {
  std::string alignment;
  std::vector<std::string> head;
  for (size_t c = 0; c < columns.size(); ++c) {
    alignment += holds_text(rows, c) ? 'l' : 'r';
    head.push_back(escape_latex(columns[c].name));
  }
  std::string body;
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (size_t c = 0; c < row.size(); ++c)
      cells.push_back(cell_text(
          row[c], [](const std::string& text) { return escape_latex(text); },
          [&](const Estimate& estimate) { return format_estimate(estimate, columns[c].style, kLatexForm); }, "--"));
    body += latex_line(cells);
  }
  return fmt::format(
      "% needs \\usepackage{{booktabs}}\n\\begin{{table}}[t]\n  \\centering\n  \\caption{{{}}}\n  \\label{{tab:{}}}\n"
      "  \\begin{{tabular}}{{{}}}\n    \\toprule\n{}    \\midrule\n{}    \\bottomrule\n  "
      "\\end{{tabular}}\n\\end{{table}}\n",
      escape_latex(caption), name, alignment, latex_line(head), body);
}

std::string FigureTable::html() const {
  HtmlTable table{.caption = caption, .head = {}, .text_columns = 0};
  for (const FigureColumn& column : columns) table.head.push_back(column.name);
  while (table.text_columns < columns.size() && holds_text(rows, table.text_columns)) ++table.text_columns;
  for (const auto& row : rows) {
    HtmlRow& shown = table.rows.emplace_back();
    for (size_t c = 0; c < row.size(); ++c)
      shown.cells.push_back(cell_text(
          row[c], [](const std::string& text) { return escape_html(text); },
          [&](const Estimate& estimate) { return estimate_text(estimate, columns[c].style); }, "-"));
  }
  return table.html();
}

}  // namespace latentcrs
