#include "service/talk/turn_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace latentcrs {

namespace {

using TitleOf = std::function<std::string(std::int64_t)>;

/// "A", "A and B", "A, B and C".
std::string in_words(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

std::string titles_in_words(const std::vector<int64_t>& ids, const TitleOf& title_of) {
  std::vector<std::string> titles;
  for (const int64_t id : ids) titles.push_back(title_of(id));
  return in_words(titles);
}

std::string years_note(const YearLimits& years) {
  if (years.before && years.after)
    return fmt::format("Only years between {} and {} are shown.", *years.after, *years.before);
  if (years.before) return fmt::format("Only years before {} are shown.", *years.before);
  return fmt::format("Only years after {} are shown.", *years.after);
}

}  // namespace

std::vector<std::string> notes_of(const TalkTurn& turn, const YearLimits& years, const TitleOf& title_of) {
  std::vector<std::string> notes;
  const Criticism& criticism = turn.criticism;
  if (!turn.taken.empty()) {
    std::vector<int64_t> ids;
    for (const ItemDetails& item : turn.taken) ids.push_back(item.id);
    notes.push_back(fmt::format("You took {}.", titles_in_words(ids, title_of)));
  }
  if (!criticism.refused.empty())
    notes.push_back(fmt::format("{} will not be shown again.", titles_in_words(criticism.refused, title_of)));
  if (!criticism.liked.empty())
    notes.push_back(fmt::format("I read {} as the newest of your items.", titles_in_words(criticism.liked, title_of)));
  if (criticism.refuses_all) notes.emplace_back("Here are others.");
  if (!turn.shown.empty() && (years.before || years.after)) notes.push_back(years_note(years));
  if (!turn.features.empty()) notes.push_back(fmt::format("You asked for {}.", in_words(turn.features)));
  if (!turn.refused.empty()) notes.push_back(fmt::format("I leave out {}.", in_words(turn.refused)));
  const bool wants_list = turn.taken.empty() || !criticism.is_empty() || !turn.wanted.empty();
  if (turn.shown.empty() && wants_list) notes.emplace_back("Nothing is left to show.");
  return notes;
}

std::string joined_notes(const TalkTurn& turn) { return fmt::format("{}", fmt::join(turn.notes, " ")); }

std::string title_list(const std::vector<ItemDetails>& items) {
  std::string text;
  for (const ItemDetails& item : items) text += (text.empty() ? "" : ", ") + item.title;
  return text;
}

std::string item_title(const ItemDetails& item) {
  const std::string year = std::to_string(item.year);
  if (item.year == 0 || item.title.find(year) != std::string::npos) return item.title;
  return fmt::format("{} ({})", item.title, year);
}

std::string item_line(const ItemDetails& item) {
  if (item.facets.empty()) return item_title(item);
  return fmt::format("{}, {}", item_title(item), fmt::join(item.facets, ", "));
}

std::string to_text(const TalkTurn& turn) {
  std::string text = turn.answer;
  for (size_t i = 0; i < turn.shown.size(); ++i)
    text += fmt::format("{}{}. {}", text.empty() ? "" : "\n", i + 1, item_line(turn.shown[i].item));
  return text;
}

}  // namespace latentcrs
