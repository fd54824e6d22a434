#include "language/text/genre_words.h"

#include <iterator>
#include <string>

#include "language/text/negation.h"
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

bool names(const GenreWords& genre, const std::string& words) {
  return !words.empty() && genre.words.find("|" + words + "|") != std::string_view::npos;
}

}  // namespace

std::string_view genre_name(size_t genre) { return kGenreWords[genre].genre; }

std::vector<GenreMention> find_genres(std::string_view text) {
  const std::vector<Word> words = split_words(text);
  const std::vector<bool> title = words_in_titles(text, words), negated = negated_words(text, words);
  bool named[std::size(kGenreWords)][2] = {};
  std::string before;  // the word before, empty after a title
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = title[i] ? "" : without_plural(words[i].text);
    for (size_t g = 0; g < std::size(kGenreWords); ++g)
      if (names(kGenreWords[g], word) || (!before.empty() && names(kGenreWords[g], before + " " + word)))
        named[g][negated[i] ? 1 : 0] = true;
    before = word;
  }
  std::vector<GenreMention> mentions;
  for (size_t g = 0; g < std::size(kGenreWords); ++g)
    for (const bool rejected : {false, true})
      if (named[g][rejected ? 1 : 0]) mentions.push_back({g, rejected});
  return mentions;
}

}  // namespace latentcrs
