#include "experiment/report/intent_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Invalid UTF-8 of a title is replaced.
std::string one_line(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json line_of(const IntentRow& row, const std::string& measure) {
  json items = json::array();
  for (const NearTitle& item : row.items)
    items.push_back({{"item", item.item}, {"title", item.title}, {measure, item.score}});
  return {{"intent", row.intent}, {"users", row.users}, {"share", row.share},
          {"x", row.x},           {"y", row.y},         {"items", items}};
}

IntentRow parse_intent(const json& line) {
  IntentRow row{.intent = line.at("intent"),
                .users = line.at("users"),
                .share = line.at("share"),
                .x = line.at("x"),
                .y = line.at("y"),
                .items = {}};
  for (const json& item : line.at("items"))
    row.items.push_back({item.at("item"), item.at("title"), item.contains("lift") ? item["lift"] : item.at("score")});
  return row;
}

json picture_of(const IntentMap& map) {
  const IntentsReport& report = map.report;
  json picture = {{"users", report.users}, {"effective", report.effective}, {"axes", report.axes}};
  if (report.objective) picture["objective"] = *report.objective;
  if (report.explained) picture["explained"] = *report.explained;
  json& drawn = picture["drawn"] = json::array();
  for (const DrawnUser& user : map.drawn) drawn.push_back({user.x, user.y, user.intent});
  return picture;
}

void add_picture(const json& picture, IntentMap& map) {
  map.report.effective = picture.at("effective");
  map.report.axes = picture.at("axes");
  if (picture.contains("objective")) map.report.objective = picture["objective"].get<double>();
  if (picture.contains("explained")) map.report.explained = picture["explained"].get<double>();
  for (const json& user : picture.at("drawn")) map.drawn.push_back({user.at(0), user.at(1), user.at(2)});
}

std::vector<IntentRow> read_intent_lines(const fs::path& path) {
  std::vector<IntentRow> rows;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    try {
      rows.push_back(parse_intent(json::parse(line)));
    } catch (const json::exception& e) {
      throw data_error(fmt::format("{}: not an intent as latentcrs writes them: {}", lines.where(), e.what()));
    }
  }
  if (rows.empty()) throw data_error(path.string() + ": holds no intent");
  return rows;
}

}  // namespace

void write_intent_files(const IntentMap& map, const std::string& measure, const fs::path& folder) {
  AtomicFile file(folder / "intents.jsonl");
  for (const IntentRow& row : map.report.intents) file.stream() << one_line(line_of(row, measure)) << '\n';
  file.commit();
  write_file_atomically(folder / "picture.json", one_line(picture_of(map)) + "\n");
}

std::optional<IntentMap> read_intent_files(const fs::path& folder) {
  const fs::path lines = folder / "intents.jsonl", picture = folder / "picture.json";
  if (!fs::exists(lines)) return std::nullopt;
  IntentMap map;
  map.report.intents = read_intent_lines(lines);
  map.report.folder = folder;
  for (const IntentRow& row : map.report.intents) {
    map.report.users += row.users;
    map.report.empty += row.users == 0 ? 1 : 0;
  }
  if (!fs::exists(picture)) return map;
  try {
    add_picture(json::parse(read_file(picture)), map);
  } catch (const json::exception& e) {
    throw data_error(fmt::format("{}: not a picture as latentcrs writes them: {}", picture.string(), e.what()));
  }
  return map;
}

}  // namespace latentcrs
