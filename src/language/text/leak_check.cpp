#include "language/text/leak_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "language/text/near_title.h"
#include "language/text/titles.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

constexpr size_t kShortestPlainWord =
    5;  ///< letters that a one-word title must have to count where capitals say nothing

using Words = std::vector<std::string>;

/// An utterance prepared for the check: all its words, and those of them that are compared with a title (all but
/// fillers).
class SpokenText {
 public:
  SpokenText(std::string_view text, std::vector<Word> words)
      : text_(text), words_(std::move(words)), quoted_(quoted_ranges(text)) {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (!is_title_filler(words_[i])) kept_.push_back(i);
      has_capitals_ = has_capitals_ || is_capital(i);
    }
  }

  size_t size() const { return kept_.size(); }
  const std::string& word(size_t k) const { return words_[kept_[k]].text; }

  /// Whether the kept words [first, last] are written like a title and not like ordinary words.
  bool written_as_title(size_t first, size_t last) const {
    if (is_quoted(kept_[first], kept_[last])) return true;
    if (first != last) {
      for (size_t k = first; k <= last; ++k)
        if (!is_capital(kept_[k])) return false;
      return true;
    }
    const size_t i = kept_[first];
    const std::string_view word = text_.substr(words_[i].begin, words_[i].end - words_[i].begin);
    if (word.size() == 1 || is_number(word)) return false;
    if (!has_capitals_) return word.size() >= kShortestPlainWord;
    if (!is_capital(i) || is_part_of_name(i)) return false;
    return !starts_sentence(i) || word.size() >= kShortestPlainWord;
  }

 private:
  std::string_view gap_before(size_t i) const {
    const size_t from = i == 0 ? 0 : words_[i - 1].end;
    return text_.substr(from, words_[i].begin - from);
  }

  bool is_capital(size_t i) const { return begins_with_capital(text_.substr(words_[i].begin)); }

  bool starts_sentence(size_t i) const {
    return i == 0 || gap_before(i).find_first_of(".!?:;\n\"(") != std::string_view::npos;
  }

  /// Whether word i is part of a longer name: it stands among other words in quotes, or a neighbour in the same phrase
  /// is capitalised for another reason than its place in the sentence or being "I".
  bool is_part_of_name(size_t i) const {
    const auto holds = [&](const auto& range) {
      return range.first < words_[i].begin && words_[i].end <= range.second;
    };
    if (std::any_of(quoted_.begin(), quoted_.end(), holds)) return true;
    const auto names = [&](size_t neighbour) {
      const Word& word = words_[neighbour];
      return is_capital(neighbour) && !is_title_filler(word) && word.text != "i" && !starts_sentence(neighbour);
    };
    if (i > 0 && gap_before(i) == " " && names(i - 1)) return true;
    return i + 1 < words_.size() && gap_before(i + 1) == " " && names(i + 1);
  }

  bool is_quoted(size_t first, size_t last) const {
    while (first > 0 && is_title_filler(words_[first - 1]) && gap_before(first) == " ") --first;
    const std::string_view before = text_.substr(0, words_[first].begin);
    std::string_view after = text_.substr(words_[last].end);
    after.remove_prefix(std::min(after.find_first_not_of(",.!?"), after.size()));
    static constexpr auto kQuotes = std::to_array<std::string_view>(
        {"\"", "'", "*", "_", "\u201C", "\u201D", "\u2018", "\u2019", "\u00AB", "\u00BB"});
    return std::any_of(kQuotes.begin(), kQuotes.end(), [&](auto quote) { return before.ends_with(quote); }) &&
           std::any_of(kQuotes.begin(), kQuotes.end(), [&](auto quote) { return after.starts_with(quote); });
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::vector<std::pair<size_t, size_t>> quoted_;
  std::vector<size_t> kept_;
  bool has_capitals_ = false;
};

/// Whether the words of a title are ordinary English as well.
bool is_ambiguous(const Words& title) {
  static constexpr auto kSleeveWords = std::to_array<std::string_view>(
      {"album",    "anthology", "best",    "classics", "collection", "complete", "essential", "gold",
       "greatest", "hits",      "live",    "love",     "motion",     "music",    "number",    "of",
       "ones",     "original",  "picture", "songs",    "soundtrack", "ultimate", "very"});
  return title.size() == 1 || std::all_of(title.begin(), title.end(), [](const std::string& word) {
           return std::binary_search(kSleeveWords.begin(), kSleeveWords.end(), word);
         });
}

/// A title to look for in an utterance.
struct LeakQuery {
  Words words;
  bool ambiguous = false;  ///< it counts only where it is written as a title
};

bool names_exactly(const SpokenText& speech, const LeakQuery& title) {
  const Words& words = title.words;
  for (size_t k = 0; k + words.size() <= speech.size(); ++k) {
    size_t n = 0;
    while (n < words.size() && speech.word(k + n) == words[n]) ++n;
    if (n == words.size() && (!title.ambiguous || speech.written_as_title(k, k + n - 1))) return true;
  }
  return false;
}

bool names_nearly(const SpokenText& speech, const LeakQuery& title, double fuzzy_ratio) {
  std::string wanted;
  for (const std::string& word : title.words) wanted += (wanted.empty() ? "" : " ") + word;
  if (wanted.size() < kShortestFuzzyTitle) return false;
  std::string window;
  for (size_t k = 0; k < speech.size(); ++k) {
    window.clear();
    for (size_t n = 1; n <= title.words.size() + 1 && k + n <= speech.size(); ++n) {
      window += (window.empty() ? "" : " ") + speech.word(k + n - 1);
      if (n + 1 < title.words.size()) continue;
      if (!near_title_distance(window, wanted, fuzzy_ratio)) continue;
      if (!title.ambiguous || speech.written_as_title(k, k + n - 1)) return true;
    }
  }
  return false;
}

/// The words without fillers, or all words where nothing but fillers is there.
Words significant(const std::vector<Word>& words) {
  Words kept, all;
  for (const Word& word : words) {
    all.push_back(word.text);
    if (!is_title_filler(word)) kept.push_back(word.text);
  }
  return kept.empty() ? all : kept;
}

}  // namespace

bool leaks_title(std::string_view utterance, std::string_view title, double fuzzy_ratio) {
  // The utterance is compared as it is written and with numbers in one spelling.
  const std::vector<Word> said = split_words(utterance);
  const SpokenText written(utterance, said), spelled(utterance, title_words(utterance, said));
  const auto named_in = [&](const SpokenText& speech, Words words, bool short_name) {
    if (words.empty()) return false;
    const bool ambiguous = is_ambiguous(words) || (short_name && words.size() <= 2);
    const LeakQuery query{std::move(words), ambiguous};
    return names_exactly(speech, query) || names_nearly(speech, query, fuzzy_ratio);
  };
  for (const TitleName& name : title_names(title)) {
    const bool short_name = name.kind == TitleName::Kind::derived;
    if (named_in(written, significant(split_words(name.text)), short_name)) return true;
    if (named_in(spelled, significant(split_words(name.form.words)), short_name)) return true;
  }
  return false;
}

}  // namespace latentcrs
