// The dataset behind every preset of records.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/util/error.h"
#include "base/util/text.h"
#include "datasets/data/file_lines.h"
#include "datasets/data/genre_names.h"
#include "datasets/data/id_survey.h"
#include "datasets/data/last_line.h"
#include "datasets/data/printable.h"
#include "datasets/data/ratings_dataset.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/record_items.h"
#include "datasets/data/record_preset.h"
#include "datasets/data/record_rating.h"
#include "datasets/data/record_survey.h"
#include "datasets/data/record_times.h"
#include "datasets/data/split_ways.h"

namespace latentcrs {
namespace {

enum InteractionField : size_t { kUser, kItem, kRating, kTime, kPart };

double share_that_begins_with_a(const StringTable& ids) {
  int64_t count = 0;
  for (uint32_t i = 0; i < ids.size(); ++i) count += ids[i].starts_with('A');
  return ids.size() == 0 ? 0 : static_cast<double>(count) / ids.size();
}

class RecordsDataset : public RatingsDataset {
 public:
  RecordsDataset(const PreprocessJob& job, const RecordsPreset& preset)
      : RatingsDataset(job, kcore_options(job.dataset, preset.filters_items ? job.dataset.min_interactions : 0),
                       ResultIdKind::order_of_appearance),
        preset_(preset),
        fields_(fields_of(preset, job.dataset)),
        items_(job, preset_, fields_) {
    take_genre_names();
    fields_.form.known_users = &ratings_.users;
  }

  int64_t write_features(std::ostream& out, PreprocessReport& report) override {
    const auto id_of = [&](std::string_view raw) {
      const uint32_t item = raw_items().find(raw);
      return item == StringTable::kNone ? 0 : item_ids()[item];
    };
    return items_.write(out, id_of, report);
  }
  std::unique_ptr<RecordReader> open_items(const std::vector<WantedField>& fields) const override {
    return items_.open(fields);
  }

 protected:
  Files read(PreprocessReport& report) override {
    Files files;
    read_all_interactions(report);
    files.items = items_.read(report);
    ids_.check_unknown_items(ratings_, files.items, places_, job(), report);
    files.ratings = std::move(ratings_);
    return files;
  }
  int64_t ticks_per_second() const override { return has_times_ ? kMicrosecondsOfSecond : 0; }

 private:
  void take_genre_names();
  void read_all_interactions(PreprocessReport& report);
  void read_interactions_file(const fs::path& path, Part part, PreprocessReport& report);
  void read_in_runs(const RecordReader::Visit& visit, PreprocessReport& report);
  std::string take_part(const std::vector<RecordField>& record, const std::optional<FoundTime>& time);
  std::string read_record(const std::vector<RecordField>& record, PreprocessReport& report);
  std::string take_rating(const RecordField& field, double& rating) const;
  void drop(PreprocessReport& report, const char* reason) const {
    report.drop(places_.file(), reason, reader_->lines().line_number());
  }
  bool is_header(const std::vector<RecordField>& record, const PreprocessReport& report);
  void read_rows(std::span<const PlainRow> rows, std::string_view text, int64_t line, PreprocessReport& report);
  void add_interaction(Rating rating, std::optional<double> stars, std::optional<FoundTime> time, int64_t line,
                       PreprocessReport& report);
  uint32_t intern_user(std::string_view text, uint64_t hash, int64_t line) {
    return ids_.intern_user(ratings_.users, text, hash, line);
  }
  uint32_t intern_item(std::string_view text, uint64_t hash, int64_t line) {
    return ids_.intern_item(ratings_.items, text, hash, line);
  }
  bool is_rated() const { return job().dataset.feedback == Feedback::ratings && reader_->has(kRating); }
  bool is_timed() const { return reader_->has(kTime) && unit_ != TimeUnit::file_order; }
  void remark(PreprocessReport& report) const;
  void remark_lists(PreprocessReport& report) const;
  void check_swapped_columns() const;

