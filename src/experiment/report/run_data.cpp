#include "experiment/report/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/report/compare_runs.h"
#include "experiment/run/stage_info.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// The JSON of a file; null if the file does not exist.
json read_json(const fs::path& path) {
  if (!fs::exists(path)) return nullptr;
  json value = json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) throw data_error(fmt::format("{}: not JSON; was the file cut off?", path.string()));
  return value;
}

std::vector<json> read_json_lines(const fs::path& path) {
  std::vector<json> values;
  if (!fs::exists(path)) return values;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    values.push_back(json::parse(line, nullptr, /*allow_exceptions=*/false));
    if (!values.back().is_object()) throw data_error(fmt::format("{}: not a JSON object", lines.where()));
  }
  return values;
}

template <class Number>
Number parse(std::string_view cell, const LineReader& lines) {
  Number value{};
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw data_error(fmt::format("{}: '{}' is no number", lines.where(), cell));
  return value;
}

InferredIntents read_intents(const fs::path& path) {
  InferredIntents intents;
  if (!fs::exists(path)) return intents;
  LineReader lines(path);
  std::string_view line;
  lines.next(line);  // customer_id, m (u,x), p(m|u,x), m (u), q(m|u)
  while (lines.next(line)) {
    const std::vector<std::string_view> cells = split_cells(line);
    if (cells.size() < 5) throw data_error(fmt::format("{}: {} cells instead of 5", lines.where(), cells.size()));
    intents.without_text.push_back(parse<int>(cells[3], lines));
    intents.p_without_text.push_back(parse<double>(cells[4], lines));
    if (cells[1].empty() && cells[2].empty()) continue;  // a user without a text
    intents.with_text.push_back(parse<int>(cells[1], lines));
    intents.p_with_text.push_back(parse<double>(cells[2], lines));
    if (intents.with_text.back() == intents.without_text.back()) ++intents.same;
  }
  return intents;
}

std::vector<std::pair<std::string, double>> read_times(const fs::path& folder) {
  std::vector<std::pair<std::string, double>> times;
  for (const std::string& stage : stage_names()) {
    const json manifest = read_json(folder / stage / "manifest.json");
    if (!manifest.is_object() || manifest.value("outputs", json::object()).empty()) continue;  // unfinished
    times.emplace_back(stage, manifest.value("seconds", 0.0));
  }
  return times;
}

}  // namespace

std::string RunData::setting(const std::string& key, const std::string& otherwise) const {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const SavedValue& v) { return v.key == key; });
  return found == settings.end() ? otherwise : found->value;
}

RunData read_run(const fs::path& folder) {
  RunData run;
  run.folder = folder;
  run.name = run_name(folder);
  run.record = read_json(folder / "run.json");
  if (!run.record.is_object())
    throw data_error(fmt::format("{}: not the folder of a run: it holds no run.json", folder.string()));
  if (fs::exists(folder / "config.yaml")) {
    run.settings = read_saved_config(folder / "config.yaml");
    run.config_text = read_file(folder / "config.yaml");
  }
  run.dataset = read_json(folder / "preprocess/dataset_report.json");
  run.utterances = read_json(folder / "simulate/simulation_report.json");
  run.pretrain_lines = read_json_lines(folder / "pretrain/metrics.jsonl");
  run.train_lines = read_json_lines(folder / "train/metrics.jsonl");
  run.one_turn = read_json(folder / "evaluate/one_turn.json");
  run.multi_turn = read_json(folder / "evaluate/multi_turn.json");
  run.lists = read_json(folder / "evaluate/lists.json");
  run.conversations = read_json(folder / "evaluate/conversations.json");
  if (fs::exists(folder / "evaluate/transcripts.jsonl"))
    run.transcripts = read_transcripts(folder / "evaluate/transcripts.jsonl");
  run.intents = read_intents(folder / "evaluate/intents_test.tsv");
  run.stage_seconds = read_times(folder);
  return run;
}

std::vector<RunData> read_runs(const std::vector<fs::path>& folders) {
  std::vector<RunData> runs;
  std::set<std::string> names;
  for (const fs::path& folder : folders) names.insert(runs.emplace_back(read_run(folder)).name);
  if (names.size() < runs.size())
    for (RunData& run : runs) run.name = run.folder.string();
  return runs;
}

}  // namespace latentcrs
