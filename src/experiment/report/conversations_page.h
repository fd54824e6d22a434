// People's conversations and the rankings beside them, for people to read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// A line of evaluate/conversations.jsonl.
struct ShownConversation {
  struct Item {
    int64_t id = 0;
    std::string title;
    std::string said_by = {};  ///< of an item of the history
  };
  std::string id, dialogue, condition;
  Item target;
  std::vector<std::pair<std::string, std::string>> utterances;  ///< speaker and text
  std::vector<Item> history;
  std::map<std::string, int> ranks;                   ///< of the target, by score; 0: not ranked
  std::map<std::string, std::vector<Item>> rankings;  ///< the first items, by score
};

/// Reads such a file. Throws Error(data) with file:line for a line that is no such conversation.
std::vector<ShownConversation> read_shown_conversations(const std::filesystem::path& path);

/// Returns one conversation as HTML, with its rankings; all its texts are escaped.
std::string conversation_html(const ShownConversation& conversation);

/// Writes, atomically, a self-contained page with all conversations of `jsonl`, those whose target is among the shown
/// items of the ranking with text first.
void write_conversations_page(const std::filesystem::path& jsonl, const std::string& title,
                              const std::filesystem::path& page);

}  // namespace latentcrs
