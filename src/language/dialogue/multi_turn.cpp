#include "language/dialogue/multi_turn.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/interrupt.h"
#include "language/dialogue/checked_speech.h"
#include "language/dialogue/shown_items.h"
#include "language/text/leak_check.h"

namespace latentcrs {

namespace {

/// The dialogues of one call of run_dialogues(). Those in `active_` go on.
class DialogueLoop {
 public:
  DialogueLoop(const std::vector<DialogueCase>& cases, const DialogueParties& parties, const DialogueOptions& options)
      : cases_(cases), parties_(parties), options_(options), results_(cases.size()), turns_(cases.size()) {
    for (size_t i = 0; i < cases.size(); ++i) {
      results_[i].customer_id = cases[i].record.customer_id;
      results_[i].target = cases[i].record.target;
      hear(i, cases[i].opening, opening_leaks(cases[i]));
      if (!results_[i].missing_reply) active_.push_back(i);
    }
  }

  Answers<DialogueResult> run() {
    for (int turn = 1; turn <= options_.evaluate.max_turns && !active_.empty(); ++turn) {
      throw_if_interrupted();
      if (const size_t to_come = recommend(turn); to_come > 0) return Answers<DialogueResult>::still_to_come(to_come);
      std::erase_if(active_, [&](size_t i) { return results_[i].success_turn != 0; });
      if (turn == options_.evaluate.max_turns) break;
      if (const size_t to_come = answer(); to_come > 0) return Answers<DialogueResult>::still_to_come(to_come);
      std::erase_if(active_, [&](size_t i) { return results_[i].missing_reply; });
    }
    return std::move(results_);
  }

 private:
  /// Checks the opening like every answer, because published utterances carry no flag.
  bool opening_leaks(const DialogueCase& dialogue) const {
    if (!dialogue.opening || dialogue.opening_leaks) return dialogue.opening_leaks;
    const Item& target = parties_.catalogue.at(dialogue.record.target);
    return leaks_title(*dialogue.opening, target.title, options_.simulate.fuzzy_leak_ratio);
  }

  /// The user of dialogue i says `text`, or has nothing to say.
  void hear(size_t i, const std::optional<std::string>& text, bool leaks_title) {
    results_[i].missing_reply = !text;
    if (!text) return;
    results_[i].turns.push_back({.utterance = *text, .leaks_title = leaks_title, .extraction = {}, .shown = {}});
    turns_[i].push_back({.user = *text, .shown_items = {}});
  }

  /// Returns the number of extractions still to come; only if it is 0, items are shown.
  size_t recommend(int turn) {
    std::vector<std::vector<DialogueTurn>> dialogues;
    for (size_t i : active_) dialogues.push_back(turns_[i]);
    const auto extracted = parties_.extractor.extract(dialogues);
    if (!extracted.complete()) return extracted.to_come;
    const std::vector<Extraction>& extractions = extracted.all;
    require_size(extractions.size(), "intent extractor");

    std::vector<const SplitRecord*> users;
    std::vector<std::string> texts;
    for (size_t a = 0; a < active_.size(); ++a) {
      users.push_back(&cases_[active_[a]].record);
      texts.push_back(extractions[a].intents);
    }
    const EvaluateOptions& evaluate = options_.evaluate;
    const int already_shown = options_.compat.refused_items_return ? 0 : (turn - 1) * evaluate.shown_items;
    const auto ranked = parties_.recommender.recommend(users, texts, evaluate.candidates + already_shown);
    require_size(ranked.size(), "recommender");

    for (size_t a = 0; a < active_.size(); ++a) {
      DialogueResult& result = results_[active_[a]];
      TurnRecord& record = result.turns.back();
      record.extraction = extractions[a];
      record.shown = choose(ranked[a], result, extractions[a].features);
      turns_[active_[a]].back().shown_items = record.shown;
      if (std::find(record.shown.begin(), record.shown.end(), result.target) != record.shown.end())
        result.success_turn = turn;
    }
    return 0;
  }

  /// The items of a ranking that are shown.
  std::vector<int64_t> choose(const std::vector<int32_t>& ranked, const DialogueResult& result,
                              const std::vector<std::string>& features) const {
    std::unordered_set<int64_t> shown_before;
    for (const TurnRecord& turn : result.turns) shown_before.insert(turn.shown.begin(), turn.shown.end());
    return choose_shown_items(
        ranked, shown_before, features, parties_.catalogue,
        {options_.evaluate.candidates, options_.evaluate.shown_items, options_.compat.refused_items_return});
  }

  /// Returns the number of replies still to come; only if it is 0, the users have spoken.
  size_t answer() {
    std::vector<UtteranceRequest> requests;
    for (size_t i : active_) {
      UtteranceRequest& request = requests.emplace_back();
      request.record = &cases_[i].record;
      request.turns = turns_[i];
      request.prompt = cases_[i].prompt;
    }
    const auto spoken = speak_checked(parties_.simulator, requests, parties_.catalogue, options_.simulate);
    if (!spoken.complete()) return spoken.to_come;
    for (size_t a = 0; a < active_.size(); ++a) hear(active_[a], spoken.all[a].text, spoken.all[a].leaks_title);
    return 0;
  }

