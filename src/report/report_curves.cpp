#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "metrics/metrics.h"
#include "report/html_page.h"
#include "report/line_chart.h"
#include "report/report_sections.h"
#include "util/html.h"
#include "util/metrics_scalars.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The charts of a stage by path ("losses/total"), in the order in which the paths first occur.
class CurveSet {
 public:
  void add(size_t run, const std::string& run_name, const std::string& path, ChartPoint point) {
    auto found = std::find_if(charts_.begin(), charts_.end(), [&](const auto& chart) { return chart.first == path; });
    if (found == charts_.end())
      found = charts_.insert(charts_.end(), {path, LineChart{.title = path, .x_label = "epoch", .series = {}}});
    std::vector<ChartSeries>& series = found->second.series;
    if (series.empty() || series.back().colour != run) series.push_back({run_name, run, {}, {}});
    series.back().points.push_back(point);
  }

  std::string html() {
    std::string charts, constant;
    for (auto& [path, chart] : charts_) {
      chart.title = title_of(path);
      if (const auto value = constant_of(chart)) {
        constant += fmt::format("{}{} = {:.4g}", constant.empty() ? "" : "; ", chart.title, *value);
        continue;
      }
      if (path.starts_with("valid/")) mark_best(chart);
      charts += chart_html(chart);
    }
    return (charts.empty() ? "" : "<div class=\"charts\">\n" + charts + "</div>\n") +
           (constant.empty() ? "" : html_note("Unchanged: " + constant + "."));
  }

 private:
  /// A path as a title: "valid/with_text/NDCG@10" -> "valid, with text, NDCG@10".
  static std::string title_of(std::string path) {
    for (size_t at = 0; (at = path.find('/', at)) != std::string::npos; at += 2) path.replace(at, 1, ", ");
    std::replace(path.begin(), path.end(), '_', ' ');
    return path;
  }

  static std::optional<double> constant_of(const LineChart& chart) {
    const double first = chart.series.front().points.front().y;
    size_t points = 0;
    for (const ChartSeries& series : chart.series)
      for (const ChartPoint& point : series.points) {
        if (point.y != first) return std::nullopt;
        ++points;
      }
    return points > 1 ? std::optional(first) : std::nullopt;
  }

  /// Marks each curve's highest point after epoch 0 (before training). Early stopping watches one of these curves and
  /// accepts a higher point only if it gains more than early_stop.delta.
  static void mark_best(LineChart& chart) {
    for (ChartSeries& series : chart.series)
      for (size_t i = 0; i < series.points.size(); ++i)
        if (series.points[i].x > 0 && (!series.best || series.points[i].y > series.points[*series.best].y))
          series.best = i;
  }

  std::vector<std::pair<std::string, LineChart>> charts_;
};

/// Whether a curve is drawn. Among the validation metrics only the one that early stopping watches is.
bool is_drawn(const std::string& path, const std::string& metric) {
  return !path.starts_with("valid/") || path.ends_with("/" + metric);
}

/// The curves of `lines` by EM stage ("" for pretraining).
void add_curves(const std::vector<json>& lines, size_t run, const RunData& data, const std::string& metric,
                std::vector<std::pair<std::string, CurveSet>>& stages) {
  for (const json& line : lines) {
    if (!line.contains("epoch")) continue;
    const std::string stage = line.value("em_stage", "");
    auto found = std::find_if(stages.begin(), stages.end(), [&](const auto& s) { return s.first == stage; });
    if (found == stages.end()) found = stages.insert(stages.end(), {stage, CurveSet()});
    const double epoch = line["epoch"].get<double>();
    for (const auto& [path, value] : scalars_of(line)) {
      const std::string term = stage.empty() ? path : path.substr(stage.size() + 1);
      if (is_drawn(term, metric)) found->second.add(run, data.name, term, {epoch, value});
    }
  }
}

