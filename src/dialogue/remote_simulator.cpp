#include "dialogue/remote_simulator.h"

#include <fmt/format.h>

#include <utility>

#include "dialogue/recommendation_text.h"
#include "transport/json_fields.h"
#include "util/error.h"
#include "util/log.h"

namespace latentcrs {

namespace {

class RemoteSimulator : public UserSimulator {
 public:
  RemoteSimulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue)
      : chat_(std::move(chat)), catalogue_(catalogue) {}

  Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
    std::vector<ChatRequest> questions;
    for (const UtteranceRequest& request : requests) questions.push_back(simulator_request(request, catalogue_));
    const auto answered = chat_->complete(questions);
    if (!answered.complete()) return Answers<SpokenWords>::still_to_come(answered.to_come);
    const std::vector<ChatOutcome>& outcomes = answered.all;
    std::vector<SpokenWords> answers(requests.size());
    for (size_t i = 0; i < requests.size(); ++i) {
      answers[i].unusable = outcomes[i].unusable;
      if (outcomes[i].kind == ChatOutcome::Kind::text)
        answers[i].text = trimmed(outcomes[i].text);
      else
        answers[i].problem = fmt::format("{} ({})", to_string(outcomes[i].kind), outcomes[i].reason);
    }
    if (const std::string failures = summarise_failures(outcomes); !failures.empty())
      log::warn("user simulator: {}", failures);
    return answers;
  }

 private:
  const std::shared_ptr<Chat> chat_;
  const ItemCatalogue& catalogue_;
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

std::unique_ptr<UserSimulator> make_remote_simulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue) {
  return std::make_unique<RemoteSimulator>(std::move(chat), catalogue);
}

}  // namespace latentcrs
