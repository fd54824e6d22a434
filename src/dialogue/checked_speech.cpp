#include "dialogue/checked_speech.h"

#include <numeric>

#include "text/leak_check.h"
#include "util/error.h"

namespace latentcrs {

Answers<CheckedUtterance> speak_checked(UserSimulator& simulator, const std::vector<UtteranceRequest>& requests,
                                        const ItemCatalogue& catalogue, const SimulateOptions& options) {
  std::vector<CheckedUtterance> results(requests.size());
  std::vector<size_t> pending(requests.size());
  std::iota(pending.begin(), pending.end(), size_t{0});

  for (int attempt = 0; attempt < options.max_attempts && !pending.empty(); ++attempt) {
    std::vector<UtteranceRequest> batch;
    for (size_t i : pending) batch.push_back(requests[i]);
    for (UtteranceRequest& request : batch) request.attempt = attempt;
    auto spoken = simulator.speak(batch);
    if (!spoken.complete()) return Answers<CheckedUtterance>::still_to_come(spoken.to_come);
    std::vector<SpokenWords>& answers = spoken.all;
    if (answers.size() != batch.size())
      throw internal_error("user simulator: the number of answers is not that of requests");

    std::vector<size_t> leaking;
    for (size_t b = 0; b < batch.size(); ++b) {
      CheckedUtterance& result = results[pending[b]];
      result.text = std::move(answers[b].text);
      result.problem = std::move(answers[b].problem);
      result.unusable = answers[b].unusable;
      result.attempts = attempt + 1;
      result.leaks_title = result.text && leaks_title(*result.text, catalogue.at(batch[b].record->target).title,
                                                      options.fuzzy_leak_ratio);
      if (result.leaks_title) leaking.push_back(pending[b]);
    }
    pending = std::move(leaking);
  }
  return results;
}

}  // namespace latentcrs
