// Writing the tiny world as a category of Amazon Reviews 2023.
#pragma once

#include "text.h"

namespace latentcrs::tiny {

inline std::string random_id(const std::string& prefix, size_t length, Rng& rng) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id = prefix;
  while (id.size() < length) id += kAlphabet[rng.below(32)];
  return id;
}

struct Shop {
  std::string folder;
  std::string category;  ///< file stem
  std::string root;      ///< the category every item belongs to
  std::string kind;      ///< what a description calls an item
};

inline std::string describe(const Shop& shop, const TinyItem& item, const Intent& intent, Rng& rng) {
  Strings words = intent.words;
  rng.shuffle(words);
  return "A " + shop.kind + " from " + std::to_string(item.year) + " with " + words[0] + ", " + words[1] + " and " +
         words[2] + (rng.below(8) == 0 ? ".\nAn \"instant classic\"." : ".");
}

/// Writes the metadata in random order. A few items have no entry, a few no description, and a few were never reviewed.
inline std::string metadata(const WorldOptions& options, const Shop& shop, const World& world, const Strings& ids) {
  Rng rng = stream(options, "metadata");
  Strings lines;
  for (size_t i = 0; i < world.items.size(); ++i) {
    const TinyItem& item = world.items[i];
    const Intent& intent = options.intents[item.intent];
    const std::string description = describe(shop, item, intent, rng);
    if (i % 40 == 39) continue;
    Strings categories = {shop.root};
    categories.insert(categories.end(), item.facets.begin(), item.facets.end());
    lines.push_back("{\"main_category\": " + (i % 5 == 0 ? "null" : quoted(shop.root)) +
                    ", \"title\": " + quoted(item.name) +
                    ", \"average_rating\": 4.5, \"features\": " + list({intent.words[0], intent.words[1]}) +
                    ", \"description\": " + (i % 20 == 7 ? "[]" : list({description, "Shipped in a box."})) +
                    ", \"price\": null, \"categories\": " + list(categories) +
                    ", \"details\": {\"Manufacturer\": \"nobody\"}, \"parent_asin\": " + quoted(ids[i]) + "}\n");
  }
  for (int i = 0; i < 5; ++i) {
    lines.push_back("{\"main_category\": null, \"title\": \"Unsold " + std::to_string(i) +
                    "\", \"features\": [], \"description\": [], \"categories\": [], \"parent_asin\": " +
                    quoted(random_id("B0", 10, rng)) + "}\n");
  }
  rng.shuffle(lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

/// Writes the reviews of all users in (almost) the order of time; three in ten are of a variant of the item. Returns
/// the truth.
inline std::string write_shop(const WorldOptions& options, const Shop& shop, Files& files) {
  World world = make_world(options);
  Rng rng = stream(options, "files");
  Strings user_ids;
  Strings item_ids;
  for (size_t u = 0; u < options.users; ++u) user_ids.push_back(random_id("AE", 28, rng));
  for (size_t i = 0; i < world.items.size(); ++i) item_ids.push_back(random_id("B0", 10, rng));
  std::stable_sort(world.ratings.begin(), world.ratings.end(),
                   [](const TinyRating& a, const TinyRating& b) { return a.seconds < b.seconds; });
  for (size_t i = 1; i < world.ratings.size(); ++i) {
    if (rng.below(20) == 0) std::swap(world.ratings[i - 1], world.ratings[i]);
  }
  std::string& reviews = files[shop.folder + "/" + shop.category + ".jsonl"];
  for (const TinyRating& rating : world.ratings) {
    const std::string& parent = item_ids[rating.item];
    const std::string asin = rng.below(10) < 3 ? "B1" + parent.substr(2) : parent;
    reviews += "{\"rating\": " + std::to_string(rating.stars) +
               ".0, \"title\": \"\", \"text\": \"\", \"images\": [], \"asin\": \"" + asin + "\", \"parent_asin\": \"" +
               parent + "\", \"user_id\": \"" + user_ids[rating.user] +
               "\", \"timestamp\": " + std::to_string(1000 * rating.seconds) + ", \"verified_purchase\": true}\n";
  }
  files[shop.folder + "/meta_" + shop.category + ".jsonl"] = metadata(options, shop, world, item_ids);
  return truth(options, world, user_ids, item_ids);
}

}  // namespace latentcrs::tiny
