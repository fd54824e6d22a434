#include "base/metrics/one_turn.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/random.h"

namespace latentcrs {

using nlohmann::json;

std::vector<RankedRow> rows_without(std::span<const uint8_t> left_out, const std::vector<RankedRow>& rows) {
  std::vector<RankedRow> kept;
  for (const RankedRow& row : rows) {
    if (row.ranks.size() != left_out.size())
      throw internal_error(
          fmt::format("row {} has {} ranks for {} users", row.name, row.ranks.size(), left_out.size()));
    RankedRow& part = kept.emplace_back(RankedRow{row.name, {}});
    for (size_t i = 0; i < left_out.size(); ++i)
      if (left_out[i] == 0) part.ranks.push_back(row.ranks[i]);
  }
  return kept;
}

std::vector<int64_t> somebody_else(std::span<const uint8_t> among, uint64_t seed) {
  std::vector<int64_t> others(among.size()), members;
  std::iota(others.begin(), others.end(), int64_t{0});
  std::copy_if(others.begin(), others.end(), std::back_inserter(members), [&](int64_t i) { return among[i] != 0; });
  std::vector<int64_t> cycle(members.size());  // a random cycle by Sattolo's algorithm
  std::iota(cycle.begin(), cycle.end(), int64_t{0});
  Rng rng(seed);
  for (size_t i = cycle.size(); i > 1; --i) std::swap(cycle[i - 1], cycle[rng.below(i - 1)]);
  for (size_t i = 0; i < members.size(); ++i) others[members[i]] = members[cycle[i]];
  return others;
}

Table one_turn_table(const std::string& title, const std::vector<RankedRow>& rows, std::span<const int> cutoffs) {
  Table table{title, {{"score"}}};
  for (const int k : cutoffs) {
    table.rows[0].push_back(fmt::format("HIT@{}", k));
    table.rows[0].push_back(fmt::format("NDCG@{}", k));
  }
  for (const RankedRow& row : rows) {
    std::vector<std::string> means = {row.name}, half_widths = {"  ± 95%"};
    for (const int k : cutoffs)
      for (const char* kind : {"HIT", "NDCG"}) {
        const std::string name = fmt::format("{}@{}", kind, k);
        means.push_back(fmt::format("{:.4f}", metric(row.ranks, name)));
        half_widths.push_back(fmt::format("{:.4f}", confidence_95(row.ranks, name)));
      }
    table.rows.push_back(std::move(means));
    table.rows.push_back(std::move(half_widths));
  }
  return table;
}

json to_json(const std::vector<RankedRow>& rows) {
  json out = json::object();
  for (const RankedRow& row : rows) {
    json& figures = out[row.name];
    figures["users"] = row.ranks.size();
    figures["misses"] = std::count(row.ranks.begin(), row.ranks.end(), 0);
    figures["MRR"] = mrr(row.ranks);
    figures["MRR_ci95"] = confidence_95(row.ranks, "MRR");
    for (const int k : kOneTurnCutoffs)
      for (const char* kind : {"HIT", "NDCG"}) {
        const std::string name = fmt::format("{}@{}", kind, k);
        figures[name] = metric(row.ranks, name);
        figures[name + "_ci95"] = confidence_95(row.ranks, name);
      }
  }
  return out;
}

void write_ranks_tsv(const std::vector<RankedRow>& rows, const RankedUsers& users, const std::filesystem::path& path) {
  const size_t count = users.customer_ids.size();
  AtomicFile file(path);
  const bool with_dialogues = !users.dialogues.empty();
  file.stream() << "customer_id\ttarget\tleaked" << (with_dialogues ? "\tdialogue" : "");
  for (const RankedRow& row : rows) {
    if (row.ranks.size() != count || users.targets.size() != count || users.leaks_title.size() != count)
      throw internal_error(fmt::format("row {} has {} ranks for {} users", row.name, row.ranks.size(), count));
    file.stream() << '\t' << row.name;
  }
  file.stream() << '\n';
  for (size_t i = 0; i < count; ++i) {
    file.stream() << users.customer_ids[i] << '\t' << users.targets[i] << '\t' << int{users.leaks_title[i]};
    if (with_dialogues) file.stream() << '\t' << users.dialogues.at(i);
    for (const RankedRow& row : rows) file.stream() << '\t' << row.ranks[i];
    file.stream() << '\n';
  }
  file.commit();
}

}  // namespace latentcrs
