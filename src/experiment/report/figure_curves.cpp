// Learning curves of pretraining and of EM.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/util/metrics_scalars.h"
#include "experiment/report/figure_kinds.h"
#include "experiment/report/line_chart.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The curves of one term ("joint, losses, total") in all runs.
struct TermCurves {
  std::string term;
  std::vector<ChartSeries> series;

  /// The value of all points, if there is but one.
  std::optional<double> constant() const {
    const double first = series.front().points.front().y;
    size_t points = 0;
    for (const ChartSeries& curve : series)
      for (const ChartPoint& point : curve.points) {
        if (point.y != first) return std::nullopt;
        ++points;
      }
    return points > 1 ? std::optional(first) : std::nullopt;
  }
};

/// A path as words: "valid/with_text/NDCG@10" -> "valid, with text, NDCG@10".
std::string words_of(std::string path) {
  for (size_t at = 0; (at = path.find('/', at)) != std::string::npos; at += 2) path.replace(at, 1, ", ");
  std::replace(path.begin(), path.end(), '_', ' ');
  return path;
}

/// Whether a curve is drawn. Among the validation metrics only the one that early stopping watches is.
bool is_drawn(const std::string& path, const std::string& metric) {
  return path.find("valid/") == std::string::npos || path.ends_with("/" + metric);
}

/// The terms in the order in which they first occur.
class TermSet {
 public:
  void add(size_t run, const std::string& run_name, const std::string& term, ChartPoint point) {
    auto found = std::find_if(terms_.begin(), terms_.end(), [&](const auto& curves) { return curves.term == term; });
    if (found == terms_.end()) found = terms_.insert(terms_.end(), {term, {}});
    if (found->series.empty() || found->series.back().colour != run) found->series.push_back({run_name, run, {}, {}});
    found->series.back().points.push_back(point);
  }
  std::vector<TermCurves>& terms() { return terms_; }

 private:
  std::vector<TermCurves> terms_;
};

/// `lines` are those of a metrics.jsonl; the terms of an EM stage begin with its name.
void add_curves(const std::vector<json>& lines, size_t run, const RunData& data, const std::string& metric,
                TermSet& terms) {
  for (const json& line : lines) {
    if (!line.contains("epoch")) continue;
    const double epoch = line["epoch"].get<double>();
    for (const auto& [path, value] : scalars_of(line))
      if (is_drawn(path, metric)) terms.add(run, data.name, words_of(path), {epoch, value});
  }
}

/// Marks each curve's highest point after epoch 0 (before training). Early stopping watches one of these curves and
/// accepts a higher point only if it gains more than early_stop.delta.
void mark_best(ChartSeries& series) {
  for (size_t i = 0; i < series.points.size(); ++i)
    if (series.points[i].x > 0 && (!series.best || series.points[i].y > series.points[*series.best].y)) series.best = i;
}

FigureTable summary_of(const std::vector<TermCurves>& terms, bool several, const std::string& caption) {
  FigureTable table{caption, {{"curve"}, {"epochs"}, {"first"}, {"last"}, {"best"}, {"best epoch"}}};
  if (several) table.columns.insert(table.columns.begin() + 1, {"run"});
  for (const TermCurves& curves : terms)
    for (const ChartSeries& series : curves.series) {
      auto& row = table.rows.emplace_back();
      row.emplace_back(curves.term);
      if (several) row.emplace_back(series.name);
      row.insert(row.end(), {static_cast<int64_t>(series.points.back().x), Estimate{series.points.front().y},
                             Estimate{series.points.back().y}, FigureCell(), FigureCell()});
      if (!series.best) continue;
      row.end()[-2] = Estimate{series.points[*series.best].y};
      row.end()[-1] = static_cast<int64_t>(series.points[*series.best].x);
    }
  return table;
}

FigureTable points_of(const std::vector<TermCurves>& terms, const std::string& caption) {
  FigureTable table{caption, {{"curve"}, {"run"}, {"epoch"}, {"value"}}};
  for (const TermCurves& curves : terms)
    for (const ChartSeries& series : curves.series)
      for (const ChartPoint& point : series.points)
        table.rows.push_back({curves.term, series.name, static_cast<int64_t>(point.x), Estimate{point.y}});
  return table;
}

std::vector<Figure> curves_figure(const FigureInputs& inputs, std::string_view name, TermSet& set,
                                  const std::string& title) {
  std::vector<LineChart> charts;
  std::string constants;
  for (TermCurves& curves : set.terms()) {
    if (const auto value = curves.constant()) {
      constants += fmt::format("{}{} = {:.4g}", constants.empty() ? "" : "; ", curves.term, *value);
      continue;
    }
    if (curves.term.find("valid, ") != std::string::npos)
      for (ChartSeries& series : curves.series) mark_best(series);
    charts.push_back({.title = curves.term, .x_label = "epoch", .series = curves.series});
  }
  if (charts.empty()) return {};
  std::string note =
      "One chart for each loss and for the metric that early stopping watches; the ring marks its best epoch.";
  if (!constants.empty()) note += " Unchanged: " + constants + ".";
  const PanelsText text{title, "Lines are values by epoch, one chart for each loss and metric.", inputs.names()};
  return {{chart_panels(std::string(name), charts, text), note,
           summary_of(set.terms(), inputs.runs.size() > 1, title + ": first, last and best values."),
           points_of(set.terms(), title)}};
}

std::vector<Figure> pretraining_figure(const FigureInputs& inputs, std::string_view name) {
  TermSet terms;
  for (size_t i = 0; i < inputs.runs.size(); ++i)
    add_curves(inputs.runs[i].pretrain_lines, i, inputs.runs[i],
               inputs.runs[i].setting("pretrain.early_stop.stop_metrics", "NDCG@20"), terms);
  return curves_figure(inputs, name, terms, "Pretraining: losses and validation");
}

std::vector<Figure> em_figure(const FigureInputs& inputs, std::string_view name) {
  TermSet terms;
  for (size_t i = 0; i < inputs.runs.size(); ++i)
    add_curves(inputs.runs[i].train_lines, i, inputs.runs[i],
               inputs.runs[i].setting("early_stop.stop_metrics", "NDCG@10"), terms);
  return curves_figure(inputs, name, terms, "EM: losses and validation of each stage");
}

}  // namespace

const FigureKind kPretrainingFigure = {"pretraining", "Learning curves", pretraining_figure};
const FigureKind kEmFigure = {"em", "Learning curves", em_figure};

}  // namespace latentcrs
