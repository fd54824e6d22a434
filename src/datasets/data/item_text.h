// What items are called in prompts by a template of their fields (datasets.item_text).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/item_catalogue.h"

namespace latentcrs {

/// "{title} by {artist}, {tags}".
class ItemText {
 public:
  /// Throws Error(config) for a brace without its partner, an empty name, and a template without a field.
  explicit ItemText(const std::string& pattern);

  /// The names of the fields, each once.
  const std::vector<std::string>& fields() const { return fields_; }
  /// The text with the fields' values in it. An empty value takes the words before it away too.
  std::string render(const std::function<std::string(const std::string& field)>& value) const;

 private:
  struct Piece {
    std::string before;  ///< words before the field
    std::string field;
  };
  std::vector<Piece> pieces_;
  std::string end_;
  std::vector<std::string> fields_;
};

/// Fields that every features file has in columns of its own: title, year, genres (or categories), description.
bool is_usual_field(const std::string& name);

/// The fields of datasets.item_text that are no usual ones; empty without a template.
std::vector<std::string> further_fields(const DatasetOptions& options);

/// Describes the items of a features file by the template, or, without words, by their neighbours.
class ItemWords {
 public:
  /// `header`: the names of the columns. Throws Error(data) at `where` for a field of the template that is no column,
  /// and lists those that are.
  ItemWords(const DatasetOptions& options, const std::vector<std::string>& header, const std::string& where);

  /// Sets the text of an item whose usual fields are set. With a template, its facets, year and description are those
  /// of the template's fields; further fields of at most kLongestFacet bytes are facets, longer ones are read as
  /// descriptions.
  void describe(Item& item, const std::vector<std::string>& row) const;

  static constexpr size_t kLongestFacet = 60;

 private:
  void describe_by_template(Item& item, const std::vector<std::string>& row) const;

  bool by_neighbours_;
  std::optional<ItemText> text_;
  std::vector<int> columns_;  // of the template's fields; -1 for a usual one
};

/// Throws as the constructor of ItemWords does, for the features file at `path`.
void check_item_text(const std::filesystem::path& path, const DatasetOptions& options);

}  // namespace latentcrs
