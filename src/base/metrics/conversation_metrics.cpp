#include "base/metrics/conversation_metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "base/util/error.h"

namespace latentcrs {

using nlohmann::json;

namespace {

/// A figure by the name that it has in tables.
struct NamedFigure {
  std::string name;
  std::function<double(Rank)> value;
};

std::vector<NamedFigure> conversation_metrics() {
  std::vector<NamedFigure> figures;
  for (const int k : kConversationCutoffs) {
    figures.push_back({fmt::format("recall@{}", k), [k](Rank rank) { return hit_at({&rank, 1}, k); }});
    figures.push_back({fmt::format("NDCG@{}", k), [k](Rank rank) { return ndcg_at({&rank, 1}, k); }});
  }
  figures.push_back({"MRR", [](Rank rank) { return mrr({&rank, 1}); }});
  return figures;
}

ClusteredMean mean_of(const NamedFigure& figure, const RankedRow& row, std::span<const int64_t> clusters) {
  std::vector<double> values;
  for (const Rank rank : row.ranks) values.push_back(figure.value(rank));
  return clustered_mean(values, clusters);
}

template <class Value>
std::vector<Value> chosen(const std::vector<Value>& all, const RowGroup& group) {
  std::vector<Value> part;
  for (size_t i = 0; i < all.size(); ++i)
    if (group.members.at(i) != 0) part.push_back(all[i]);
  return part;
}

}  // namespace

ClusteredMean clustered_mean(std::span<const double> values, std::span<const int64_t> clusters) {
  if (values.size() != clusters.size())
    throw internal_error(fmt::format("{} values in {} clusters", values.size(), clusters.size()));
  ClusteredMean result;
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / n;
  std::unordered_map<int64_t, size_t> place;
  std::vector<double> residuals;  // in the order of first appearance, so that sums have one order
  for (size_t i = 0; i < values.size(); ++i) {
    const auto [known, is_new] = place.try_emplace(clusters[i], residuals.size());
    if (is_new) residuals.push_back(0);
    residuals[known->second] += values[i] - result.mean;
  }
  const auto count = static_cast<double>(residuals.size());
  if (count < 2) return result;
  double squares = 0;
  for (const double residual : residuals) squares += residual * residual;
  result.half_width = 1.96 * std::sqrt(count / (count - 1) * squares) / n;
  return result;
}

std::vector<RankedRow> rows_of(const RowGroup& group, const std::vector<RankedRow>& rows) {
  std::vector<RankedRow> part;
  for (const RankedRow& row : rows) part.push_back({row.name, chosen(row.ranks, group)});
  return part;
}

RankedUsers users_of(const RowGroup& group, const RankedUsers& users) {
  return {.customer_ids = chosen(users.customer_ids, group),
          .targets = chosen(users.targets, group),
          .leaks_title = chosen(users.leaks_title, group),
          .dialogues = users.dialogues.empty() ? users.dialogues : chosen(users.dialogues, group)};
}

std::vector<int64_t> clusters_of(const RankedUsers& users) {
  const std::vector<std::string>& names = users.dialogues.empty() ? users.customer_ids : users.dialogues;
  std::unordered_map<std::string, int64_t> numbers;
  std::vector<int64_t> clusters;
  for (const std::string& name : names)
    clusters.push_back(numbers.try_emplace(name, static_cast<int64_t>(numbers.size())).first->second);
  return clusters;
}

Table conversation_table(const std::string& title, const std::vector<RankedRow>& rows, const RankedUsers& users) {
  const std::vector<int64_t> clusters = clusters_of(users);
  Table table{title, {{"score"}}};
  std::vector<NamedFigure> shown;
  for (NamedFigure& figure : conversation_metrics())
    if (figure.name.starts_with("recall") || figure.name == "NDCG@10" || figure.name == "MRR") {
      table.rows[0].push_back(figure.name);
      shown.push_back(std::move(figure));
    }
  for (const RankedRow& row : rows) {
    std::vector<std::string> means = {row.name}, half_widths = {"  ± 95%"};
    for (const NamedFigure& figure : shown) {
      const ClusteredMean mean = mean_of(figure, row, clusters);
      means.push_back(fmt::format("{:.4f}", mean.mean));
      half_widths.push_back(fmt::format("{:.4f}", mean.half_width));
    }
    table.rows.push_back(std::move(means));
    table.rows.push_back(std::move(half_widths));
  }
  return table;
}

json conversation_figures(const std::vector<RankedRow>& rows, const RankedUsers& users) {
  const std::vector<int64_t> clusters = clusters_of(users);
  int64_t count = 0;
  for (const int64_t cluster : clusters) count = std::max(count, cluster + 1);
  json out = {{"rows", users.customer_ids.size()}, {"dialogues", count}, {"scores", json::object()}};
  for (const RankedRow& row : rows)
    for (const NamedFigure& figure : conversation_metrics()) {
      const ClusteredMean mean = mean_of(figure, row, clusters);
      out["scores"][row.name][figure.name] = mean.mean;
      out["scores"][row.name][figure.name + "_ci95"] = mean.half_width;
    }
  return out;
}

}  // namespace latentcrs
