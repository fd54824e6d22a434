// The numbers of a picture as a table: for a page, as CSV and as LaTeX.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/metrics/metrics.h"

namespace latentcrs {

/// A value and, if there is one, its 95% interval.
struct Estimate {
  double value = 0;
  std::optional<Interval> interval = {};
};

/// How an estimate is shown.
struct NumberStyle {
  int digits = 4;      ///< after the point
  bool signs = false;  ///< a plus before positive numbers, as differences have it
};

/// "0.443 ± 0.057" where the interval lies evenly around the value, else "0.980 [0.930, 0.995]".
std::string estimate_text(const Estimate& estimate, const NumberStyle& style);

/// Text, a count, an estimate, or nothing.
using FigureCell = std::variant<std::monostate, std::string, int64_t, Estimate>;

struct FigureColumn {
  std::string name;
  NumberStyle style = {};
};

struct FigureTable {
  std::string caption;  ///< plain text, one or two whole sentences
  std::vector<FigureColumn> columns = {};
  std::vector<std::vector<FigureCell>> rows = {};  ///< each with a cell for every column

  /// Comma-separated values with a header. Numbers have the digits that give them back exactly; where estimates have
  /// intervals, "NDCG@10" is followed by the columns "NDCG@10 low" and "NDCG@10 high". A cell of nothing is empty.
  std::string csv() const;
  /// A LaTeX table in the style of the package booktabs, with the caption and the label "tab:<name>".
  std::string latex(const std::string& name) const;
  std::string html() const;
};

/// Escapes plain text for LaTeX.
std::string escape_latex(std::string_view text);

}  // namespace latentcrs
