// Extraction of the user's wishes from a dialogue: the text to embed, and features of the dataset's list.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "language/dialogue/user_simulator.h"

namespace latentcrs {

struct Extraction {
  std::string intents;                    ///< the text that is embedded
  std::vector<std::string> features;      ///< wanted features, spelled as in the dataset's list
  std::vector<std::string> refused = {};  ///< features turned down, of hearing_refusals() alone
  bool fallback = false;  ///< there was no usable answer: intents is the last utterance, and there are no features
};

class IntentExtractor {
 public:
  virtual ~IntentExtractor() = default;
  /// One result for each dialogue, in order. Each has at least one turn; the last one is the user's newest.
  virtual Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& dialogues) = 0;
};

/// The words that ask for MovieLens' genres: their names, or those of find_genres() (language/text/genre_words.h).
enum class GenreWording { names, people };

/// An extractor that needs no model. The features are those that FacetMatcher finds in any of the user's utterances;
/// the intents are the user's utterances, newest first. With GenreWording::people a genre that find_genres() knows is
/// a feature if the newest utterance that names it asks for it; one that asks for it and turns it down asks for it.
std::unique_ptr<IntentExtractor> make_offline_extractor(std::vector<std::string> facets, const std::string& item_noun,
                                                        GenreWording wording = GenreWording::names);

/// A facet that a text names.
struct FacetMention {
  size_t facet = 0;  ///< its place in the list
  size_t word = 0;   ///< the first of its words, a place in split_words(text)
};

/// Finds facets in text as whole words, in any case, with hyphen, space or neither ("Sci-Fi", "sci fi", "scifi"), in
/// singular or plural ("comedies", "children's"). Where facets overlap, the longest counts. Text in double quotes is a
/// title and is skipped ("Star Wars" does not name War), and so is `item_noun` ("video games" does not name Games).
class FacetMatcher {
 public:
  FacetMatcher(std::vector<std::string> facets, const std::string& item_noun);
  /// The facets found, each once, in the order of the list.
  std::vector<std::string> find(std::string_view text) const;
  /// Every mention, in the order of the text.
  std::vector<FacetMention> mentions(std::string_view text) const;

 private:
  struct Pattern {
    std::vector<std::string> words;
    size_t facet = 0;  ///< index, or facets_.size() for the item noun
  };
  void add_pattern(std::string_view text, size_t facet);

  std::vector<std::string> facets_;
  std::unordered_map<std::string, std::vector<Pattern>> patterns_;  ///< by first word, longest first
};

}  // namespace latentcrs
