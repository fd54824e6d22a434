// What a person turns down in a conversation: genres, categories and people.
#pragma once

#include <memory>

#include "datasets/data/item_catalogue.h"
#include "language/dialogue/feature_extraction.h"

namespace latentcrs {

/// How refusals are heard.
struct RefusalOptions {
  std::string item_noun;
  GenreWording wording = GenreWording::names;
  bool names = false;  ///< the catalogue's people and makers are features too
  /// Otherwise `extractor` decides by itself what is asked for, as a language model does, and only refusals are heard.
  bool decides_wishes = true;
};

/// Takes out of the features that `extractor` finds those that the user turns down, and puts them into
/// Extraction::refused, in the catalogue's order, people last. stances_in_talk() tells a wish from a refusal. Of the
/// utterances that name a feature the newest that asks for it or refuses it decides; one that does both asks. Words
/// that merely allow a feature ("I don't mind horror") lift a refusal before them and ask for nothing.
std::unique_ptr<IntentExtractor> hearing_refusals(std::unique_ptr<IntentExtractor> extractor,
                                                  const ItemCatalogue& catalogue, const RefusalOptions& options);

}  // namespace latentcrs
