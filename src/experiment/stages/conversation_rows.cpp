#include "experiment/stages/conversation_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/util/error.h"
#include "language/text/leak_check.h"
#include "language/text/title_mentions.h"

namespace latentcrs {

namespace {

constexpr double kSpelling = 0.95;  // least similarity of a misspelled title to the catalogue's

constexpr const char* kForeignTarget = "targets outside the catalogue";
constexpr const char* kRepeatedTarget = "targets that the conversation gives twice";
constexpr const char* kForeignHistory = "items of the history outside the catalogue";
constexpr const char* kNoTarget = "conversations whose response names no item of the catalogue";

std::string text_of(const ItemReference& item) {
  if (const auto* id = std::get_if<int64_t>(&item)) return fmt::format("item {}", *id);
  return "'" + std::get<std::string>(item) + "'";
}

/// Cells of the file of ranks hold neither tabs nor line ends.
std::string as_cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

class Linker {
 public:
  Linker(const ConversationCatalogue& to, ConversationFaults& left_out)
      : to_(to), left_out_(left_out), titles_(to.catalogue, kSpelling, to.counts) {}

  /// The dense id; nullopt for an item that the dataset does not have.
  std::optional<int32_t> item(const ItemReference& item) const {
    if (const auto* id = std::get_if<int64_t>(&item)) return from_id(std::to_string(*id));
    const auto& text = std::get<std::string>(item);
    const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
    const auto first = is_number ? from_title(text) : from_id(text);
    if (first) return first;
    return is_number ? from_id(text) : from_title(text);
  }

  /// The linked targets; none is a fault.
  std::vector<int32_t> targets(const ConversationPoint& conversation) const {
    std::vector<int32_t> targets = named_next(conversation);
    if (targets.empty() && conversation.targets.empty()) left_out_.add(kNoTarget, conversation.where);
    return targets;
  }

  /// The targets that the file gives, else the items that the response names.
  std::vector<int32_t> named_next(const ConversationPoint& conversation) const {
    std::vector<int32_t> targets;
    const auto is_new = [&](int32_t target) {
      return std::find(targets.begin(), targets.end(), target) == targets.end();
    };
    for (const ItemReference& target : conversation.targets) {
      const auto found = item(target);
      if (found && is_new(*found))
        targets.push_back(*found);
      else
        left_out_.add(found ? kRepeatedTarget : kForeignTarget, conversation.where, text_of(target));
    }
    if (!conversation.targets.empty()) return targets;
    for (const TitleMention& mention : titles_.find(conversation.response))
      if (const auto found = dense(mention.item); found && is_new(*found)) targets.push_back(*found);
    return targets;
  }

  /// The linked history, in the order of first mention.
  std::vector<std::pair<int32_t, Speaker>> history(const ConversationPoint& conversation) const {
    std::vector<std::pair<int32_t, Speaker>> history;
    std::unordered_set<int32_t> known;
    const auto add = [&](int32_t found, Speaker speaker) {
      if (known.insert(found).second) history.emplace_back(found, speaker);
    };
    for (const MentionedItem& mention : conversation.history) {
      if (const auto found = item(mention.item))
        add(*found, mention.said_by);
      else
        left_out_.add(kForeignHistory, conversation.where, text_of(mention.item));
    }
    if (conversation.has_history) return history;
    for (const SpokenLine& line : conversation.utterances)
      for (const TitleMention& mention : titles_.find(line.text))
        if (const auto found = dense(mention.item)) add(*found, line.speaker);
    return history;
  }

 private:
  std::optional<int32_t> dense(int64_t raw) const {
    const auto& known = to_.items.dense_from_raw;
    if (raw <= 0 || raw >= static_cast<int64_t>(known.size()) || known[static_cast<size_t>(raw)] <= 0)
      return std::nullopt;
    return known[static_cast<size_t>(raw)];
  }

  std::optional<int32_t> from_id(const std::string& text) const {
    const auto id = to_.raw_ids.id(text);
    return id ? dense(*id) : std::nullopt;
  }

  std::optional<int32_t> from_title(const std::string& title) const {
    const auto raw = titles_.item(title);
    return raw ? dense(*raw) : std::nullopt;
  }

  const ConversationCatalogue& to_;
  ConversationFaults& left_out_;
  TitleFinder titles_;
};

/// Whether the words of a conversation name the target.
bool names_target(const ConversationPoint& conversation, const Item* target) {
  if (target == nullptr) return false;
  return std::any_of(conversation.utterances.begin(), conversation.utterances.end(),
                     [&](const SpokenLine& line) { return leaks_title(line.text, target->title, kSpelling); });
}

/// "<conversation>/<target>", made unique by a number.
class RowIds {
 public:
  std::string of(const std::string& conversation, int64_t target) {
    const std::string id = as_cell(fmt::format("{}/{}", conversation, target));
    const int times = ++seen_[id];
    return times == 1 ? id : fmt::format("{}#{}", id, times);
  }

 private:
  std::unordered_map<std::string, int> seen_;
};

RowGroup group_where(std::string name, size_t rows, auto holds) {
  RowGroup group{std::move(name), std::vector<uint8_t>(rows, 0)};
  for (size_t i = 0; i < rows; ++i) group.members[i] = holds(i) ? 1 : 0;
  return group;
}

/// 0, 1 or 2 for the dense ids of each third of the interactions, the most popular items first; ties by id.
std::vector<int> popularity_thirds(const std::vector<double>& counts) {
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return counts[a] > counts[b]; });
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  std::vector<int> third(counts.size(), 2);
  double before = 0;
  for (const size_t item : order) {
    third[item] = before < all / 3 ? 0 : before < 2 * all / 3 ? 1 : 2;
    before += counts[item];
  }
  return third;
}

}  // namespace

