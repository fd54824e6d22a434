#include <fmt/format.h>

#include "experiment/report/figure_kinds.h"
#include "experiment/report/line_chart.h"
#include "experiment/report/success_interval.h"

namespace latentcrs {

namespace {

std::vector<Figure> turns_figure(const FigureInputs& inputs, std::string_view name) {
  const bool several = inputs.runs.size() > 1;
  LineChart chart{.title = "success rate, share of dialogues",
                  .x_label = "turn",
                  .series = {},
                  .from_zero = true,
                  .with_marks = true};
  FigureTable table{.caption =
                        "Dialogues: share that has shown the target within so many turns, with Wilson's 95% "
                        "intervals.",
                    .columns = {{"turn"}, {"success rate"}, {"dialogues"}}};
  if (several) table.columns.insert(table.columns.begin(), {"run"});
  for (size_t i = 0; i < inputs.runs.size(); ++i) {
    if (!inputs.runs[i].multi_turn.is_object()) continue;
    const nlohmann::json& all = inputs.runs[i].multi_turn.at("all");
    ChartSeries& series = chart.series.emplace_back(ChartSeries{inputs.runs[i].name, i, {}, {}});
    for (size_t t = 0; t < all.at("success_rate").size(); ++t) {
      const Interval interval = success_interval(all, t);
      const double rate = all["success_rate"][t];
      series.points.push_back({static_cast<double>(t + 1), rate, interval});
      auto& row = table.rows.emplace_back();
      if (several) row.emplace_back(inputs.runs[i].name);
      row.insert(row.end(), {static_cast<int64_t>(t + 1), Estimate{rate, interval}, all.at("users").get<int64_t>()});
    }
  }
  if (chart.series.empty()) return {};
  return {{labelled_chart(std::string(name), chart, "Dialogues: success rate by turn",
                          "Lines are shares of dialogues that have shown the target, bands their 95% intervals."),
           "Line: the share of dialogues that have shown the target by then. Band: Wilson's 95% interval.",
           std::move(table)}};
}

}  // namespace

const FigureKind kTurnsFigure = {"turns", "Dialogues", turns_figure};

}  // namespace latentcrs
