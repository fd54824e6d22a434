#include "data/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_set>

#include "data/amazon.h"
#include "data/interactions.h"
#include "data/item_catalogue.h"
#include "data/movielens.h"
#include "data/tsv.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"

namespace latentcrs {
namespace {

constexpr int kPublishedPasses = 10;

/// The users that are left, in the order of the result, and their sequences.
struct Selection {
  Sequences sequences;
  std::vector<uint32_t> users;  ///< indices into the raw users
};

/// Ids of the result by raw index; 0 for an item without id.
struct ResultIds {
  std::vector<int64_t> users;  ///< [selection.users.size()]
  std::vector<int32_t> items;  ///< [raw items]
};

int64_t to_number(std::string_view id) {
  int64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

void check_settings(const PreprocessJob& job) {
  const DatasetOptions& dataset = job.dataset;
  const bool sequences = dataset.format == DatasetFormat::sequences;
  if (job.metadata_path.empty() && !sequences) throw config_error("datasets.metadata is required for this format");
  if (dataset.features_name.empty() && !job.metadata_path.empty()) {
    throw config_error("datasets.features_name is required: the name of the item features file to write");
  }
  if (dataset.format == DatasetFormat::movielens && dataset.item_filter == ItemFilter::description) {
    throw config_error("datasets.item_filter=description does not fit MovieLens, whose movies have no descriptions");
  }
  // A missing file shows before minutes of reading the other one.
  LineReader{job.interactions_path};
  if (!job.metadata_path.empty()) LineReader{job.metadata_path};
}

/// Applies item_filter. Users keep what is left of their sequence.
void drop_items_without_metadata(Sequences& sequences, const std::vector<bool>& has_metadata,
                                 PreprocessReport& report) {
  std::vector<bool> dropped(has_metadata.size());
  for (const uint32_t item : sequences.items) {
    if (has_metadata[item]) continue;
    ++report.interactions_without_metadata;
    dropped[item] = true;
  }
  report.items_without_metadata = std::count(dropped.begin(), dropped.end(), true);
  filter(sequences, has_metadata, 0);
}

std::vector<bool> items_with_metadata(const StringTable& items, const KnownItems& known, ItemFilter wanted) {
  std::vector<bool> keep(items.size(), true);
  if (wanted == ItemFilter::none) return keep;
  for (uint32_t item = 0; item < items.size(); ++item) {
    const uint32_t entry = known.ids.find(items[item]);
    keep[item] = entry != StringTable::kNone && (wanted == ItemFilter::metadata || known.described[entry]);
  }
  return keep;
}

std::vector<uint32_t> users_with_items(const Sequences& sequences) {
  std::vector<uint32_t> users;
  for (uint32_t u = 0; u < sequences.num_users(); ++u) {
    if (sequences.offsets[u + 1] > sequences.offsets[u]) users.push_back(u);
  }
  return users;
}

KCoreOptions kcore_options(const PreprocessJob& job) {
  const int least = job.dataset.min_interactions;
  if (job.dataset.format == DatasetFormat::movielens) return {.min_user = least, .min_item = 0, .max_passes = 1};
  return {.min_user = least, .min_item = least, .max_passes = job.compat.ten_kcore_passes ? kPublishedPasses : 0};
}

/// All filters of docs/method.md, section 3, and the order of each user's items.
Selection select(const PreprocessJob& job, RawRatings& raw, const KnownItems& known, PreprocessReport& report) {
  report.users_read = raw.users.size();
  report.items_read = raw.items.size();
  report.ratings_kept = static_cast<int64_t>(raw.kept.size());
  Selection selection{.sequences = group_by_user(raw.kept, raw.users.size()), .users = {}};
  raw.kept = {};
  Sequences& sequences = selection.sequences;
  if (job.dataset.repeats != Repeats::keep) {
    if (job.dataset.sort_by_time) sort_by_time(sequences);  // first and last in time
    report.repeats_left_out = drop_repeats(sequences, job.dataset.repeats);
  }
  const std::vector<bool> keep = items_with_metadata(raw.items, known, job.dataset.item_filter);
  const bool filter_first = job.dataset.item_filter_time == FilterTime::before_kcore;
  if (filter_first) drop_items_without_metadata(sequences, keep, report);
  report.kcore_passes = kcore(sequences, raw.items.size(), kcore_options(job));
  selection.users = users_with_items(sequences);
  if (!filter_first) drop_items_without_metadata(sequences, keep, report);
  if (job.dataset.sort_by_time) sort_by_time(sequences);
  return selection;
}

/// Dense ids from 1 in order of first appearance while walking the users.
ResultIds number_by_appearance(const Selection& selection, const RawRatings& raw) {
  ResultIds ids{.users = std::vector<int64_t>(selection.users.size()), .items = std::vector<int32_t>(raw.items.size())};
  std::iota(ids.users.begin(), ids.users.end(), 1);
  int32_t next = 1;
  for (const uint32_t item : selection.sequences.items) {
    if (ids.items[item] == 0) ids.items[item] = next++;
  }
  return ids;
}

/// The dataset's own ids; brings the users into numeric order.
ResultIds keep_numbers(Selection& selection, const RawRatings& raw) {
  ResultIds ids;
  const auto number = [&](uint32_t user) { return to_number(raw.users[user]); };
  std::sort(selection.users.begin(), selection.users.end(),
            [&](uint32_t a, uint32_t b) { return number(a) < number(b); });
  for (const uint32_t user : selection.users) ids.users.push_back(number(user));
  for (uint32_t item = 0; item < raw.items.size(); ++item) {
    ids.items.push_back(static_cast<int32_t>(to_number(raw.items[item])));
  }
  return ids;
}

void count_ties_and_duplicates(std::span<const uint32_t> items, std::span<const int64_t> times,
                               PreprocessReport& report) {
  for (size_t i = 1; i < times.size(); ++i) report.time_ties += times[i] == times[i - 1];
  const std::unordered_set<uint32_t> distinct(items.begin(), items.end());
  report.duplicates += static_cast<int64_t>(items.size() - distinct.size());
}

Interactions make_interactions(const Selection& selection, const ResultIds& ids, PreprocessReport& report) {
  Interactions result;
  std::vector<int32_t> sequence;
  for (size_t row = 0; row < selection.users.size(); ++row) {
    const size_t begin = selection.sequences.offsets[selection.users[row]];
    const size_t length = selection.sequences.offsets[selection.users[row] + 1] - begin;
    if (length < kMinItems) {
      ++report.users_shortened;
      continue;
    }
    const std::span items(selection.sequences.items.data() + begin, length);
    sequence.clear();
    for (const uint32_t item : items) sequence.push_back(ids.items[item]);
    result.add_user(ids.users[row], sequence);
    count_ties_and_duplicates(items, {selection.sequences.times.data() + begin, length}, report);
  }
  return result;
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

fs::path interactions_file(const PreprocessJob& job) { return job.output_folder / (job.dataset.dataset_name + ".csv"); }

void preprocess_movielens(const PreprocessJob& job, PreprocessReport& report) {
  const std::vector<Movie> movies = read_movies(job.metadata_path, report);
  KnownItems known;
  for (const Movie& movie : movies) known.ids.intern(movie.id);
  known.described.resize(movies.size());
  RawRatings raw = read_movielens_ratings(job.interactions_path, job.dataset.min_rating, report);
  Selection selection = select(job, raw, known, report);
  const ResultIds ids = keep_numbers(selection, raw);
  const Interactions result = make_interactions(selection, ids, report);
  count_result(result, job.dataset, report);

  AtomicFile features(job.output_folder / job.dataset.features_name);
  write_tsv_row(features.stream(), {job.dataset.id_column, "Title", "Genres"});
  for (const Movie& movie : movies) write_tsv_row(features.stream(), {movie.id, movie.title, movie.genres});
  report.feature_rows = static_cast<int64_t>(movies.size());
  write_interactions(result, interactions_file(job));
  features.commit();
}

/// {"raw": id, ...} as Python's json.dump writes it.
template <class Id>
void write_id_map(const fs::path& path, const std::vector<std::pair<std::string_view, Id>>& ids) {
  AtomicFile file(path);
  file.stream() << '{';
  const char* separator = "";
  for (const auto& [raw, id] : ids) {
    constexpr bool kAsciiOnly = true;
    file.stream() << separator << nlohmann::json(raw).dump(-1, ' ', kAsciiOnly) << ": " << id;
    separator = ", ";
  }
  file.stream() << '}';
  file.commit();
}

void write_id_maps(const fs::path& folder, const RawRatings& raw, const Selection& selection, const ResultIds& ids) {
  std::vector<std::pair<std::string_view, int64_t>> users;
  for (size_t row = 0; row < selection.users.size(); ++row) {
    users.emplace_back(raw.users[selection.users[row]], ids.users[row]);
  }
  std::vector<std::pair<std::string_view, int32_t>> items;
  for (uint32_t item = 0; item < raw.items.size(); ++item) {
    if (ids.items[item] > 0) items.emplace_back(raw.items[item], ids.items[item]);
  }
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  write_id_map(folder / "user_id2model_id.json", users);
  write_id_map(folder / "item_id2model_id.json", items);
}

void preprocess_amazon(const PreprocessJob& job, PreprocessReport& report) {
  RawRatings raw = read_amazon_reviews(
      job.interactions_path,
      {.min_rating = job.dataset.min_rating, .item_key = job.compat.reviews_by_asin ? "asin" : "parent_asin"}, report);
  const KnownItems known = read_amazon_items(job.metadata_path, report);
  const Selection selection = select(job, raw, known, report);
  const ResultIds ids = number_by_appearance(selection, raw);
  const Interactions result = make_interactions(selection, ids, report);
  count_result(result, job.dataset, report);

  AtomicFile features(job.output_folder / job.dataset.features_name);
  report.feature_rows =
      write_amazon_features(job.metadata_path, job.dataset, {raw.items, ids.items}, features.stream(), report);
  write_interactions(result, interactions_file(job));
  features.commit();
  write_id_maps(job.output_folder, raw, selection, ids);
}

/// One interaction of a user with an item each, in the order of the file; users left with too few are dropped.
Interactions without_repeats(const Interactions& read, Repeats which, PreprocessReport& report) {
  if (which == Repeats::keep) return read;
  Sequences sequences;
  for (const int32_t item : read.items) sequences.items.push_back(static_cast<uint32_t>(item));
  sequences.offsets.assign(read.offsets.begin(), read.offsets.end());
  sequences.times.resize(read.items.size());
  report.repeats_left_out = drop_repeats(sequences, which);
  Interactions result;
  for (size_t u = 0; u < sequences.num_users(); ++u) {
    const std::vector<int32_t> items(sequences.items.begin() + static_cast<ptrdiff_t>(sequences.offsets[u]),
                                     sequences.items.begin() + static_cast<ptrdiff_t>(sequences.offsets[u + 1]));
    if (items.size() < kMinItems)
      ++report.users_shortened;
    else
      result.add_user(read.user_ids[u], items);
  }
  return result;
}

void preprocess_sequences(const PreprocessJob& job, PreprocessReport& report) {
  const Interactions read = read_interactions(job.interactions_path);
  const Interactions result = without_repeats(read, job.dataset.repeats, report);
  count_result(result, job.dataset, report);
  report.users_read = report.interactions_file.lines = read.num_users();
  report.items_read = static_cast<int64_t>(read.distinct_items().size());
  for (int64_t u = 0; u < result.num_users(); ++u) {
    const std::span<const int32_t> items = result.sequence(u);
    report.duplicates +=
        static_cast<int64_t>(items.size() - std::unordered_set<int32_t>(items.begin(), items.end()).size());
  }
  report.ratings_read = report.ratings_kept = static_cast<int64_t>(read.items.size());
  if (!job.metadata_path.empty()) {
    report.feature_rows = static_cast<int64_t>(read_item_catalogue(job.metadata_path, job.dataset).items().size());
    write_file_atomically(job.output_folder / job.dataset.features_name, read_file(job.metadata_path));
  }
  write_interactions(result, interactions_file(job));
}

}  // namespace

PreprocessReport preprocess(const PreprocessJob& job) {
  check_settings(job);
  PreprocessReport report;
  report.dataset_name = job.dataset.dataset_name;
  switch (job.dataset.format) {
    case DatasetFormat::movielens: preprocess_movielens(job, report); break;
    case DatasetFormat::amazon: preprocess_amazon(job, report); break;
    case DatasetFormat::sequences: preprocess_sequences(job, report); break;
  }
  write_report(report, job.output_folder);
  return report;
}

}  // namespace latentcrs
