#include "service/talk/talk_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/conversations.h"
#include "service/talk/talk_state.h"
#include "service/talk/turn_text.h"

namespace latentcrs {

namespace {

constexpr size_t kTop = 20;  ///< places among which an item counts as moved

void require_sentence(std::string_view sentence) {
  if (is_blank(sentence)) throw usage_error("the sentence is blank");
  if (!is_utf8(sentence)) throw usage_error("the sentence is not UTF-8");
}

/// The wanted features that the item has: facets, and names of its people.
std::vector<std::string> features_of_item(const ItemDetails& item, const std::vector<std::string>& wanted) {
  const auto is_among = [](const std::string& feature, const std::vector<std::string>& all) {
    return std::find(all.begin(), all.end(), feature) != all.end();
  };
  std::vector<std::string> features;
  for (const std::string& feature : wanted)
    if (is_among(feature, item.facets) || is_among(feature, item.names)) features.push_back(feature);
  return features;
}

std::unordered_map<int64_t, int64_t> places_in(const std::vector<int64_t>& order) {
  std::unordered_map<int64_t, int64_t> places;
  places.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) places.emplace(order[i], static_cast<int64_t>(i) + 1);
  return places;
}

constexpr std::string_view kDigits = "0123456789";

/// The item as a file of conversations names it: by its id in the raw files, a number where it is one.
ItemReference reference_to(const RecommenderService& recommender, int64_t id) {
  const std::string raw = recommender.raw_item(id);
  constexpr size_t kDigitsOfNumber = 18;  // fit into 64 bits
  const bool is_number = !raw.empty() && raw.size() <= kDigitsOfNumber && raw.front() != '0' &&
                         raw.find_first_not_of(kDigits) == std::string::npos;
  return is_number ? ItemReference(std::stoll(raw)) : ItemReference(raw);
}

/// The parts of `list` between any of `separators`, without blanks around them and without empty ones.
std::vector<std::string_view> parts_of_list(std::string_view list, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const size_t end = std::min(list.size(), list.find_first_of(separators));
    if (const std::string_view part = trimmed(list.substr(0, end)); !part.empty()) parts.push_back(part);
    list.remove_prefix(std::min(list.size(), end + 1));
  }
  return parts;
}

/// The parts between commas that name no item; "Life, A" of a found "Bug's Life, A" are parts of its title.
void add_unfound(const RecommenderService& recommender, std::string_view titles, const std::vector<ItemDetails>& found,
                 std::vector<std::string>& unknown) {
  for (const std::string_view part : parts_of_list(titles, ",\r\n")) {
    const std::string wanted = lower_case(part);
    const bool is_in_title = std::any_of(found.begin(), found.end(), [&](const ItemDetails& item) {
      return lower_case(item.title).find(wanted) != std::string::npos;
    });
    if (!is_in_title && recommender.find_items(part, 1).empty()) unknown.emplace_back(part);
  }
}

int64_t place(const std::unordered_map<int64_t, int64_t>& places, int64_t id) {
  const auto found = places.find(id);
  return found == places.end() ? 0 : found->second;
}

/// The first items of `order`, with their places here and there, that `times` calls moved by more than 1; the largest
/// first, at most `count`.
template <class Times>
std::vector<std::pair<int64_t, double>> moved_most(const std::vector<int64_t>& order, int count, Times times) {
  std::vector<std::pair<int64_t, double>> moved;
  for (size_t i = 0; i < std::min(kTop, order.size()); ++i)
    if (const double by = times(order[i]); by > 1) moved.emplace_back(order[i], by);
  std::stable_sort(moved.begin(), moved.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  moved.resize(std::min(moved.size(), static_cast<size_t>(std::max(0, count))));
  return moved;
}

std::vector<int64_t> shown_ids(const ConversationTurn& turn) {
  std::vector<int64_t> ids;
  for (const RankedItem& item : turn.shown) ids.push_back(item.id);
  return ids;
}

}  // namespace

TalkSession::TalkSession(SharedRecommenderService recommender, TalkOptions options)
    : recommender_(std::move(recommender)), options_(std::move(options)) {
  // Checks the ids and numbers.
  recommender_->converse({.history = options_.history,
                          .earlier = options_.earlier,
                          .history_items = options_.history_items,
                          .shown_items = options_.shown_items});
  now_.state = {.history = options_.history,
                .turns = options_.earlier,
                .history_items = options_.history_items,
                .shown_items = options_.shown_items};
  now_.asked = {.history = options_.history, .history_items = options_.history_items};
}

ItemDetails TalkSession::details(int64_t id) const {
  const std::optional<ItemDetails> item = recommender_->item(id);
  if (!item) throw usage_error(fmt::format("the dataset has no item {}", id));
  return *item;
}

