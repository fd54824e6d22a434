#include "language/text/negation.h"

#include <algorithm>
#include <iterator>

namespace latentcrs {

namespace {

constexpr std::string_view kNegations[] = {"not",  "no",    "never", "dont",    "doesnt",  "didnt",
                                           "isnt", "wasnt", "arent", "cant",    "wont",    "wouldnt",
                                           "hate", "hates", "hated", "dislike", "without", "nothing"};
constexpr std::string_view kClauseStarts[] = {"but",     "what", "how",    "maybe",    "just",   "only",
                                              "instead", "more", "prefer", "although", "though", "rather",
                                              "i",       "im",   "id",     "ive"};

bool is_among(std::string_view word, const auto& list) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool ends_clause(std::string_view between) { return between.find_first_of(".,;:!?\n") != std::string_view::npos; }

}  // namespace

std::vector<bool> negated_words(std::string_view text, const std::vector<Word>& words) {
  std::vector<bool> result(words.size());
  bool negated = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && ends_clause(text.substr(words[i - 1].end, words[i].begin - words[i - 1].end))) negated = false;
    if (is_among(words[i].text, kClauseStarts)) negated = false;
    const bool negates = is_among(words[i].text, kNegations);
    result[i] = negated && !negates;
    negated = negated || negates;
  }
  return result;
}

}  // namespace latentcrs
