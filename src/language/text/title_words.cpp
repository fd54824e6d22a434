#include "language/text/title_words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace latentcrs {

namespace {

using Named = std::pair<std::string_view, int>;

constexpr auto kUnits = std::to_array<Named>({{"one", 1},
                                              {"two", 2},
                                              {"three", 3},
                                              {"four", 4},
                                              {"five", 5},
                                              {"six", 6},
                                              {"seven", 7},
                                              {"eight", 8},
                                              {"nine", 9},
                                              {"ten", 10},
                                              {"eleven", 11},
                                              {"twelve", 12},
                                              {"thirteen", 13},
                                              {"fourteen", 14},
                                              {"fifteen", 15},
                                              {"sixteen", 16},
                                              {"seventeen", 17},
                                              {"eighteen", 18},
                                              {"nineteen", 19}});
constexpr auto kTens = std::to_array<Named>({{"twenty", 20},
                                             {"thirty", 30},
                                             {"forty", 40},
                                             {"fifty", 50},
                                             {"sixty", 60},
                                             {"seventy", 70},
                                             {"eighty", 80},
                                             {"ninety", 90}});
constexpr auto kOrdinals = std::to_array<std::pair<std::string_view, std::string_view>>({{"first", "1st"},
                                                                                         {"second", "2nd"},
                                                                                         {"third", "3rd"},
                                                                                         {"fourth", "4th"},
                                                                                         {"fifth", "5th"},
                                                                                         {"sixth", "6th"},
                                                                                         {"seventh", "7th"},
                                                                                         {"eighth", "8th"},
                                                                                         {"ninth", "9th"},
                                                                                         {"tenth", "10th"},
                                                                                         {"eleventh", "11th"},
                                                                                         {"twelfth", "12th"},
                                                                                         {"thirteenth", "13th"},
                                                                                         {"fourteenth", "14th"}});
constexpr auto kRoman = std::to_array<Named>({{"ii", 2},
                                              {"iii", 3},
                                              {"iv", 4},
                                              {"vi", 6},
                                              {"vii", 7},
                                              {"viii", 8},
                                              {"ix", 9},
                                              {"xi", 11},
                                              {"xii", 12},
                                              {"xiii", 13}});
/// Roman numerals that are also letters: they are numbers only after "Part" and at the end of a name.
constexpr auto kRomanLetters = std::to_array<Named>({{"i", 1}, {"v", 5}, {"x", 10}});
constexpr auto kPartWords = std::to_array<std::string_view>({"part", "episode", "chapter", "volume", "vol", "pt"});
constexpr auto kShortened = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"doctor", "dr"}, {"mister", "mr"}, {"versus", "vs"}, {"saint", "st"}, {"mount", "mt"}});
/// Characters that stand for a number without being digits.
constexpr auto kSmallNumbers = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"\u00B2", "2"}, {"\u00B3", "3"}, {"\u00B9", "1"}, {"\u00BC", "1 4"}, {"\u00BD", "1 2"}, {"\u00BE", "3 4"}});

template <class List>
auto look_up(const List& list, std::string_view word) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == word; });
  return found == list.end() ? decltype(found->second){} : found->second;
}

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view gap_after(std::string_view text, const std::vector<Word>& words, size_t i) {
  const size_t end = i + 1 < words.size() ? words[i + 1].begin : text.size();
  return text.substr(words[i].end, end - words[i].end);
}

/// The numbers among the characters between words, such as "³", as words.
std::vector<Word> with_small_numbers(std::string_view text, std::vector<Word> words) {
  std::vector<Word> result;
  const auto read_gap = [&](size_t begin, size_t end) {
    for (size_t i = begin; i + 2 <= end; ++i) {
      const std::string_view number = look_up(kSmallNumbers, text.substr(i, 2));
      for (size_t k = 0; k < number.size(); k += 2)
        result.push_back({.text = std::string(number.substr(k, 1)), .begin = i, .end = i + 2});
    }
  };
  size_t end = 0;
  for (Word& word : words) {
    read_gap(end, word.begin);
    end = word.end;
    result.push_back(std::move(word));
  }
  read_gap(end, text.size());
  return result;
}

