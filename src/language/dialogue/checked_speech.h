// Asking a user simulator for words that do not give away the target's title.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config/text_options.h"
#include "datasets/data/item_catalogue.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs {

struct CheckedUtterance {
  std::optional<std::string> text;    ///< nothing: the simulator had no usable answer
  bool leaks_title = false;           ///< of `text`
  bool leaked_at_first = false;       ///< the answer to the first attempt gave the title away
  bool shortened = false;             ///< SpokenWords::shortened of `text`
  int attempts = 0;                   ///< utterances asked for
  std::string problem = {};           ///< why there is no text
  int unusable = 0;                   ///< SpokenWords::unusable of the last attempt
  std::vector<SpokenWords> all = {};  ///< every attempt's answer, where SpeechRecord::every_attempt asks for them
  Usage usage = {};                   ///< of all attempts
};

enum class SpeechRecord { result, every_attempt };

/// Asks `simulator`, and asks again (with request.attempt = 1, 2, …) where the answer leaks the target's title or, as
/// an opening, holds no words, up to options.max_attempts times in all. The first answer that leaks nothing counts; if
/// there is none, the last that leaks, flagged. So an answer that leaks and is then blocked or cut off is not lost. A
/// missing answer is not asked for again otherwise, because simulators do that themselves. Results in the order of
/// `requests`. Where answers are still to come, the following attempts wait for them.
Answers<CheckedUtterance> speak_checked(UserSimulator& simulator, const std::vector<UtteranceRequest>& requests,
                                        const ItemCatalogue& catalogue, const SimulateOptions& options,
                                        SpeechRecord record = SpeechRecord::result);

}  // namespace latentcrs
