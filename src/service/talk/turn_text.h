// The sentences of a conversation that the program itself writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "service/api/dialogue_state.h"
#include "service/talk/talk_session.h"

namespace latentcrs {

/// What was done with the person's sentence, a sentence each. `years` limits the list; `title_of` names an item.
std::vector<std::string> notes_of(const TalkTurn& turn, const YearLimits& years,
                                  const std::function<std::string(std::int64_t)>& title_of);

/// The notes as one text.
std::string joined_notes(const TalkTurn& turn);

/// The title, with the year in brackets where it lacks it.
std::string item_title(const ItemDetails& item);

/// An item in a line: title, year where the title lacks it, facets.
std::string item_line(const ItemDetails& item);

/// The titles of `items` with commas between.
std::string title_list(const std::vector<ItemDetails>& items);

}  // namespace latentcrs
