// The interfaces to which the public classes forward. With them liblatentcrs.so, which programs link, needs neither
// LibTorch nor the other libraries: it gets a service from the core library.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "latentcrs/recommender.h"

namespace latentcrs {

/// Conversation's functions.
class ConversationService {
 public:
  virtual ~ConversationService() = default;
  virtual const ConversationTurn& say(std::string_view utterance) = 0;
  virtual void accept(int64_t item) = 0;
  virtual void reject(int64_t item) = 0;
  virtual const std::vector<ConversationTurn>& turns() const = 0;
  virtual const std::vector<int64_t>& history() const = 0;
};

/// Recommender's functions.
class RecommenderService {
 public:
  virtual ~RecommenderService() = default;
  virtual Ranking rank(const RankRequest& request) const = 0;
  virtual std::vector<ItemDetails> find_items(std::string_view titles, int at_most) const = 0;
  virtual std::optional<ItemDetails> item(int64_t id) const = 0;
  virtual RunInfo info() const = 0;
  /// The conversation refers to this service.
  virtual std::unique_ptr<ConversationService> converse(const ConversationOptions& options) const = 0;
};

using SharedRecommenderService = std::shared_ptr<const RecommenderService>;

/// Recommender::open(). In the core library it opens the run; in liblatentcrs.so it loads the core library and asks
/// that.
SharedRecommenderService open_recommender(const std::filesystem::path& run_folder, const OpenOptions& options);

}  // namespace latentcrs

/// liblatentcrs.so looks up this function of the core library and no other. Puts the service into `*service`; throws as
/// open_recommender().
extern "C" __attribute__((visibility("default"))) void latentcrs_open_recommender(
    const std::filesystem::path* run_folder, const latentcrs::OpenOptions* options,
    latentcrs::SharedRecommenderService* service);
