// A language model that phrases the answers of a conversation. It recommends nothing: the items come from the ranking.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "language/llm/chat.h"
#include "language/text/prompt_template.h"
#include "service/talk/talk_session.h"

namespace latentcrs {

/// The fields of its template. history: what was said before; said: the person's sentence; notes: what was done with
/// it; items: the list, a line each.
inline constexpr TemplateField kPhrasingFields[] = {
    {"item_noun", false}, {"history", false}, {"said"}, {"notes", false}, {"items"}};

/// Asks `chat` for each turn. An answer that did not come, or names items that are not in the list, is not used: the
/// turn keeps its notes, and `remark` gets a sentence about why.
PhraseTurn phrase_with(std::shared_ptr<Chat> chat, PromptTemplate prompt, std::string item_noun,
                       std::function<void(const std::string&)> remark);

/// The titles in double quotes, or before a year in brackets, that `text` names and `turn` does not show.
std::vector<std::string> titles_beside(const std::string& text, const TalkTurn& turn);

}  // namespace latentcrs