  void require_size(size_t answers, const char* party) const {
    if (answers != active_.size())
      throw internal_error(std::string(party) + ": the number of answers is not that of users");
  }

  const std::vector<DialogueCase>& cases_;
  const DialogueParties& parties_;
  const DialogueOptions& options_;
  std::vector<DialogueResult> results_;
  std::vector<std::vector<DialogueTurn>> turns_;  ///< of each dialogue, as the parties see them
  std::vector<size_t> active_;
};

/// Dialogues that succeed within `turn` turns.
int64_t successes(const std::vector<DialogueResult>& dialogues, int turn) {
  return std::count_if(dialogues.begin(), dialogues.end(), [&](const DialogueResult& dialogue) {
    return dialogue.success_turn >= 1 && dialogue.success_turn <= turn;
  });
}

/// The turn of success of every dialogue.
std::vector<double> turns_of(const std::vector<DialogueResult>& dialogues, int failure_turn) {
  std::vector<double> turns;
  for (const DialogueResult& dialogue : dialogues)
    turns.push_back(dialogue.success_turn == 0 ? failure_turn : dialogue.success_turn);
  return turns;
}

}  // namespace

bool DialogueResult::leaks_title() const {
  return std::any_of(turns.begin(), turns.end(), [](const TurnRecord& turn) { return turn.leaks_title; });
}

int64_t MultiTurnResult::missing_replies() const {
  return std::count_if(dialogues.begin(), dialogues.end(), [](const auto& dialogue) { return dialogue.missing_reply; });
}

double MultiTurnResult::success_rate(int turn) const {
  if (dialogues.empty()) return 0;
  return static_cast<double>(successes(dialogues, turn)) / static_cast<double>(dialogues.size());
}

Interval MultiTurnResult::success_rate_95(int turn) const {
  return wilson_95(successes(dialogues, turn), static_cast<int64_t>(dialogues.size()));
}

double MultiTurnResult::average_turn(int failure_turn) const {
  if (dialogues.empty()) return 0;
  const std::vector<double> turns = turns_of(dialogues, failure_turn);
  return std::accumulate(turns.begin(), turns.end(), 0.0) / static_cast<double>(turns.size());
}

double MultiTurnResult::average_turn_95(int failure_turn) const {
  return half_width_95(turns_of(dialogues, failure_turn));
}

MultiTurnResult MultiTurnResult::after_first_turn() const {
  MultiTurnResult result = *this;
  std::erase_if(result.dialogues, [](const auto& dialogue) { return dialogue.success_turn == 1; });
  return result;
}

MultiTurnResult MultiTurnResult::without_leaks() const {
  MultiTurnResult result = *this;
  std::erase_if(result.dialogues, [](const auto& dialogue) { return dialogue.leaks_title(); });
  return result;
}

MultiTurnResult run_dialogues(const std::vector<DialogueCase>& cases, const DialogueParties& parties,
                              const DialogueOptions& options) {
  Answers<DialogueResult> dialogues = DialogueLoop(cases, parties, options).run();
  MultiTurnResult result{.dialogues = std::move(dialogues.all), .answers_to_come = dialogues.to_come};
  if (options.compat.drop_missing_replies)
    result.dropped = static_cast<int64_t>(
        std::erase_if(result.dialogues, [](const auto& dialogue) { return dialogue.missing_reply; }));
  return result;
}

void write_transcripts(const MultiTurnResult& result, const ItemCatalogue& catalogue,
                       const std::filesystem::path& path) {
  using json = nlohmann::ordered_json;
  const auto title_of = [&catalogue](int64_t id) {
    const Item* item = catalogue.find(id);
    return item == nullptr ? std::string() : shown_name(*item);
  };
  AtomicFile file(path);
  for (const DialogueResult& dialogue : result.dialogues) {
    json line;
    line["customer_id"] = dialogue.customer_id;
    line["target"] = dialogue.target;
    line["target_title"] = title_of(dialogue.target);
    line["success_turn"] = dialogue.success_turn == 0 ? json() : json(dialogue.success_turn);
    line["missing_reply"] = dialogue.missing_reply;
    json& turns = line["turns"] = json::array();
    for (const TurnRecord& record : dialogue.turns) {
      json& turn = turns.emplace_back();
      turn["user"] = record.utterance;
      turn["leaks_title"] = record.leaks_title;
      turn["intents"] = record.extraction.intents;
      turn["features"] = record.extraction.features;
      turn["fallback"] = record.extraction.fallback;
      turn["shown"] = record.shown;
      json& titles = turn["shown_titles"] = json::array();
      for (const int64_t id : record.shown) titles.push_back(title_of(id));
    }
    file.stream() << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
  file.commit();
}

}  // namespace latentcrs
