#include "datasets/data/conversations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

using Json = nlohmann::json;

constexpr size_t kPlacesShown = 5;

constexpr const char* kUnknownSpeaker = "utterances of an unknown speaker";
constexpr const char* kEmptyUtterance = "empty utterances";
constexpr const char* kUnknownMention = "items of the history that an unknown speaker said";

/// The names of both sides in the published datasets.
std::optional<Speaker> speaker_of(const std::string& written) {
  const std::string name = lower_case(written);
  static constexpr std::array kUser = {"user", "seeker"};
  static constexpr std::array kRecommender = {"recommender", "system", "assistant", "agent"};
  if (std::find(kUser.begin(), kUser.end(), name) != kUser.end()) return Speaker::user;
  if (std::find(kRecommender.begin(), kRecommender.end(), name) != kRecommender.end()) return Speaker::recommender;
  return std::nullopt;
}

/// Reads the fields of one line.
class ConversationReader {
 public:
  ConversationReader(const Json& line, std::string where, ConversationFaults& left_out)
      : line_(line), where_(std::move(where)), left_out_(left_out) {}

  ConversationPoint read() {
    ConversationPoint conversation;
    conversation.where = where_;
    conversation.dialogue = text_of(first_of({"dialog_id", "dialogue", "id"}));
    conversation.id = line_.contains("id") ? text_of(line_["id"]) : conversation.dialogue;
    if (!line_.contains("id") && line_.contains("turn_id")) conversation.id += "/" + text_of(line_["turn_id"]);
    conversation.condition = condition();
    read_utterances(conversation);
    read_history(conversation);
    if (line_.contains("target")) conversation.targets.push_back(item_of(line_["target"], "target"));
    if (line_.contains("targets"))
      for (const Json& target : list("targets")) conversation.targets.push_back(item_of(target, "targets"));
    if (line_.contains("response")) conversation.response = text_of(line_["response"]);
    if (conversation.targets.empty() && conversation.response.empty())
      fail("names no item in the field targets (or target), and has no response to look for one");
    return conversation;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw data_error(fmt::format("{}: the conversation {}; docs/conversations.md describes the form", where_, problem));
  }

  const Json& first_of(std::initializer_list<const char*> fields) const {
    for (const char* field : fields)
      if (line_.contains(field)) return line_[field];
    fail(fmt::format("lacks the field {}", fmt::join(fields, " or ")));
  }

  const Json& list(const char* field) const {
    if (!line_.contains(field)) fail(fmt::format("lacks the field {}", field));
    if (!line_[field].is_array()) fail(fmt::format("has a field {} that is not a list", field));
    return line_[field];
  }

  std::string text_of(const Json& value) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_integer()) return value.dump();
    fail(fmt::format("has an id that is neither text nor a whole number: {}", value.dump()));
  }

  ItemReference item_of(const Json& value, const char* field) const {
    if (value.is_number_integer()) return value.get<int64_t>();
    if (value.is_string()) return value.get<std::string>();
    fail(fmt::format("names in {} an item by neither an id nor a title: {}", field, value.dump()));
  }

  ConversationCondition condition() const {
    if (!line_.contains("condition") || line_["condition"].is_null()) return ConversationCondition::unknown;
    const Json& value = line_["condition"];
    if (value == "rec" || value == "recommendation") return ConversationCondition::recommendation;
    if (value == "dis" || value == "discussion") return ConversationCondition::discussion;
    fail(fmt::format("has the condition {}, which is neither recommendation nor discussion", value.dump()));
  }

  /// The text of an utterance's part, which stands at `place` of a pair or under `key` of an object.
  std::string part(const Json& utterance, size_t place, const char* key) const {
    const Json* value = nullptr;
    if (utterance.is_array() && utterance.size() == 2) value = &utterance[place];
    if (utterance.is_object() && utterance.contains(key)) value = &utterance[key];
    if (value == nullptr || !value->is_string())
      fail(fmt::format("has an utterance without a {} (it is a pair [speaker, text] or an object of both): {}", key,
                       utterance.dump(-1, ' ', false, Json::error_handler_t::replace)));
    return value->get<std::string>();
  }

  void read_utterances(ConversationPoint& conversation) {
    for (const Json& utterance : list("utterances")) {
      const std::string name = part(utterance, 0, "speaker"), text = part(utterance, 1, "text");
      const auto speaker = speaker_of(name);
      if (!speaker)
        left_out_.add(kUnknownSpeaker, where_, "'" + name + "'");
      else if (is_blank(text))
        left_out_.add(kEmptyUtterance, where_);
      else
        conversation.utterances.push_back({*speaker, text});
    }
  }

  void read_history(ConversationPoint& conversation) {
    conversation.has_history = line_.contains("history") && !line_["history"].is_null();
    if (!conversation.has_history) return;
    const Json& items = list("history");
    const Json* said_by = line_.contains("history_said_by") ? &list("history_said_by") : nullptr;
    if (said_by != nullptr && said_by->size() != items.size())
      fail(fmt::format("has {} items of history, but {} who said them", items.size(), said_by->size()));
    for (size_t i = 0; i < items.size(); ++i) {
      const ItemReference item = item_of(items[i], "history");
      const std::string name = said_by == nullptr ? "user" : text_of((*said_by)[i]);
      const auto speaker = speaker_of(name);
      if (!speaker)
        left_out_.add(kUnknownMention, where_, "'" + name + "'");
      else
        conversation.history.push_back({item, *speaker});
    }
  }

  const Json& line_;
  std::string where_;
  ConversationFaults& left_out_;
};

