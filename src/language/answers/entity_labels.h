// The entities of a conversational dataset by their labels: movies, people, genres and words, as DBpedia names them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "language/answers/label_search.h"

namespace latentcrs {

/// The number of a label. Entities with the same label share it.
using Label = int64_t;
inline constexpr Label kNoLabel = -1;

/// What follows the last '/' of a resource, with spaces for '_', '-' and '>', without bracketed parts:
/// "<http://dbpedia.org/resource/Heat_(1995_film)>" is "Heat".
std::string entity_label(std::string_view resource);

class EntityLabels {
 public:
  /// No entities: labels then come from label() alone.
  EntityLabels() = default;
  /// Reads a JSON object of resources and entity ids (entity2id.json, plain or .gz). Throws Error(data).
  explicit EntityLabels(const std::filesystem::path& path);

  bool empty() const { return by_entity_.empty(); }
  /// Of an entity; nullopt for an id that there is not.
  std::optional<Label> of_entity(int64_t id) const;
  /// Of a text; nullopt if no entity has it.
  std::optional<Label> find(const std::string& text) const;
  /// Of a text, which gets a label of its own if no entity has it.
  Label label(const std::string& text);
  /// The smallest id of the entities that have the label; -1 where there is none.
  int64_t first_entity(Label label) const;

  struct Nearest {
    Label label = kNoLabel;
    size_t distance = 0;
  };
  /// The entities' label with the smallest edit distance to `title`, in characters and both in lower case; of several,
  /// that of the smallest entity id. Remembers its answers. Throws Error(internal) if there are no entities.
  const Nearest& nearest(const std::string& title);

 private:
  std::unordered_map<int64_t, Label> by_entity_;
  std::unordered_map<std::string, Label> labels_;
  std::vector<int64_t> first_entity_;          ///< [labels of entities], ascending
  std::unique_ptr<const LabelSearch> search_;  ///< made at the first use
  std::vector<std::u32string> lower_;          ///< [labels of entities]
  std::unordered_map<std::string, Nearest> found_;
};

}  // namespace latentcrs
