#include "datasets/data/preprocess.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "datasets/data/item_names.h"
#include "datasets/data/item_text.h"
#include "datasets/data/neighbours.h"
#include "datasets/data/printable.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/raw_format.h"
#include "datasets/data/record_survey.h"
#include "datasets/data/split_ways.h"

namespace latentcrs {
namespace {

void check_settings(const RawFormat& format, const PreprocessJob& job) {
  const DatasetOptions& dataset = job.dataset;
  if (job.metadata_path.empty() && needs_metadata(dataset))
    throw config_error("datasets.metadata is required for this format");
  if (dataset.features_name.empty() && !job.metadata_path.empty()) {
    throw config_error("datasets.features_name is required: the name of the item features file to write");
  }
  if (!dataset.names_from.empty() && job.metadata_path.empty())
    throw config_error("datasets.names_from needs datasets.metadata, whose fields it names");
  if (format.check != nullptr) format.check(dataset);
  // A missing file shows before minutes of reading the other one.
  check_raw_file(job.interactions_path);
  for (const fs::path& path : job.more_interactions) check_raw_file(path);
  for (const fs::path& path : {job.metadata_path, job.names_path, job.valid_path, job.test_path})
    if (!path.empty()) check_raw_file(path);
}

void say_what_was_found(const PreprocessReport& report) {
  for (const std::string& remark : report.remarks) log::info("{}: {}", report.dataset_name, remark);
  for (const DroppedLines& entry : report.dropped)
    log::warn("{}: {} lines of {} do not count: {} (the first is line {})", report.dataset_name, entry.lines,
              entry.file, entry.reason, entry.first_line);
  for (const std::string& warning : report.warnings) log::warn("{}: {}", report.dataset_name, warning);
}

/// Fills the counts of the result. Throws Error(data) if nothing is left.
void count_result(const Interactions& result, const DatasetOptions& dataset, PreprocessReport& report) {
  report.users = result.num_users();
  report.items = static_cast<int64_t>(result.distinct_items().size());
  report.interactions = static_cast<int64_t>(result.items.size());
  if (report.users == 0) {
    say_what_was_found(report);
    throw data_error(fmt::format(
        "{}: no user is left: of {} ratings {} are at least {}, and no user has {} of them that "
        "pass the filters",
        dataset.dataset_name, report.ratings_read, report.ratings_kept, dataset.min_rating, dataset.min_interactions));
  }
}

/// Ties of datasets of other formats are in dataset_report.json alone.
void remark_ties(const DatasetOptions& dataset, PreprocessReport& report) {
  if (report.time_ties == 0 || !is_records_format(dataset.format)) return;
  if (report.repeats_at_one_time > 0)
    report.remarks.push_back(
        fmt::format("{} interactions repeat an item of the user at the same time", report.repeats_at_one_time));
  const int64_t neighbours = report.interactions - report.users;
  const bool most = 2 * report.time_ties > neighbours;
  (most ? report.warnings : report.remarks)
      .push_back(fmt::format("{} of {} neighbours in a user's sequence have the same time: they {}; the first are "
                             "those of user {}",
                             report.time_ties, neighbours, kept_order(dataset.ties), printable(report.tied_user)));
}

/// A field of the metadata as datasets.names_from asks for it.
std::vector<WantedField> name_fields(const DatasetOptions& dataset) {
  std::vector<WantedField> fields;
  for (const std::string& name : dataset.names_from)
    fields.push_back({.what = name, .names = {name}, .required = true, .setting = "datasets.names_from"});
  return fields;
}

/// The items with their titles, of the features file that lies in the output folder; none without such a file.
ItemCatalogue titled_items(const PreprocessJob& job) {
  const fs::path features = job.output_folder / features_name(job.dataset);
  if (!fs::is_regular_file(features)) return {};
  DatasetOptions options = job.dataset;
  options.item_names.clear();
  options.names_from.clear();
  return read_item_catalogue(features, options);
}

/// Without names, the file of an earlier run goes.
void write_names(const PreprocessJob& job, const RawDataset& raw, const Interactions& result,
                 PreprocessReport& report) {
  const DatasetOptions& dataset = job.dataset;
  const fs::path path = item_names_file(job.output_folder, dataset);
  if (!has_item_names(dataset)) {
    fs::remove(path);
    return;
  }
  const profile::Scope scope("names");
  ItemNames names(result, raw.raw_item_ids());
  if (!dataset.names_from.empty()) {
    const auto items = raw.open_items(name_fields(dataset));
    if (items == nullptr)
      throw config_error(
          fmt::format("datasets.names_from: the metadata of {} have no fields but those that are read anyway; "
                      "datasets.item_names takes a table of names",
                      dataset.format));
    names.read_metadata(*items);
  }
  if (!job.names_path.empty()) names.read_file(job.names_path, titled_items(job), report);
  names.write(path, dataset, report);
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
  const Interactions result = profile::timed("interactions", [&] { return raw->interactions(report); });
  count_result(result, job.dataset, report);
  if (!result.parts.empty()) report.split = count_split(result);
  remark_ties(job.dataset, report);

  std::optional<AtomicFile> features;
  const std::string features_file = features_name(job.dataset);
  if (!job.metadata_path.empty()) {
    features.emplace(job.output_folder / features_file);
    const profile::Scope scope("item features");
    report.feature_rows = raw->write_features(features->stream(), report);
  } else if (describes_by_neighbours(job.dataset)) {
    features.emplace(job.output_folder / features_file);
    report.feature_rows = write_neighbour_features(result, job.dataset, raw->raw_item_ids(), features->stream());
    report.remarks.push_back(
        "items come without words: prompts and simulated users speak of the items that users had near them "
        "(datasets.items_without_words)");
  }
  const profile::Scope scope("write");
  write_interactions(result, job.output_folder / (job.dataset.dataset_name + ".csv"));
  const fs::path parts = job.output_folder / (job.dataset.dataset_name + "_parts.tsv");
  if (result.parts.empty())
    fs::remove(parts);  // of an earlier run with another split
  else
    write_parts(result, parts);
  const fs::path times = job.output_folder / (job.dataset.dataset_name + "_times.tsv");
  if (!raw->write_times(times)) fs::remove(times);
  if (features) features->commit();
  write_names(job, *raw, result, report);
  say_what_was_found(report);
  if (features && !job.dataset.item_text.empty()) check_item_text(job.output_folder / features_file, job.dataset);
  raw->write_id_maps(job.output_folder);
  write_report(report, job.output_folder);
  return report;
}

}  // namespace latentcrs
