// The dataset behind every preset of records.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

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

class RecordsDataset : public RatingsDataset {
 public:
  RecordsDataset(const PreprocessJob& job, const RecordsPreset& preset)
      : RatingsDataset(job,
                       {.min_user = job.dataset.min_interactions,
                        .min_item = preset.filters_items ? job.dataset.min_interactions : 0,
                        .max_passes = preset.filters_items ? 0 : 1},
                       ResultIdKind::order_of_appearance),
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
    files.ratings = read_interactions_file(report);
    files.items = items_.read(report);
    return files;
  }

 private:
  RawRatings read_interactions_file(PreprocessReport& report);
  std::string read_record(const std::vector<RecordField>& record, PreprocessReport& report);
  std::string parse_rating(const RecordField& field, double& rating) const;
  void drop(PreprocessReport& report, const char* reason) const {
    report.drop(job().interactions_path.filename().string(), reason, reader_->lines().line_number());
  }
  void remark(PreprocessReport& report) const;
  void check_swapped_columns() const;

  const RecordsPreset& preset_;
  RecordFields fields_;
  RecordItems items_;
  std::unique_ptr<RecordReader> reader_;
  RawRatings ratings_;
  RecordSurvey survey_;
  TimeUnit unit_ = TimeUnit::automatic;
};

RawRatings RecordsDataset::read_interactions_file(PreprocessReport& report) {
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
  survey_.check_times(job().interactions_path, options);
  remark(report);
  reader_ = nullptr;
  return std::move(ratings_);
}

std::string RecordsDataset::read_record(const std::vector<RecordField>& record, PreprocessReport& report) {
  const bool rated = reader_->has(kRating);
  const bool timed = reader_->has(kTime) && unit_ != TimeUnit::file_order;
  const char* reason = !record[kUser].present              ? "no user id"
                       : !record[kItem].present            ? "no item id"
                       : rated && !record[kRating].present ? "no rating"
                       : timed && !record[kTime].present   ? "no time"
                                                           : nullptr;
  if (reason != nullptr) {
    drop(report, reason);
    return {};
  }
  double rating = 0;
  if (rated) {
    if (std::string failure = parse_rating(record[kRating], rating); !failure.empty()) return failure;
  }
  // Without times, the number of the interaction keeps the order of the file.
  const std::optional<int64_t> time = timed ? parse_time(record[kTime].text, unit_) : report.ratings_read;
  if (!time)
    return fmt::format("time '{}' cannot be read (datasets.time_unit says the unit)", printable(record[kTime].text));
  const Rating kept{ratings_.users.intern(record[kUser].text), ratings_.items.intern(record[kItem].text), *time};
  if (rated) survey_.add_rating(rating);
  if (timed) survey_.add_time(kept.user, *time);
  if (!rated || rating >= job().dataset.min_rating) ratings_.kept.push_back(kept);
  ++report.ratings_read;
  return {};
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
  if (!reader_->has(kRating)) report.remarks.push_back("no rating: every line counts");
  if (!preset_.in_order)
    report.warnings.push_back(
        "nothing in the file says that items are in order of time: figures of the next item mean nothing unless "
        "they are");
  else if (!reader_->has(kTime) || unit_ == TimeUnit::file_order)
    report.remarks.push_back("no time: the order of lines is taken for the order of time");
  survey_.remark(job().dataset, report);
}

}  // namespace

std::unique_ptr<RawDataset> open_records_dataset(const PreprocessJob& job, const RecordsPreset& preset) {
  return std::make_unique<RecordsDataset>(job, preset);
}

}  // namespace latentcrs
