// Values of the interface that stand for options of rankings.
#pragma once

#include <string>

#include "latentcrs/items.h"

namespace latentcrs {

/// "as_configured", "keep" or "mask".
inline HistoryItems history_items_of(const std::string& seen) {
  return seen == "keep" ? HistoryItems::keep : seen == "mask" ? HistoryItems::leave_out : HistoryItems::as_configured;
}

}  // namespace latentcrs
