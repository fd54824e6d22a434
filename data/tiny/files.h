// Writing the tiny worlds in the formats of the real datasets.
#pragma once

#include "shop.h"

namespace latentcrs::tiny {

/// Writes the format of MovieLens-1M: ids have gaps, and the lines of a user are not in the order of time. Returns the
/// truth.
inline std::string write_movies(const WorldOptions& options, Files& files) {
  World world = make_world(options);
  Rng rng = stream(options, "files");
  Strings item_ids;
  std::string& movies = files["ml/movies.dat"];
  for (size_t i = 0; i < world.items.size(); ++i) {
    const TinyItem& item = world.items[i];
    item_ids.push_back(std::to_string(1 + 2 * i + rng.below(2)));
    std::string genres;
    for (const std::string& facet : item.facets) genres += (genres.empty() ? "" : "|") + facet;
    movies += item_ids.back() + "::" + latin1(item.name) + " (" + std::to_string(item.year) + ")::" + genres + "\n";
  }
  Strings user_ids;
  std::string& ratings = files["ml/ratings.dat"];
  auto next = world.ratings.begin();
  for (size_t u = 0; u < options.users; ++u) {
    user_ids.push_back(std::to_string(u + 1));
    std::vector<TinyRating> own;
    for (; next != world.ratings.end() && next->user == u; ++next) own.push_back(*next);
    rng.shuffle(own);
    for (const TinyRating& rating : own) {
      ratings += user_ids[u] + "::" + item_ids[rating.item] + "::" + std::to_string(rating.stars) +
                 "::" + std::to_string(rating.seconds) + "\n";
    }
  }
  return truth(options, world, user_ids, item_ids);
}

inline Files make_files() {
  Files files;
  const std::string ml = write_movies({.name = "ml", .intents = movie_intents()}, files);
  const std::string cds = write_shop({.name = "cds", .intents = cd_intents(), .users = 250, .most_ratings = 14},
                                     {"cds", "CDs_and_Vinyl", "CDs & Vinyl", "record"}, files);
  const std::string games = write_shop({.name = "games", .intents = game_intents(), .users = 250, .most_ratings = 14},
                                       {"games", "Video_Games", "Video Games", "game"}, files);
  files["truth.json"] = "{\"ml\": " + ml + ",\n\"cds\": " + cds + ",\n\"games\": " + games + "}\n";
  return files;
}

}  // namespace latentcrs::tiny
