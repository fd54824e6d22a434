// The dataset behind every preset of records.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "data/alike_ids.h"
#include "data/last_line.h"
#include "data/printable.h"
#include "data/ratings_dataset.h"
#include "data/record_items.h"
#include "data/record_preset.h"
#include "data/record_survey.h"
#include "data/record_times.h"
#include "util/error.h"
#include "util/text.h"

namespace latentcrs {
namespace {

enum InteractionField : size_t { kUser, kItem, kRating, kTime };

/// "4", "4.5" or "4,5".
std::optional<double> parse_stars(std::string_view text) {
  std::string number(trimmed(text));
  const size_t comma = number.find(',');
  if (comma != std::string::npos && number.size() - comma <= 3) number[comma] = '.';
  double rating = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), rating);
  const bool whole = failure == std::errc{} && end == number.data() + number.size();
  return whole && std::isfinite(rating) ? std::optional(rating) : std::nullopt;
}

double share_that_begins_with_a(const StringTable& ids) {
  int64_t count = 0;
  for (uint32_t i = 0; i < ids.size(); ++i) count += ids[i].starts_with('A');
  return ids.size() == 0 ? 0 : static_cast<double>(count) / ids.size();
}

KCoreOptions kcore_of(const DatasetOptions& options, const RecordsPreset& preset) {
  const int usual = preset.filters_items ? options.min_interactions : 0;
  const int min_item = options.min_item_interactions < 0 ? usual : options.min_item_interactions;
  return {.min_user = options.min_interactions, .min_item = min_item, .max_passes = min_item > 0 ? 0 : 1};
}

class RecordsDataset : public RatingsDataset {
 public:
  RecordsDataset(const PreprocessJob& job, const RecordsPreset& preset)
      : RatingsDataset(job, kcore_of(job.dataset, preset), ResultIdKind::order_of_appearance),
        preset_(preset),
        fields_(fields_of(preset, job.dataset)),
        items_(job, preset_, fields_) {}

  int64_t write_features(std::ostream& out, PreprocessReport& report) override {
    const auto id_of = [&](std::string_view raw) {
      const uint32_t item = raw_items().find(raw);
      return item == StringTable::kNone ? 0 : item_ids()[item];
    };
    return items_.write(out, id_of, report);
  }

 protected:
  Files read(PreprocessReport& report) override {
    Files files;
    read_interactions_file(report);
    files.items = items_.read(report);
    check_unknown_items(files.items, report);
    files.ratings = std::move(ratings_);
    return files;
  }

 private:
  void read_interactions_file(PreprocessReport& report);
  std::string read_record(const std::vector<RecordField>& record, PreprocessReport& report);
  std::string parse_rating(const RecordField& field, double& rating) const;
  void drop(PreprocessReport& report, const char* reason) const {
    report.drop(file_name(), reason, reader_->lines().line_number());
  }
  std::string file_name() const { return job().interactions_path.filename().string(); }
  bool is_header(const std::vector<RecordField>& record, const PreprocessReport& report);
  std::optional<FoundTime> read_time(std::string_view text) const;
  uint32_t intern_user(std::string_view text, int64_t line);
  uint32_t intern_item(std::string_view text, int64_t line);
  void check_alike(const AlikeIds& alike, const StringTable& ids, const char* what, PreprocessReport& report) const;
  void check_unknown_items(const KnownItems& known, PreprocessReport& report) const;
  bool is_rated() const { return job().dataset.feedback == Feedback::ratings && reader_->has(kRating); }
  void remark(PreprocessReport& report) const;
  void check_swapped_columns() const;

  const RecordsPreset& preset_;
  RecordFields fields_;
  RecordItems items_;
  std::unique_ptr<RecordReader> reader_;
  RawRatings ratings_;
  RecordSurvey survey_;
  TimeUnit unit_ = TimeUnit::automatic;
  AlikeIds users_alike_, items_alike_;
  std::vector<int64_t> item_lines_;        ///< [raw item] where each stands first
  std::string header_user_, header_item_;  ///< what a header says of the two columns
  int64_t blanks_ = 0, first_blank_ = 0;   ///< lines with blanks around an id
};

void RecordsDataset::read_interactions_file(PreprocessReport& report) {
  const DatasetOptions& options = job().dataset;
  unit_ = options.time_unit == TimeUnit::automatic ? preset_.time_unit : options.time_unit;
  reader_ = open_records(job().interactions_path, fields_.form, fields_.interactions, std::string(preset_.expected));
  reader_->for_each([&](const std::vector<RecordField>& record) { return read_record(record, report); });
  report.interactions_file = reader_->lines().report();
  if (report.ratings_read == 0 && !report.dropped.empty())
    throw data_error(fmt::format("{}:{}: {}; no line of the file has a user, an item and what else it needs",
                                 job().interactions_path.string(), report.dropped[0].first_line,
                                 report.dropped[0].reason));
  if (preset_.user_ids_begin_with_a) check_swapped_columns();
  if (fields_.form.lines == RecordLines::delimited) warn_of_open_last_line(job().interactions_path);
  survey_.check_times(job().interactions_path, options);
  check_alike(users_alike_, ratings_.users, "user", report);
  check_alike(items_alike_, ratings_.items, "item", report);
  remark(report);
  reader_ = nullptr;
}

