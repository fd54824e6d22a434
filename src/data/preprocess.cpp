#include "data/preprocess.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "data/raw_format.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"

namespace latentcrs {
namespace {

void check_settings(const RawFormat& format, const PreprocessJob& job) {
  const DatasetOptions& dataset = job.dataset;
  if (job.metadata_path.empty() && needs_metadata(dataset))
    throw config_error("datasets.metadata is required for this format");
  if (dataset.features_name.empty() && !job.metadata_path.empty()) {
    throw config_error("datasets.features_name is required: the name of the item features file to write");
  }
  if (format.check != nullptr) format.check(dataset);
  // A missing file shows before minutes of reading the other one.
  const LineReader interactions(job.interactions_path);
  if (!job.metadata_path.empty()) const LineReader metadata(job.metadata_path);
}

/// Fills the counts of the result. Throws Error(data) if nothing is left.
void count_result(const Interactions& result, const DatasetOptions& dataset, PreprocessReport& report) {
  report.users = result.num_users();
  report.items = static_cast<int64_t>(result.distinct_items().size());
  report.interactions = static_cast<int64_t>(result.items.size());
  if (report.users == 0) {
    throw data_error(fmt::format(
        "{}: no user is left: of {} ratings {} are at least {}, and no user has {} of them that "
        "pass the filters",
        dataset.dataset_name, report.ratings_read, report.ratings_kept, dataset.min_rating, dataset.min_interactions));
  }
}

void write_report(const PreprocessReport& report, const fs::path& folder) {
  write_file_atomically(folder / "dataset_report.json", report.to_json().dump(2) + "\n");
  const int64_t malformed = report.interactions_file.malformed + report.metadata_file.malformed;
  if (malformed > 0)
    log::warn("{}: {} malformed lines were skipped (dataset_report.json)", report.dataset_name, malformed);
  if (const int64_t repaired = report.interactions_file.repaired + report.metadata_file.repaired; repaired > 0)
    log::warn("{}: {} lines hold half of a surrogate pair and were read with U+FFFD in its place", report.dataset_name,
              repaired);
  if (report.duplicates > 0)
    log::warn(
        "{}: {} of {} interactions repeat an item that the user had before; they are kept, so that a target may "
        "be an item of its own history (datasets.repeats=first or last keeps one of them)",
        report.dataset_name, report.duplicates, report.interactions);
  if (report.repeats_left_out > 0)
    log::info("{}: {} interactions that repeat an item of the same user were left out (datasets.repeats)",
              report.dataset_name, report.repeats_left_out);
}

}  // namespace

PreprocessReport preprocess(const PreprocessJob& job) {
  const RawFormat& format = raw_format(job.dataset.format);
  check_settings(format, job);
  PreprocessReport report;
  report.dataset_name = job.dataset.dataset_name;
  const std::unique_ptr<RawDataset> raw = format.open(job);
  const Interactions result = raw->interactions(report);
  count_result(result, job.dataset, report);

  std::optional<AtomicFile> features;
  if (!job.metadata_path.empty()) {
    features.emplace(job.output_folder / job.dataset.features_name);
    report.feature_rows = raw->write_features(features->stream(), report);
  }
  write_interactions(result, job.output_folder / (job.dataset.dataset_name + ".csv"));
  if (features) features->commit();
  raw->write_id_maps(job.output_folder);
  write_report(report, job.output_folder);
  return report;
}

}  // namespace latentcrs
