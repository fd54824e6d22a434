// A dialogue with a person, by the same steps as the evaluation's dialogues (dialogue/multi_turn.h).
#pragma once

#include <unordered_set>
#include <vector>

#include "api/recommender_service.h"
#include "dialogue/user_simulator.h"

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
  const std::vector<int64_t>& history() const override { return history_; }

 private:
  RankRequest request(const std::string& text) const;

  const RunRecommender& recommender_;
  std::vector<int64_t> history_;
  HistoryItems history_items_;
  int shown_items_;
  std::vector<DialogueTurn> dialogue_;      ///< all turns so far, as the extractor sees them
  std::vector<ConversationTurn> turns_;     ///< the turns held with say()
  std::unordered_set<int64_t> shown_;       ///< in any turn
  std::vector<int64_t> never_shown_again_;  ///< accepted and rejected
};

}  // namespace latentcrs
