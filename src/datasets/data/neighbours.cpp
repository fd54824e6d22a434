#include "datasets/data/neighbours.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "datasets/data/raw_format.h"
#include "datasets/data/tsv.h"

namespace latentcrs {
namespace {

constexpr int64_t kPlacesAway = 3;
constexpr double kShrinkage = 10;
constexpr size_t kNeighbours = 3;  // two of them are said in one utterance

/// A place where an item occurs: user and position.
struct Occurrence {
  int64_t user = 0;
  int64_t position = 0;
};

/// The occurrences of all items in training, item after item.
struct Occurrences {
  explicit Occurrences(const Interactions& interactions)
      : offsets(static_cast<size_t>(interactions.max_item_id()) + 2) {
    for_each(interactions, [this](int32_t item, Occurrence) { ++offsets[static_cast<size_t>(item) + 1]; });
    for (size_t i = 1; i < offsets.size(); ++i) offsets[i] += offsets[i - 1];
    places.resize(offsets.back());
    std::vector<size_t> next = offsets;
    for_each(interactions, [&](int32_t item, Occurrence place) { places[next[static_cast<size_t>(item)]++] = place; });
  }
  size_t count(int32_t item) const {
    return offsets[static_cast<size_t>(item) + 1] - offsets[static_cast<size_t>(item)];
  }

  std::vector<size_t> offsets;  ///< [max id + 2]
  std::vector<Occurrence> places;

 private:
  template <class Visit>
  static void for_each(const Interactions& interactions, Visit visit) {
    for (int64_t u = 0; u < interactions.num_users(); ++u) {
      const auto items = interactions.training(u);
      for (size_t i = 0; i < items.size(); ++i) visit(items[i], {.user = u, .position = static_cast<int64_t>(i)});
    }
  }
};

/// `text` cannot be part of a list between `separator`.
std::string without(std::string text, char separator) {
  std::replace(text.begin(), text.end(), separator, ' ');
  return text;
}

}  // namespace

std::vector<std::vector<int32_t>> nearest_in_training(const Interactions& interactions, size_t count) {
  const Occurrences occurrences(interactions);
  const int32_t largest = interactions.max_item_id();
  std::vector<std::vector<int32_t>> nearest(static_cast<size_t>(largest) + 1);
  std::vector<int64_t> together(nearest.size());
  std::vector<int32_t> met;
  for (int32_t item = 1; item <= largest; ++item) {
    met.clear();
    for (size_t o = occurrences.offsets[static_cast<size_t>(item)];
         o < occurrences.offsets[static_cast<size_t>(item) + 1]; ++o) {
      const auto [user, position] = occurrences.places[o];
      const auto items = interactions.training(user);
      const auto end = std::min(position + kPlacesAway + 1, static_cast<int64_t>(items.size()));
      for (int64_t p = std::max<int64_t>(position - kPlacesAway, 0); p < end; ++p) {
        const int32_t other = items[static_cast<size_t>(p)];
        if (other != item && together[static_cast<size_t>(other)]++ == 0) met.push_back(other);
      }
    }
    const auto nearness = [&](int32_t other) {
      const auto of_both = static_cast<double>(occurrences.count(item)) * static_cast<double>(occurrences.count(other));
      return static_cast<double>(together[static_cast<size_t>(other)]) / (std::sqrt(of_both) + kShrinkage);
    };
    std::vector<int32_t>& best = nearest[static_cast<size_t>(item)];
    best.resize(std::min(count, met.size()));
    std::partial_sort_copy(met.begin(), met.end(), best.begin(), best.end(), [&](int32_t a, int32_t b) {
      const double of_a = nearness(a), of_b = nearness(b);
      return of_a != of_b ? of_a > of_b : a < b;
    });
    for (const int32_t other : met) together[static_cast<size_t>(other)] = 0;
  }
  return nearest;
}

int64_t write_neighbour_features(const Interactions& interactions, const DatasetOptions& options,
                                 const std::vector<std::string>& raw_ids, std::ostream& out) {
  const FeatureColumns& columns = raw_format(options.format).columns;
  const auto raw = [&](int32_t id) { return raw_ids.empty() ? std::to_string(id) : raw_ids[static_cast<size_t>(id)]; };
  std::vector<std::string_view> header = {options.id_column, "rawID", columns.title};
  if (columns.year != nullptr) header.emplace_back(columns.year);
  header.emplace_back(columns.facets);
  if (columns.description != nullptr) header.emplace_back(columns.description);
  write_tsv_row(out, header);

  const auto nearest = nearest_in_training(interactions, kNeighbours);
  const std::vector<int32_t> items = interactions.distinct_items();
  for (const int32_t item : items) {
    std::string facets;
    for (const int32_t neighbour : nearest[static_cast<size_t>(item)])
      facets += (facets.empty() ? "" : std::string(1, columns.facet_separator)) +
                without(raw(neighbour), columns.facet_separator);
    const std::string id = std::to_string(item), title = "item " + raw(item);
    std::vector<std::string> row = {id, raw(item), title};
    if (columns.year != nullptr) row.emplace_back();
    row.push_back(facets);
    if (columns.description != nullptr) row.emplace_back();
    write_tsv_row(out, {row.begin(), row.end()});
  }
  return static_cast<int64_t>(items.size());
}

}  // namespace latentcrs
