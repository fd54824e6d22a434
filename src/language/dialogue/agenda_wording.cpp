#include "language/dialogue/agenda_wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "language/dialogue/agenda_grammar.h"
#include "language/dialogue/agenda_patterns.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs::agenda {

namespace {

bool chance(double probability, Rng& rng) { return rng.uniform() < probability; }

std::string_view pick(std::span<const std::string_view> choices, Rng& rng) {
  return choices[rng.below(choices.size())];
}

template <class... Arguments>
std::string fill(std::string_view pattern, Arguments&&... arguments) {
  return fmt::vformat(pattern, fmt::make_format_args(arguments...));
}

/// "the nineties", "the early 1990s", ….
std::string decade_phrase(int year, Rng& rng) {
  const int decade = year / 10 * 10;
  const std::string_view name = decade_name(decade);
  const std::string digits = fmt::format("{}s", decade);
  const std::string spoken = name.empty() || chance(0.35, rng) ? digits : std::string(name);
  if (chance(0.6, rng)) return fmt::format("the {}", spoken);
  const int within = year % 10;
  if (within >= 4 && within <= 6) return fmt::format("the mid-{}", spoken);
  return fmt::format("the {} {}", within < 4 ? "early" : "late", spoken);
}

void append_sentence(std::string& text, std::string sentence) {
  if (sentence.empty()) return;
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  if (!text.empty()) text += " ";
  text += sentence;
}

}  // namespace

Wording::Wording(const std::string& item_noun, FacetKind facets) : item_(singular(item_noun)), facets_(facets) {
  const Verb verb = verb_for(item_);
  verb_ = verb.verb;
  ing_ = verb.ing;
}

std::string Wording::facet_phrase(const Wish& wish, const std::string& before_noun, Rng& rng) const {
  if (wish.facets.empty()) {
    // "Something" needs an addition.
    const bool qualified = wish.decade_of != 0 || wish.year != 0 || (!wish.liked.empty() && wish.keywords.empty());
    const bool plain = qualified && before_noun.empty() && chance(0.5, rng);
    return plain ? "something" : with_article(before_noun + item_);
  }
  const bool pair = wish.facets.size() > 1;
  const GenreWords* first = find_genre(wish.facets[0]);
  const GenreWords* second = pair ? find_genre(wish.facets[1]) : first;
  const auto arg = [](const char* name, const std::string& value) { return fmt::arg(name, value); };
  if (first == nullptr || second == nullptr || facets_ == FacetKind::neighbours) {
    const std::string &c1 = wish.facets[0], &c2 = wish.facets.back();
    const std::string an_c1 = with_article(before_noun + c1 + " " + item_);
    using Patterns = std::span<const std::string_view>;
    if (facets_ == FacetKind::neighbours) {
      const std::string an_item = with_article(before_noun + item_);
      return fill(pick(pair ? Patterns(kNeighbourPairs) : kSingleNeighbours, rng), arg("c1", c1), arg("c2", c2),
                  arg("an_item", an_item));
    }
    const Patterns patterns = pair ? Patterns(kCategoryPairs) : kSingleCategories;
    return fill(pick(patterns, rng), arg("item", item_), arg("c1", c1), arg("c2", c2), arg("an_c1", an_c1));
  }
  const auto noun_of = [&](const GenreWords& genre) {
    return genre.noun.empty() ? genre.modifier + " " + item_ : genre.noun;
  };
  if (!pair) return with_article(before_noun + noun_of(*first));
  // "an action comedy", not "a comedy action movie".
  if (first->noun.empty() == second->noun.empty() ? chance(0.5, rng) : second->noun.empty()) std::swap(first, second);
  const std::string an_m1_2 = with_article(before_noun + first->modifier + " " + noun_of(*second));
  const std::string a1 = with_article(before_noun + noun_of(*first)), a2 = with_article(noun_of(*second));
  return fill(pick(kGenrePairs, rng), arg("item", item_), arg("m1", first->modifier), arg("m2", second->modifier),
              arg("a1", a1), arg("a2", a2), arg("an_m1_2", an_m1_2));
}

std::string Wording::noun_phrase(const Wish& wish, Rng& rng) const {
  const bool adjective = chance(0.25, rng);
  const std::string before_noun = adjective ? std::string(pick(kAdjectives, rng)) + " " : "";
  std::string phrase = facet_phrase(wish, before_noun, rng);
  if (wish.decade_of != 0) {
    const std::string when = decade_phrase(wish.decade_of, rng);
    phrase += fmt::format(" {}", fill(pick(kDecadePhrases, rng), fmt::arg("when", when)));
  } else if (wish.year != 0) {
    phrase += fmt::format(" {}", fill(pick(kYearPhrases, rng), fmt::arg("year", wish.year)));
  }
  return phrase;
}

std::string Wording::speak(const Wish& wish, Occasion occasion, Rng& rng) const {
  const auto fill_sentence = [&](std::string_view pattern, const std::string& np) {
    return fill(pattern, fmt::arg("np", np), fmt::arg("item", item_), fmt::arg("verb", verb_), fmt::arg("ing", ing_));
  };
  const bool has_facets = !wish.facets.empty() || wish.decade_of != 0 || wish.year != 0;
  std::string np = noun_phrase(wish, rng), aside;
  if (!wish.keywords.empty()) aside = fill(pick(kKeywordSentences, rng), fmt::arg("words", wish.keywords));
  if (!wish.liked.empty()) {
    const std::string title = fmt::format("\"{}\"", wish.liked);
    const bool has_time = wish.decade_of != 0 || wish.year != 0;
    if (aside.empty() && !has_time && (!has_facets || chance(0.5, rng))) {
      np += fmt::format(" {}", fill(pick(kLikenessPhrases, rng), fmt::arg("title", title)));
    } else {
      append_sentence(aside, fill(pick(kLikenessSentences, rng), fmt::arg("title", title)));
    }
  }

  std::string text;
  if (occasion == Occasion::opening) {
    if (chance(0.3, rng)) append_sentence(text, std::string(pick(kGreetings, rng)));
    const std::string request = fill_sentence(pick(kOpenings, rng), np);
    const bool aside_first = !wish.liked.empty() && chance(0.4, rng);
    append_sentence(text, aside_first ? aside : request);
    append_sentence(text, aside_first ? request : aside);
    if (!request.ends_with('?') && chance(0.25, rng)) append_sentence(text, std::string(pick(kClosings, rng)));
    return text;
  }
  append_sentence(text, fill_sentence(pick(kRefusals, rng), np));
  const std::span<const std::string_view> patterns =
      occasion == Occasion::reveal ? std::span<const std::string_view>(kReveals) : kRepetitions;
  // "I want a CD" adds nothing where the aside holds every fact.
  if (has_facets || aside.empty()) append_sentence(text, fill_sentence(pick(patterns, rng), np));
  append_sentence(text, aside);
  return text;
}

std::string Wording::accept(Rng& rng) const {
  return fill(pick(kAcceptances, rng), fmt::arg("verb", verb_)) + " " + std::string(kEndMarker);
}

}  // namespace latentcrs::agenda