/// The intents' shares of the users, the most frequent intent first.
std::vector<double> usage(const std::vector<int>& intents) {
  std::map<int, int> counts;
  for (const int intent : intents) ++counts[intent];
  std::vector<double> shares;
  for (const auto& [intent, count] : counts)
    shares.push_back(static_cast<double>(count) / static_cast<double>(intents.size()));
  std::sort(shares.rbegin(), shares.rend());
  return shares;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

ChartSeries usage_series(const RunData& run, size_t index, const std::vector<double>& shares) {
  ChartSeries series{run.name, index, {}, {}};
  for (size_t i = 0; i < shares.size(); ++i) series.points.push_back({static_cast<double>(i + 1), shares[i]});
  return series;
}

}  // namespace

std::string curves_section(const Runs& runs) {
  std::vector<std::pair<std::string, CurveSet>> pretraining, training;
  std::vector<std::string> names;
  for (size_t i = 0; i < runs.size(); ++i) {
    names.push_back(runs[i].name);
    add_curves(runs[i].pretrain_lines, i, runs[i], runs[i].setting("pretrain.early_stop.stop_metrics", "NDCG@20"),
               pretraining);
    add_curves(runs[i].train_lines, i, runs[i], runs[i].setting("early_stop.stop_metrics", "NDCG@10"), training);
  }
  std::string out = legend_html(names);
  for (auto& [stage, curves] : pretraining) out += "<h3>Pretraining</h3>\n" + curves.html();
  for (auto& [stage, curves] : training) out += "<h3>EM, stage " + escape_html(stage) + "</h3>\n" + curves.html();
  return out +
         missing_note(runs, "pretrain/metrics.jsonl", [](const RunData& run) { return run.pretrain_lines.empty(); }) +
         missing_note(runs, "train/metrics.jsonl", [](const RunData& run) { return run.train_lines.empty(); });
}

std::string intents_section(const Runs& runs) {
  HtmlTable table{.caption = "",
                  .head = {"run", "inferred", "K", "intents used", "effective number", "largest share",
                           "mean probability", "same with and without text"},
                  .text_columns = 2};
  LineChart with{
      .title = "With text, argmax p(m|u,x)", .x_label = "intents, most used first", .series = {}, .from_zero = true};
  LineChart without = with;
  without.title = "Without text, argmax q(m|u)";
  for (size_t i = 0; i < runs.size(); ++i) {
    const InferredIntents& intents = runs[i].intents;
    if (intents.without_text.empty()) continue;
    const bool spoken = !intents.with_text.empty();
    const std::string same = spoken ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(intents.same) /
                                                                  static_cast<double>(intents.with_text.size()))
                                    : "-";
    const auto add = [&](const std::string& label, const char* how, const std::vector<int>& of,
                         const std::vector<double>& probabilities, LineChart& chart) {
      const std::vector<double> shares = usage(of);
      chart.series.push_back(usage_series(runs[i], i, shares));
      table.rows.push_back({{label, how, escape_html(runs[i].setting("pretrain.num_intent_clusters", "-")),
                             std::to_string(shares.size()), fmt::format("{:.1f}", effective_number(shares)),
                             fmt::format("{:.1f} %", 100 * shares.front()), fmt::format("{:.3f}", mean(probabilities)),
                             label.empty() ? "" : same},
                            !label.empty()});
    };
    if (spoken) add(run_label(runs, i), "with text", intents.with_text, intents.p_with_text, with);
    add(spoken ? "" : run_label(runs, i), "without text", intents.without_text, intents.p_without_text, without);
  }
  std::string out;
  if (!table.rows.empty())
    out = table.html() + "<div class=\"charts\">\n" + (with.series.empty() ? "" : chart_html(with)) +
          chart_html(without) + "</div>\n" +
          html_note(
              "Test users by their most probable intent, with text those who said something. Charts: the share of "
              "users of each intent. Effective "
              "number: exp of the entropy of these shares.");
  return out + missing_note(runs, "evaluate/intents_test.tsv",
                            [](const RunData& run) { return run.intents.without_text.empty(); });
}

}  // namespace latentcrs
