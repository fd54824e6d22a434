// The fields that a preset and the settings want of a dataset's files.
#include <algorithm>

#include "datasets/data/item_text.h"
#include "datasets/data/record_columns.h"
#include "datasets/data/record_preset.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

bool is_one_of(std::string_view name, std::string_view names) {
  const std::vector<std::string> all = split_names(names);
  return std::any_of(all.begin(), all.end(), [&](const std::string& other) { return is_same_name(name, other); });
}

}  // namespace

bool are_column_names(std::string_view user, std::string_view item) {
  return is_one_of(user, kUserNames) && is_one_of(item, kItemNames);
}

RecordFields fields_of(const RecordsPreset& preset, const DatasetOptions& options) {
  RecordFields fields{.form = preset.form, .item_form = preset.item_form, .interactions = {}, .items = {}};
  const ColumnOptions& set = options.columns;
  const auto wanted = [&](std::string what, std::string_view names, const std::string& named, HeaderLine needed) {
    const bool is_set = preset.columns_are_set && !named.empty();
    return WantedField{std::move(what), is_set ? std::vector{named} : split_names(names),
                       needed == HeaderLine::required || is_set};
  };
  const auto optional = HeaderLine::optional, required = HeaderLine::required;
  const auto usual = [&](std::string_view names) {
    return names.empty() || preset.columns_are_set ? optional : required;
  };
  fields.interactions = {wanted("user", preset.user, set.user, required),
                         wanted("item", preset.item, set.item, required),
                         wanted("rating", preset.rating, set.rating, usual(preset.rating)),
                         wanted("time", preset.time, set.time, usual(preset.time))};
  if (options.split.by == SplitBy::column)
    fields.interactions.push_back(
        {.what = "part", .names = {options.split.column}, .required = true, .setting = "datasets.split.column"});
  fields.items = {wanted("item", preset.item_id, set.metadata_item.empty() ? set.item : set.metadata_item, required),
                  wanted("title", preset.title, set.title, optional),
                  wanted("genres", preset.genres, set.genres, optional),
                  wanted("year", preset.year, set.year, optional),
                  wanted("description", preset.description, set.description, optional)};
  for (const std::string& field : further_fields(options))
    fields.items.push_back({.what = field, .names = {field}, .required = true, .setting = "datasets.item_text"});
  fields.form.accepted_malformed = fields.item_form.accepted_malformed = options.limits.malformed;
  if (!options.separator.empty() && preset.form.separator.empty())
    fields.form.separator = options.separator == "tab" ? std::string_view("\t") : std::string_view(options.separator);
  const auto is_number = [](const std::string& name) {
    return name.find_first_not_of("0123456789") == std::string::npos;
  };
  const bool by_number = preset.columns_are_set && !(set.user + set.item).empty() && is_number(set.user) &&
                         is_number(set.item) && is_number(set.rating) && is_number(set.time);
  if (by_number) fields.form.header = HeaderLine::none;
  const std::string words = set.title + set.genres + set.year + set.description;
  const std::string& item = set.metadata_item.empty() ? set.item : set.metadata_item;
  if (preset.columns_are_set && !item.empty() && is_number(item) && is_number(words)) {
    fields.item_form.header = HeaderLine::none;
    if (options.metadata == options.interactions) fields.item_form.separator = fields.form.separator;
  }
  return fields;
}

}  // namespace latentcrs
