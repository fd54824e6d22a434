#include "experiment/stages/spoken_split.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config/provider_names.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "language/dialogue/speech_trial.h"

namespace latentcrs {

namespace {

constexpr size_t kSilentExamples = 1000;  // answers that a message about a silent split is made of

}  // namespace

SpokenSplit::SpokenSplit(const StageContext& context, std::string key, std::vector<size_t> order)
    : context_(context), key_(std::move(key)), order_(std::move(order)), file_(context.folder.utterances(key_)) {}

void SpokenSplit::add(std::span<UtteranceRequest> requests, std::span<const CheckedUtterance> spoken) {
  const profile::Scope scope("write");
  for (size_t i = 0; i < requests.size(); ++i, ++taken_) {
    const CheckedUtterance& one = spoken[i];
    const SplitRecord& record = *requests[i].record;
    usage_ += one.usage;
    leaked_at_first_ += one.leaked_at_first ? 1 : 0;
    shortened_ += one.shortened ? 1 : 0;
    leaking_ += one.leaks_title ? 1 : 0;
    if (!one.text) {
      unanswered_.emplace_back(order_[taken_],
                               Unanswered{record.customer_id, one.problem, {one.attempts - 1, one.unusable}});
      keep_silent(record, one);
      continue;
    }
    ++texts_;
    file_.add({record, std::move(requests[i].prompt), *one.text, one.leaks_title});
  }
}

void SpokenSplit::keep_silent(const SplitRecord& record, const CheckedUtterance& spoken) {
  if (texts_ > 0 || silent_answers_.size() == kSilentExamples) return;
  silent_requests_.push_back({.record = &silent_.emplace_back(record), .turns = {}, .prompt = {}});
  silent_answers_.push_back({.problem = spoken.problem, .wordless = spoken.problem == kNoWords});
}

void SpokenSplit::require_an_utterance() const {
  if (texts_ > 0 || !asks_service(context_.config.simulate.provider)) return;
  judge_replies(silent_requests_, silent_answers_, fmt::format("the {} records of {}", taken_, key_),
                context_.config.simulate.least_usable);
}

void SpokenSplit::finish(Simulated& simulated) {
  require_an_utterance();
  profile::timed("write", [&] { file_.commit(); });
  const size_t missing = taken_ - texts_;
  nlohmann::json& report = simulated.report[key_] = {{"records", taken_}, {"missing", missing}, {"leaking", leaking_}};
  if (asks_service(context_.config.simulate.provider)) {
    report["leaked_at_first"] = leaked_at_first_;
    report["shortened"] = shortened_;
  }
  log::info(
      "simulate: {}: {} records, {} without an answer, {} leak the title{}", key_, taken_, missing, leaking_,
      leaked_at_first_ > 0 ? fmt::format(" ({} at the first try, asked again)", leaked_at_first_) : std::string());
  simulated.all += taken_;
  simulated.usage += usage_;
  std::sort(unanswered_.begin(), unanswered_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [place, record] : unanswered_) simulated.unanswered.push_back(std::move(record));
}

}  // namespace latentcrs