std::vector<ListedItem> TalkSession::last_list() const {
  std::vector<ListedItem> list;
  const auto with_list =
      std::find_if(now_.turns.rbegin(), now_.turns.rend(), [](const TalkTurn& turn) { return !turn.shown.empty(); });
  if (with_list != now_.turns.rend())
    for (const ShownItem& shown : with_list->shown) list.push_back({shown.item.id, shown.item.title, shown.item.year});
  else if (!options_.earlier.empty())
    for (const int64_t id : options_.earlier.back().shown) {
      const ItemDetails item = details(id);
      list.push_back({item.id, item.title, item.year});
    }
  return list;
}

const TalkTurn& TalkSession::say(std::string_view sentence) {
  require_sentence(sentence);
  Reply reply{.words = std::string(sentence)};
  if (options_.reads_criticism)
    reply = read_reply(sentence, last_list(), [this](std::string_view title) -> std::optional<int64_t> {
      const std::vector<ItemDetails> items = recommender_->find_items(title, 1);
      return items.empty() ? std::nullopt : std::optional(items.front().id);
    });
  return take_turn(std::string(trimmed(sentence)), reply);
}

const TalkTurn& TalkSession::criticise(const Criticism& criticism) {
  if (criticism.is_empty()) throw usage_error("the criticism is empty: name refused or liked items, or a year");
  if (last_list().empty() && criticism.liked.empty())
    throw usage_error("there is no list yet that could be criticised: say something first");
  std::vector<ItemDetails> refused, liked;
  for (const int64_t id : criticism.refused) refused.push_back(details(id));
  for (const int64_t id : criticism.liked) liked.push_back(details(id));
  return take_turn(as_sentence(criticism, refused, liked), {.criticism = criticism});
}

const TalkTurn& TalkSession::take_turn(std::string said, const Reply& reply) {
  Snapshot next = now_;
  TalkTurn turn{.said = std::move(said), .criticism = reply.criticism};
  for (const int64_t id : reply.taken) {
    turn.taken.push_back(details(id));
    take_item(id, next.state);
    if (!next.turns.empty()) next.turns.back().accepted.push_back(id);
  }
  const bool has_words = !reply.words.empty();
  apply(reply.criticism, last_list(), next.state);
  if (has_words) {
    next.state.turns.push_back({.utterance = reply.words, .shown = {}});
    next.state.understood.reset();
    next.state.kept.clear();
  } else if (!next.state.understood && next.state.turns.empty()) {
    next.state.understood = Understood{};
  }
  if (has_words || !reply.criticism.is_empty()) {
    const ConversationTurn answer = recommender_->answer(next.state);
    describe(next, answer, turn);
    remember_shown(shown_ids(answer), has_words, next.state);
  }
  turn.notes = notes_of(turn, next.state.years, [this](int64_t id) { return details(id).title; });
  turn.answer = joined_notes(turn);
  next.turns.push_back(std::move(turn));
  if (options_.phrase)
    if (std::string phrased = options_.phrase(next.turns); !is_blank(phrased)) next.turns.back().answer = phrased;
  change_to(std::move(next));
  return now_.turns.back();
}

void TalkSession::describe(Snapshot& next, const ConversationTurn& answer, TalkTurn& turn) const {
  turn.wanted = answer.wanted;
  turn.features = answer.features;
  turn.refused = answer.refused;
  turn.intents = named(answer.intents);
  turn.intents.resize(std::min(turn.intents.size(), static_cast<size_t>(std::max(0, options_.intents))));
  for (const RankedItem& shown : answer.shown) {
    const ItemDetails item = details(shown.id);
    turn.shown.push_back(
        {.item = item, .score = shown.score, .facets_wanted = features_of_item(item, answer.features)});
  }
  next.asked = {.history = next.state.history, .utterance = answer.wanted, .history_items = next.state.history_items};
  next.asked.history.insert(next.asked.history.end(), next.state.liked.begin(), next.state.liked.end());
  next.state.understood = Understood{.wanted = answer.wanted, .features = answer.features, .refused = answer.refused};
  compare_with_history(next, turn);
}

const std::vector<int64_t>& TalkSession::order_alone(const std::vector<int64_t>& history) const {
  if (alone_order_.empty() || alone_history_ != history) {
    alone_order_ = recommender_->order({.history = history, .history_items = options_.history_items});
    alone_history_ = history;
  }
  return alone_order_;
}

void TalkSession::compare_with_history(const Snapshot& next, TalkTurn& turn) const {
  const std::vector<int64_t> order = recommender_->order(next.asked);
  const std::vector<int64_t>& alone = order_alone(next.state.history);
  const auto places = places_in(order), places_alone = places_in(alone);
  for (ShownItem& shown : turn.shown) {
    shown.rank = place(places, shown.item.id);
    shown.rank_alone = place(places_alone, shown.item.id);
  }
  // An item that is no candidate on one side, such as a liked one, did not move.
  const auto ratio = [&](int64_t id, const auto& from, const auto& to) {
    const int64_t before = place(from, id), after = place(to, id);
    return before == 0 || after == 0 ? 0.0 : static_cast<double>(before) / static_cast<double>(after);
  };
  const auto moved = [&](int64_t id) {
    return MovedItem{.item = details(id), .rank_alone = place(places_alone, id), .rank = place(places, id)};
  };
  for (const auto& [id, times] :
       moved_most(order, options_.moved, [&](int64_t item) { return ratio(item, places_alone, places); }))
    turn.rose.push_back(moved(id));
  for (const auto& [id, times] :
       moved_most(alone, options_.moved, [&](int64_t item) { return ratio(item, places, places_alone); }))
    turn.fell.push_back(moved(id));
}

