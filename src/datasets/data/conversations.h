// People's conversations about items, as `latentcrs evaluate conversations=FILE` reads them (docs/conversations.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace latentcrs {

enum class Speaker { user, recommender };
enum class ConversationCondition { unknown, recommendation, discussion };

struct SpokenLine {
  Speaker speaker = Speaker::user;
  std::string text;
};

/// An item as a file names it: by the dataset's id, or by its title.
using ItemReference = std::variant<int64_t, std::string>;

struct MentionedItem {
  ItemReference item;
  Speaker said_by = Speaker::user;
};

/// A conversation up to the point where items are recommended.
struct ConversationPoint {
  std::string id;        ///< names the turn; may occur several times in a file, with a target each
  std::string dialogue;  ///< the dialogue that the turn belongs to
  ConversationCondition condition = ConversationCondition::unknown;
  std::vector<SpokenLine> utterances = {};  ///< oldest first
  bool has_history = false;                 ///< the file gives `history`, which may be empty
  std::vector<MentionedItem> history = {};  ///< in the order of their first mention
  std::vector<ItemReference> targets = {};  ///< what was recommended next
  std::string response = {};  ///< the recommender's next words; the titles in them are the targets if none are given
  std::string where = {};     ///< "file:line"
};

/// What was left out of a file, by what it was: its number and the first places.
class ConversationFaults {
 public:
  /// `what` is a plural with its reason: "utterances of an unknown speaker".
  void add(const std::string& what, const std::string& where, const std::string& detail = {});
  int64_t count(const std::string& what) const;
  /// {"<what>": number, …}
  nlohmann::json to_json() const;
  /// One warning for each `what`, with the first places.
  void warn() const;

 private:
  struct Entry {
    int64_t count = 0;
    std::vector<std::string> places = {};
  };
  std::map<std::string, Entry> entries_;
};

/// Reads one conversation a line (JSON; the file may be gzipped). Utterances that are empty or of an unknown speaker,
/// and items of the history of an unknown speaker, are left out and counted. Throws Error(data) with file:line for a
/// line that is not JSON or lacks a field, and for a file without conversations.
std::vector<ConversationPoint> read_conversations(const std::filesystem::path& path, ConversationFaults& left_out);

/// One line of such a file, without a line end.
std::string conversation_line(const ConversationPoint& conversation);

/// "user", "recommender"; "recommendation", "discussion", "" if it is unknown.
const char* to_string(Speaker speaker);
const char* to_string(ConversationCondition condition);

}  // namespace latentcrs
