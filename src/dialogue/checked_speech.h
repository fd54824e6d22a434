// Asking a user simulator for words that do not give away the target's title.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/text_options.h"
#include "data/item_catalogue.h"
#include "dialogue/user_simulator.h"

namespace latentcrs {

struct CheckedUtterance {
  std::optional<std::string> text;  ///< nothing: the simulator had no usable answer
  bool leaks_title = false;         ///< of the text of the last attempt
  int attempts = 0;                 ///< utterances asked for
  std::string problem = {};         ///< why there is no text
  int unusable = 0;                 ///< SpokenWords::unusable of the last attempt
};

/// Asks `simulator`, and asks again (with request.attempt = 1, 2, …) where the answer leaks the target's title, up to
/// options.max_attempts times in all; then the last answer is kept and flagged. A missing answer is not asked for again
/// here, because simulators do that themselves. Results in the order of `requests`. Where answers are still to come,
/// the following attempts wait for them.
Answers<CheckedUtterance> speak_checked(UserSimulator& simulator, const std::vector<UtteranceRequest>& requests,
                                        const ItemCatalogue& catalogue, const SimulateOptions& options);

}  // namespace latentcrs
