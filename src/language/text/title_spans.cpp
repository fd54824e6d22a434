#include "language/text/title_spans.h"

#include <algorithm>
#include <cctype>

#include "language/text/title_words.h"

namespace latentcrs {

namespace {

constexpr size_t kShortestLoneWord = 5;  ///< letters
constexpr std::string_view kSentenceEnds = ".!?:;\n\"(";

/// Whether `text` has a year in brackets from `begin` on, "(1977)" or " (1977)".
bool begins_year(std::string_view text, size_t begin) {
  if (begin < text.size() && text[begin] == ' ') ++begin;
  if (begin + 6 > text.size() || text[begin] != '(' || text[begin + 5] != ')') return false;
  return std::all_of(text.begin() + static_cast<ptrdiff_t>(begin) + 1, text.begin() + static_cast<ptrdiff_t>(begin) + 5,
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// A text and its words.
struct WordsOfText {
  std::string_view text;
  const std::vector<Word>& words;

  bool is_capital(size_t i) const { return begins_with_capital(text.substr(words[i].begin)); }
  std::string_view gap_before(size_t i) const {
    const size_t from = i == 0 ? 0 : words[i - 1].end;
    return text.substr(from, words[i].begin - from);
  }
  bool begins_sentence(size_t i) const {
    return i == 0 || gap_before(i).find_first_of(kSentenceEnds) != std::string_view::npos;
  }
  bool has_capital_beside(size_t i) const {
    const bool before = i > 0 && is_capital(i - 1) && !begins_sentence(i - 1) && gap_before(i) == " ";
    const bool after = i + 1 < words.size() && is_capital(i + 1) && gap_before(i + 1) == " ";
    return before || after;
  }
};

}  // namespace

std::vector<bool> words_in_titles(std::string_view text, const std::vector<Word>& words) {
  std::vector<bool> title(words.size(), false);
  const auto quoted = quoted_ranges(text);
  for (size_t i = 0; i < words.size(); ++i) {
    title[i] = title[i] || std::any_of(quoted.begin(), quoted.end(), [&](const auto& range) {
                 return range.first < words[i].begin && words[i].begin < range.second;
               });
    if (!begins_year(text, words[i].end)) continue;
    for (size_t w = i + 1; w-- > 0;) {
      const std::string_view spelled = text.substr(words[w].begin, words[w].end - words[w].begin);
      if (!begins_with_capital(spelled) && !is_stop_word(words[w].text)) break;
      title[w] = true;
    }
  }
  return title;
}

bool is_lone_name(std::string_view text, const std::vector<Word>& words, size_t i) {
  const WordsOfText of{text, words};
  return words[i].text.size() >= kShortestLoneWord && !is_number(words[i].text) && of.is_capital(i) &&
         !of.begins_sentence(i) && !of.has_capital_beside(i);
}

}  // namespace latentcrs
