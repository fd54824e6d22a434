// The prompt that makes a language model act as a user.
#pragma once

#include <string>

#include "config/dataset_options.h"
#include "data/item_catalogue.h"
#include "data/splits.h"
#include "text/prompt_template.h"

namespace latentcrs {

/// The fields of a user simulator's template. history: titles joined by "; "; target_info: describe(target);
/// end_marker: kEndMarker.
inline constexpr TemplateField kUserPromptFields[] = {
    {"item_noun"}, {"history"}, {"target"}, {"target_info"}, {"end_marker", false}};

/// The prompt that makes a model act as the user of `record`. Throws Error(data) for an item the catalogue lacks.
std::string user_prompt(const PromptTemplate& prompt, const SplitRecord& record, const ItemCatalogue& catalogue,
                        const DatasetOptions& dataset);

}  // namespace latentcrs
