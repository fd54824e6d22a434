// The interfaces to which the public classes forward. With them liblatentcrs.so, which programs link, needs neither
// LibTorch nor the other libraries: it gets a service from the core library.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "latentcrs/recommender.h"
#include "service/api/dialogue_state.h"
#include "service/api/user_history.h"

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

/// An intent's part in the place of an item.
struct IntentPart {
  IntentProbability intent;
  double part = 0;   ///< p(m|u,x) (r_m(y) - the mean of r_m over all items): what the intent adds to the item's score
  int64_t rank = 0;  ///< the item's place by r_m(y) alone, from 1
};

/// Recommender's functions, and those that only this program's commands ask for.
class RecommenderService {
 public:
  virtual ~RecommenderService() = default;
  virtual Ranking rank(const RankRequest& request) const = 0;
  virtual std::vector<ItemDetails> find_items(std::string_view titles, int at_most) const = 0;
  virtual std::optional<ItemDetails> item(int64_t id) const = 0;
  virtual RunInfo info() const = 0;
  /// The conversation refers to this service.
  virtual std::unique_ptr<ConversationService> converse(const ConversationOptions& options) const = 0;

  /// The turn that `state` leads to. Throws as Conversation::say().
  virtual ConversationTurn answer(const DialogueState& state) const = 0;
  /// All candidates of rank(request) in its order; `k` and `intents` do not count.
  virtual std::vector<int64_t> order(const RankRequest& request) const = 0;
  /// The intents that raised `item` most, at most `count`. Throws as rank().
  virtual std::vector<IntentPart> intent_parts(const RankRequest& request, int64_t item, int count) const = 0;
  /// The items that stand for an intent: the largest cosines of E[y] and r_m - the mean of r over all intents, among
  /// the frequent items that `latentcrs intents` shows too. Scores are the cosines. Throws Error(usage) for an intent
  /// that there is not.
  virtual std::vector<RankedItem> items_of_intent(int64_t intent, int count) const = 0;
  /// `items` in the order of the cosines of their vectors with that of `item`, the nearest first. Throws as rank().
  virtual std::vector<RankedItem> by_nearness(int64_t item, const std::vector<int64_t>& items) const = 0;
  /// The item that the raw files call `raw`; nullopt if there is none that can be ranked.
  virtual std::optional<int64_t> item_of_raw(std::string_view raw) const = 0;
  /// What the raw files call an item; the number itself for an id that they do not have.
  virtual std::string raw_item(int64_t id) const = 0;
  /// The history of a user of the data, named by the id of the raw files. Throws Error(usage) for an unknown user.
  virtual std::vector<int64_t> history_of(std::string_view user, Moment moment) const = 0;
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