std::vector<NamedIntent> TalkSession::named(const std::vector<IntentProbability>& intents) const {
  std::vector<NamedIntent> named;
  for (const IntentProbability& intent : intents) {
    named.push_back({.intent = intent.intent, .probability = intent.probability, .nearest = {}});
    if (options_.nearest <= 0) continue;
    for (const RankedItem& item : recommender_->items_of_intent(intent.intent, options_.nearest))
      named.back().nearest.push_back(details(item.id));
  }
  return named;
}

void TalkSession::change_to(Snapshot next) {
  before_.push_back(std::move(now_));
  now_ = std::move(next);
}

void TalkSession::accept(int64_t item) {
  details(item);  // throws for an id that does not occur
  Snapshot next = now_;
  take_item(item, next.state);
  if (!next.turns.empty()) next.turns.back().accepted.push_back(item);
  change_to(std::move(next));
}

bool TalkSession::undo() {
  if (before_.empty()) return false;
  now_ = std::move(before_.back());
  before_.pop_back();
  return true;
}

Reasons TalkSession::why(int64_t item) const {
  Reasons reasons{.item = details(item)};
  reasons.rank = place(places_in(recommender_->order(now_.asked)), item);
  reasons.rank_alone = place(places_in(order_alone(now_.state.history)), item);
  if (now_.state.understood) reasons.facets_wanted = features_of_item(reasons.item, now_.state.understood->features);
  for (const IntentPart& part : recommender_->intent_parts(now_.asked, item, options_.intents))
    reasons.intents.push_back({.intent = named({part.intent}).front(), .rank = part.rank});
  const std::vector<RankedItem> near = recommender_->by_nearness(item, now_.asked.history);
  for (const RankedItem& other : near)
    if (other.id != item && reasons.near_history.size() < 3) reasons.near_history.push_back(details(other.id));
  return reasons;
}

std::string TalkSession::dialogue_lines(std::string_view name) const {
  std::string lines;
  ConversationPoint point{.id = {}, .dialogue = std::string(name), .has_history = true};
  for (const int64_t id : options_.history)
    point.history.push_back({.item = reference_to(*recommender_, id), .said_by = Speaker::user});
  for (const EarlierTurn& turn : options_.earlier) {
    std::vector<ItemDetails> shown;
    for (const int64_t id : turn.shown) shown.push_back(details(id));
    point.utterances.push_back({.speaker = Speaker::user, .text = turn.utterance});
    if (!shown.empty()) point.utterances.push_back({.speaker = Speaker::recommender, .text = title_list(shown)});
  }
  for (size_t i = 0; i < now_.turns.size(); ++i) {
    const TalkTurn& turn = now_.turns[i];
    point.id = fmt::format("{}/{}", name, i + 1);
    point.utterances.push_back({.speaker = Speaker::user, .text = turn.said});
    point.targets.clear();
    for (const int64_t id : turn.accepted) point.targets.push_back(reference_to(*recommender_, id));
    if (!turn.accepted.empty()) lines += conversation_line(point) + "\n";
    for (const int64_t id : turn.accepted)
      point.history.push_back({.item = reference_to(*recommender_, id), .said_by = Speaker::user});
    point.utterances.push_back({.speaker = Speaker::recommender, .text = to_text(turn)});
  }
  if (lines.empty())
    throw usage_error("no item was accepted yet: a saved dialogue says which items should have been recommended");
  return lines;
}

std::vector<ItemDetails> read_history(const RecommenderService& recommender, std::string_view text,
                                      std::vector<std::string>& unknown) {
  const bool is_numbers = text.find_first_not_of("0123456789, \t\r\n") == std::string_view::npos;
  const std::vector<std::string_view> names = parts_of_list(text, is_numbers ? ", \t\r\n" : ",\r\n");
  const bool is_ids = is_numbers || std::all_of(names.begin(), names.end(), [&](std::string_view name) {
                        return recommender.item_of_raw(name).has_value();
                      });
  std::vector<ItemDetails> items;
  if (!is_ids) {
    items = recommender.find_items(text, 1000);
    add_unfound(recommender, text, items, unknown);
    return items;
  }
  for (const std::string_view name : names) {
    if (const auto id = recommender.item_of_raw(name))
      items.push_back(*recommender.item(*id));
    else
      unknown.emplace_back(name);
  }
  return items;
}

}  // namespace latentcrs
