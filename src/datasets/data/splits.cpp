#include "datasets/data/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/util/error.h"
#include "base/util/random.h"
#include "datasets/data/targets.h"

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

/// `number` counts the targets that a user has in a split, from 1.
std::string customer_id(int64_t user, const std::string& key, int64_t number) {
  const std::string which = number == 1 ? std::string() : fmt::format("{}_", number);
  return fmt::format("{}_{}_{}{}", user, split_kind(key), which, key);
}

/// The number in a customer_id.
int64_t target_number(std::string_view id) {
  const size_t kind = id.find('_'), number = id.find('_', kind + 1), key = id.rfind('_');
  if (number == key) return 1;
  int64_t value = 0;
  std::from_chars(id.data() + number + 1, id.data() + key, value);
  return value;
}

/// Which of the user's targets in valid or test this is, from 1; 1 in other splits.
int64_t number_of(const Interactions& interactions, const std::string& key, const Target& target) {
  const UserParts parts = interactions.parts_of(target.user);
  return key == "valid" ? target.position - parts.train + 1 : key == "test" ? target.position - parts.valid + 1 : 1;
}

std::string customer_id(const Interactions& interactions, const std::string& key, const Target& target) {
  return customer_id(interactions.user_ids[static_cast<size_t>(target.user)], key,
                     number_of(interactions, key, target));
}

/// Kind and key of "<user>_<kind>_<key>".
std::string_view kind_and_key(std::string_view id) { return id.substr(std::min(id.find('_'), id.size())); }

}  // namespace

std::span<const int32_t> items_before_target(const Interactions& interactions, int64_t row, const SplitRecord& record) {
  const std::string key = record.customer_id.substr(record.customer_id.rfind('_') + 1);
  if (!is_raw(key)) throw internal_error("the target of the selection " + key + " is drawn, not the end of a sequence");
  const UserParts parts = interactions.parts_of(row);
  const int64_t first = key == "raw" ? parts.train - 1 : key == "valid" ? parts.train : parts.valid;
  const int64_t position = first + target_number(record.customer_id) - 1;
  const std::span<const int32_t> sequence = interactions.sequence(row);
  if (position < 0 || position >= static_cast<int64_t>(sequence.size()))
    throw internal_error("the user of " + record.customer_id + " has no such target");
  return sequence.first(static_cast<size_t>(position));
}

std::string split_kind(const std::string& key) { return is_raw(key) ? "raw" : "selection"; }

std::string split_stem(const std::string& dataset_name, const std::string& key) {
  return fmt::format("{}_{}_seed{}", dataset_name, split_kind(key), key);
}

bool processed_before(const SplitRecord& a, const SplitRecord& b) {
  // '_' sorts before every letter and after every digit, and the kinds differ in their first letter: comparing the text
  // "_<kind>_<key>" compares kind, then key.
  return std::tuple(kind_and_key(a.customer_id), a.user) < std::tuple(kind_and_key(b.customer_id), b.user);
}

std::vector<size_t> processed_order(const Interactions& interactions, const std::string& key,
                                    std::span<const Target> targets) {
  std::vector<std::tuple<std::string, int64_t, size_t>> places;
  places.reserve(targets.size());
  for (const Target& target : targets) {
    const std::string id = customer_id(interactions, key, target);
    places.emplace_back(kind_and_key(id), interactions.user_ids[static_cast<size_t>(target.user)], places.size());
  }
  std::sort(places.begin(), places.end());
  std::vector<size_t> order;
  order.reserve(places.size());
  for (const auto& place : places) order.push_back(std::get<size_t>(place));
  return order;
}

std::vector<Target> split_targets(const Interactions& interactions, const std::string& key, int max_history) {
  if (key == "valid") return targets_of(interactions, Split::valid);
  if (key == "test") return targets_of(interactions, Split::test);
  const bool selection = !is_raw(key);
  PythonRandom random(selection ? selection_seed(key) : 0);
  // The published draws are over the whole sequence, max_history / 6 items away from its ends. That margin alone keeps
  // the validation and test items out only from max_history 12 on, and the target from being missing from 6 on.
  const int64_t from_start = std::max(max_history / 6, 1), from_end = std::max(max_history / 6, 2);

  std::vector<Target> targets;
  for (const int64_t u : users_to_train(interactions)) {
    auto items = static_cast<int64_t>(interactions.training(u).size());
    if (selection) {
      const int64_t length = items + 2;  // of the published sequence, targets included
      if (3 * length < max_history) continue;
      items = random.randint(from_start, length - from_end);
    }
    targets.push_back({.user = u, .position = items - 1});
  }
  return targets;
}

SplitRecord make_record(const Interactions& interactions, const std::string& key, const Target& target,
                        int max_history) {
  const std::span<const int32_t> history = items_before(interactions, target);
  const auto most = static_cast<size_t>(max_history - 1);
  const auto kept = history.size() > most ? history.last(most) : history;
  return {.customer_id = customer_id(interactions, key, target),
          .user = interactions.user_ids[static_cast<size_t>(target.user)],
          .history = {kept.begin(), kept.end()},
          .target = item_of(interactions, target)};
}

std::vector<SplitRecord> make_split(const Interactions& interactions, const std::string& key, int max_history) {
  std::vector<SplitRecord> records;
  for (const Target& target : split_targets(interactions, key, max_history))
    records.push_back(make_record(interactions, key, target, max_history));
  return records;
}

std::vector<int64_t> multi_turn_sample(int64_t num_records, int64_t count, int64_t seed) {
  // CPython seeds with the magnitude of a negative integer.
  const uint64_t magnitude = seed < 0 ? -static_cast<uint64_t>(seed) : static_cast<uint64_t>(seed);
  return PythonRandom(magnitude).sample(num_records, std::min(count, num_records));
}

}  // namespace latentcrs
