// Files of JSON objects or Python literals: Amazon, Yelp, Steam, and dialogues.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/util/text.h"
#include "datasets/data/python_literal.h"
#include "datasets/data/recogniser.h"

namespace latentcrs {
namespace {

using nlohmann::json;

constexpr size_t kObjectsLookedAt = 200;

/// The objects at the beginning of a file.
struct SampleObjects {
  std::vector<json> objects;
  std::set<std::string> keys;  ///< of any of them
  bool python = false;         ///< some are Python literals

  bool has(std::initializer_list<const char*> names) const {
    return !objects.empty() && std::all_of(names.begin(), names.end(), [&](const char* n) { return keys.contains(n); });
  }
};

SampleObjects objects_in(const FileSample& sample) {
  SampleObjects found;
  if (sample.lines.empty() || !trimmed(sample.lines[0]).starts_with('{')) return found;
  for (size_t i = 0; i < std::min(kObjectsLookedAt, sample.lines.size()); ++i) {
    std::string text = sample.lines[i];
    if (looks_like_python(text)) {
      const auto converted = json_from_python(text);
      if (!converted) continue;
      text = *converted;
      found.python = true;
    }
    json object = json::parse(text, nullptr, false);
    if (!object.is_object()) continue;
    for (const auto& [key, value] : object.items()) found.keys.insert(key);
    found.objects.push_back(std::move(object));
  }
  return found;
}

Reading interactions_of(std::string format, std::string meaning) {
  Reading reading{.role = FileRole::interactions, .meaning = std::move(meaning)};
  reading.options.format = std::move(format);
  return reading;
}

/// The first category of every item, if it is the same: that of the whole shop.
std::string common_root(const SampleObjects& found, const char* field) {
  std::string root;
  size_t lists = 0, same = 0;
  for (const json& object : found.objects) {
    const json* list = object.contains(field) ? &object.at(field) : nullptr;
    while (list != nullptr && list->is_array() && !list->empty() && list->front().is_array()) list = &list->front();
    if (list == nullptr || !list->is_array() || list->empty() || !list->front().is_string()) continue;
    if (++lists == 1) root = list->front();
    same += list->front() == root;
  }
  constexpr size_t kOneIn = 10;
  return lists > 1 && (lists - same) * kOneIn <= lists ? root : "";
}

Reading amazon_items(const SampleObjects& found, std::string meaning, const char* categories,
                     std::vector<std::string_view> goes_with) {
  Reading reading{.role = FileRole::items, .meaning = std::move(meaning), .goes_with = std::move(goes_with)};
  reading.options.root_category = common_root(found, categories);
  if (!reading.options.root_category.empty())
    reading.notes["root_category"] =
        "the first category of nearly every item: that of the whole shop, which is no genre";
  return reading;
}

void recognise_amazon_2023(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleObjects found = objects_in(sample);
  if (found.has({"user_id", "parent_asin", "rating", "timestamp"})) {
    Reading reading = interactions_of(
        "amazon",
        "reviews of Amazon Reviews 2023: JSON lines (user_id, parent_asin, rating, timestamp in milliseconds)");
    reading.without_items = "jsonl";
    readings.push_back(reading);
  } else if (found.has({"parent_asin", "title"})) {
    readings.push_back(amazon_items(found,
                                    "metadata of Amazon Reviews 2023: JSON lines (parent_asin, title, categories)",
                                    "categories", {"amazon", "amazon-2023-csv"}));
  }
}

/// 2018 and 2014 have the same fields for what counts; what stands beside tells them apart.
void recognise_amazon_2018(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleObjects found = objects_in(sample);
  const bool of_2014 = found.keys.contains("helpful") || found.python || found.keys.contains("salesRank");
  if (found.has({"reviewerID", "asin", "overall"}) && !of_2014)
    readings.push_back(interactions_of(
        "amazon-2018", "reviews of Amazon 2018: JSON lines (reviewerID, asin, overall, unixReviewTime in seconds)"));
  if (found.has({"asin", "category"}) && !found.has({"reviewerID"}) && !of_2014)
    readings.push_back(amazon_items(found, "metadata of Amazon 2018: JSON lines (asin, title, category)", "category",
                                    {"amazon-2018", "amazon-2018-csv"}));
}

void recognise_amazon_2014(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleObjects found = objects_in(sample);
  const bool of_2014 = found.keys.contains("helpful") || found.python || found.keys.contains("salesRank");
  if (found.has({"reviewerID", "asin", "overall"}) && of_2014)
    readings.push_back(interactions_of(
        "amazon-2014", "reviews of Amazon 2014: JSON lines (reviewerID, asin, overall, unixReviewTime in seconds)"));
  const bool items = found.has({"asin"}) && !found.has({"reviewerID"}) && !found.has({"parent_asin"});
  if (items && (found.keys.contains("categories") || (found.python && found.keys.contains("title"))))
    readings.push_back(amazon_items(found,
                                    found.python ? "metadata of Amazon 2014: Python literals (asin, title, categories)"
                                                 : "metadata of Amazon 2014: JSON lines (asin, title, categories)",
                                    "categories", {"amazon-2014", "amazon-2014-csv"}));
}

void recognise_yelp(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleObjects found = objects_in(sample);
  if (found.has({"user_id", "business_id", "stars", "date"}))
    readings.push_back(interactions_of("yelp", "reviews of Yelp: JSON lines (user_id, business_id, stars, date)"));
  else if (found.has({"business_id", "name"}))
    readings.push_back({.role = FileRole::items,
                        .meaning = "businesses of Yelp: JSON lines (business_id, name, categories)",
                        .goes_with = {"yelp"}});
  else if (found.has({"yelping_since"}) || found.has({"business_id", "date"}) || found.has({"business_id", "photo_id"}))
    readings.push_back({.role = FileRole::ignored, .meaning = "users, tips, check-ins or photos of Yelp"});
}

void recognise_steam(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleObjects found = objects_in(sample);
  if (found.has({"username", "product_id", "date"}))
    readings.push_back(
        interactions_of("steam", "reviews of Steam: Python literals (username, product_id, date), no rating"));
  else if (found.has({"id", "app_name"}))
    readings.push_back({.role = FileRole::items,
                        .meaning = "games of Steam: Python literals (id, title, genres)",
                        .goes_with = {"steam"}});
}

/// ReDial, CRSLab and INSPIRED.
void recognise_dialogues(const FileSample& sample, std::vector<Reading>& readings) {
  const std::string_view first = sample.lines.empty() ? std::string_view() : trimmed(sample.lines[0]);
  const auto mentions = [&](const char* name) {
    return std::any_of(sample.lines.begin(),
                       sample.lines.begin() + static_cast<ptrdiff_t>(std::min<size_t>(sample.lines.size(), 400)),
                       [&](const std::string& line) { return line.find(name) != std::string::npos; });
  };
  const char* kind = nullptr;
  if (first.starts_with('{') && mentions("\"messages\"") && mentions("\"conversationId\""))
    kind = "dialogues of ReDial: JSON lines (messages, conversationId)";
  else if (first.starts_with('[') && (mentions("\"dialog\"") || mentions("\"conv_id\"") || mentions("\"messages\"")))
    kind = "dialogues as CRSLab has them: a JSON array (conv_id, dialog)";
  else if (first.starts_with("dialog_id\t") ||
           (first.starts_with("dialog_id,") && first.find("utt") != std::string_view::npos))
    kind = "dialogues of INSPIRED: a table of utterances (dialog_id, …)";
  else if (first.starts_with('{') && (mentions("\"dialog\"") || mentions("\"utterances\"") || mentions("\"dialogue\"")))
    kind = "dialogues: JSON lines";
  if (kind != nullptr) readings.push_back({.role = FileRole::dialogues, .meaning = kind});
}

constexpr Recogniser kJsonForms[] = {{"amazon", recognise_amazon_2023},
                                     {"amazon-2018", recognise_amazon_2018},
                                     {"amazon-2014", recognise_amazon_2014},
                                     {"yelp", recognise_yelp},
                                     {"steam", recognise_steam},
                                     {"dialogues", recognise_dialogues}};

}  // namespace

constinit const std::span<const Recogniser> kJsonRecognisers = kJsonForms;

}  // namespace latentcrs
