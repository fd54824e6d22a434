#include "language/dialogue/remote_simulator.h"

#include <fmt/format.h>

#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/dialogue/recommendation_text.h"
#include "language/dialogue/spoken_text.h"
#include "language/transport/json_fields.h"

namespace latentcrs {

namespace {

class RemoteSimulator : public UserSimulator {
 public:
  RemoteSimulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue, CutReplies cut)
      : chat_(std::move(chat)), catalogue_(catalogue), cut_(cut) {}

  Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
    std::vector<ChatRequest> questions;
    for (const UtteranceRequest& request : requests) questions.push_back(simulator_request(request, catalogue_));
    const auto answered = chat_->complete(questions);
    if (!answered.complete()) return Answers<SpokenWords>::still_to_come(answered.to_come);
    const std::vector<ChatOutcome>& outcomes = answered.all;
    std::vector<SpokenWords> answers;
    for (const ChatOutcome& outcome : outcomes) answers.push_back(words_of(outcome));
    report(outcomes, answers);
    return answers;
  }

 private:
  SpokenWords words_of(const ChatOutcome& outcome) const {
    using Kind = ChatOutcome::Kind;
    SpokenWords words{.unusable = outcome.unusable, .reply = outcome.text, .usage = outcome.usage};
    std::string text(trimmed(outcome.text));
    words.shortened = outcome.kind == Kind::truncated && cut_ == CutReplies::keep_sentences;
    if (words.shortened) text = whole_sentences(text);
    const bool whole = outcome.kind == Kind::text || words.shortened;
    words.wordless = outcome.kind == Kind::text && !says_something(text);
    if (whole && says_something(text))
      words.text = std::move(text);
    else if (words.wordless)
      words.problem = kNoWords;
    else
      words.problem = fmt::format("{} ({})", to_string(outcome.kind), outcome.reason);
    words.shortened = words.shortened && words.text;
    return words;
  }

  static void report(const std::vector<ChatOutcome>& outcomes, const std::vector<SpokenWords>& answers) {
    std::vector<ChatOutcome> unusable = outcomes;
    size_t shortened = 0, wordless = 0;
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].text) unusable[i].kind = ChatOutcome::Kind::text;
      shortened += answers[i].shortened ? 1 : 0;
      wordless += answers[i].wordless ? 1 : 0;
    }
    if (const std::string failures = summarise_failures(unusable); !failures.empty())
      log::warn("user simulator: {}", failures);
    if (wordless > 0) log::warn("user simulator: {} of {} replies hold no words", wordless, answers.size());
    if (shortened > 0)
      log::info("user simulator: {} of {} replies were cut off; their whole sentences count", shortened,
                answers.size());
  }

  const std::shared_ptr<Chat> chat_;
  const ItemCatalogue& catalogue_;
  const CutReplies cut_;
};

}  // namespace

ChatRequest simulator_request(const UtteranceRequest& request, const ItemCatalogue& catalogue) {
  using Role = ChatMessage::Role;
  if (request.prompt.empty()) throw internal_error("remote simulator: a request without a prompt");
  ChatRequest chat{.messages = {{Role::user, request.prompt}}, .attempt = request.attempt};
  if (request.renewal.attempt == request.attempt) chat.unusable = request.renewal.unusable;
  for (const DialogueTurn& turn : request.turns) {
    chat.messages.push_back({Role::model, turn.user});
    chat.messages.push_back({Role::user, recommendation_text(turn.shown_items, catalogue)});
  }
  return chat;
}

std::unique_ptr<UserSimulator> make_remote_simulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue,
                                                     CutReplies cut) {
  return std::make_unique<RemoteSimulator>(std::move(chat), catalogue, cut);
}

}  // namespace latentcrs
