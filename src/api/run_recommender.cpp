#include "api/run_recommender.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "api/only_errors.h"
#include "api/run_conversation.h"
#include "eval/em_scores.h"
#include "text/title_list.h"
#include "util/error.h"
#include "util/text.h"
#include "util/utf8.h"

namespace latentcrs {

namespace {

/// A user as a mixture of intents.
struct UserMixture {
  at::Tensor intents;  ///< p(m|u,x) or q(m|u), [1, K]
  at::Tensor vector;   ///< the mixture of the intents' vectors, [1, d]
  at::Tensor items;    ///< E [V, d]
};

UserMixture mixture_of(const OpenedRun& run, const UserState& state, const std::string& text) {
  const EmNetworks& networks = run.networks();
  if (is_blank(text)) {
    const at::Tensor q = networks.posterior->q_m(state.posterior);
    return {q, networks.posterior->user_vectors(q), networks.posterior->item_table().detach()};
  }
  const at::Tensor p = intent_distribution(networks.prior, state.prior, run.embed({text}), 1);
  return {p, networks.prior->user_vectors(p), networks.prior->item_table().detach()};
}

/// The `count` most probable intents; p [1, K].
std::vector<IntentProbability> most_probable(const at::Tensor& p, int count) {
  const at::Tensor row = p.detach().to(at::kCPU, at::kFloat).contiguous().view(-1);
  std::vector<IntentProbability> intents;
  for (int64_t m = 0; m < row.numel(); ++m) intents.push_back({m, row.data_ptr<float>()[m]});
  std::stable_sort(intents.begin(), intents.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  intents.resize(std::min(intents.size(), static_cast<size_t>(count)));
  return intents;
}

/// The dense ids that a request leaves out.
std::vector<int32_t> left_out(const OpenedRun& run, const RankRequest& request, const std::vector<int32_t>& history) {
  std::vector<int32_t> items = run.dense(request.excluded, "excluded");
  const bool as_masked = run.config().evaluate.seen_items == SeenItems::mask;
  if (request.history_items == HistoryItems::leave_out ||
      (request.history_items == HistoryItems::as_configured && as_masked))
    items.insert(items.end(), history.begin(), history.end());
  return items;
}

std::string title_of(const ItemCatalogue& catalogue, int64_t id) {
  const Item* item = catalogue.find(id);
  return item == nullptr ? fmt::format("item {}", id) : item->title;
}

ItemDetails details_of(const ItemCatalogue& catalogue, int64_t id) {
  ItemDetails details{.id = id, .title = title_of(catalogue, id), .year = 0, .facets = {}, .description = {}};
  if (const Item* item = catalogue.find(id); item != nullptr) {
    details.year = item->year;
    details.facets = item->facets;
    details.description = item->description;
  }
  return details;
}

Ranking ranking_of(const OpenedRun& run, const RankRequest& request) {
  if (request.k < 1) throw usage_error(fmt::format("rank: k is {}, but at least 1 item must be wanted", request.k));
  if (request.intents < 0) throw usage_error(fmt::format("rank: intents is {}, below 0", request.intents));
  if (!is_utf8(request.utterance)) throw usage_error("rank: the utterance is not UTF-8");
  const at::NoGradGuard no_grad;
  const std::vector<int32_t> history = run.dense(request.history, "history");
  const UserMixture mixture = mixture_of(run, run.state_of(history), request.utterance);
  const std::vector<int32_t> excluded = left_out(run, request, history);
  Candidates candidates{.non_items = {0}};
  candidates.excluded = [&excluded](int64_t) { return std::span<const int32_t>(excluded); };
  Ranking ranking{.items = {},
                  .intents = most_probable(mixture.intents, request.intents),
                  .with_text = !is_blank(request.utterance)};
  const auto best_of_users = top_k_scored(mixture.vector, mixture.items, request.k, candidates);  // of the one user
  for (const ScoredRow& best : best_of_users.front()) {
    const int64_t id = run.items().raw_from_dense[static_cast<size_t>(best.row)];
    ranking.items.push_back({id, title_of(run.catalogue(), id), best.score});
  }
  return ranking;
}

std::vector<ItemDetails> items_named(const OpenedRun& run, std::string_view titles, int at_most) {
  if (at_most < 1) throw usage_error(fmt::format("find_items: at_most is {}, below 1", at_most));
  const TitleIndex& index = run.titles();
  std::vector<std::optional<int64_t>> named = {index.find(titles)};
  if (!named.front())
    for (const std::string& title :
         read_title_list(titles, static_cast<size_t>(at_most),
                         [&index](std::string_view text) { return index.find(text).has_value(); }))
      named.push_back(index.find(title));
  std::vector<ItemDetails> items;
  std::unordered_set<int64_t> found;
  for (const std::optional<int64_t>& id : named)
    if (id && found.insert(*id).second) items.push_back(details_of(run.catalogue(), *id));
  return items;
}

}  // namespace

Ranking RunRecommender::rank(const RankRequest& request) const {
  return only_errors([&] { return ranking_of(run_, request); });
}

std::vector<ItemDetails> RunRecommender::find_items(std::string_view titles, int at_most) const {
  return only_errors([&] { return items_named(run_, titles, at_most); });
}

std::optional<ItemDetails> RunRecommender::item(int64_t id) const {
  if (!run_.has_item(id)) return std::nullopt;
  return details_of(run_.catalogue(), id);
}

RunInfo RunRecommender::info() const {
  const Config& config = run_.config();
  return {.name = config.exp_name,
          .dataset = config.datasets.dataset_name,
          .item_noun = config.datasets.item_noun,
          .items = run_.items().size() - 1,
          .intents = run_.networks().prior->item_vectors().size(0),
          .history_length = static_cast<int>(run_.history_length()),
          .folder = run_.folder()};
}

std::unique_ptr<ConversationService> RunRecommender::converse(const ConversationOptions& options) const {
  return only_errors([&] { return std::make_unique<RunConversation>(*this, options); });
}

SharedRecommenderService open_recommender(const std::filesystem::path& run_folder, const OpenOptions& options) {
  return only_errors([&] { return std::make_shared<const RunRecommender>(run_folder, options); });
}

}  // namespace latentcrs
