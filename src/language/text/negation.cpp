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

/// What a turn of phrase says about what comes behind it in its clause.
enum class Turn { asks, allows, refuses, excepts };

// Each list is words between bars. "dont" stands for "do not" too, and so do its kind; "cant" for "cannot".
struct Turns {
  Turn turn;
  std::string_view phrases;
};
constexpr Turns kTurns[] = {
    {Turn::asks,
     "why not|nothing beats|nothing like a good|nothing better than|no doubt|cant go wrong with|cant get enough of|"
     "cant wait|cant decide|cant choose|dont know|not sure|wouldnt mind|wouldnt say no to"},
    {Turn::allows,
     "dont mind|dont care|dont hate|dont dislike|not that i hate|not that i dislike|no problem with|no objection to|"
     "no preference|no matter|no need for|nothing against|not against|not opposed to|not averse to|not only|not just|"
     "not always|not necessarily|doesnt have to be|neednt be|dont need|never seen|never watched|apart from|aside from"},
    {Turn::refuses,
     "dont think i|not what i|no more|not more|not any more|dont want any more|not another|avoid|skip|stay away from|"
     "leave out|tired of|sick of|bored of|bored with|bored by|fed up with|enough of|had enough|too many|too much|less|"
     "fewer|neither|nor|non|none of|couldnt|shouldnt|aint|detest|loathe"},
    // A refusal before them makes them ask: "I don't want anything but comedies".
    {Turn::excepts,
     "anything but|everything but|nothing but|all but|other than|rather than|instead of|anything apart from|"
     "everything apart from|except|excluding|exclude"}};

/// How many of `words` from `i` on spell `word`, which may be a contraction with "not"; 0 where they are others.
size_t words_that_spell(std::string_view word, const std::vector<Word>& words, size_t i) {
  if (i == words.size()) return 0;
  const std::string& first = words[i].text;
  if (first == word || (first == "cannot" && word == "cant")) return 1;
  const bool is_apart = i + 1 < words.size() && words[i + 1].text == "not" && word == first + "nt";
  return is_apart ? 2 : 0;
}

/// How many words from `first` on are those of the phrase; 0 where they are others.
size_t words_of_phrase(std::string_view phrase, const std::vector<Word>& words, size_t first) {
  size_t count = 0;
  while (!phrase.empty()) {
    const std::string_view word = phrase.substr(0, phrase.find(' '));
    const size_t spelled = words_that_spell(word, words, first + count);
    if (spelled == 0) return 0;
    count += spelled;
    phrase.remove_prefix(std::min(phrase.size(), word.size() + 1));
  }
  return count;
}

struct FoundTurn {
  Turn turn = Turn::asks;
  size_t words = 0;  ///< 0: no turn of phrase begins here
};

/// The longest turn of phrase that begins at the word `first`.
FoundTurn turn_at(const std::vector<Word>& words, size_t first) {
  FoundTurn longest;
  for (const auto& [turn, phrases] : kTurns)
    for (size_t begin = 0; begin < phrases.size();) {
      const size_t end = std::min(phrases.size(), phrases.find('|', begin));
      const size_t count = words_of_phrase(phrases.substr(begin, end - begin), words, first);
      if (count > longest.words) longest = {turn, count};
      begin = end + 1;
    }
  return longest;
}

Stance stance_after(Turn turn, bool refused_before) {
  if (turn == Turn::excepts) return refused_before ? Stance::asked : Stance::refused;
  return turn == Turn::asks ? Stance::asked : turn == Turn::allows ? Stance::allowed : Stance::refused;
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

std::vector<Stance> stances_by_negation(std::string_view text, const std::vector<Word>& words) {
  std::vector<Stance> stances;
  for (const bool negated : negated_words(text, words)) stances.push_back(negated ? Stance::refused : Stance::asked);
  return stances;
}

std::vector<Stance> stances_in_talk(std::string_view text, const std::vector<Word>& words) {
  std::vector<Stance> stances(words.size(), Stance::asked);
  Stance now = Stance::asked;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool new_clause = i > 0 && ends_clause(text.substr(words[i - 1].end, words[i].begin - words[i - 1].end));
    if (new_clause || is_among(words[i].text, kClauseStarts)) now = Stance::asked;
    const FoundTurn found = turn_at(words, i);
    const bool negates = found.words == 0 && (is_among(words[i].text, kNegations) || words[i].text == "cannot");
    if (found.words > 0)
      now = stance_after(found.turn, now == Stance::refused || words[i].text == "nothing");
    else if (negates)
      now = Stance::refused;
    else
      stances[i] = now;
    i += std::max<size_t>(found.words, 1) - 1;
  }
  return stances;
}

}  // namespace latentcrs
