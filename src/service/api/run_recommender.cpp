#include "service/api/run_recommender.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "language/text/title_list.h"
#include "recommender/eval/ranker.h"
#include "service/api/dialogue_answer.h"
#include "service/api/only_errors.h"
#include "service/api/run_conversation.h"
#include "service/api/user_mixture.h"

namespace latentcrs {

namespace {

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
    details.names = item->names;
  }
  return details;
}

RankedItem ranked_item_of(const OpenedRun& run, int64_t dense, double score) {
  const int64_t id = run.items().raw_from_dense[static_cast<size_t>(dense)];
  return {id, title_of(run.catalogue(), id), score};
}

/// The best rows of the item table for the user of a request.
std::vector<ScoredRow> best_rows_of(const OpenedRun& run, const RankRequest& request,
                                    const std::vector<int32_t>& history, const UserMixture& mixture, int k) {
  const std::vector<int32_t> excluded = left_out(run, request, history);
  Candidates candidates{.non_items = {0}};
  candidates.excluded = [&excluded](int64_t) { return std::span<const int32_t>(excluded); };
  return top_k_scored(mixture.vector, mixture.items, k, candidates).front();  // of the one user
}

Ranking ranking_of(const OpenedRun& run, const RankRequest& request) {
  if (request.k < 1) throw usage_error(fmt::format("rank: k is {}, but at least 1 item must be wanted", request.k));
  if (request.intents < 0) throw usage_error(fmt::format("rank: intents is {}, below 0", request.intents));
  if (!is_utf8(request.utterance)) throw usage_error("rank: the utterance is not UTF-8");
  const at::NoGradGuard no_grad;
  const std::vector<int32_t> history = run.dense(request.history, "history");
  const UserMixture mixture = mixture_of(run, history, request.utterance);
  Ranking ranking{.items = {},
                  .intents = most_probable(mixture.intents, request.intents),
                  .with_text = !is_blank(request.utterance)};
  for (const ScoredRow& best : best_rows_of(run, request, history, mixture, request.k))
    ranking.items.push_back(ranked_item_of(run, best.row, best.score));
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

std::vector<int64_t> order_of(const OpenedRun& run, const RankRequest& request) {
  const at::NoGradGuard no_grad;
  const std::vector<int32_t> history = run.dense(request.history, "history");
  const UserMixture mixture = mixture_of(run, history, request.utterance);
  std::vector<int64_t> ids;
  for (const ScoredRow& row : best_rows_of(run, request, history, mixture, static_cast<int>(run.items().size())))
    ids.push_back(run.items().raw_from_dense[static_cast<size_t>(row.row)]);
  return ids;
}

std::vector<RankedItem> sorted_by_nearness(const OpenedRun& run, int64_t item, const std::vector<int64_t>& items) {
  const at::Tensor table = run.networks().prior->item_table().detach();
  const at::Tensor own = table[run.dense({item}, "by_nearness").front()];
  std::vector<RankedItem> sorted;
  for (const int32_t other : run.dense(items, "by_nearness"))
    sorted.push_back(ranked_item_of(run, other, at::cosine_similarity(table[other], own, 0).item<double>()));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return sorted;
}

/// Throws Error(usage) for a user that the data does not have.
int64_t row_of_user(const OpenedRun& run, std::string_view user) {
  const std::vector<int64_t>& ids = run.inputs().interactions().user_ids;
  const std::optional<int64_t> id = run.raw_users().id(user);
  const auto found = id ? std::find(ids.begin(), ids.end(), *id) : ids.end();
  if (found == ids.end())
    throw usage_error(fmt::format("the dataset {} has no user {}", run.config().datasets.dataset_name, user));
  return found - ids.begin();
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

std::optional<int64_t> RunRecommender::item_of_raw(std::string_view raw) const {
  return only_errors([&] {
    const std::optional<int64_t> id = run_.raw_items().id(raw);
    return id && run_.has_item(*id) ? id : std::nullopt;
  });
}

std::string RunRecommender::raw_item(int64_t id) const {
  return only_errors([&] { return run_.raw_items().raw(id); });
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

ConversationTurn RunRecommender::answer(const DialogueState& state) const {
  return only_errors([&] { return answer_of(*this, state); });
}

std::vector<int64_t> RunRecommender::order(const RankRequest& request) const {
  return only_errors([&] { return order_of(run_, request); });
}

std::vector<IntentPart> RunRecommender::intent_parts(const RankRequest& request, int64_t item, int count) const {
  return only_errors([&] {
    const at::NoGradGuard no_grad;
    const UserMixture user = mixture_of(run_, run_.dense(request.history, "history"), request.utterance);
    const at::Tensor vectors = intent_vectors(run_, !is_blank(request.utterance));
    return parts_of(user, vectors, run_.dense({item}, "intent_parts").front(), count);
  });
}

const IntentNames& RunRecommender::intent_names() const {
  std::call_once(made_names_, [this] { names_ = std::make_unique<const IntentNames>(run_); });
  return *names_;
}

std::vector<RankedItem> RunRecommender::items_of_intent(int64_t intent, int count) const {
  return only_errors([&] {
    if (intent < 0 || intent >= info().intents)
      throw usage_error(fmt::format("there is no intent {}: the run has {}, from 0", intent, info().intents));
    const at::NoGradGuard no_grad;
    std::vector<RankedItem> items;
    for (const NearItem& near : intent_names().nearest(intent, count))
      items.push_back(ranked_item_of(run_, near.item, near.score));
    return items;
  });
}

std::vector<RankedItem> RunRecommender::by_nearness(int64_t item, const std::vector<int64_t>& items) const {
  return only_errors([&] {
    const at::NoGradGuard no_grad;
    return sorted_by_nearness(run_, item, items);
  });
}

std::vector<int64_t> RunRecommender::history_of(std::string_view user, Moment moment) const {
  const Interactions& interactions = run_.inputs().interactions();
  const auto items = items_as_of(interactions, row_of_user(run_, user), moment);
  return {items.begin(), items.end()};
}

SharedRecommenderService open_recommender(const std::filesystem::path& run_folder, const OpenOptions& options) {
  return only_errors([&] { return std::make_shared<const RunRecommender>(run_folder, options); });
}

}  // namespace latentcrs