/// "E.T." -> "et", "20,000" -> "20000".
std::vector<Word> with_joined_parts(std::string_view text, const std::vector<Word>& words) {
  std::vector<Word> result;
  bool initials = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view gap = i == 0 ? "" : gap_after(text, words, i - 1);
    const bool letter = words[i].text.size() == 1 && !is_number(words[i].text);
    const bool goes_on =
        i > 0 && letter && (initials || (result.back().text.size() == 1 && !is_number(result.back().text)));
    const bool thousands = i > 0 && gap == "," && is_number(words[i].text) && words[i].text.size() == 3 &&
                           is_number(result.back().text) && result.back().text.size() <= 3;
    initials = goes_on && (gap == "." || gap == "*");
    if (initials || thousands) {
      result.back().text += words[i].text;
      result.back().end = words[i].end;
    } else {
      result.push_back(words[i]);
    }
  }
  return result;
}

/// The number in words that starts at words[i], "one hundred and one", and how many words it takes; 0 words if no
/// number starts there.
size_t read_number(const std::vector<Word>& words, size_t i, int& value) {
  constexpr int hundred = 100, thousand = 1000;
  int total = 0, group = 0;
  size_t taken = 0;
  for (size_t k = i; k < words.size(); ++k) {
    const std::string& word = words[k].text;
    const int unit = look_up(kUnits, word), ten = look_up(kTens, word);
    if (unit > 0 && (group % hundred == 0 || (group % 10 == 0 && unit < 10 && group % hundred >= 20))) {
      group += unit;
    } else if (ten > 0 && group % hundred == 0) {
      group += ten;
    } else if (word == "hundred" && group < 10) {
      group = std::max(group, 1) * hundred;
    } else if (word == "thousand" && total == 0) {
      total = std::max(group, 1) * thousand;
      group = 0;
    } else if (word == "and" && taken > 0 && (words[k - 1].text == "hundred" || words[k - 1].text == "thousand")) {
      continue;  // it is counted with the word that follows
    } else {
      break;
    }
    taken = k - i + 1;
  }
  value = total + group;
  return taken;
}

std::vector<Word> with_digits(std::string_view text, const std::vector<Word>& words) {
  std::vector<Word> result;
  for (size_t i = 0; i < words.size();) {
    Word word = words[i];
    int value = 0;
    size_t taken = read_number(words, i, value);
    if (taken == 0) {
      taken = 1;
      const bool after_part = i > 0 && holds(kPartWords, words[i - 1].text);
      const std::string_view gap = gap_after(text, words, i);
      const bool ends = i + 1 == words.size() || gap.find_first_of(":(-") != std::string_view::npos;
      value = look_up(kRoman, word.text);
      if (after_part || (i > 0 && ends && word.text != "i")) value += look_up(kRomanLetters, word.text);
      if (i == 0 && words.size() == 1) value = 0;
    }
    if (value > 0) word.text = std::to_string(value);
    if (const auto ordinal = look_up(kOrdinals, word.text); !ordinal.empty()) word.text = ordinal;
    if (const auto shortened = look_up(kShortened, word.text); !shortened.empty()) word.text = shortened;
    word.end = words[i + taken - 1].end;
    result.push_back(std::move(word));
    i += taken;
  }
  return result;
}

}  // namespace

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_title_filler(const Word& word) {
  return word.text == "the" || word.text == "a" || word.text == "an" || word.text == "and";
}

std::vector<Word> title_words(std::string_view text) { return title_words(text, split_words(text)); }

std::vector<Word> title_words(std::string_view text, std::vector<Word> words) {
  words = with_digits(text, with_joined_parts(text, with_small_numbers(text, std::move(words))));
  std::vector<Word> kept;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool counts_parts =
        i > 0 && i + 1 < words.size() && is_number(words[i + 1].text) && holds(kPartWords, words[i].text);
    if (!counts_parts) kept.push_back(std::move(words[i]));
  }
  return kept;
}

TitleForm title_form(std::string_view title) {
  static constexpr auto kSmallWords =
      std::to_array<std::string_view>({"at", "by", "for", "from", "in", "of", "on", "to", "with"});
  const std::vector<Word> words = title_words(title);
  TitleForm form;
  std::string all;
  for (const Word& word : words) {
    all += (all.empty() ? "" : " ") + word.text;
    if (is_title_filler(word)) continue;
    form.words += (form.words.empty() ? "" : " ") + word.text;
    if (!holds(kSmallWords, word.text)) ++form.content_words;
  }
  if (form.words.empty()) return {.words = all, .content_words = all.empty() ? 0 : 1};
  const std::string& first = words.front().text;
  if (first == "the") form.article = "the";
  if (first == "a" || first == "an") form.article = "a";
  return form;
}

}  // namespace latentcrs
