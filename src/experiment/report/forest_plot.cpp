#include "experiment/report/forest_plot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/text_width.h"
#include "experiment/report/plot.h"
#include "experiment/report/series.h"

namespace latentcrs {

namespace {

// Sizes in pixels.
constexpr double kForestWidth = 680, kMargin = 8, kForestTop = 8, kForestBottom = 42;
constexpr double kLineHeight = 19;  // of a run's estimate
constexpr double kRowGap = 9;       // between rows of several runs
constexpr double kHeadingHeight = 24, kGroupGap = 6;
constexpr double kLeastLabels = 90, kMostLabels = 240, kBoldText = 1.05;
constexpr double kPanelGap = 22, kPlotGap = 10;  // between panels; between a plot and its figures
constexpr int kForestDigits = 3;

struct PlacedRow {
  const ForestRow* row;
  double top;
};

/// The picture's lines from top to bottom.
class ForestDrawing {
 public:
  ForestDrawing(const std::string& name, const ForestPlot& forest)
      : forest_(forest), style_{kForestDigits, forest.differences} {
    top_ = kForestTop + legend_height(forest.runs, kForestWidth - 2 * kMargin);
    double bottom = top_;
    for (const ForestGroup& group : forest.groups) {
      if (!group.heading.empty()) headings_.emplace_back(&group.heading, bottom += kHeadingHeight);
      for (const ForestRow& row : group.rows) {
        rows_.push_back({&row, bottom});
        bottom += row_height();
      }
      bottom += kGroupGap;
    }
    bottom_ = bottom;
    labels_ = kLeastLabels;
    for (const auto& [heading, place] : headings_) labels_ = std::max(labels_, kBoldText * text_pixels(*heading) + 6);
    for (const PlacedRow& placed : rows_) labels_ = std::max(labels_, text_pixels(label_of(*placed.row)) + 14);
    labels_ = std::min(labels_, kMostLabels);
    svg_.emplace(name, kForestWidth, bottom_ + kForestBottom, forest.title, forest.description);
  }

  Svg drawn() {
    draw_legend(*svg_, forest_.runs, {kMargin + 3, kForestTop - 4}, kForestWidth - 2 * kMargin);
    for (const auto& [heading, bottom] : headings_)
      svg_->text("heading", {kMargin, bottom - 6}, Anchor::start, *heading);
    for (const PlacedRow& placed : rows_) draw_label(placed);
    for (size_t panel = 0; panel < forest_.panels.size(); ++panel) draw_panel(panel);
    return std::move(*svg_);
  }

 private:
  double row_height() const {
    const auto runs = static_cast<double>(forest_.runs.size());
    return runs * kLineHeight + (runs > 1 ? kRowGap : 4);
  }
  double line_of(const PlacedRow& placed, size_t run) const {
    return placed.top + (row_height() - kLineHeight * static_cast<double>(forest_.runs.size())) / 2 +
           kLineHeight * (static_cast<double>(run) + 0.5);
  }

  void draw_label(const PlacedRow& placed) {
    const int columns = static_cast<int>((labels_ - 8) / text_pixels("m"));
    svg_->text("label", {kMargin + labels_ - 8, placed.top + row_height() / 2 + 4}, Anchor::end,
               shorten_text(label_of(*placed.row), columns));
  }

  std::string label_of(const ForestRow& row) const {
    const bool equal = std::all_of(row.counts.begin(), row.counts.end(),
                                   [&row](const auto& count) { return count && count == row.counts.front(); });
    return row.label + (forest_.counts_in_labels && equal ? fmt::format(" ({})", *row.counts.front()) : "");
  }

  /// The estimates of one panel, at most one for each run and row.
  template <class Visit>
  void each(size_t panel, Visit visit) const {
    for (const PlacedRow& placed : rows_)
      for (size_t run = 0; run < forest_.runs.size(); ++run)
        if (const auto& estimate = placed.row->estimates[run][panel]) visit(*estimate, run, line_of(placed, run));
  }

  Range range_of(size_t panel) const {
    Range range;
    range.include(0);
    each(panel, [&](const Estimate& estimate, size_t, double) {
      range.include(estimate.value);
      if (!estimate.interval) return;
      range.include(estimate.interval->low);
      range.include(estimate.interval->high);
    });
    Range padded = range.padded(0.05);
    if (range.low == 0) padded.low = 0;
    return padded;
  }

  double figures_width(size_t panel) const {
    double width = 0;
    each(panel, [&](const Estimate& estimate, size_t, double) {
      width = std::max(width, text_pixels(estimate_text(estimate, style_)));
    });
    return width;
  }

  void draw_panel(size_t panel) {
    const auto panels = static_cast<double>(forest_.panels.size());
    const double begin = kMargin + labels_;
    const double width = (kForestWidth - kMargin - begin - kPanelGap * (panels - 1)) / panels;
    const double left = begin + static_cast<double>(panel) * (width + kPanelGap);
    const Box box{left, top_, left + width - figures_width(panel) - kPlotGap, bottom_};
    const Plot plot{box, range_of(panel), {0, 1}};
    draw_x_axis(*svg_, plot, {.label = forest_.panels[panel], .ticks = 3});
    svg_->line("zero", {plot.px(0), box.top}, {plot.px(0), box.bottom});
    each(panel, [&](const Estimate& estimate, size_t run, double y) {
      draw_estimate(plot, estimate, run, y);
      svg_->text("value", {left + width, y + 4}, Anchor::end, estimate_text(estimate, style_));
    });
  }

  void draw_estimate(const Plot& plot, const Estimate& estimate, size_t run, double y) {
    svg_->open(series_class(run), forest_.runs[run]);
    if (estimate.interval)
      draw_whisker(*svg_, {plot.px(estimate.interval->low), y}, {plot.px(estimate.interval->high), y});
    draw_mark(*svg_, run, {plot.px(estimate.value), y}, {});
    svg_->close();
  }

  const ForestPlot& forest_;
  NumberStyle style_;
  std::optional<Svg> svg_;
  double top_ = 0, bottom_ = 0, labels_ = 0;
  std::vector<std::pair<const std::string*, double>> headings_;
  std::vector<PlacedRow> rows_;
};

}  // namespace

Svg forest_picture(const std::string& name, const ForestPlot& forest) { return ForestDrawing(name, forest).drawn(); }

FigureTable forest_table(const ForestPlot& forest, const std::string& caption) {
  const bool several = forest.runs.size() > 1;
  FigureTable table{.caption = caption, .columns = {{forest.row_name}}};
  if (several) table.columns.push_back({"run"});
  for (const std::string& column : forest.columns) table.columns.push_back({column, {4, forest.differences}});
  table.columns.push_back({forest.counted});
  for (const ForestGroup& group : forest.groups)
    for (const ForestRow& row : group.rows)
      for (size_t run = 0; run < forest.runs.size(); ++run) {
        if (!row.counts[run]) continue;
        auto& cells = table.rows.emplace_back();
        cells.emplace_back(row.label);
        if (several) cells.emplace_back(forest.runs[run]);
        for (const auto& estimate : row.estimates[run])
          cells.push_back(estimate ? FigureCell(*estimate) : FigureCell());
        cells.emplace_back(*row.counts[run]);
      }
  return table;
}

}  // namespace latentcrs
