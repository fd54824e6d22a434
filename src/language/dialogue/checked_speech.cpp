#include "language/dialogue/checked_speech.h"

#include <numeric>

#include "base/util/error.h"
#include "base/util/profile.h"
#include "language/text/leak_check.h"

namespace latentcrs {

namespace {

/// Takes the answer to `request` into `result`, and returns whether the same is to be asked again.
bool take_answer(CheckedUtterance& result, SpokenWords& answer, const UtteranceRequest& request, bool leaks) {
  result.attempts = request.attempt + 1;
  result.unusable = answer.unusable;
  result.usage += answer.usage;
  if (!answer.text) {
    if (!result.text) result.problem = answer.problem;
    return result.text || (answer.wordless && request.turns.empty());
  }
  result.text = std::move(answer.text);
  result.problem.clear();
  result.leaks_title = leaks;
  result.leaked_at_first = result.leaked_at_first || (leaks && request.attempt == 0);
  result.shortened = answer.shortened;
  return leaks;
}

}  // namespace

Answers<CheckedUtterance> speak_checked(UserSimulator& simulator, const std::vector<UtteranceRequest>& requests,
                                        const ItemCatalogue& catalogue, const SimulateOptions& options,
                                        SpeechRecord record) {
  std::vector<CheckedUtterance> results(requests.size());
  std::vector<size_t> pending(requests.size());
  std::iota(pending.begin(), pending.end(), size_t{0});

  for (int attempt = 0; attempt < options.max_attempts && !pending.empty(); ++attempt) {
    // Only later attempts, which are few, are copied.
    std::vector<UtteranceRequest> repeated;
    for (size_t i : attempt == 0 ? std::vector<size_t>() : pending) repeated.push_back(requests[i]);
    for (UtteranceRequest& request : repeated) request.attempt = attempt;
    const std::vector<UtteranceRequest>& batch = attempt == 0 ? requests : repeated;
    auto spoken = profile::timed("utterances", [&] { return simulator.speak(batch); });
    if (!spoken.complete()) return Answers<CheckedUtterance>::still_to_come(spoken.to_come);
    std::vector<SpokenWords>& answers = spoken.all;
    if (answers.size() != batch.size())
      throw internal_error("user simulator: the number of answers is not that of requests");

    const profile::Scope scope("title leaks");
    std::vector<size_t> again;
    for (size_t b = 0; b < batch.size(); ++b) {
      const bool leaks = answers[b].text && leaks_title(*answers[b].text, catalogue.at(batch[b].record->target).title,
                                                        options.fuzzy_leak_ratio);
      CheckedUtterance& result = results[pending[b]];
      if (record == SpeechRecord::every_attempt) result.all.push_back(answers[b]);
      if (take_answer(result, answers[b], batch[b], leaks)) again.push_back(pending[b]);
    }
    pending = std::move(again);
  }
  return results;
}

}  // namespace latentcrs
