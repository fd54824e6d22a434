// The format of Amazon Reviews 2023: <Category>.jsonl and meta_<Category>.jsonl.
#include <optional>
#include <set>
#include <string_view>

#include "base/util/text.h"
#include "datasets/data/json_lines.h"
#include "datasets/data/ratings_dataset.h"
#include "datasets/data/record_reader.h"
#include "datasets/data/row_survey.h"
#include "datasets/data/tsv.h"

namespace latentcrs {
namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

constexpr const char* kReviews =
    "Amazon Reviews 2023 reviews, one JSON object a line "
    "(rating, asin, parent_asin, user_id, timestamp)";
constexpr const char* kMetadata =
    "Amazon Reviews 2023 metadata, one JSON object a line "
    "(parent_asin, title, main_category, categories, description)";

struct Review {
  std::optional<std::string_view> user;
  std::optional<std::string_view> item;
  std::optional<double> rating;
  std::optional<int64_t> time;
};

error_code read_review(JsonLines& lines, JsonLines::Object& object, std::string_view item_key, Review& review) {
  const error_code failure = lines.fields(object, [&](JsonLines::Key key, JsonLines::Value value) {
    if (key == item_key) return lines.text(item_key, value, review.item.emplace());
    if (key == "user_id") return lines.text("user_id", value, review.user.emplace());
    if (key == "rating") return lines.number("rating", value, review.rating.emplace());
    if (key == "timestamp") return lines.whole_number("timestamp", value, review.time.emplace());
    return SUCCESS;
  });
  if (failure) return failure;
  if (!review.user) lines.throw_missing("user_id");
  if (!review.item) lines.throw_missing(item_key);
  if (!review.rating) lines.throw_missing("rating");
  if (!review.time) lines.throw_missing("timestamp");
  check_rating(*review.rating, lines.reader());
  return SUCCESS;
}

error_code read_parent_asin(JsonLines& lines, JsonLines::Object& object, std::string_view& out) {
  JsonLines::Value value;
  const error_code failure = object.find_field_unordered("parent_asin").get(value);
  if (failure == simdjson::NO_SUCH_FIELD) lines.throw_missing("parent_asin");
  return failure ? failure : lines.text("parent_asin", value, out);
}

/// A row of the features TSV after the two ids; fields that the entry lacks are empty optionals.
struct FeatureRow {
  std::optional<std::string_view> title;
  std::optional<std::string_view> main_category;
  std::optional<std::string> categories;
  std::optional<std::string_view> description;
  std::optional<std::string> features;
};

error_code read_features(JsonLines& lines, JsonLines::Object& object, FeatureRow& row) {
  const error_code failure = lines.fields(object, [&](JsonLines::Key key, JsonLines::Value value) {
    if (key == "title") return lines.optional_text("title", value, row.title.emplace());
    if (key == "main_category") return lines.optional_text("main_category", value, row.main_category.emplace());
    if (key == "categories") return lines.joined_texts("categories", value, row.categories.emplace());
    if (key == "description") return lines.first_text("description", value, row.description.emplace());
    if (key == "features") return lines.joined_texts("features", value, row.features.emplace());
    return SUCCESS;
  });
  if (failure) return failure;
  if (!row.title) lines.throw_missing("title");
  if (!row.main_category) lines.throw_missing("main_category");
  if (!row.categories) lines.throw_missing("categories");
  if (!row.description) lines.throw_missing("description");
  return SUCCESS;
}

constexpr int kPublishedPasses = 10;

constexpr int64_t kMillisecondsOfSecond = 1000;

class AmazonDataset : public RatingsDataset {
 public:
  explicit AmazonDataset(const PreprocessJob& job)
      : RatingsDataset(job, kcore_of(job), ResultIdKind::order_of_appearance) {}

  int64_t write_features(std::ostream& out, PreprocessReport& report) override;
  std::unique_ptr<RecordReader> open_items(const std::vector<WantedField>& fields) const override {
    std::vector<WantedField> wanted = {{.what = "item", .names = {"parent_asin"}, .required = true}};
    wanted.insert(wanted.end(), fields.begin(), fields.end());
    return open_json_records(job().metadata_path, {.accepted_malformed = job().dataset.limits.malformed},
                             std::move(wanted), kMetadata);
  }

 protected:
  Files read(PreprocessReport& report) override {
    RawRatings ratings = read_reviews(report);
    return {.ratings = std::move(ratings), .items = read_items(report)};
  }
  int64_t ticks_per_second() const override {
    return job().dataset.time_unit == TimeUnit::file_order ? 0 : kMillisecondsOfSecond;
  }

