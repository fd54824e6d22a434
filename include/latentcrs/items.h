// Items and intents as the public interface gives them. Item ids are those of the run's dataset, from 1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace latentcrs {

/// An item with its features. Texts are UTF-8.
struct ItemDetails {
  std::int64_t id = 0;
  std::string title;                    ///< as the dataset writes it, "Toy Story (1995)"; "item <id>" where it has none
  int year = 0;                         ///< 0 where the dataset gives none
  std::vector<std::string> facets;      ///< genres or categories, in the dataset's order
  std::string description;              ///< may be empty
  std::vector<std::string> names = {};  ///< of its people and makers, where the run has them (datasets.item_names)
};

/// An item and the score that gave it its place. Scores are inner products, may be negative, and compare only within
/// one ranking.
struct RankedItem {
  std::int64_t id = 0;
  std::string title;
  double score = 0;
};

/// A latent intent, numbered from 0 as in `latentcrs intents`, and its probability for this user.
struct IntentProbability {
  std::int64_t intent = 0;
  double probability = 0;
};

/// Whether items of the user's history may be recommended.
enum class HistoryItems {
  as_configured,  ///< as the run was evaluated (its setting evaluate.seen_items)
  keep,           ///< they are candidates like all others
  leave_out,      ///< they are never returned
};

}  // namespace latentcrs
