// Puts the facts that the agenda simulator chose into words.
#pragma once

#include <string>
#include <vector>

#include "base/util/random.h"

namespace latentcrs::agenda {

/// The facts about the target that one utterance names. At least one member is set.
struct Wish {
  std::vector<std::string> facets;  ///< at most 2 genres or categories
  int decade_of = 0;                ///< a year whose decade is named; 0: no decade
  int year = 0;                     ///< a year that is named, not together with decade_of; 0: no year
  std::string keywords;             ///< "lush and orchestral"
  std::string liked;                ///< a title of the history; not together with more than one of the above
};

enum class Occasion { opening, reveal, repetition };  ///< the latter two follow a refusal

/// What facets are: genres and shop categories, or items that go with the target.
enum class FacetKind { categories, neighbours };

/// Words for one dataset's items. Draws every choice from the generator it is given.
class Wording {
 public:
  Wording(const std::string& item_noun, FacetKind facets);

  std::string speak(const Wish& wish, Occasion occasion, Rng& rng) const;
  std::string accept(Rng& rng) const;

 private:
  std::string noun_phrase(const Wish& wish, Rng& rng) const;
  std::string facet_phrase(const Wish& wish, const std::string& before_noun, Rng& rng) const;

  std::string item_, verb_, ing_;
  FacetKind facets_;
};

}  // namespace latentcrs::agenda
