#include "language/answers/entity_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "language/answers/characters.h"

namespace latentcrs {

namespace {

std::string whole_text(const std::filesystem::path& path) {
  LineReader reader(path);
  std::string text;
  for (std::string_view line; reader.next(line);) text.append(line).append("\n");
  return text;
}

}  // namespace

std::string entity_label(std::string_view resource) {
  std::u32string name = characters_of(resource.substr(resource.rfind('/') + 1));
  for (char32_t& c : name)
    if (c == U'_' || c == U'-' || c == U'>') c = U' ';
  return utf8_of(squeezed(without_brackets(name)));
}

EntityLabels::EntityLabels(const std::filesystem::path& path) {
  const nlohmann::json ids = nlohmann::json::parse(whole_text(path), nullptr, false);
  if (!ids.is_object() || ids.empty())
    throw data_error(fmt::format("{}: not a JSON object of resources and entity ids", path.string()));
  std::vector<std::pair<int64_t, std::string>> entities;
  for (const auto& [resource, id] : ids.items()) {
    if (!id.is_number_integer())
      throw data_error(fmt::format("{}: the id of {} is not a whole number: {}", path.string(), resource, id.dump()));
    entities.emplace_back(id.get<int64_t>(), entity_label(resource));
  }
  std::sort(entities.begin(), entities.end());
  for (const auto& [id, text] : entities) {
    const Label own = label(text);
    if (own == static_cast<Label>(first_entity_.size())) {
      first_entity_.push_back(id);
      lower_.push_back(lower_characters(characters_of(text)));
    }
    by_entity_.emplace(id, own);
  }
}

std::optional<Label> EntityLabels::of_entity(int64_t id) const {
  const auto found = by_entity_.find(id);
  return found == by_entity_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Label> EntityLabels::find(const std::string& text) const {
  const auto found = labels_.find(text);
  if (found == labels_.end() || first_entity(found->second) < 0) return std::nullopt;
  return found->second;
}

Label EntityLabels::label(const std::string& text) {
  return labels_.emplace(text, static_cast<Label>(labels_.size())).first->second;
}

int64_t EntityLabels::first_entity(Label label) const {
  return label >= 0 && label < static_cast<Label>(first_entity_.size()) ? first_entity_[static_cast<size_t>(label)]
                                                                        : -1;
}

const EntityLabels::Nearest& EntityLabels::nearest(const std::string& title) {
  const auto [place, is_new] = found_.try_emplace(title);
  if (!is_new) return place->second;
  if (!search_) search_ = std::make_unique<const LabelSearch>(lower_);
  const NearestLabel found = search_->nearest(lower_characters(characters_of(title)));
  place->second = {static_cast<Label>(found.label), found.distance};
  return place->second;
}

}  // namespace latentcrs
