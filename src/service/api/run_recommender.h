// The services of the public interface over an opened run.
#pragma once

#include <memory>
#include <mutex>

#include "service/api/intent_names.h"
#include "service/api/opened_run.h"
#include "service/api/recommender_service.h"

namespace latentcrs {

class RunRecommender : public RecommenderService {
 public:
  /// Throws as Recommender::open().
  RunRecommender(const std::filesystem::path& folder, const OpenOptions& options) : run_(folder, options) {}

  Ranking rank(const RankRequest& request) const override;
  std::vector<ItemDetails> find_items(std::string_view titles, int at_most) const override;
  std::optional<ItemDetails> item(int64_t id) const override;
  RunInfo info() const override;
  std::unique_ptr<ConversationService> converse(const ConversationOptions& options) const override;
  ConversationTurn answer(const DialogueState& state) const override;
  std::vector<int64_t> order(const RankRequest& request) const override;
  std::vector<IntentPart> intent_parts(const RankRequest& request, int64_t item, int count) const override;
  std::vector<RankedItem> items_of_intent(int64_t intent, int count) const override;
  std::vector<RankedItem> by_nearness(int64_t item, const std::vector<int64_t>& items) const override;
  std::optional<int64_t> item_of_raw(std::string_view raw) const override;
  std::string raw_item(int64_t id) const override;
  std::vector<int64_t> history_of(std::string_view user, Moment moment) const override;

  const OpenedRun& run() const { return run_; }

 private:
  const IntentNames& intent_names() const;

  OpenedRun run_;
  mutable std::once_flag made_names_;
  mutable std::unique_ptr<const IntentNames> names_;
};

}  // namespace latentcrs
