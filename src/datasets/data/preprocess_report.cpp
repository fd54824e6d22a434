#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "datasets/data/preprocess.h"

namespace latentcrs {
namespace {

nlohmann::json to_json(const MalformedLines& file) {
  nlohmann::json first = nlohmann::json::array();
  for (const MalformedLines::Line& line : file.first) first.push_back({{"line", line.number}, {"reason", line.reason}});
  return {
      {"lines", file.lines}, {"malformed", file.malformed}, {"first_malformed", first}, {"repaired", file.repaired}};
}

}  // namespace

void PreprocessReport::filter_step(std::string why, const KCorePass& before, const KCorePass& after) {
  const KCorePass gone{before.users - after.users, before.items - after.items,
                       before.interactions - after.interactions};
  if (gone.users != 0 || gone.items != 0 || gone.interactions != 0) filtered.push_back({std::move(why), 0, gone, ""});
}

std::vector<LeftOut> PreprocessReport::left_out() const {
  std::vector<LeftOut> all;
  const auto place = [](const std::string& file, int64_t line) { return fmt::format("{}:{}", file, line); };
  for (const MalformedLines* lines : {&interactions_file, &metadata_file}) {
    for (const MalformedLines::Kind& kind : lines->kinds)
      all.push_back({"malformed: " + kind.first.reason, kind.lines, {}, place(kind.file, kind.first.number)});
  }
  for (const DroppedLines& entry : dropped)
    all.push_back({entry.reason, entry.lines, {}, place(entry.file, entry.first_line)});
  all.insert(all.end(), filtered.begin(), filtered.end());
  return all;
}

void PreprocessReport::drop(const std::string& file, std::string_view reason, int64_t line) {
  for (DroppedLines& entry : dropped) {
    if (entry.file != file || entry.reason != reason) continue;
    ++entry.lines;
    return;
  }
  dropped.push_back({file, std::string(reason), 1, line});
}

nlohmann::json PreprocessReport::to_json() const {
  nlohmann::json passes = nlohmann::json::array();
  for (const KCorePass& pass : kcore_passes) {
    passes.push_back({{"users", pass.users}, {"items", pass.items}, {"interactions", pass.interactions}});
  }
  nlohmann::json report = {{"dataset_name", dataset_name},
                           {"interactions_file", latentcrs::to_json(interactions_file)},
                           {"metadata_file", latentcrs::to_json(metadata_file)},
                           {"users_read", users_read},
                           {"items_read", items_read},
                           {"ratings_read", ratings_read},
                           {"ratings_kept", ratings_kept},
                           {"items_without_metadata", items_without_metadata},
                           {"interactions_without_metadata", interactions_without_metadata},
                           {"kcore_passes", passes},
                           {"users_shortened", users_shortened},
                           {"users", users},
                           {"items", items},
                           {"interactions", interactions},
                           {"time_ties", time_ties},
                           {"duplicates", duplicates},
                           {"repeats_left_out", repeats_left_out},
                           {"feature_rows", feature_rows},
                           {"metadata_duplicates", metadata_duplicates}};
  for (const LeftOut& entry : filtered)
    report["filtered"].push_back({{"why", entry.why},
                                  {"users", entry.counts.users},
                                  {"items", entry.counts.items},
                                  {"interactions", entry.counts.interactions}});
  for (const MalformedLines* lines : {&interactions_file, &metadata_file}) {
    for (const MalformedLines::Kind& kind : lines->kinds)
      report["malformed"].push_back({{"file", kind.file},
                                     {"reason", kind.first.reason},
                                     {"lines", kind.lines},
                                     {"first_line", kind.first.number}});
  }
  if (split) {
    const auto part = [](const SplitCounts::Part& counts) {
      return nlohmann::json{{"users", counts.users}, {"items", counts.items}, {"interactions", counts.interactions}};
    };
    report["split"] = {{"train", part(split->train)},
                       {"valid", part(split->valid)},
                       {"test", part(split->test)},
                       {"without_history", split->without_history}};
  }
  for (const DroppedLines& entry : dropped)
    report["dropped"].push_back(
        {{"file", entry.file}, {"reason", entry.reason}, {"lines", entry.lines}, {"first_line", entry.first_line}});
  if (!remarks.empty()) report["remarks"] = remarks;
  if (!warnings.empty()) report["warnings"] = warnings;
  return report;
}

Table PreprocessReport::to_table() const {
  Table table{.title = dataset_name, .rows = {{"", "users", "items", "interactions"}}};
  const auto add = [&](const std::string& label, int64_t u, int64_t i, int64_t n) {
    table.rows.push_back({label, std::to_string(u), std::to_string(i), std::to_string(n)});
  };
  add("read", users_read, items_read, ratings_read);
  for (size_t pass = 0; pass < kcore_passes.size(); ++pass) {
    add(fmt::format("after pass {}", pass + 1), kcore_passes[pass].users, kcore_passes[pass].items,
        kcore_passes[pass].interactions);
  }
  add("without metadata", users_shortened, items_without_metadata, interactions_without_metadata);
  add("result", users, items, interactions);
  if (split) {
    for (const auto& [label, part] :
         {std::pair{"in training", split->train}, {"in validation", split->valid}, {"in the test", split->test}})
      add(label, part.users, part.items, part.interactions);
    table.rows.push_back({"no targets, as their user's first", "-", "-", std::to_string(split->without_history)});
  }
  if (repeats_left_out > 0) table.rows.push_back({"repeats left out", "-", "-", std::to_string(repeats_left_out)});
  if (duplicates > 0) table.rows.push_back({"repeats among them", "-", "-", std::to_string(duplicates)});
  return table;
}

Table PreprocessReport::left_out_table() const {
  Table table{.title = "Left out", .rows = {}};
  for (const LeftOut& entry : left_out()) {
    if (table.rows.empty()) table.rows.push_back({"why", "lines", "users", "items", "interactions", "first"});
    if (entry.first.empty())
      table.rows.push_back({entry.why, "-", std::to_string(entry.counts.users), std::to_string(entry.counts.items),
                            std::to_string(entry.counts.interactions), "-"});
    else
      table.rows.push_back({entry.why, std::to_string(entry.lines), "-", "-", "-", entry.first});
  }
  return table;
}

}  // namespace latentcrs
