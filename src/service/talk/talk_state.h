// What criticism and acceptance do to the state of a dialogue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "latentcrs/items.h"
#include "service/api/dialogue_state.h"
#include "service/talk/criticism.h"

namespace latentcrs {

/// Applies a criticism of `shown`, the last list, before the next list is asked for. Refused items never return, and
/// the others stay if nothing else was said; liked items are read as the newest of the history; years limit all lists
/// that follow, until the opposite is said.
void apply(const Criticism& criticism, const std::vector<ListedItem>& shown, DialogueState& state);

/// `item` joins the history and is not shown again.
void take_item(std::int64_t item, DialogueState& state);

/// The items of the next turn were shown.
void remember_shown(const std::vector<std::int64_t>& shown, bool has_words, DialogueState& state);

/// A criticism that was given without a sentence, as one: "Not Heat (1995)."
std::string as_sentence(const Criticism& criticism, const std::vector<ItemDetails>& refused,
                        const std::vector<ItemDetails>& liked);

}  // namespace latentcrs
