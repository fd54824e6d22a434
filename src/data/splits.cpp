#include "data/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "util/error.h"
#include "util/random.h"

namespace latentcrs {

namespace {

bool is_raw(const std::string& key) { return key == "raw" || key == "valid" || key == "test"; }

uint64_t selection_seed(const std::string& key) {
  uint64_t seed = 0;
  const char* end = key.data() + key.size();
  const auto [parsed, error] = std::from_chars(key.data(), end, seed);
  if (error != std::errc() || parsed != end)
    throw config_error(fmt::format("split key '{}': use raw, valid, test, or the decimal seed of a selection", key));
  return seed;
}

/// The first items of a user's sequence, up to the target of the split.
std::span<const int32_t> raw_part(std::span<const int32_t> items, const std::string& key) {
  if (key == "test") return items;
  return items.first(items.size() - (key == "valid" ? 1 : 2));
}

/// The last max_history items, the last one of which is the target.
SplitRecord make_record(int64_t user, const std::string& key, std::span<const int32_t> items, size_t max_history) {
  if (items.size() > max_history) items = items.last(max_history);
  return {.customer_id = fmt::format("{}_{}_{}", user, split_kind(key), key),
          .user = user,
          .history = {items.begin(), items.end() - 1},
          .target = items.back()};
}

/// Kind and key of "<user>_<kind>_<key>".
std::string_view kind_and_key(const SplitRecord& record) {
  const std::string_view id = record.customer_id;
  return id.substr(std::min(id.find('_'), id.size()));
}

}  // namespace

std::span<const int32_t> items_before_target(std::span<const int32_t> sequence, const std::string& key) {
  if (!is_raw(key)) throw internal_error("the target of the selection " + key + " is drawn, not the end of a sequence");
  const std::span<const int32_t> items = raw_part(sequence, key);
  return items.first(items.size() - 1);
}

std::string split_kind(const std::string& key) { return is_raw(key) ? "raw" : "selection"; }

std::string split_stem(const std::string& dataset_name, const std::string& key) {
  return fmt::format("{}_{}_seed{}", dataset_name, split_kind(key), key);
}

bool processed_before(const SplitRecord& a, const SplitRecord& b) {
  // '_' sorts before every letter and after every digit, and the kinds differ in their first letter: comparing the text
  // "_<kind>_<key>" compares kind, then key.
  return std::forward_as_tuple(kind_and_key(a), a.user) < std::forward_as_tuple(kind_and_key(b), b.user);
}

std::vector<SplitRecord> make_split(const Interactions& interactions, const std::string& key, int max_history) {
  const bool selection = !is_raw(key);
  PythonRandom random(selection ? selection_seed(key) : 0);
  // The published draws are over the whole sequence, max_history / 6 items away from its ends. That margin alone keeps
  // the validation and test items out only from max_history 12 on, and the target from being missing from 6 on.
  const int64_t from_start = std::max(max_history / 6, 1), from_end = std::max(max_history / 6, 2);

  std::vector<SplitRecord> records;
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    std::span<const int32_t> items = interactions.sequence(u);
    if (selection) {
      const auto length = static_cast<int64_t>(items.size());
      if (3 * length < max_history) continue;
      items = items.first(random.randint(from_start, length - from_end));
    } else {
      items = raw_part(items, key);
    }
    records.push_back(make_record(interactions.user_ids[u], key, items, max_history));
  }
  return records;
}

std::vector<int64_t> multi_turn_sample(int64_t num_records, int64_t count, int64_t seed) {
  // CPython seeds with the magnitude of a negative integer.
  const uint64_t magnitude = seed < 0 ? -static_cast<uint64_t>(seed) : static_cast<uint64_t>(seed);
  return PythonRandom(magnitude).sample(num_records, std::min(count, num_records));
}

}  // namespace latentcrs
