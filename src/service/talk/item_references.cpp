#include "service/talk/item_references.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "language/text/titles.h"

namespace latentcrs {

namespace {

constexpr std::array<std::string_view, 10> kOrdinals = {"first", "second",  "third",  "fourth", "fifth",
                                                        "sixth", "seventh", "eighth", "ninth",  "tenth"};
constexpr std::array<std::string_view, 10> kShortOrdinals = {"1st", "2nd", "3rd", "4th", "5th",
                                                             "6th", "7th", "8th", "9th", "10th"};
constexpr std::array<std::string_view, 10> kNumerals = {"one", "two",   "three", "four", "five",
                                                        "six", "seven", "eight", "nine", "ten"};
constexpr std::array<std::string_view, 16> kNouns = {"ones",   "one",     "films",    "film", "movies", "movie",
                                                     "items",  "item",    "title",    "game", "games",  "album",
                                                     "albums", "product", "products", "book"};
constexpr std::array<std::string_view, 8> kPointing = {"that one",  "this one",   "that film", "that movie",
                                                       "this film", "this movie", "that item", "this item"};

/// The place of `word` in `names`, from 1; 0 where it is none of them.
size_t place_in(std::span<const std::string_view> names, std::string_view word) {
  const auto found = std::find(names.begin(), names.end(), word);
  return found == names.end() ? 0 : static_cast<size_t>(found - names.begin()) + 1;
}

size_t number_of(std::string_view word) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() ? number : 0;
}

/// 1 for "first", "1st"; 0 for another word.
size_t ordinal_of(std::string_view word) { return std::max(place_in(kOrdinals, word), place_in(kShortOrdinals, word)); }

std::string joined_words(std::string_view text) {
  std::string joined;
  for (const Word& word : split_words(text)) joined += (joined.empty() ? "" : " ") + word.text;
  return joined;
}

void take_noun(WordCursor& words) {
  for (const std::string_view noun : kNouns)
    if (words.take(noun)) return;
}

}  // namespace

bool WordCursor::take(std::string_view phrase) {
  size_t place = next;
  while (!phrase.empty()) {
    const std::string_view word = phrase.substr(0, phrase.find(' '));
    if (place == words.size() || words[place].text != word) return false;
    ++place;
    phrase.remove_prefix(std::min(phrase.size(), word.size() + 1));
  }
  next = place;
  return true;
}

ItemReferences::ItemReferences(std::span<const ListedItem> shown) : shown_(shown) {
  for (size_t i = 0; i < shown.size(); ++i)
    for (const std::string& title : {shown[i].title, spoken_title(shown[i].title)})
      if (std::string words = joined_words(title); !words.empty()) names_.push_back({std::move(words), i + 1});
  std::stable_sort(names_.begin(), names_.end(),
                   [](const Name& a, const Name& b) { return a.words.size() > b.words.size(); });
}

std::vector<ListedItem> ItemReferences::at_place(size_t place) const {
  if (place == 0 || place > shown_.size()) return {};
  return {shown_[place - 1]};
}

std::vector<ListedItem> ItemReferences::take_title(WordCursor& words) const {
  for (const Name& name : names_)
    if (words.take(name.words)) return at_place(name.place);
  return {};
}

/// "the second one", "number 2", "the first two".
std::vector<ListedItem> ItemReferences::take_number(WordCursor& words) const {
  WordCursor ahead = words;
  for (const std::string_view opening : {"the", "number", "no", "nr"}) ahead.take(opening);
  if (ahead.at_end()) return {};
  const std::string& word = ahead.words[ahead.next++].text;
  std::vector<ListedItem> items =
      at_place(word == "last" ? shown_.size() : std::max(ordinal_of(word), number_of(word)));
  const size_t count = ahead.at_end() ? 0 : place_in(kNumerals, ahead.words[ahead.next].text);
  if (ordinal_of(word) == 1 && count > 1 && count <= shown_.size()) {
    items.assign(shown_.begin(), shown_.begin() + static_cast<ptrdiff_t>(count));
    ++ahead.next;
  }
  if (items.empty()) return {};
  take_noun(ahead);
  words = ahead;
  return items;
}

std::vector<ListedItem> ItemReferences::take_one(WordCursor& words, Naming naming) const {
  std::vector<ListedItem> items;
  if (naming == Naming::any) items = take_title(words);
  if (naming == Naming::any && items.empty())
    for (const std::string_view phrase : kPointing)
      if (items.empty() && words.take(phrase)) items = at_place(1);
  return items.empty() ? take_number(words) : items;
}

std::vector<ListedItem> ItemReferences::take(WordCursor& words, Naming naming) const {
  std::vector<ListedItem> items = take_one(words, naming);
  while (!items.empty()) {
    WordCursor ahead = words;
    for (const std::string_view joint : {"and", "or", "nor"}) ahead.take(joint);
    const std::vector<ListedItem> more = take_one(ahead, naming);
    if (more.empty()) break;
    items.insert(items.end(), more.begin(), more.end());
    words = ahead;
  }
  return items;
}

}  // namespace latentcrs
