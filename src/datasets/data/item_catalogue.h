// Items as the features TSV describes them: titles, facets that a user may speak about, descriptions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/config/dataset_options.h"

namespace latentcrs {

/// What MovieLens writes for a movie without genres. It is no genre.
inline constexpr std::string_view kNoGenres = "(no genres listed)";

struct Item {
  int64_t id = 0;
  std::string title;                    ///< as the dataset writes it, "Toy Story (1995)"
  std::string name;                     ///< without the year, "Toy Story"
  int year = 0;                         ///< 0 where the dataset gives none
  std::vector<std::string> facets;      ///< genres, or categories without the shop's root category, in file order
  std::string description;              ///< empty where there is none
  std::vector<std::string> names = {};  ///< of people and makers (datasets/data/item_names.h)
  std::string text = {};  ///< what prompts say about it where datasets.item_text, or its neighbours, decide
};

class ItemCatalogue {
 public:
  ItemCatalogue() = default;
  explicit ItemCatalogue(std::vector<Item> items);

  /// nullptr if unknown.
  const Item* find(int64_t id) const;
  /// Throws Error(data) for an unknown id.
  const Item& at(int64_t id) const;
  const std::vector<Item>& items() const { return items_; }
  /// Every facet that occurs, most frequent first, ties by name.
  std::vector<std::string> all_facets() const;

 private:
  std::vector<Item> items_;
  std::unordered_map<int64_t, size_t> index_;
};

/// Reads a features TSV as pandas wrote it: fields in quotes, facets as a list. An item without title is "item <id>".
/// Where settings give items names, those of the file beside it are read too, once it is there.
ItemCatalogue read_item_catalogue(const std::filesystem::path& path, const DatasetOptions& options);

/// The text a prompt gives about an item (docs/method.md, section 5): "<name>, released in <year>, and belonging to the
/// genres of …" or "<title>, belongs to the category of …, and the description is …".
/// Item::text counts more, if it is set.
std::string describe(const Item& item);
/// The same without the name: "released in <year>, and belonging to the genres of …"; empty where nothing is known.
std::string describe_facts(const Item& item);

/// What reports call an item: its text, or else its title.
const std::string& shown_name(const Item& item);

}  // namespace latentcrs
