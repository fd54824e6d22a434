#include "language/text/name_finder.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "language/text/title_spans.h"
#include "language/text/words.h"

namespace latentcrs {

/// A word of a name or of a text: words [first, last] of split_words(), of which initials make one.
struct NameWord {
  std::string text;
  size_t first = 0, last = 0;
};

namespace {

constexpr ptrdiff_t kContentWords = 2;  ///< of a name that counts in any letters

bool is_initial(const Word& word) { return word.text.size() == 1 && (word.text[0] < '0' || word.text[0] > '9'); }

/// The word without the ending of "Spielberg's".
std::string without_possessive(std::string_view text, const Word& word) {
  const std::string_view spelled = text.substr(word.begin, word.end - word.begin);
  const bool possessive = spelled.ends_with("'s") || spelled.ends_with("\xE2\x80\x99s");
  return possessive ? word.text.substr(0, word.text.size() - 1) : word.text;
}

std::vector<NameWord> name_words(std::string_view text, const std::vector<Word>& words) {
  std::vector<NameWord> result;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool joins = i > 0 && is_initial(words[i]) && is_initial(words[i - 1]);
    if (joins) {
      result.back().text += words[i].text;
      result.back().last = i;
    } else {
      result.push_back({without_possessive(text, words[i]), i, i});
    }
  }
  return result;
}

/// Whether the next word follows after a blank and begins small: the name of "Tom Hanks in Big (1988)" does not belong
/// to the title, that of "Jackie Brown (1997)" does.
bool precedes_small_word(std::string_view text, const std::vector<Word>& words, size_t i) {
  if (i + 1 == words.size() || text.substr(words[i].end, words[i + 1].begin - words[i].end) != " ") return false;
  return !begins_with_capital(text.substr(words[i + 1].begin));
}

std::string joined_words(const std::vector<NameWord>& words, size_t first, size_t count) {
  std::string text;
  for (size_t i = first; i < first + count; ++i) text += (text.empty() ? "" : " ") + words[i].text;
  return text;
}

}  // namespace

NameFinder::NameFinder(const ItemCatalogue& catalogue) {
  for (const Item& item : catalogue.items())
    for (const std::string& name : item.names) add(name, item.id);
  add_without_initials();
}

void NameFinder::place(const std::vector<NameWord>& words, size_t name) {
  places_.emplace(joined_words(words, 0, words.size()), name);
  size_t& most = most_words_of_[words[0].text];
  most = std::max(most, words.size());
}

/// "Samuel Jackson" is Samuel L. Jackson, unless somebody else of that name is known.
void NameFinder::add_without_initials() {
  std::unordered_map<std::string, std::pair<std::vector<NameWord>, size_t>> shorter;
  std::unordered_set<std::string> ambiguous;
  for (size_t n = 0; n < names_.size(); ++n) {
    const std::vector<NameWord> words = name_words(names_[n].spelled, split_words(names_[n].spelled));
    std::vector<NameWord> kept;
    for (size_t i = 0; i < words.size(); ++i)
      if (i == 0 || i + 1 == words.size() || words[i].text.size() > 1) kept.push_back(words[i]);
    const std::string text = joined_words(kept, 0, kept.size());
    if (kept.size() == words.size() || places_.contains(text)) continue;
    if (!shorter.try_emplace(text, kept, n).second) ambiguous.insert(text);
  }
  for (const auto& [text, words_and_name] : shorter)
    if (!ambiguous.contains(text)) place(words_and_name.first, words_and_name.second);
}

void NameFinder::add(const std::string& spelled, int64_t item) {
  const std::vector<NameWord> words = name_words(spelled, split_words(spelled));
  const auto content =
      std::count_if(words.begin(), words.end(), [](const NameWord& word) { return !is_stop_word(word.text); });
  if (content == 0) return;
  const auto known = places_.find(joined_words(words, 0, words.size()));
  const size_t name = known == places_.end() ? names_.size() : known->second;
  if (known == places_.end()) {
    names_.push_back({spelled, content >= kContentWords, {}});
    place(words, name);
  }
  std::vector<int64_t>& items = names_[name].items;
  if (items.empty() || items.back() != item) items.push_back(item);
}

std::vector<NameMention> NameFinder::find(std::string_view text) const {
  return find(text, stances_by_negation(text, split_words(text)));
}

std::vector<NameMention> NameFinder::find(std::string_view text, const std::vector<Stance>& stances) const {
  const std::vector<Word> words = split_words(text);
  const std::vector<NameWord> named = name_words(text, words);
  const std::vector<bool> title = words_in_titles(text, words);
  const auto counts = [&](const Name& name, size_t first, size_t last) {
    if (title[named[first].first] && !precedes_small_word(text, words, named[last].last)) return false;
    if (name.stands_alone) return true;
    if (first == last) return is_lone_name(text, words, named[first].last);
    return std::all_of(named.begin() + static_cast<ptrdiff_t>(first), named.begin() + static_cast<ptrdiff_t>(last) + 1,
                       [&](const NameWord& word) {
                         return is_stop_word(word.text) || begins_with_capital(text.substr(words[word.first].begin));
                       });
  };
  std::vector<NameMention> mentions;
  std::unordered_map<size_t, size_t> place_of;  // in mentions
  for (size_t first = 0; first < named.size(); ++first) {
    const auto begins = most_words_of_.find(named[first].text);
    if (begins == most_words_of_.end()) continue;
    for (size_t count = std::min(begins->second, named.size() - first); count > 0; --count) {
      const auto found = places_.find(joined_words(named, first, count));
      if (found == places_.end() || !counts(names_[found->second], first, first + count - 1)) continue;
      const Name& name = names_[found->second];
      const auto [place, is_new] = place_of.try_emplace(found->second, mentions.size());
      if (is_new) mentions.push_back({name.spelled, name.items});
      const Stance stance = stances[named[first].first];
      NameMention& mention = mentions[place->second];
      mention.asked = mention.asked || stance == Stance::asked;
      mention.rejected = mention.rejected || stance == Stance::refused;
      first += count - 1;
      break;
    }
  }
  return mentions;
}

}  // namespace latentcrs
