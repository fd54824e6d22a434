// The kinds of figures, each defined in the source figure_<name>.cpp.
#pragma once

#include "experiment/report/figure.h"

namespace latentcrs {

extern const FigureKind kScoresFigure, kTurnsFigure, kHistoryGainFigure, kPopularityGainFigure, kConversationsFigure,
    kConversationHistoryGainFigure, kConversationPopularityGainFigure, kPretrainingFigure, kEmFigure, kIntentsFigure,
    kIntentUseFigure;

}  // namespace latentcrs
