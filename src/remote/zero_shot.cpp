#include "latentcrs/remote/zero_shot.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "json_fields.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The strings of the outermost JSON array in `reply`; nothing if there is none.
std::vector<std::string> array_in(std::string_view reply) {
  const size_t begin = reply.find('['), end = reply.rfind(']');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  const json array = json::parse(reply.substr(begin, end - begin + 1), nullptr, false);
  std::vector<std::string> strings;
  if (!array.is_array()) return strings;
  for (const json& entry : array) {
    if (entry.is_string()) strings.push_back(entry.get<std::string>());
    if (entry.is_object()) strings.push_back(string(entry, "title"));
  }
  return strings;
}

/// Bytes of "12. ", "3) ", "- ", "* ", "• " at the start of a line, 0 if there is none.
size_t bullet_length(std::string_view line) {
  for (const std::string_view bullet : {"- ", "* ", "\u2022 "})
    if (line.starts_with(bullet)) return bullet.size();
  const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  constexpr size_t most_digits = 3;
  if (digits == 0 || digits > most_digits || digits + 1 >= line.size()) return 0;
  const bool point = line[digits] == '.' || line[digits] == ')';
  return point && line[digits + 1] == ' ' ? digits + 2 : 0;
}

std::vector<std::string> lines_of(std::string_view reply) {
  std::vector<std::string> listed, all;
  while (!reply.empty()) {
    const size_t end = std::min(reply.find('\n'), reply.size());
    const std::string line = trimmed(reply.substr(0, end));
    reply.remove_prefix(std::min(end + 1, reply.size()));
    if (line.empty() || line.starts_with("```")) continue;
    const size_t bullet = bullet_length(line);
    if (bullet > 0) listed.push_back(line.substr(bullet));
    all.push_back(line);
  }
  return listed.empty() ? all : listed;  // what stands around a list is no title
}

/// Without the quotes and stars of Markdown around it.
std::string bare(std::string title) {
  title = trimmed(title);
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"\"", "\""},
                                      {"\u201C", "\u201D"},
                                      {"**", "**"},
                                      {"*", "*"},
                                      {"_", "_"}}) {
      const bool around =
          title.size() > open.size() + close.size() && title.starts_with(open) && title.ends_with(close);
      if (!around) continue;
      title = trimmed(std::string_view(title).substr(open.size(), title.size() - open.size() - close.size()));
      changed = true;
    }
  }
  return title;
}

}  // namespace

std::span<const TemplateField> zero_shot_fields(std::string_view input) {
  if (input == "text") return kZeroShotTextFields;
  if (input == "items") return kZeroShotItemsFields;
  return kZeroShotFields;
}

std::vector<std::string> parse_titles(std::string_view reply, size_t count) {
  std::vector<std::string> found = array_in(reply);
  if (found.empty()) found = lines_of(reply);
  std::vector<std::string> titles;
  std::set<std::string> seen;
  for (std::string& text : found) {
    std::string title = bare(std::move(text));
    if (titles.size() < count && !title.empty() && seen.insert(title).second) titles.push_back(std::move(title));
  }
  return titles;
}

ZeroShotRanks zero_shot_ranks(const std::vector<std::optional<int64_t>>& items, int64_t target,
                              std::span<const int32_t> seen) {
  std::set<int64_t> before;
  int32_t named = 0, catalogued = 0, unseen = 0;
  for (const auto& item : items) {
    if (item && !before.insert(*item).second) continue;
    ++named;
    if (!item) continue;
    ++catalogued;
    const bool had = std::find(seen.begin(), seen.end(), *item) != seen.end();
    if (!had || *item == target) ++unseen;
    if (*item == target) return {named, catalogued, unseen};
  }
  return {};
}

}  // namespace latentcrs
