// A chat model that speaks for the user, and one that says what the user wants.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/item_catalogue.h"
#include "dialogue/feature_extraction.h"
#include "dialogue/user_simulator.h"
#include "llm/chat.h"
#include "text/prompt_template.h"

namespace latentcrs {

/// Sends each request's prompt, then the dialogue with the roles swapped: the model has said what the user said. No
/// answer where the outcome is anything but text: each goes to the log with its reason (debug), and a summary of them.
/// The catalogue must outlive it.
std::unique_ptr<UserSimulator> make_remote_simulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue);

/// What a simulator is sent for `request`.
ChatRequest simulator_request(const UtteranceRequest& request, const ItemCatalogue& catalogue);

/// What an extractor's template may speak of. features: the whole list, joined by ", "; conversation: one line a turn.
inline constexpr TemplateField kExtractorFields[] = {{"item_noun", false}, {"features"}, {"conversation"}};

struct ExtractorOptions {
  std::string item_noun;            ///< "movies"
  std::vector<std::string> facets;  ///< the dataset's list
};

/// What an extractor is sent for a dialogue; its last turn is the user's newest.
ChatRequest extractor_request(const std::vector<DialogueTurn>& turns, const ItemCatalogue& catalogue,
                              const PromptTemplate& prompt, const ExtractorOptions& options);

/// Asks for {"human intents": [...], "item features": [...]}. The catalogue must outlive it.
std::unique_ptr<IntentExtractor> make_remote_extractor(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue,
                                                       PromptTemplate prompt, ExtractorOptions options);

/// The model's reply as an extraction: intents joined by ". ", features of the list only, in the list's spelling and
/// order. Tolerates text and code fences around the object, strings in place of lists, and other capitals. Nothing if
/// there is no such object.
std::optional<Extraction> parse_extraction(std::string_view reply, const std::vector<std::string>& facets);

}  // namespace latentcrs