Json to_json(const ItemReference& item) {
  return std::visit([](const auto& value) { return Json(value); }, item);
}

}  // namespace

void ConversationFaults::add(const std::string& what, const std::string& where, const std::string& detail) {
  Entry& entry = entries_[what];
  ++entry.count;
  if (entry.places.size() < kPlacesShown) entry.places.push_back(detail.empty() ? where : where + " " + detail);
}

int64_t ConversationFaults::count(const std::string& what) const {
  const auto found = entries_.find(what);
  return found == entries_.end() ? 0 : found->second.count;
}

nlohmann::json ConversationFaults::to_json() const {
  Json counts = Json::object();
  for (const auto& [what, entry] : entries_) counts[what] = entry.count;
  return counts;
}

void ConversationFaults::warn() const {
  for (const auto& [what, entry] : entries_)
    log::warn("conversations: left out {} {}: {}{}", entry.count, what, fmt::join(entry.places, ", "),
              entry.count > static_cast<int64_t>(kPlacesShown) ? ", …" : "");
}

std::vector<ConversationPoint> read_conversations(const std::filesystem::path& path, ConversationFaults& left_out) {
  std::vector<ConversationPoint> conversations;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (is_blank(line)) continue;
    const Json value = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!value.is_object())
      throw data_error(fmt::format(
          "{}: not a JSON object; `latentcrs conversations` converts the files of ReDial, INSPIRED and IARD",
          lines.where()));
    conversations.push_back(ConversationReader(value, lines.where(), left_out).read());
  }
  if (conversations.empty()) throw data_error(fmt::format("{}: the file holds no conversation", path.string()));
  return conversations;
}

std::string conversation_line(const ConversationPoint& conversation) {
  Json line = {{"id", conversation.id}, {"dialogue", conversation.dialogue}};
  if (conversation.condition != ConversationCondition::unknown) line["condition"] = to_string(conversation.condition);
  line["utterances"] = Json::array();
  for (const SpokenLine& utterance : conversation.utterances)
    line["utterances"].push_back({to_string(utterance.speaker), utterance.text});
  if (conversation.has_history) {
    line["history"] = line["history_said_by"] = Json::array();
    for (const MentionedItem& mention : conversation.history) {
      line["history"].push_back(to_json(mention.item));
      line["history_said_by"].push_back(to_string(mention.said_by));
    }
  }
  line["targets"] = Json::array();
  for (const ItemReference& target : conversation.targets) line["targets"].push_back(to_json(target));
  if (!conversation.response.empty()) line["response"] = conversation.response;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* to_string(Speaker speaker) { return speaker == Speaker::user ? "user" : "recommender"; }

const char* to_string(ConversationCondition condition) {
  switch (condition) {
    case ConversationCondition::recommendation: return "recommendation";
    case ConversationCondition::discussion: return "discussion";
    case ConversationCondition::unknown: break;
  }
  return "";
}

}  // namespace latentcrs
