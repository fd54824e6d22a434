// The services of the public interface over an opened run.
#pragma once

#include "api/opened_run.h"
#include "api/recommender_service.h"

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

  const OpenedRun& run() const { return run_; }

 private:
  OpenedRun run_;
};

}  // namespace latentcrs