std::string RecordsDataset::read_record(const std::vector<RecordField>& record, PreprocessReport& report) {
  const bool rated = is_rated();
  const bool timed = reader_->has(kTime) && unit_ != TimeUnit::file_order;
  const char* reason = !record[kUser].present              ? "no user id"
                       : !record[kItem].present            ? "no item id"
                       : rated && !record[kRating].present ? "no rating"
                       : timed && !record[kTime].present   ? "no time"
                                                           : nullptr;
  if (reason == nullptr && is_header(record, report)) reason = "a header";
  if (reason != nullptr) {
    drop(report, reason);
    return {};
  }
  double rating = 0;
  if (rated) {
    if (std::string failure = parse_rating(record[kRating], rating); !failure.empty()) return failure;
  }
  // Without times all interactions are one tie, which the number of the interaction keeps in order.
  const int64_t place = job().dataset.ties == Ties::reversed ? -report.ratings_read : report.ratings_read;
  const std::optional<FoundTime> time = timed ? read_time(record[kTime].text) : FoundTime{place};
  if (!time)
    return fmt::format("time '{}' cannot be read (datasets.time_unit says the unit)", printable(record[kTime].text));
  const int64_t line = reader_->lines().line_number();
  const Rating kept{intern_user(record[kUser].text, line), intern_item(record[kItem].text, line), time->time};
  blanks_ += record[kUser].had_blanks || record[kItem].had_blanks;
  if (blanks_ == 1 && first_blank_ == 0) first_blank_ = line;
  if (rated) survey_.add_rating(rating);
  if (timed) survey_.add_time(kept.user, time->time, line);
  if (timed && unit_ == TimeUnit::automatic) survey_.add_unit(time->unit, line);
  if (!rated || rating >= job().dataset.min_rating) ratings_.kept.push_back(kept);
  ++report.ratings_read;
  return {};
}

/// A header that was pasted with a further file, or that stands where the settings know of none.
bool RecordsDataset::is_header(const std::vector<RecordField>& record, const PreprocessReport& report) {
  const std::string &user = record[kUser].text, &item = record[kItem].text;
  if (report.ratings_read == 0 && header_user_.empty()) {
    const bool here = are_column_names(user, item);
    header_user_ = here ? user : reader_->header_of(kUser);
    header_item_ = here ? item : reader_->header_of(kItem);
  }
  return user == header_user_ && item == header_item_;
}

std::optional<FoundTime> RecordsDataset::read_time(std::string_view text) const {
  if (unit_ == TimeUnit::automatic) return find_time(text);
  const std::optional<int64_t> time = parse_time(text, unit_);
  return time ? std::optional(FoundTime{*time, unit_}) : std::nullopt;
}

uint32_t RecordsDataset::intern_user(std::string_view text, int64_t line) {
  const uint32_t before = ratings_.users.size(), user = ratings_.users.intern(text);
  if (user == before) users_alike_.add(user, text, line);
  return user;
}

uint32_t RecordsDataset::intern_item(std::string_view text, int64_t line) {
  const uint32_t before = ratings_.items.size(), item = ratings_.items.intern(text);
  if (item != before) return item;
  items_alike_.add(item, text, line);
  item_lines_.push_back(line);
  return item;
}

void RecordsDataset::check_alike(const AlikeIds& alike, const StringTable& ids, const char* what,
                                 PreprocessReport& report) const {
  const std::optional<AlikeIds::Found> found = alike.find(ids);
  if (!found) return;
  const std::string said = fmt::format(
      "{} of {} {} ids are another one but for blanks and zeros, the first is '{}' beside '{}' ({}:{})", found->ids,
      ids.size(), what, printable(found->id), printable(found->other), file_name(), found->line);
  if (too_many(found->ids, ids.size(), job().dataset.limits.alike_ids))
    throw data_error(
        fmt::format("{}: more than datasets.limits.alike_ids={:g} allows", said, job().dataset.limits.alike_ids));
  report.warnings.push_back(said + "; they stay apart");
}

/// Items of the interactions that the metadata does not know.
void RecordsDataset::check_unknown_items(const KnownItems& known, PreprocessReport& report) const {
  if (job().metadata_path.empty()) return;
  int64_t unknown = 0;
  uint32_t first = 0;
  for (uint32_t item = 0; item < ratings_.items.size(); ++item) {
    if (known.ids.find(ratings_.items[item]) != StringTable::kNone) continue;
    if (unknown++ == 0) first = item;
  }
  if (unknown == 0) return;
  const std::string said = fmt::format("{} of {} items have no entry in {}, the first is '{}' ({}:{})", unknown,
                                       ratings_.items.size(), job().metadata_path.filename().string(),
                                       printable(ratings_.items[first]), file_name(), item_lines_[first]);
  if (too_many(unknown, ratings_.items.size(), job().dataset.limits.unknown_items))
    throw data_error(
        fmt::format("{}: more than datasets.limits.unknown_items={:g} allows; is it the file of these "
                    "items, and are ids written alike in both?",
                    said, job().dataset.limits.unknown_items));
  const bool stay = job().dataset.item_filter == ItemFilter::none;
  report.warnings.push_back(said + (stay ? "; they stay without words" : "; datasets.item_filter leaves them out"));
}

std::string RecordsDataset::parse_rating(const RecordField& field, double& rating) const {
  const std::optional<double> stars = parse_stars(field.text);
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

void RecordsDataset::remark(PreprocessReport& report) const {
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
  else if (!reader_->has(kTime) || unit_ == TimeUnit::file_order)
    report.remarks.push_back(job().dataset.ties == Ties::reversed
                                 ? "no time: lines are taken to be newest first (ties=reversed)"
                                 : "no time: the order of lines is taken for the order of time");
  if (blanks_ > 0)
    report.remarks.push_back(fmt::format("{} lines have blanks around an id, which do not count, the first is {}:{}",
                                         blanks_, file_name(), first_blank_));
  survey_.remark(file_name(), job().dataset, report);
}

}  // namespace

std::unique_ptr<RawDataset> open_records_dataset(const PreprocessJob& job, const RecordsPreset& preset) {
  return std::make_unique<RecordsDataset>(job, preset);
}

}  // namespace latentcrs
