#include "experiment/run/raw_ids.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

RawIds::RawIds(const fs::path& map) {
  if (!fs::exists(map)) return;
  try {
    const nlohmann::json entries = nlohmann::json::parse(read_file(map));
    for (const auto& [raw, id] : entries.items()) {
      ids_.emplace(raw, id.get<int64_t>());
      raw_.emplace(id.get<int64_t>(), raw);
    }
  } catch (const nlohmann::json::exception& error) {
    throw data_error(fmt::format("{}: {}; run `latentcrs preprocess`", map.string(), error.what()));
  }
}

std::string RawIds::raw(int64_t id) const {
  const auto found = raw_.find(id);
  return found == raw_.end() ? std::to_string(id) : found->second;
}

std::optional<int64_t> RawIds::id(std::string_view raw) const {
  if (!are_equal()) {
    const auto found = ids_.find(std::string(raw));
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  const bool whole = failure == std::errc{} && end == raw.data() + raw.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::string RawIds::shown(const std::string& record) const {
  int64_t user = 0;
  const auto [end, failure] = std::from_chars(record.data(), record.data() + record.size(), user);
  return failure == std::errc{} ? raw(user) + record.substr(static_cast<size_t>(end - record.data())) : record;
}

}  // namespace latentcrs
