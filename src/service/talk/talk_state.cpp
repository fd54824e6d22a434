#include "service/talk/talk_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace latentcrs {

namespace {

bool holds(const std::vector<int64_t>& ids, int64_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

/// The median year of the items that have one; of two in the middle the later.
std::optional<int> median_year(const std::vector<ListedItem>& items) {
  std::vector<int> years;
  for (const ListedItem& item : items)
    if (item.year != 0) years.push_back(item.year);
  if (years.empty()) return std::nullopt;
  std::sort(years.begin(), years.end());
  return years[years.size() / 2];
}

void limit_years(const Criticism& criticism, const std::vector<ListedItem>& shown, YearLimits& years) {
  const std::optional<int> year = criticism.than ? criticism.than : median_year(shown);
  if (!year || criticism.year == YearWish::none) return;
  if (criticism.year == YearWish::older) years.before = year;
  if (criticism.year == YearWish::newer) years.after = year;
  const bool empty = years.before && years.after && *years.before - *years.after < 2;
  if (!empty) return;
  if (criticism.year == YearWish::older) years.after.reset();
  if (criticism.year == YearWish::newer) years.before.reset();
}

std::string titles_of(const std::vector<ItemDetails>& items) {
  std::string text;
  for (const ItemDetails& item : items) text += (text.empty() ? "" : ", ") + item.title;
  return text;
}

}  // namespace

void apply(const Criticism& criticism, const std::vector<ListedItem>& shown, DialogueState& state) {
  for (const int64_t id : criticism.refused) state.never_shown.push_back(id);
  for (const int64_t id : criticism.liked)
    if (!holds(state.liked, id)) state.liked.push_back(id);
  limit_years(criticism, shown, state.years);
  state.kept.clear();
  const bool refuses_some = !criticism.refused.empty() && criticism.liked.empty() && !criticism.refuses_all &&
                            criticism.year == YearWish::none;
  if (!refuses_some) return;
  for (const ListedItem& item : shown)
    if (!holds(state.never_shown, item.id)) state.kept.push_back(item.id);
}

void take_item(std::int64_t item, DialogueState& state) {
  state.history.push_back(item);
  state.never_shown.push_back(item);
  state.liked.erase(std::remove(state.liked.begin(), state.liked.end(), item), state.liked.end());
}

void remember_shown(const std::vector<int64_t>& shown, bool has_words, DialogueState& state) {
  std::vector<int64_t>& place = has_words ? state.turns.back().shown : state.also_shown;
  place.insert(place.end(), shown.begin(), shown.end());
  state.kept.clear();
}

std::string as_sentence(const Criticism& criticism, const std::vector<ItemDetails>& refused,
                        const std::vector<ItemDetails>& liked) {
  std::vector<std::string> parts;
  if (!refused.empty()) parts.push_back("not " + titles_of(refused));
  if (!liked.empty()) parts.push_back("more like " + titles_of(liked));
  if (criticism.refuses_all) parts.emplace_back("none of these");
  if (criticism.year != YearWish::none)
    parts.push_back((criticism.year == YearWish::older ? "something older" : "something newer") +
                    (criticism.than ? fmt::format(" than {}", *criticism.than) : ""));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 32);
  return text + ".";
}

}  // namespace latentcrs
