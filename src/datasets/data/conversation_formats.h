// Published files of conversations about films, turned into the form of datasets/data/conversations.h
// (docs/conversations.md).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/conversations.h"

namespace latentcrs {

/// A published form. Each is one object in conversation_formats.cpp.
struct ConversationFormat {
  std::string_view name;
  std::string_view what;  ///< for help and messages
  bool needs_entities = false;
  /// Whether a file that begins with this line may be of the form.
  bool (*recognises)(std::string_view first_line);
  /// Every point of the file's dialogues at which the recommender names films, in its order. `entities`: the file of
  /// their numbers, if needs_entities. Throws Error(data) with file:line for a line that is not of the form.
  std::vector<ConversationPoint> (*read)(const std::filesystem::path& file, const std::filesystem::path& entities);
};

std::span<const ConversationFormat> conversation_formats();

/// The format called `name`, or if that is empty the one that recognises the file. Throws Error(data) naming the
/// formats if there is none.
const ConversationFormat& conversation_format(const std::filesystem::path& file, const std::string& name);

/// `title` with the year in brackets that stands behind it in `text`, in any letters: "Heat" in "I saw heat (1995)" ->
/// "Heat (1995)". The title itself if the text has none.
std::string title_with_year(const std::string& title, std::string_view text);

}  // namespace latentcrs
