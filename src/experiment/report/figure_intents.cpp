// The map of intents, and how much each is used.
#include <fmt/format.h>

#include "experiment/report/figure_kinds.h"
#include "experiment/report/intent_files.h"
#include "experiment/report/intent_use.h"
#include "experiment/report/line_chart.h"

namespace latentcrs {

namespace {

FigureTable intents_table(const IntentsReport& report, const std::string& caption) {
  FigureTable table{caption, {{"intent"}, {"nearest items"}, {"users"}, {"share of users"}}};
  for (const IntentRow& row : report.intents) {
    std::string titles;
    for (const NearTitle& item : row.items) titles += (titles.empty() ? "" : " · ") + item.title;
    table.rows.push_back({std::to_string(row.intent), titles, row.users, Estimate{row.share}});
  }
  return table;
}

std::vector<Figure> intents_figure(const FigureInputs& inputs, std::string_view name) {
  std::vector<Figure> figures;
  for (const RunData& run : inputs.runs) {
    const auto map = read_intent_files(run.folder / "intents");
    if (!map) continue;
    const std::string own = figure_name(name, figures.size());
    figures.push_back(
        {intent_picture(own, map->report, map->drawn),
         (inputs.runs.size() > 1 ? run.name + ". " : "") + how_to_read_intents(map->report, map->drawn.size()),
         intents_table(map->report,
                       fmt::format("Intents of {}, the largest first, by the items nearest to them.", run.name))});
  }
  return figures;
}

std::vector<Figure> intent_use_figure(const FigureInputs& inputs, std::string_view name) {
  std::vector<LineChart> charts;
  FigureTable table{"Share of the test users whose most probable intent it is, the most used intent first.",
                    {{"intent by use"}, {"run"}, {"text"}, {"share of users"}}};
  for (const bool spoken : {true, false}) {
    LineChart chart{.title = spoken ? "with text, argmax p(m|u,x)" : "without text, argmax q(m|u)",
                    .x_label = "intents, most used first",
                    .series = {},
                    .from_zero = true};
    for (size_t i = 0; i < inputs.runs.size(); ++i) {
      const InferredIntents& intents = inputs.runs[i].intents;
      const std::vector<double> shares = intent_shares(spoken ? intents.with_text : intents.without_text);
      if (shares.empty()) continue;
      ChartSeries& series = chart.series.emplace_back(ChartSeries{inputs.runs[i].name, i, {}, {}});
      for (size_t m = 0; m < shares.size(); ++m) {
        series.points.push_back({static_cast<double>(m + 1), shares[m]});
        table.rows.push_back({static_cast<int64_t>(m + 1), inputs.runs[i].name, spoken ? "with text" : "without text",
                              Estimate{shares[m]}});
      }
    }
    if (!chart.series.empty()) charts.push_back(std::move(chart));
  }
  if (charts.empty()) return {};
  const PanelsText text{"Intents: share of the test users of each",
                        "Lines are shares of users by intent, the most used intent first.", inputs.names()};
  return {{chart_panels(std::string(name), charts, text),
           "Test users by their most probable intent, with text those who said something.", std::move(table)}};
}

}  // namespace

const FigureKind kIntentsFigure = {"intents", "Intents", intents_figure};
const FigureKind kIntentUseFigure = {"intent-use", "Intents", intent_use_figure};

}  // namespace latentcrs
