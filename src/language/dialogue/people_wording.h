// The opening words of the agenda simulator as people talk in dialogues about films (simulate.wording=people).
#pragma once

#include <string>
#include <vector>

#include "base/util/random.h"

namespace latentcrs::agenda {

/// The facts that a conversation may speak of.
struct PeopleWish {
  std::vector<std::string> facets;    ///< of the wanted item
  std::vector<std::string> others;    ///< facets that it does not have, of an item that the user liked before
  std::vector<std::string> unwanted;  ///< facets that it does not have, one of which may be turned down
  int year = 0;                       ///< of the wanted item; 0: not known
  std::string liked;                  ///< a title of the history; empty: none is named
};

/// Words for one dataset's items. Draws every choice from the generator it is given.
class PeopleWording {
 public:
  explicit PeopleWording(const std::string& item_noun);

  /// What a user says up to a recommendation, an utterance a line: perhaps a greeting; a wish by at most two facets in
  /// usual words, each said with an even chance, one in four times one of `others` instead or beside them, because
  /// people often take something else than they asked for; perhaps its time, a liked title, a facet that is turned
  /// down, and reactions to items that were named before. Facets that are no genres are said as they are.
  std::string speak(const PeopleWish& wish, Rng& rng) const;

 private:
  std::string fill_genre(std::string_view pattern, const std::string& facet, int year, Rng& rng) const;
  std::string fill_item(std::string_view pattern) const;

  std::string item_, items_, verb_;
};

}  // namespace latentcrs::agenda
