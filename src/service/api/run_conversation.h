// A dialogue with a person, by the same steps as the evaluation's dialogues (language/dialogue/multi_turn.h).
#pragma once

#include <vector>

#include "service/api/dialogue_state.h"
#include "service/api/recommender_service.h"

namespace latentcrs {

class RunRecommender;

class RunConversation : public ConversationService {
 public:
  /// `recommender` outlives the conversation. Throws as Recommender::converse().
  RunConversation(const RunRecommender& recommender, const ConversationOptions& options);

  const ConversationTurn& say(std::string_view utterance) override;
  void accept(int64_t item) override;
  void reject(int64_t item) override;
  const std::vector<ConversationTurn>& turns() const override { return turns_; }
  const std::vector<int64_t>& history() const override { return state_.history; }

 private:
  const RunRecommender& recommender_;
  DialogueState state_;                  ///< after the last turn
  std::vector<ConversationTurn> turns_;  ///< the turns held with say()
};

}  // namespace latentcrs
