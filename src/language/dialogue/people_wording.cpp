#include "language/dialogue/people_wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "language/dialogue/agenda_grammar.h"
#include "language/dialogue/people_patterns.h"

namespace latentcrs::agenda {

namespace {

using Patterns = std::span<const std::string_view>;

// Chances of the parts, by and large those of users in IARD's dialogues.
constexpr double kGreets = 0.5, kSaysFacet = 0.5, kSaysOther = 0.25, kTime = 0.12, kTurnsDown = 0.06;
constexpr int kMostReactions = 3;
constexpr size_t kMostFacets = 2;

bool happens(double probability, Rng& rng) { return rng.uniform() < probability; }

std::string_view one_of(Patterns patterns, Rng& rng) { return patterns[rng.below(patterns.size())]; }

/// "from the 90s", "older", "recent"; empty where people have no word for it.
std::string time_words(int year, Rng& rng) {
  const int decade = year / 10 * 10;
  if (decade < 1930) return "very old";
  if (decade < 1970 && happens(0.5, rng)) return happens(0.5, rng) ? "classic" : "old";
  if (decade < 1990 && happens(0.3, rng)) return "older";
  if (year >= 1998 && happens(0.5, rng)) return happens(0.5, rng) ? "recent" : "newer";
  return happens(0.5, rng) ? fmt::format("from the {}s", decade) : fmt::format("from the {}s", decade % 100);
}

/// Each facet is said or not by itself: a comedy is as likely to be called one whatever else it is, so that the word
/// says nothing about how many genres the wanted item has.
std::vector<std::string> said_facets(const PeopleWish& wish, Rng& rng) {
  std::vector<std::string> said;
  for (const std::string& facet : wish.facets)
    if (happens(kSaysFacet, rng)) said.push_back(facet);
  if (!wish.others.empty() && happens(kSaysOther, rng)) said.push_back(wish.others[rng.below(wish.others.size())]);
  rng.shuffle(said);
  said.resize(std::min(said.size(), kMostFacets));
  return said;
}

const PeopleGenre* find_people_genre(std::string_view facet) {
  const auto* const found = std::find_if(std::begin(kPeopleGenres), std::end(kPeopleGenres),
                                         [&](const PeopleGenre& genre) { return genre.facet == facet; });
  return found == std::end(kPeopleGenres) ? nullptr : found;
}

void append_line(std::string& text, const std::string& line) {
  if (!text.empty()) text += "\n";
  text += line;
}

}  // namespace

PeopleWording::PeopleWording(const std::string& item_noun)
    : item_(singular(item_noun)), items_(item_noun), verb_(verb_for(item_).verb) {}

std::string PeopleWording::fill_item(std::string_view pattern) const {
  return fmt::format(fmt::runtime(pattern), fmt::arg("item", item_), fmt::arg("items", items_),
                     fmt::arg("verb", verb_));
}

/// `year` is 0 where the sentence says no time.
std::string PeopleWording::fill_genre(std::string_view pattern, const std::string& facet, int year, Rng& rng) const {
  const PeopleGenre* genre = find_people_genre(facet);
  const auto words = [&](const std::array<std::string_view, 4>& choices) {
    return fill_item(choices[rng.below(choices.size())]);
  };
  std::string one = genre != nullptr ? words(genre->one) : fmt::format("{} {}", facet, item_);
  std::string many = genre != nullptr ? words(genre->many) : fmt::format("{} {}", facet, items_);
  std::string such = genre != nullptr ? words(genre->such) : fmt::format("with {}", facet);
  if (happens(0.3, rng)) one = fmt::format("{} {}", one_of(kPeopleAdjectives, rng), one);
  if (year != 0) {
    const std::string time = time_words(year, rng);
    const bool before = !time.starts_with("from");
    one = before ? fmt::format("{} {}", time, one) : fmt::format("{} {}", one, time);
    many = before ? fmt::format("{} {}", time, many) : fmt::format("{} {}", many, time);
    such = before ? fmt::format("{} and {}", time, such) : fmt::format("{} {}", such, time);
  }
  return fmt::format(fmt::runtime(pattern), fmt::arg("a", with_article(one)), fmt::arg("many", many),
                     fmt::arg("such", such), fmt::arg("verb", verb_), fmt::arg("item", item_));
}

std::string PeopleWording::speak(const PeopleWish& wish, Rng& rng) const {
  const std::vector<std::string> facets = said_facets(wish, rng);
  const int year = happens(kTime, rng) ? wish.year : 0;
  std::string text;
  if (happens(kGreets, rng)) append_line(text, fill_item(one_of(kPeopleGreetings, rng)));
  if (facets.empty()) append_line(text, fill_item(one_of(kPeopleOpen, rng)));
  for (size_t i = 0; i < facets.size(); ++i)
    append_line(text, i == 0 ? fill_genre(one_of(kPeopleRequests, rng), facets[i], year, rng)
                             : fill_genre(one_of(kPeopleMore, rng), facets[i], 0, rng));
  if (!wish.liked.empty())
    append_line(text, fmt::format(fmt::runtime(one_of(kPeopleLiked, rng)), fmt::arg("title", wish.liked)));
  if (!wish.unwanted.empty() && happens(kTurnsDown, rng))
    append_line(text,
                fill_genre(one_of(kPeopleRejections, rng), wish.unwanted[rng.below(wish.unwanted.size())], 0, rng));
  for (auto reactions = rng.below(kMostReactions + 1); reactions > 0; --reactions)
    append_line(text, fill_item(one_of(kPeopleReactions, rng)));
  return text;
}

}  // namespace latentcrs::agenda