  const RecordsPreset& preset_;
  RecordFields fields_;
  std::vector<std::string> genre_names_;
  std::vector<std::string_view> item_names_;  // of the columns, genres included
  RecordItems items_;
  FileLines places_;  // line numbers below are through all files
  std::unique_ptr<RecordReader> reader_;
  std::string user_without_items_;  // the first one
  RawRatings ratings_;
  RecordSurvey survey_;
  TimeUnit unit_ = TimeUnit::automatic;
  IdSurvey ids_;
  bool header_known_ = false;
  std::string header_user_, header_item_;  ///< what a header says of the two columns
  int64_t blanks_ = 0, first_blank_ = 0;   ///< lines with blanks around an id
  bool has_times_ = false;
  Part part_ = Part::train;  ///< of the file that is read, or of the record
};

/// Flags have the names of the file beside the items, if there is one.
void RecordsDataset::take_genre_names() {
  genre_names_ = read_genre_names(file_beside_items(job().dataset.format, job().metadata_path));
  if (genre_names_.empty()) return;
  const auto usual = preset_.item_form.names.first(preset_.item_form.first_flag);
  item_names_.assign(usual.begin(), usual.end());
  item_names_.insert(item_names_.end(), genre_names_.begin(), genre_names_.end());
  fields_.item_form.names = item_names_;
}

/// The interactions of a file belong to one part, unless a column says the part.
void RecordsDataset::read_interactions_file(const fs::path& path, Part part, PreprocessReport& report) {
  part_ = part;
  places_.begin(path, reader_ == nullptr ? 0 : reader_->lines().line_number());
  header_known_ = false;
  reader_ = open_records(path, fields_.form, fields_.interactions, std::string(preset_.expected));
  const RecordReader::Visit visit = [&](const std::vector<RecordField>& record) { return read_record(record, report); };
  if (parts_are_given())
    reader_->for_each(visit);
  else
    read_in_runs(visit, report);
  has_times_ = is_timed();
  report.interactions_file.add(reader_->lines().report());
  if (fields_.form.lines == RecordLines::delimited && !is_parquet(path) && has_open_last_line(path))
    report.warnings.push_back(fmt::format("{}: {}", places_.file(), kOpenLastLine));
}

void RecordsDataset::read_in_runs(const RecordReader::Visit& visit, PreprocessReport& report) {
  reader_->for_each_interaction(
      {.unit = unit_,
       .best_rating = preset_.best_rating,
       .reads_ratings = job().dataset.feedback == Feedback::ratings,
       .reads_times = unit_ != TimeUnit::file_order},
      [&](std::span<const PlainRow> rows, std::string_view text, int64_t line) { read_rows(rows, text, line, report); },
      visit);
}

void RecordsDataset::read_all_interactions(PreprocessReport& report) {
  const DatasetOptions& options = job().dataset;
  unit_ = options.time_unit == TimeUnit::automatic ? preset_.time_unit : options.time_unit;
  read_interactions_file(job().interactions_path, Part::train, report);
  for (const fs::path& path : job().more_interactions) read_interactions_file(path, Part::train, report);
  if (!job().valid_path.empty()) read_interactions_file(job().valid_path, Part::valid, report);
  if (!job().test_path.empty()) read_interactions_file(job().test_path, Part::test, report);
  if (report.ratings_read == 0 && !report.dropped.empty())
    throw data_error(fmt::format("{}:{}: {}; no line of the file has a user, an item and what else it needs",
                                 job().interactions_path.string(), report.dropped[0].first_line,
                                 report.dropped[0].reason));
  if (preset_.user_ids_begin_with_a) check_swapped_columns();
  survey_.check_times(job().interactions_path, places_, options);
  ids_.check_alike(ratings_, places_, options.limits, report);
  remark(report);
  reader_ = nullptr;
}

/// Why the interaction has no part of a split that is given, or an empty text. Takes the part that a column says.
std::string RecordsDataset::take_part(const std::vector<RecordField>& record, const std::optional<FoundTime>& time) {
  if (fields_.interactions.size() > kPart) {
    const std::optional<Part> part = part_named(record[kPart].text);
    if (!part) return fmt::format("'{}' is none of train, valid and test", printable(record[kPart].text));
    part_ = *part;
  }
  return time && std::abs(time->time) > kLargestPartTime ? "the time is out of range" : "";
}

std::string RecordsDataset::read_record(const std::vector<RecordField>& record, PreprocessReport& report) {
  const bool rated = is_rated();
  const bool timed = is_timed();
  const char* lacks_item = preset_.form.lines == RecordLines::lists         ? "a user without items"
                           : preset_.form.lines == RecordLines::impressions ? "an impression without a click"
                                                                            : "no item id";
  const char* reason = !record[kUser].present                            ? "no user id"
                       : !record[kItem].present                          ? lacks_item
                       : rated && !record[kRating].present               ? "no rating"
                       : timed && !record[kTime].present                 ? "no time"
                       : record.size() > kPart && !record[kPart].present ? "no part of the split"
                                                                         : nullptr;
  if (reason == nullptr && is_header(record, report)) reason = "a header";
  if (reason != nullptr) {
    if (reason == lacks_item && user_without_items_.empty()) user_without_items_ = record[kUser].text;
    drop(report, reason);
    return {};
  }
  double rating = 0;
  if (rated) {
    if (std::string failure = take_rating(record[kRating], rating); !failure.empty()) return failure;
  }
  const std::optional<FoundTime> time = timed ? read_time(record[kTime].text, unit_) : FoundTime{};
  if (!time)
    return fmt::format("time '{}' cannot be read (datasets.time_unit says the unit)", printable(record[kTime].text));
  if (parts_are_given()) {
    if (std::string failure = take_part(record, time); !failure.empty()) return failure;
  }
  const int64_t line = places_.through(reader_->lines().line_number());
  blanks_ += record[kUser].had_blanks || record[kItem].had_blanks;
  if (blanks_ == 1 && first_blank_ == 0) first_blank_ = line;
  const std::string_view user = record[kUser].text, item = record[kItem].text;
  const Rating ids{intern_user(user, StringTable::hash(user), line), intern_item(item, StringTable::hash(item), line)};
  add_interaction(ids, rated ? std::optional(rating) : std::nullopt, timed ? time : std::nullopt, line, report);
  return {};
}

/// Ids are looked up together, so that waiting for the memory of one hides that of the others.
void RecordsDataset::read_rows(std::span<const PlainRow> rows, std::string_view text, int64_t line,
                               PreprocessReport& report) {
  constexpr size_t kTogether = 64;
  const bool rated = is_rated(), timed = is_timed();
  line = places_.through(line);
  std::array<uint64_t, kTogether> users, items;
  for (size_t begin = 0; begin < rows.size(); begin += kTogether) {
    const std::span some = rows.subspan(begin, std::min(kTogether, rows.size() - begin));
    std::transform(some.begin(), some.end(), users.begin(), [](const PlainRow& row) { return row.user_hash; });
    std::transform(some.begin(), some.end(), items.begin(), [](const PlainRow& row) { return row.item_hash; });
    ratings_.users.prefetch(std::span(users).first(some.size()));
    ratings_.items.prefetch(std::span(items).first(some.size()));
    std::array<Rating, kTogether> ids;
    for (size_t i = 0; i < some.size(); ++i) {
      const PlainRow& row = some[i];
      const int64_t here = line + static_cast<int64_t>(i);
      ids[i].user = intern_user(text.substr(row.user_begin, row.user_size), row.user_hash, here);
      survey_.prefetch(ids[i].user);
      ids[i].item = intern_item(text.substr(row.item_begin, row.item_size), row.item_hash, here);
    }
    for (size_t i = 0; i < some.size(); ++i) {
      const PlainRow& row = some[i];
      add_interaction(ids[i], rated ? std::optional(row.rating) : std::nullopt,
                      timed ? std::optional(FoundTime{row.time, row.unit}) : std::nullopt, line++, report);
    }
  }
}

/// `rating.time` is not yet known. Without times all interactions are one tie, which their numbers keep in order.
void RecordsDataset::add_interaction(Rating rating, std::optional<double> stars, std::optional<FoundTime> time,
                                     int64_t line, PreprocessReport& report) {
  if (stars) survey_.add_rating(*stars);
  if (time) {
    rating.time = time->time;
    survey_.add_time(rating.user, time->time, line);
    if (unit_ == TimeUnit::automatic) survey_.add_unit(time->unit, line);
  } else {
    rating.time = job().dataset.ties == Ties::reversed ? -report.ratings_read : report.ratings_read;
  }
  if (parts_are_given())
    rating.time = time_in_part(part_, job().dataset.sort_by_time ? rating.time : report.ratings_read);
  if (!stars || *stars >= job().dataset.min_rating) ratings_.kept.push_back(rating);
  ++report.ratings_read;
}

/// A header that was pasted with a further file, or that stands where the settings know of none.
bool RecordsDataset::is_header(const std::vector<RecordField>& record, const PreprocessReport& report) {
  const std::string &user = record[kUser].text, &item = record[kItem].text;
  if (!header_known_) {
    header_known_ = true;
    const bool here = report.ratings_read == 0 && are_column_names(user, item);
    header_user_ = here ? user : reader_->header_of(kUser);
    header_item_ = here ? item : reader_->header_of(kItem);
  }
  return user == header_user_ && item == header_item_;
}

std::string RecordsDataset::take_rating(const RecordField& field, double& rating) const {
  const std::optional<double> stars = parse_rating(field.text);
  if (!stars) return fmt::format("rating '{}' is not a number", printable(field.text));
  rating = *stars;
  if (rating >= 0 && rating <= preset_.best_rating) return {};
  if (preset_.best_rating == kAnyRating) return {};
  throw data_error(fmt::format("{}: rating {} is outside [0, {}]; datasets.format=csv takes any scale",
                               reader_->lines().where(), rating, preset_.best_rating));
}

/// Nothing in the ratings of 2014 and 2018 says which column is the user; the ids do.
void RecordsDataset::check_swapped_columns() const {
  constexpr double kClearly = 0.5;
  if (share_that_begins_with_a(ratings_.items) > share_that_begins_with_a(ratings_.users) + kClearly)
    throw data_error(fmt::format(
        "{}: the ids taken for items begin with A, as Amazon's users do: the columns of 2014 are user, item, those "
        "of 2018 item, user; set datasets.format to the other of amazon-2014-csv and amazon-2018-csv",
        job().interactions_path.string()));
}

void RecordsDataset::remark_lists(PreprocessReport& report) const {
  if (!user_without_items_.empty())
    report.remarks.push_back(fmt::format("user {} has no items", printable(user_without_items_)));
  const bool from_zero =
      ratings_.users.find("0") != StringTable::kNone || ratings_.items.find("0") != StringTable::kNone;
  if (from_zero) report.remarks.push_back("ids begin at 0, which pads here: users and items are numbered anew from 1");
}

void RecordsDataset::remark(PreprocessReport& report) const {
  if (preset_.form.lines == RecordLines::lists) remark_lists(report);
  for (const std::string& remark : reader_->remarks()) report.remarks.push_back(remark);
  if (preset_.user_ids_begin_with_a)
    report.remarks.push_back(
        "which column is the user is known from the format: amazon-2014-csv has the user first, "
        "amazon-2018-csv the item");
  if (!is_rated())
    report.remarks.push_back(reader_->has(kRating) ? "ratings are not read (feedback=implicit): every line counts"
                                                   : "no rating: every line counts");
  if (!preset_.in_order)
    report.warnings.push_back(
        "nothing in the file says that items are in order of time: figures of the next item mean nothing unless "
        "they are");
  else if (!is_timed())
    report.remarks.push_back(job().dataset.ties == Ties::reversed
                                 ? "no time: lines are taken to be newest first (ties=reversed)"
                                 : "no time: the order of lines is taken for the order of time");
  if (blanks_ > 0)
    report.remarks.push_back(fmt::format("{} lines have blanks around an id, which do not count, the first is {}",
                                         blanks_, places_.place(first_blank_)));
  survey_.remark(places_, job().dataset, report);
}

}  // namespace

std::unique_ptr<RawDataset> open_records_dataset(const PreprocessJob& job, const RecordsPreset& preset) {
  return std::make_unique<RecordsDataset>(job, preset);
}

}  // namespace latentcrs
