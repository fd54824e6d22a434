// The public classes, which forward to a service. Compiled into the core library and into liblatentcrs.so.
#include "latentcrs/recommender.h"

#include <utility>

#include "service/api/recommender_service.h"

namespace latentcrs {

Recommender Recommender::open(const std::filesystem::path& run_folder, const OpenOptions& options) {
  return Recommender(open_recommender(run_folder, options));
}

Recommender::Recommender(SharedRecommenderService service) : service_(std::move(service)) {}
Recommender::Recommender(const Recommender&) = default;
Recommender::Recommender(Recommender&&) noexcept = default;
Recommender& Recommender::operator=(const Recommender&) = default;
Recommender& Recommender::operator=(Recommender&&) noexcept = default;
Recommender::~Recommender() = default;

Ranking Recommender::rank(const RankRequest& request) const { return service_->rank(request); }

std::vector<ItemDetails> Recommender::find_items(std::string_view titles, int at_most) const {
  return service_->find_items(titles, at_most);
}

std::optional<ItemDetails> Recommender::item(int64_t id) const { return service_->item(id); }

RunInfo Recommender::info() const { return service_->info(); }

Conversation Recommender::converse(const ConversationOptions& options) const {
  return {service_, service_->converse(options)};
}

Conversation::Conversation(SharedRecommenderService recommender, std::unique_ptr<ConversationService> service)
    : recommender_(std::move(recommender)), service_(std::move(service)) {}
Conversation::Conversation(Conversation&&) noexcept = default;
Conversation::~Conversation() = default;

Conversation& Conversation::operator=(Conversation&& other) noexcept {
  service_ = std::move(other.service_);  // the old one refers to the old recommender
  recommender_ = std::move(other.recommender_);
  return *this;
}

const ConversationTurn& Conversation::say(std::string_view utterance) { return service_->say(utterance); }
void Conversation::accept(int64_t item) { service_->accept(item); }
void Conversation::reject(int64_t item) { service_->reject(item); }
const std::vector<ConversationTurn>& Conversation::turns() const { return service_->turns(); }
const std::vector<int64_t>& Conversation::history() const { return service_->history(); }

}  // namespace latentcrs
