// People and makers whom a user asks for, among the wanted features of a dialogue.
#pragma once

#include <memory>

#include "datasets/data/item_catalogue.h"
#include "language/dialogue/feature_extraction.h"

namespace latentcrs {

/// Adds to the features that `extractor` finds the names (NameFinder) that the user asks for, as the catalogue spells
/// them. The newest utterance that names somebody decides: a name that it turns down is no feature.
std::unique_ptr<IntentExtractor> with_names(std::unique_ptr<IntentExtractor> extractor, const ItemCatalogue& catalogue);

}  // namespace latentcrs
