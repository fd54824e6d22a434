// Texts for the writers: JSON, the known truth, and the map of files.
#pragma once

#include <map>

#include "world.h"

namespace latentcrs::tiny {

/// The contents of the files by path below data/tiny.
using Files = std::map<std::string, std::string>;

inline std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (c == '\n')
      json += "\\n";
    else if (c == '\t')
      json += "\\t";
    else
      json += c;
  }
  return json + "\"";
}

inline std::string list(const Strings& texts) {
  std::string json;
  for (const std::string& text : texts) json += (json.empty() ? "" : ", ") + quoted(text);
  return "[" + json + "]";
}

/// The truth as JSON: "intents" and, by raw id, "users" -> intents and "items" -> intent (numbers are positions in
/// "intents").
inline std::string truth(const WorldOptions& options, const World& world, const Strings& user_ids,
                         const Strings& item_ids) {
  Strings names;
  for (const Intent& intent : options.intents) names.push_back(intent.name);
  std::string users;
  for (size_t u = 0; u < user_ids.size(); ++u) {
    std::string intents;
    for (const size_t intent : world.user_intents[u]) intents += (intents.empty() ? "" : ", ") + std::to_string(intent);
    users += (u > 0 ? ", " : "") + quoted(user_ids[u]) + ": [" + intents + "]";
  }
  std::string items;
  for (size_t i = 0; i < item_ids.size(); ++i) {
    items += (i > 0 ? ", " : "") + quoted(item_ids[i]) + ": " + std::to_string(world.items[i].intent);
  }
  return "{\"intents\": " + list(names) + ",\n  \"users\": {" + users + "},\n  \"items\": {" + items + "}}";
}

/// Converts UTF-8 text to ISO-8859-1. Its only letter beyond ASCII must be é.
inline std::string latin1(const std::string& text) {
  std::string bytes;
  for (const char c : text) {
    if (c == '\xC3')
      bytes += '\xE9';
    else if (c != '\xA9')
      bytes += c;
  }
  return bytes;
}

}  // namespace latentcrs::tiny
