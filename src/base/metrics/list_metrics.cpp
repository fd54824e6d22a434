#include "base/metrics/list_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/metrics/metrics.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

ListFigures::Mean mean_with_interval(const std::vector<double>& values) {
  if (values.empty()) return {};
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {sum / static_cast<double>(values.size()), half_width_95(values)};
}

double gini_index(std::vector<double> counts) {
  std::sort(counts.begin(), counts.end());
  const auto size = static_cast<double>(counts.size());
  double weighted = 0, sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    weighted += (2 * static_cast<double>(i + 1) - size - 1) * counts[i];
    sum += counts[i];
  }
  return sum > 0 ? weighted / (size * sum) : 0;
}

double jaccard_distance(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const auto common = static_cast<double>(both.size());
  return 1 - common / (static_cast<double>(a.size() + b.size()) - common);
}

/// The mean of distance(a, b) over the pairs of a list for which it has a value; nullopt if it has none.
template <class Distance>
std::optional<double> mean_of_pairs(const std::vector<int32_t>& list, Distance distance) {
  double sum = 0;
  int64_t pairs = 0;
  for (size_t i = 0; i < list.size(); ++i)
    for (size_t j = i + 1; j < list.size(); ++j)
      if (const std::optional<double> value = distance(static_cast<size_t>(list[i]), static_cast<size_t>(list[j]))) {
        sum += *value;
        ++pairs;
      }
  return pairs == 0 ? std::nullopt : std::optional(sum / static_cast<double>(pairs));
}

template <class Value>
double mean_of_items(const std::vector<int32_t>& list, Value value) {
  double sum = 0;
  for (const int32_t item : list) sum += value(static_cast<size_t>(item));
  return sum / static_cast<double>(list.size());
}

}  // namespace

ListFigures list_figures(const RecommendedLists& rows, const ListItems& items) {
  std::vector<double> places(items.counts.size(), 0.0), popularity, novelty, genres, intents;
  const auto genre_distance = [&](size_t a, size_t b) -> std::optional<double> {
    if (items.genres[a].empty() || items.genres[b].empty()) return std::nullopt;
    return jaccard_distance(items.genres[a], items.genres[b]);
  };
  const auto intent_distance = [&](size_t a, size_t b) -> std::optional<double> {
    return items.intents[a] != items.intents[b] ? 1.0 : 0.0;
  };
  for (const std::vector<int32_t>& list : rows.lists) {
    if (list.empty()) continue;
    for (const int32_t item : list) places[static_cast<size_t>(item)] += 1;
    popularity.push_back(mean_of_items(list, [&](size_t item) { return items.counts[item]; }));
    novelty.push_back(mean_of_items(list, [&](size_t item) {
      return -std::log2(std::max(items.counts[item], 1.0) / static_cast<double>(items.users));
    }));
    if (const auto value = mean_of_pairs(list, genre_distance)) genres.push_back(*value);
    if (const auto value = mean_of_pairs(list, intent_distance)) intents.push_back(*value);
  }
  places.erase(places.begin());  // padding
  const auto shown = std::count_if(places.begin(), places.end(), [](double count) { return count > 0; });
  return {.coverage = static_cast<double>(shown) / static_cast<double>(std::max<size_t>(places.size(), 1)),
          .gini = gini_index(places),
          .popularity = mean_with_interval(popularity),
          .novelty = mean_with_interval(novelty),
          .genre_diversity = mean_with_interval(genres),
          .intent_diversity = mean_with_interval(intents)};
}

void write_lists_tsv(std::span<const RecommendedLists> rows, const std::vector<std::string>& customers,
                     const std::vector<int32_t>& raw_items, const std::filesystem::path& path) {
  AtomicFile file(path);
  file.stream() << "customer_id\trow\tplace\titem\tscore\n";
  for (const RecommendedLists& row : rows)
    for (size_t user = 0; user < row.lists.size(); ++user)
      for (size_t place = 0; place < row.lists[user].size(); ++place)
        file.stream() << fmt::format("{}\t{}\t{}\t{}\t{:.6g}\n", customers[user], row.name, place + 1,
                                     raw_items[static_cast<size_t>(row.lists[user][place])], row.scores[user][place]);
  file.commit();
}

Table list_table(const std::string& title, std::span<const RecommendedLists> rows, const ListItems& items) {
  Table table{
      title,
      {{"score", "coverage", "Gini", "popularity", "novelty (bits)", "diversity, genres", "diversity, intents"}}};
  const auto cell = [](const ListFigures::Mean& mean, int digits) {
    return fmt::format("{:.{}f} ± {:.{}f}", mean.value, digits, mean.half_width, digits);
  };
  for (const RecommendedLists& row : rows) {
    const ListFigures figures = list_figures(row, items);
    table.rows.push_back({row.name, fmt::format("{:.4f}", figures.coverage), fmt::format("{:.4f}", figures.gini),
                          cell(figures.popularity, 1), cell(figures.novelty, 3), cell(figures.genre_diversity, 4),
                          cell(figures.intent_diversity, 4)});
  }
  return table;
}

nlohmann::json list_json(std::span<const RecommendedLists> rows, const ListItems& items) {
  nlohmann::json out = nlohmann::json::object();
  for (const RecommendedLists& row : rows) {
    const ListFigures figures = list_figures(row, items);
    nlohmann::json& values = out[row.name];
    values["users"] = std::count_if(row.lists.begin(), row.lists.end(), [](const auto& list) { return !list.empty(); });
    values["coverage"] = figures.coverage;
    values["gini"] = figures.gini;
    const auto add = [&](const char* name, const ListFigures::Mean& mean) {
      values[name] = mean.value;
      values[std::string(name) + "_ci95"] = mean.half_width;
    };
    add("popularity", figures.popularity);
    add("novelty", figures.novelty);
    add("genre_diversity", figures.genre_diversity);
    add("intent_diversity", figures.intent_diversity);
  }
  return out;
}

}  // namespace latentcrs