ConversationRows link_conversations(std::vector<ConversationPoint> conversations, const ConversationCatalogue& to,
                                    ConversationText text, ConversationFaults& left_out) {
  const Linker linker(to, left_out);
  ConversationRows rows;
  RowIds ids;
  for (ConversationPoint& conversation : conversations) {
    const std::vector<int32_t> targets = linker.targets(conversation);
    if (targets.empty()) continue;
    std::vector<int32_t> history;
    std::vector<Speaker> said_by;
    for (const auto& [item, speaker] : linker.history(conversation)) {
      history.push_back(item);
      said_by.push_back(speaker);
    }
    for (const int32_t target : targets) {
      const bool in_history = std::find(history.begin(), history.end(), target) != history.end();
      const auto guessed = in_history ? ConversationCondition::discussion : ConversationCondition::recommendation;
      const int64_t raw = to.items.raw_from_dense[static_cast<size_t>(target)];
      rows.of_row.push_back(rows.conversations.size());
      rows.targets.push_back(target);
      rows.conditions.push_back(conversation.condition == ConversationCondition::unknown ? guessed
                                                                                         : conversation.condition);
      rows.ranked.customer_ids.push_back(ids.of(conversation.id, raw));
      rows.ranked.targets.push_back(raw);
      rows.ranked.leaks_title.push_back(in_history || names_target(conversation, to.catalogue.find(raw)) ? 1 : 0);
      rows.ranked.dialogues.push_back(as_cell(conversation.dialogue));
    }
    rows.texts.push_back(embedded_text(conversation, text));
    rows.histories.add(history);
    rows.said_by.push_back(std::move(said_by));
    rows.conversations.push_back(std::move(conversation));
  }
  if (rows.size() == 0)
    throw data_error(fmt::format("none of the {} conversations has a target in the catalogue of {} items",
                                 conversations.size(), to.items.size() - 1));
  return rows;
}

std::vector<std::vector<int32_t>> mentioned_items(const std::vector<ConversationPoint>& conversations,
                                                  const ConversationCatalogue& to, ConversationFaults& left_out) {
  const Linker linker(to, left_out);
  std::vector<std::vector<int32_t>> mentioned;
  for (const ConversationPoint& conversation : conversations) {
    std::vector<int32_t>& items = mentioned.emplace_back();
    for (const auto& [item, speaker] : linker.history(conversation)) items.push_back(item);
    for (const int32_t target : linker.named_next(conversation))
      if (std::find(items.begin(), items.end(), target) == items.end()) items.push_back(target);
  }
  return mentioned;
}

std::string embedded_text(const ConversationPoint& conversation, ConversationText which) {
  std::string text;
  for (const SpokenLine& line : conversation.utterances) {
    if (which != ConversationText::all && line.speaker != Speaker::user) continue;
    if (which == ConversationText::last) text.clear();
    text += (text.empty() ? "" : "\n") + line.text;
  }
  return text;
}

std::vector<RowGroup> conversation_groups(const ConversationRows& rows, const std::vector<double>& counts) {
  const auto recommends = [&](size_t i) { return rows.conditions[i] == ConversationCondition::recommendation; };
  const auto length = [&](size_t i) { return rows.histories.of(static_cast<int64_t>(rows.of_row[i])).size(); };
  const std::vector<int> third = popularity_thirds(counts);
  std::vector<RowGroup> groups;
  const auto add = [&](const char* name, auto holds) { groups.push_back(group_where(name, rows.size(), holds)); };
  add("all", [](size_t) { return true; });
  add("recommendation", recommends);
  add("discussion", [&](size_t i) { return !recommends(i); });
  add("recommendation, with history", [&](size_t i) { return recommends(i) && length(i) > 0; });
  add("recommendation, history of 0", [&](size_t i) { return recommends(i) && length(i) == 0; });
  add("recommendation, history of 1", [&](size_t i) { return recommends(i) && length(i) == 1; });
  add("recommendation, history of 2 or more", [&](size_t i) { return recommends(i) && length(i) >= 2; });
  const char* const kThirds[] = {"popular", "middle", "rare"};
  for (int t = 0; t < 3; ++t)
    add(fmt::format("recommendation, {} target", kThirds[t]).c_str(),
        [&, t](size_t i) { return recommends(i) && third[static_cast<size_t>(rows.targets[i])] == t; });
  return groups;
}

std::vector<int64_t> rows_of_other_dialogues(const ConversationRows& rows, uint64_t seed) {
  const std::vector<int64_t> dialogue = clusters_of(rows.ranked);
  std::vector<std::vector<int64_t>> spoken;  // of each dialogue, the rows with words
  for (size_t i = 0; i < rows.size(); ++i) {
    spoken.resize(std::max(spoken.size(), static_cast<size_t>(dialogue[i]) + 1));
    if (!rows.texts[rows.of_row[i]].empty())
      spoken[static_cast<size_t>(dialogue[i])].push_back(static_cast<int64_t>(i));
  }
  std::vector<uint8_t> among;
  for (const auto& members : spoken) among.push_back(members.empty() ? 0 : 1);
  const std::vector<int64_t> other = somebody_else(among, seed);
  std::vector<int64_t> chosen(rows.size());
  std::vector<size_t> next(spoken.size(), 0);  // rows of a dialogue take those of the other one in turn
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto own = static_cast<size_t>(dialogue[i]);
    const std::vector<int64_t>& from = spoken[static_cast<size_t>(other[own])];
    chosen[i] = from.empty() ? static_cast<int64_t>(i) : from[next[own]++ % from.size()];
  }
  return chosen;
}

}  // namespace latentcrs
