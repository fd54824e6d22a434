#include "titles.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace latentcrs {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

/// "Postman, The" -> "The Postman", "Bambole, Le" -> "Le Bambole"; "Paris, Texas" stays.
std::string article_first(std::string_view title) {
  static constexpr auto kArticles = std::to_array<std::string_view>(
      {"The", "A", "An", "La", "Le", "Les", "L'", "Il", "Lo", "I", "Gli", "El", "Los", "Las", "Der", "Die", "Das"});
  const size_t comma = title.rfind(", ");
  if (comma == std::string_view::npos) return std::string(title);
  const std::string_view last = title.substr(comma + 2);
  if (std::find(kArticles.begin(), kArticles.end(), last) == kArticles.end()) return std::string(title);
  return std::string(last) + (last.ends_with('\'') ? "" : " ") + std::string(title.substr(0, comma));
}

struct Brackets {
  std::string outside;
  std::vector<std::string_view> inside;
};

Brackets split_brackets(std::string_view title) {
  Brackets result;
  while (!title.empty()) {
    const size_t open = title.find_first_of("([");
    const size_t close = open == std::string_view::npos ? open : title.find(title[open] == '(' ? ')' : ']', open);
    if (close == std::string_view::npos) break;
    result.outside += title.substr(0, open);
    result.inside.push_back(trim(title.substr(open + 1, close - open - 1)));
    title.remove_prefix(close + 1);
  }
  result.outside = trim(result.outside + std::string(title));
  return result;
}

/// Whether a bracket names an edition, a format or a platform instead of another title.
bool names_edition(const std::vector<Word>& words) {
  static constexpr auto kEdition = std::to_array<std::string_view>(
      {"anniversary", "bonus",      "box",      "bundle", "cd",      "cds",        "code",        "collectors",
       "deluxe",      "digital",    "disc",     "discs",  "disk",    "dvd",        "edition",     "ep",
       "expanded",    "explicit",   "game",     "import", "limited", "live",       "lp",          "mac",
       "mono",        "nintendo",   "original", "pack",   "part",    "pc",         "playstation", "reissue",
       "remaster",    "remastered", "renewed",  "set",    "single",  "soundtrack", "special",     "stereo",
       "switch",      "version",    "vinyl",    "vol",    "volume",  "wii",        "windows",     "xbox"});
  return std::any_of(words.begin(), words.end(), [](const Word& word) {
    return std::find(kEdition.begin(), kEdition.end(), word.text) != kEdition.end();
  });
}

}  // namespace

std::string spoken_title(std::string_view title) {
  const Brackets parts = split_brackets(title);
  return article_first(parts.outside.empty() ? trim(title) : parts.outside);
}

std::vector<std::string> title_variants(std::string_view title) {
  std::vector<std::string> variants = {spoken_title(title)};
  if (const size_t dash = variants[0].find(" - "); dash != std::string::npos && dash > 0)
    variants.push_back(variants[0].substr(0, dash));
  for (std::string_view inside : split_brackets(title).inside) {
    for (std::string_view prefix : {"a.k.a. ", "aka "})
      if (inside.starts_with(prefix)) inside.remove_prefix(prefix.size());
    const auto words = split_words(inside);
    if (words.size() >= 2 && !names_edition(words)) variants.push_back(article_first(inside));
  }
  return variants;
}

bool is_title_filler(const Word& word) {
  return word.text == "the" || word.text == "a" || word.text == "an" || word.text == "and";
}

std::vector<std::string> significant_words(std::string_view title) {
  std::vector<std::string> words, all;
  for (const Word& word : split_words(title)) {
    all.push_back(word.text);
    if (!is_title_filler(word)) words.push_back(word.text);
  }
  return words.empty() ? all : words;
}

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  std::array<int, 256> surplus{};  // letters one has more of than the other: a cheap lower bound
  for (unsigned char c : a) ++surplus[c];
  for (unsigned char c : b) --surplus[c];
  size_t more = 0, less = 0;
  for (int n : surplus) (n > 0 ? more : less) += static_cast<size_t>(std::abs(n));
  if (std::max(more, less) > limit) return limit + 1;

  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

std::string numbers_of(std::string_view text) {
  static constexpr auto kRoman =
      std::to_array<std::string_view>({"ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"});
  std::string numbers;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (std::find(kRoman.begin(), kRoman.end(), word) != kRoman.end()) numbers += word;
    for (char c : word)
      if (c >= '0' && c <= '9') numbers += c;
    numbers += numbers.empty() || numbers.back() == ' ' ? "" : " ";
  }
  return numbers;
}

}  // namespace latentcrs
