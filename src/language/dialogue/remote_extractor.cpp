#include "language/dialogue/remote_extractor.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"
#include "language/dialogue/recommendation_text.h"
#include "language/transport/json_fields.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Lower-case letters and digits only: "Human_Intents" and "human intents", "Sci-Fi" and "sci fi" are alike.
std::string folded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || byte >= 0x80) result += static_cast<char>(std::tolower(byte));
  }
  return result;
}

/// The JSON object in a reply, with any text around it.
json object_in(std::string_view reply) {
  const size_t begin = reply.find('{'), end = reply.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  json object = json::parse(reply.substr(begin, end - begin + 1), nullptr, false);
  return object.is_object() ? object : json();
}

const json* find_folded(const json& object, const char* key) {
  for (const auto& [name, value] : object.items())
    if (folded(name) == key) return &value;
  return nullptr;
}

/// The strings of a list. A string in place of a list is its only element.
std::vector<std::string> strings_of(const json* value) {
  std::vector<std::string> strings;
  const auto add = [&](const json& text) {
    if (text.is_string() && !is_blank(text.get_ref<const std::string&>()))
      strings.emplace_back(trimmed(text.get_ref<const std::string&>()));
  };
  if (value != nullptr && value->is_array())
    for (const json& text : *value) add(text);
  else if (value != nullptr)
    add(*value);
  return strings;
}

/// The facets that `named` names, in the order of `facets`.
std::vector<std::string> known_features(const std::vector<std::string>& named, const std::vector<std::string>& facets) {
  std::set<std::string> wanted;
  for (const std::string& name : named) {
    wanted.insert(folded(name));
    for (size_t begin = 0, end; begin < name.size(); begin = end + 1) {  // a list written as one string
      end = std::min(name.find_first_of(",;", begin), name.size());
      wanted.insert(folded(std::string_view(name).substr(begin, end - begin)));
    }
  }
  std::vector<std::string> found;
  for (const std::string& facet : facets)
    if (wanted.count(folded(facet)) > 0) found.push_back(facet);
  return found;
}

class RemoteExtractor : public IntentExtractor {
 public:
  RemoteExtractor(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue, PromptTemplate prompt,
                  ExtractorOptions options)
      : chat_(std::move(chat)), catalogue_(catalogue), prompt_(std::move(prompt)), options_(std::move(options)) {}

  Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& dialogues) override {
    std::vector<ChatRequest> requests;
    for (const auto& turns : dialogues) requests.push_back(extractor_request(turns, catalogue_, prompt_, options_));
    const auto answered = chat_->complete(requests);
    if (!answered.complete()) return Answers<Extraction>::still_to_come(answered.to_come);
    const std::vector<ChatOutcome>& outcomes = answered.all;
    std::vector<Extraction> extractions;
    size_t unreadable = 0;
    for (size_t i = 0; i < dialogues.size(); ++i) {
      const bool has_text = outcomes[i].kind == ChatOutcome::Kind::text;
      auto extraction = has_text ? parse_extraction(outcomes[i].text, options_.facets) : std::nullopt;
      if (has_text && !extraction) ++unreadable;
      if (!extraction) extraction = Extraction{.intents = {}, .features = {}, .fallback = true};
      if (extraction->intents.empty()) extraction->intents = dialogues[i].back().user;
      extractions.push_back(std::move(*extraction));
    }
    if (const std::string failures = summarise_failures(outcomes); !failures.empty())
      log::warn("intent extractor: {}; the last utterance is used", failures);
    if (unreadable > 0)
      log::warn("intent extractor: {} of {} replies are not the JSON asked for; the last utterance is used", unreadable,
                dialogues.size());
    return extractions;
  }

 private:
  const std::shared_ptr<Chat> chat_;
  const ItemCatalogue& catalogue_;
  const PromptTemplate prompt_;
  const ExtractorOptions options_;
};

}  // namespace

ChatRequest extractor_request(const std::vector<DialogueTurn>& turns, const ItemCatalogue& catalogue,
                              const PromptTemplate& prompt, const ExtractorOptions& options) {
  if (turns.empty()) throw internal_error("extract: a dialogue without turns");
  std::string features, conversation;
  for (const std::string& facet : options.facets) features += (features.empty() ? "" : ", ") + facet;
  for (const DialogueTurn& turn : turns) {
    conversation += (conversation.empty() ? "user: " : "\nuser: ") + turn.user;
    if (!turn.shown_items.empty()) conversation += "\nrecommender: " + recommendation_text(turn.shown_items, catalogue);
  }
  std::string text = prompt.render(
      {{"item_noun", options.item_noun}, {"features", std::move(features)}, {"conversation", std::move(conversation)}});
  return {.messages = {{ChatMessage::Role::user, std::move(text)}}};
}

std::optional<Extraction> parse_extraction(std::string_view reply, const std::vector<std::string>& facets) {
  const json object = object_in(reply);
  const json* intents = find_folded(object, "humanintents");
  const json* features = find_folded(object, "itemfeatures");
  if (intents == nullptr && features == nullptr) return std::nullopt;
  Extraction extraction;
  for (const std::string& intent : strings_of(intents))
    extraction.intents += (extraction.intents.empty() ? "" : ". ") + intent;
  extraction.features = known_features(strings_of(features), facets);
  return extraction;
}

std::unique_ptr<IntentExtractor> make_remote_extractor(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue,
                                                       PromptTemplate prompt, ExtractorOptions options) {
  return std::make_unique<RemoteExtractor>(std::move(chat), catalogue, std::move(prompt), std::move(options));
}

}  // namespace latentcrs
