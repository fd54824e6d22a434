#include "experiment/pipeline/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/util/files.h"

namespace latentcrs {

using nlohmann::json;

void collect_metrics(const fs::path& run_folder, const std::vector<std::string>& stages) {
  AtomicFile all(run_folder / "metrics.jsonl");
  for (const std::string& stage : stages) {
    const fs::path file = run_folder / stage / "metrics.jsonl";
    if (!fs::exists(file)) continue;
    LineReader lines(file);
    for (std::string_view line; lines.next(line);) {
      json entry = {{"stage", stage}};
      entry.update(json::parse(line));
      all.stream() << entry.dump() << '\n';
    }
  }
  all.commit();
}

void write_summary(const fs::path& run_folder, const std::vector<std::string>& stages) {
  const json record = json::parse(read_file(run_folder / "run.json"));
  std::string text = fmt::format(
      "# {}\n\nlatentcrs {} ({}), {}, {} arithmetic, seed {}. The settings are in `config.yaml`, the curves in "
      "`metrics.jsonl`; every stage's folder has a `manifest.json` with what it was made from.\n",
      run_folder.filename().string(), record.at("version").get<std::string>(),
      record.at("git_revision").get<std::string>(), record.at("device").get<std::string>(),
      record.at("arithmetic").get<std::string>(), record.at("seed").get<int64_t>());
  for (const std::string& stage : stages) {
    const fs::path file = run_folder / stage / "summary.md";
    if (fs::exists(file)) text += fmt::format("\n## {}\n\n{}", stage, read_file(file));
  }
  write_file_atomically(run_folder / "summary.md", text);
}

namespace {

std::optional<double> test_score(const fs::path& run_folder, const Config& config) {
  const fs::path file = run_folder / "evaluate" / "one_turn.json";
  if (!fs::exists(file)) return std::nullopt;
  const bool kept = config.evaluate.seen_items == SeenItems::keep;
  const json scores = json::parse(read_file(file)).at(kept ? "test_seen_kept" : "test_seen_left_out").at("with text");
  const std::string& metric = config.em.early_stop.stop_metrics;
  return scores.contains(metric) ? std::optional(scores.at(metric).get<double>()) : std::nullopt;
}

std::optional<double> best_validation_score(const fs::path& run_folder, const Config& config) {
  const fs::path file = run_folder / "train" / "metrics.jsonl";
  if (!fs::exists(file)) return std::nullopt;
  std::optional<double> best;
  std::string stage;
  LineReader lines(file);
  for (std::string_view line; lines.next(line);) {
    const json entry = json::parse(line);
    if (entry.at("epoch").get<int64_t>() == 0) continue;  // before training: no weights that early stopping keeps
    const double score = entry.at("valid").at("with_text").value(config.em.early_stop.stop_metrics, 0.0);
    const std::string name = entry.at("em_stage").get<std::string>();
    best = name == stage ? std::max(*best, score) : score;
    stage = name;
  }
  return best;
}

}  // namespace

std::optional<Headline> read_headline(const Config& config) {
  const std::string& metric = config.em.early_stop.stop_metrics;
  if (const auto score = test_score(config.output_dir, config)) {
    const std::string sampled = config.evaluate.sampled_negatives > 0 ? ", SAMPLED" : "";
    return Headline{metric + " (test" + sampled + ")", *score};
  }
  if (const auto score = best_validation_score(config.output_dir, config)) return Headline{metric + " (valid)", *score};
  return std::nullopt;
}

}  // namespace latentcrs
