#include "language/text/title_mentions.h"

#include <algorithm>
#include <optional>

#include "language/text/title_spans.h"
#include "language/text/title_words.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

constexpr size_t kMostWords = 14;  ///< of a title

/// A text, its words and the parts of it that mentions cover already.
class MentionSearch {
 public:
  explicit MentionSearch(std::string_view text) : text_(text), words_(split_words(text)), covered_(text.size(), 0) {}

  /// Titles before "(1995)", by both indexes.
  void find_before_years(const TitleIndex& exact, const TitleIndex& near) {
    for (size_t y = 1; y < words_.size(); ++y) {
      const Word& year = words_[y];
      if (!is_year(year)) continue;
      const size_t end = year.end + 1;  // with the bracket
      for (const TitleIndex* index : {&exact, &near})
        if (longest_ending_at(y - 1, end, *index)) break;
    }
  }

  void find_in_quotes(const TitleIndex& exact) {
    for (const auto& [begin, end] : quoted_ranges(text_))
      if (is_free(begin, end))
        if (const auto item = exact.find(text_.substr(begin, end - begin))) cover(*item, begin, end);
  }

  void find_elsewhere(const TitleIndex& exact) {
    for (size_t first = 0; first < words_.size(); ++first)
      for (size_t last = std::min(first + kMostWords, words_.size()); last-- > first;) {
        const size_t begin = words_[first].begin, end = words_[last].end;
        if (!is_free(begin, end) || has_year_behind(last) || !stands_out(first, last)) continue;
        const auto item = exact.find(text_.substr(begin, end - begin));
        if (!item) continue;
        cover(*item, begin, end);
        first = last;
        break;
      }
  }

  std::vector<TitleMention> mentions() && {
    std::sort(mentions_.begin(), mentions_.end(),
              [](const TitleMention& a, const TitleMention& b) { return a.begin < b.begin; });
    return std::move(mentions_);
  }

 private:
  bool is_year(const Word& word) const {
    return word.text.size() == 4 && is_number(word.text) && word.begin > 0 && text_[word.begin - 1] == '(' &&
           word.end < text_.size() && text_[word.end] == ')';
  }

  /// Then a title that ends there is of that year, and find_before_years() has looked for it: "Carrie (2013)" is not
  /// the film of 1976.
  bool has_year_behind(size_t last) const {
    if (last + 1 == words_.size() || !is_year(words_[last + 1])) return false;
    const size_t end = words_[last].end;
    return text_.substr(end, words_[last + 1].begin - 1 - end).find_first_not_of(' ') == std::string_view::npos;
  }

  /// Covers the longest title of words up to `last` that, with its year, ends at the byte `end`.
  bool longest_ending_at(size_t last, size_t end, const TitleIndex& index) {
    for (size_t first = last + 1 - std::min(kMostWords, last + 1); first <= last; ++first) {
      const size_t begin = words_[first].begin;
      if (!is_free(begin, end)) continue;
      if (const auto item = index.find(text_.substr(begin, end - begin))) {
        cover(*item, begin, end);
        return true;
      }
    }
    return false;
  }

  bool is_free(size_t begin, size_t end) const {
    return std::none_of(covered_.begin() + static_cast<ptrdiff_t>(begin),
                        covered_.begin() + static_cast<ptrdiff_t>(end), [](char c) { return c != 0; });
  }

  void cover(int64_t item, size_t begin, size_t end) {
    std::fill(covered_.begin() + static_cast<ptrdiff_t>(begin), covered_.begin() + static_cast<ptrdiff_t>(end), 1);
    mentions_.push_back({item, begin, end});
  }

  /// Whether the words [first, last] can be a title where nothing around them says so.
  bool stands_out(size_t first, size_t last) const {
    if (first == last) return is_lone_name(text_, words_, first);
    const std::string_view text = text_.substr(words_[first].begin, words_[last].end - words_[first].begin);
    const int content = title_form(text).content_words;
    if (content >= 3) return true;
    const auto is_capital = [&](size_t i) { return begins_with_capital(text_.substr(words_[i].begin)); };
    return content == 2 && is_capital(first) && is_capital(last);
  }

  std::string_view text_;
  std::vector<Word> words_;
  std::vector<char> covered_;
  std::vector<TitleMention> mentions_;
};

}  // namespace

TitleFinder::TitleFinder(const ItemCatalogue& catalogue, double match_ratio, const ItemCounts& counts)
    : exact_(catalogue, 1.0, counts), near_(catalogue, match_ratio, counts) {}

std::vector<TitleMention> TitleFinder::find(std::string_view text) const {
  MentionSearch search(text);
  search.find_before_years(exact_, near_);
  search.find_in_quotes(exact_);
  search.find_elsewhere(exact_);
  return std::move(search).mentions();
}

}  // namespace latentcrs
