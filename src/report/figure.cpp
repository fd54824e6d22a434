#include "report/figure.h"

#include <fmt/format.h>

#include "report/figure_kinds.h"

namespace latentcrs {

std::vector<std::string> FigureInputs::names() const {
  std::vector<std::string> names;
  for (const RunData& run : runs) names.push_back(run.name);
  return names;
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
