// A chat model as a recommender without training. It is told about the user and names titles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "language/text/prompt_template.h"

namespace latentcrs {

/// The fields of its templates. history: titles joined by "; "; count: how many titles to name.
inline constexpr TemplateField kZeroShotFields[] = {{"item_noun", false}, {"count"}, {"history"}, {"utterance"}};
inline constexpr TemplateField kZeroShotTextFields[] = {{"item_noun", false}, {"count"}, {"utterance"}};
inline constexpr TemplateField kZeroShotItemsFields[] = {{"item_noun", false}, {"count"}, {"history"}};

/// The fields of the template for one of evaluate.zero_shot.inputs: all, text, items.
std::span<const TemplateField> zero_shot_fields(std::string_view input);

/// The parameters for asking for `titles` titles, made from those of the user simulator (ChatOptions::parameters, a
/// JSON object): a limit of the length that they have becomes high enough for so many titles with an explanation each,
/// and stop marks, which would end a list after its first line, go.
std::string zero_shot_parameters(const std::string& parameters, int titles);

/// One user's titles as ranks of the target.
struct ZeroShotRanks {
  int32_t named = 0;       ///< its place among all titles named; 0: it is not named
  int32_t catalogued = 0;  ///< its place among those that are in the catalogue
  int32_t unseen = 0;      ///< its place among those that are in the catalogue and not in `seen`
};
/// `items`: the item that each title names, or nothing; `seen`: all that the user had before. An item counts where it
/// is named first; the target counts as unseen.
ZeroShotRanks zero_shot_ranks(const std::vector<std::optional<int64_t>>& items, int64_t target,
                              std::span<const int32_t> seen);

}  // namespace latentcrs
