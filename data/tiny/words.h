// The vocabulary of the tiny datasets. Titles say nothing about an item's intent; facets and descriptions do.
#pragma once

#include <string>
#include <vector>

namespace latentcrs::tiny {

using Strings = std::vector<std::string>;

/// An intent of users: items that share facets, a decade (0 for any) and the words of their descriptions.
struct Intent {
  std::string name;
  Strings facets;
  int decade = 0;
  Strings words;
};

inline const Strings& adjectives() {
  static const Strings words = {
      "Amber",    "Ancient",  "Bitter", "Blue",    "Borrowed", "Broken", "Copper", "Crimson",  "Distant",   "Dusty",
      "Electric", "Empty",    "Faded",  "Final",   "Frozen",   "Gentle", "Gilded", "Hidden",   "Hollow",    "Iron",
      "Ivory",    "Last",     "Lonely", "Lost",    "Lucky",    "Muted",  "Narrow", "Northern", "Painted",   "Patient",
      "Quiet",    "Restless", "Secret", "Seventh", "Silent",   "Silver", "Stolen", "Velvet",   "Wandering", "Winter"};
  return words;
}

inline const Strings& nouns() {
  static const Strings words = {"Anchor",   "Atlas",    "Avenue",   "Balcony",  "Bridge",    "Caf\u00e9", "Canyon",
                                "Carousel", "Compass",  "Corridor", "Engine",   "Falcon",    "Ferry",     "Garden",
                                "Harbour",  "Horizon",  "Island",   "Ladder",   "Lantern",   "Letter",    "Lighthouse",
                                "Meridian", "Mirror",   "Monsoon",  "Mountain", "Orchard",   "Parade",    "Passage",
                                "Pendulum", "Quarry",   "River",    "Rooftop",  "Satellite", "Shoreline", "Station",
                                "Summer",   "Telegram", "Tide",     "Voyage",   "Window"};
  return words;
}

inline const std::vector<Intent>& movie_intents() {
  static const std::vector<Intent> intents = {{"space adventure", {"Sci-Fi", "Action"}, 1990, {}},
                                              {"family animation", {"Animation", "Children's"}, 0, {}},
                                              {"old noir", {"Film-Noir", "Mystery"}, 1940, {}},
                                              {"romantic comedy", {"Romance", "Comedy"}, 0, {}},
                                              {"eighties horror", {"Horror", "Thriller"}, 1980, {}},
                                              {"war drama", {"War", "Drama"}, 0, {}},
                                              {"classic musical", {"Musical"}, 1960, {}},
                                              {"documentary", {"Documentary"}, 0, {}}};
  return intents;
}

inline const std::vector<Intent>& cd_intents() {
  static const std::vector<Intent> intents = {
      {"late jazz", {"Jazz", "Bebop"}, 1950, {"saxophone", "smoky", "improvised", "brushes", "midnight", "trumpet"}},
      {"metal",
       {"Metal", "Thrash & Speed Metal"},
       1980,
       {"thunderous", "riffs", "distorted", "furious", "drums", "shouted"}},
      {"chamber", {"Classical", "Chamber Music"}, 0, {"quartet", "cello", "adagio", "strings", "restrained", "sonata"}},
      {"dance pop", {"Pop", "Dance Pop"}, 2000, {"catchy", "synthesizer", "chorus", "glittering", "hooks", "upbeat"}},
      {"country", {"Country", "Bluegrass"}, 0, {"banjo", "fiddle", "highway", "twang", "porch", "harmonies"}},
      {"hip hop",
       {"Rap & Hip-Hop", "East Coast"},
       1990,
       {"rhymes", "beats", "sampled", "turntables", "verses", "street"}}};
  return intents;
}

inline const std::vector<Intent>& game_intents() {
  static const std::vector<Intent> intents = {
      {"racing", {"PlayStation 4", "Racing"}, 0, {"tracks", "drift", "lap", "engines", "speed", "podium"}},
      {"cosy farming",
       {"Nintendo Switch", "Simulation"},
       0,
       {"harvest", "village", "seeds", "relaxing", "cottage", "fishing"}},
      {"fantasy", {"PC", "Role-Playing"}, 0, {"dragons", "quests", "sorcery", "dungeons", "party", "kingdom"}},
      {"shooter", {"Xbox One", "Action"}, 0, {"rifles", "squad", "deathmatch", "grenades", "recoil", "ambush"}},
      {"retro arcade",
       {"Retro Gaming", "Arcade"},
       1980,
       {"pixels", "joystick", "highscore", "cabinet", "coins", "chiptune"}},
      {"strategy", {"PC", "Strategy"}, 0, {"armies", "diplomacy", "turns", "empires", "supply", "sieges"}},
      {"puzzle",
       {"Nintendo Switch", "Puzzle"},
       0,
       {"logic", "tiles", "riddles", "patterns", "brainteasers", "clever"}}};
  return intents;
}

}  // namespace latentcrs::tiny