 private:
  static KCoreOptions kcore_of(const PreprocessJob& job) {
    KCoreOptions options = kcore_options(job.dataset, job.dataset.min_interactions);
    if (job.compat.ten_kcore_passes) options.max_passes = kPublishedPasses;
    return options;
  }
  RawRatings read_reviews(PreprocessReport& report) const;
  KnownItems read_items(PreprocessReport& report) const;
};

/// Fills the counts of `report` that are about ratings.
RawRatings AmazonDataset::read_reviews(PreprocessReport& report) const {
  const DatasetOptions& options = job().dataset;
  JsonLines lines(job().interactions_path, kReviews, LineDialect::json, options.limits.malformed);
  RowSurvey rows(job().interactions_path, options, kMillisecondsOfSecond);
  const std::string_view item_key = job().compat.reviews_by_asin ? "asin" : "parent_asin";
  RawRatings ratings;
  lines.for_each([&](JsonLines::Object& object) {
    Review review;
    if (const error_code failure = read_review(lines, object, item_key, review)) return failure;
    Rating row{ratings.users.intern(*review.user), ratings.items.intern(*review.item), *review.time};
    if (rows.take(row, *review.rating, lines.reader().line_number())) ratings.kept.push_back(row);
    ++report.ratings_read;
    return SUCCESS;
  });
  rows.finish(report);
  report.interactions_file = lines.reader().report();
  return ratings;
}

/// The parent_asin of every metadata entry. An item is described if the first element of `description` is not blank.
KnownItems AmazonDataset::read_items(PreprocessReport& report) const {
  JsonLines lines(job().metadata_path, kMetadata, LineDialect::json, job().dataset.limits.malformed);
  KnownItems known;
  lines.for_each([&](JsonLines::Object& object) {
    std::string_view id;
    std::string_view description;
    const error_code failure = lines.fields(object, [&](JsonLines::Key key, JsonLines::Value value) {
      if (key == "parent_asin") return lines.text("parent_asin", value, id);
      if (key == "description") return lines.first_text("description", value, description);
      return SUCCESS;
    });
    if (failure) return failure;
    if (id.empty()) lines.throw_missing("parent_asin");
    if (known.ids.intern(id) == known.described.size()) {
      known.described.push_back(!is_blank(description));
    } else {
      ++report.metadata_duplicates;
    }
    return SUCCESS;
  });
  report.metadata_file = lines.reader().report();
  return known;
}

/// A row for the first metadata entry of every item that has an id, in the order of the metadata. `report` counts the
/// entries that were changed, and the entries that only read_items() could read, so that their items have no row.
int64_t AmazonDataset::write_features(std::ostream& out, PreprocessReport& report) {
  const DatasetOptions& options = job().dataset;
  std::vector<std::string_view> fields = {options.id_column, "rawID",      "title",
                                          "main_category",   "categories", "description"};
  if (options.with_features_column) fields.push_back("features");
  write_tsv_row(out, fields);

  int64_t rows = 0;
  std::vector<bool> written(raw_items().size());
  std::set<int64_t> unread;  // lines whose features cannot be read
  JsonLines lines(job().metadata_path, kMetadata, LineDialect::json, job().dataset.limits.malformed);
  lines.for_each([&](JsonLines::Object& object) {
    std::string_view raw_id;
    if (const error_code failure = read_parent_asin(lines, object, raw_id)) return failure;
    const uint32_t item = raw_items().find(raw_id);
    if (item == StringTable::kNone || item_ids()[item] == 0 || written[item]) return SUCCESS;
    if (const error_code failure = object.reset().error()) return failure;
    FeatureRow row;
    const int64_t line = lines.reader().line_number();
    if (const error_code failure = read_features(lines, object, row)) {
      unread.insert(line);
      return failure;
    }
    unread.erase(line);
    if (options.with_features_column && !row.features) lines.throw_missing("features");
    const std::string id = std::to_string(item_ids()[item]);
    fields = {id, raw_id, *row.title, *row.main_category, *row.categories, *row.description};
    if (options.with_features_column) fields.push_back(*row.features);
    write_tsv_row(out, fields);
    written[item] = true;
    ++rows;
    return SUCCESS;
  });
  report.metadata_file.repaired = lines.reader().report().repaired;
  for (const int64_t line : unread) add_malformed(report.metadata_file, line, "the features of an item cannot be read");
  return rows;
}

}  // namespace

constinit const RawFormat kAmazonFormat = {
    .name = "amazon",
    .where_to_get =
        "https://amazon-reviews-2023.github.io/ (the category's reviews and its metadata, .jsonl.gz as they "
        "are)",
    .columns = {},
    .check = nullptr,
    .open = [](const PreprocessJob& job) -> std::unique_ptr<RawDataset> {
      return std::make_unique<AmazonDataset>(job);
    },
};

}  // namespace latentcrs
