#include "experiment/report/figure.h"

#include <fmt/format.h>

#include "experiment/report/figure_kinds.h"

namespace latentcrs {

std::vector<std::string> FigureInputs::names() const {
  std::vector<std::string> names;
  for (const RunData& run : runs) names.push_back(run.name);
  return names;
}

std::string FigureInputs::seen_items() const {
  return runs.front().setting("evaluate.seen_items", "keep") == "keep" ? "seen_kept" : "seen_left_out";
}

std::string FigureInputs::sampled_note() const {
  for (const RunData& run : runs)
    if (const std::string drawn = run.setting("evaluate.sampled_negatives", "0"); drawn != "0")
      return fmt::format(" SAMPLED: targets are ranked among {} drawn items only.", drawn);
  return "";
}

std::string figure_name(std::string_view kind, size_t place) {
  return place == 0 ? std::string(kind) : fmt::format("{}-{}", kind, place + 1);
}

const std::vector<FigureKind>& figure_kinds() {
  static const std::vector<FigureKind> kinds = {kScoresFigure,
                                                kHistoryGainFigure,
                                                kPopularityGainFigure,
                                                kTurnsFigure,
                                                kConversationsFigure,
                                                kConversationHistoryGainFigure,
                                                kConversationPopularityGainFigure,
                                                kPretrainingFigure,
                                                kEmFigure,
                                                kIntentsFigure,
                                                kIntentUseFigure};
  return kinds;
}

}  // namespace latentcrs
