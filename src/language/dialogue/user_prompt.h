// The prompt that makes a language model act as a user.
#pragma once

#include <filesystem>
#include <string>

#include "base/config/dataset_options.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/splits.h"
#include "language/text/prompt_template.h"

namespace latentcrs {

/// The fields of a user simulator's template. history: titles joined by "; "; target_info: describe(target), which
/// begins with the title; target_facts: describe_facts(target), "nothing more is known" where that is empty;
/// end_marker: kEndMarker.
inline constexpr TemplateField kUserPromptFields[] = {{"item_noun"},           {"history"},
                                                      {"target", false},       {"target_info", false},
                                                      {"target_facts", false}, {"end_marker", false}};

/// Reads a user simulator's template. Throws as PromptTemplate::load(), and Error(config) if none of target_info and
/// target_facts occurs, so that the user would not know what to ask for.
PromptTemplate load_user_prompt(const std::filesystem::path& path);

/// The prompt that makes a model act as the user of `record`. Throws Error(data) for an item the catalogue lacks.
std::string user_prompt(const PromptTemplate& prompt, const SplitRecord& record, const ItemCatalogue& catalogue,
                        const DatasetOptions& dataset);

}  // namespace latentcrs
