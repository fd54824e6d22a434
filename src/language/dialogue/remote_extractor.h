// A chat model that reads from a dialogue what the user wants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "language/dialogue/feature_extraction.h"
#include "language/llm/chat.h"
#include "language/text/prompt_template.h"

namespace latentcrs {

/// The fields of an extractor's template. features: the whole list, joined by ", "; conversation: one line a turn.
inline constexpr TemplateField kExtractorFields[] = {{"item_noun", false}, {"features"}, {"conversation"}};

struct ExtractorOptions {
  std::string item_noun;            ///< "movies"
  std::vector<std::string> facets;  ///< the dataset's list
};

/// The chat request that a remote extractor sends for a dialogue, whose last turn is the user's newest.
ChatRequest extractor_request(const std::vector<DialogueTurn>& turns, const ItemCatalogue& catalogue,
                              const PromptTemplate& prompt, const ExtractorOptions& options);

/// Asks a chat model for {"human intents": [...], "item features": [...]}. The catalogue must outlive it.
std::unique_ptr<IntentExtractor> make_remote_extractor(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue,
                                                       PromptTemplate prompt, ExtractorOptions options);

/// Reads a model's reply: the intents joined by ". ", and those of the features that are in the list, in its spelling
/// and order. Tolerates text and code fences around the object, strings in place of lists, and other capitals. Nothing
/// if there is no such object.
std::optional<Extraction> parse_extraction(std::string_view reply, const std::vector<std::string>& facets);

}  // namespace latentcrs
