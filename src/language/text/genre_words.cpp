#include "language/text/genre_words.h"

#include <iterator>
#include <string>

#include "language/text/title_spans.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

struct GenreWords {
  std::string_view genre;
  std::string_view words;  ///< one or two words between bars, in the singular
};

constexpr GenreWords kGenreWords[] = {
    {"Action", "|action|"},
    {"Adventure", "|adventure|adventurous|"},
    {"Animation", "|animated|animation|anime|cartoon|disney|pixar|"},
    {"Children's", "|child|children|disney|family|kid|pixar|"},
    {"Comedy", "|comedic|comedy|funny|hilarious|humor|humorous|laugh|laughed|laughing|rom com|romcom|silly|"},
    {"Crime", "|crime|criminal|gangster|heist|mafia|mob|"},
    {"Documentary", "|documentary|"},
    {"Drama", "|drama|dramatic|"},
    {"Fantasy", "|fantasy|magic|magical|"},
    {"Film-Noir", "|noir|"},
    {"Horror", "|creepy|horror|scary|slasher|zombie|"},
    {"Musical", "|dance|dancing|music|musical|singing|"},
    {"Mystery", "|detective|mysterious|mystery|whodunit|"},
    {"Romance", "|chick flick|love story|rom com|romance|romantic|romcom|"},
    {"Sci-Fi", "|alien|sci fi|science fiction|scifi|space|"},
    {"Thriller", "|suspense|suspenseful|thriller|thrilling|"},
    {"War", "|military|war|"},
    {"Western", "|cowboy|western|"}};

static_assert(std::size(kGenreWords) == kNumGenres);

constexpr Stance kStances[] = {Stance::asked, Stance::refused, Stance::allowed};

bool names(const GenreWords& genre, const std::string& words) {
  return !words.empty() && genre.words.find("|" + words + "|") != std::string_view::npos;
}

}  // namespace

std::string_view genre_name(size_t genre) { return kGenreWords[genre].genre; }

std::vector<GenreMention> find_genres(std::string_view text) {
  return find_genres(text, stances_by_negation(text, split_words(text)));
}

std::vector<GenreMention> find_genres(std::string_view text, const std::vector<Stance>& stances) {
  const std::vector<Word> words = split_words(text);
  const std::vector<bool> title = words_in_titles(text, words);
  bool named[std::size(kGenreWords)][std::size(kStances)] = {};
  std::string before;  // the word before, empty after a title
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = title[i] ? "" : without_plural(words[i].text);
    for (size_t g = 0; g < std::size(kGenreWords); ++g)
      if (names(kGenreWords[g], word) || (!before.empty() && names(kGenreWords[g], before + " " + word)))
        named[g][static_cast<size_t>(stances[i])] = true;
    before = word;
  }
  std::vector<GenreMention> mentions;
  for (size_t g = 0; g < std::size(kGenreWords); ++g)
    for (const Stance stance : kStances)
      if (named[g][static_cast<size_t>(stance)]) mentions.push_back({g, stance});
  return mentions;
}

}  // namespace latentcrs
