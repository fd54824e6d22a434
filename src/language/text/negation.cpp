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

void mark_negated_words(std::string_view text, std::vector<Word>& words) {
  bool negated = false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && ends_clause(text.substr(words[i - 1].end, words[i].begin - words[i - 1].end))) negated = false;
    if (is_among(words[i].text, kClauseStarts)) negated = false;
    const bool negates = is_among(words[i].text, kNegations);
    if (negated && !negates) words[i].text.insert(0, "not ");
    negated = negated || negates;
  }
}

}  // namespace latentcrs
