// The format of MovieLens-1M: ratings.dat and movies.dat.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/interactions.h"
#include "datasets/data/last_line.h"
#include "datasets/data/printable.h"
#include "datasets/data/ratings_dataset.h"
#include "datasets/data/raw_reader.h"
#include "datasets/data/row_survey.h"
#include "datasets/data/tsv.h"

namespace latentcrs {
namespace {

constexpr FeatureColumns kMovieColumns = {
    .title = "Title", .facets = "Genres", .description = nullptr, .facet_separator = '|', .year_in_title = true};

constexpr int64_t kTicksPerSecond = 1;

struct Movie {
  std::string id;  ///< a decimal number without leading zeros, as in the ratings
  std::string title;
  std::string genres;  ///< joined by '|'
};

/// The parts of `line` between "::", blanks around them removed.
std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t end = line.find("::");
    fields.push_back(trimmed(line.substr(0, end), " \t"));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 2);
  }
}

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A positive id as decimal text without leading zeros; empty if `text` is not such an id.
std::string parse_id(std::string_view text) {
  const std::optional<int64_t> id = parse<int64_t>(text);
  return id && *id >= 1 && *id <= kMaxItemId ? std::to_string(*id) : std::string();
}

double parse_rating(std::string_view text, const RawReader& reader) {
  const std::optional<double> rating = parse<double>(text);
  if (!rating) throw data_error(fmt::format("{}: rating '{}' is not a number", reader.where(), printable(text)));
  check_rating(*rating, reader);
  return *rating;
}

int64_t parse_time(std::string_view text, const RawReader& reader) {
  const std::optional<int64_t> time = parse<int64_t>(text);
  if (!time) throw data_error(fmt::format("{}: timestamp '{}' is not a whole number", reader.where(), printable(text)));
  return *time;
}

void convert_to_utf8(std::vector<Movie>& movies) {
  bool valid = true;
  for (const Movie& movie : movies) {
    valid = valid && is_utf8(movie.title) && is_utf8(movie.genres);
  }
  if (valid) return;
  for (Movie& movie : movies) {
    movie.title = utf8_from_latin1(movie.title);
    movie.genres = utf8_from_latin1(movie.genres);
  }
}

/// Fills what `report` says about ratings.
RawRatings read_movielens_ratings(const std::filesystem::path& path, const DatasetOptions& options,
                                  PreprocessReport& report) {
  RawReader reader(path, "a MovieLens ratings file (user::item::rating::timestamp)", options.limits.malformed);
  RowSurvey rows(path, options, kTicksPerSecond);
  RawRatings ratings;
  std::string_view line;
  while (reader.next(line)) {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() != 4) {
      reader.malformed(fmt::format("{} fields instead of user::item::rating::timestamp", fields.size()));
      continue;
    }
    const std::string user = parse_id(fields[0]);
    const std::string item = parse_id(fields[1]);
    if (user.empty() || item.empty()) {
      reader.malformed(fmt::format("'{}' is not a whole number in [1, {}]",
                                   printable(user.empty() ? fields[0] : fields[1]), kMaxItemId));
      continue;
    }
    const double rating = rows.reads_ratings() ? parse_rating(fields[2], reader) : 0;
    Rating row{ratings.users.intern(user), ratings.items.intern(item), 0};
    if (rows.reads_times()) row.time = parse_time(fields[3], reader);
    if (rows.take(row, rating, reader.line_number())) ratings.kept.push_back(row);
    ++report.ratings_read;
  }
  rows.finish(report);
  report.interactions_file = reader.report();
  warn_of_open_last_line(path);
  return ratings;
}

/// In file order, the first entry of each movie, as UTF-8. The published file is ISO-8859-1; one that is valid UTF-8
/// already is taken as it is.
std::vector<Movie> read_movies(const std::filesystem::path& path, double accepted, PreprocessReport& report) {
  RawReader reader(path, "a MovieLens movies file (movie::title::genres)", accepted);
  std::vector<Movie> movies;
  StringTable ids;
  std::string_view line;
  while (reader.next(line)) {
    const std::vector<std::string_view> fields = split(line);
    const std::string id = fields.size() == 3 ? parse_id(fields[0]) : std::string();
    if (id.empty()) {
      reader.malformed(fields.size() == 3
                           ? fmt::format("'{}' is not a whole number in [1, {}]", printable(fields[0]), kMaxItemId)
                           : fmt::format("{} fields instead of movie::title::genres", fields.size()));
      continue;
    }
    if (ids.intern(id) == movies.size()) {
      movies.push_back({id, std::string(fields[1]), std::string(fields[2])});
    } else {
      ++report.metadata_duplicates;
    }
  }
  report.metadata_file = reader.report();
  convert_to_utf8(movies);
  return movies;
}

class MovieLensDataset : public RatingsDataset {
 public:
  explicit MovieLensDataset(const PreprocessJob& job)
      : RatingsDataset(job, kcore_options(job.dataset, 0), ResultIdKind::numbers_of_dataset) {}

  int64_t write_features(std::ostream& out, PreprocessReport&) override {
    write_tsv_row(out, {job().dataset.id_column, kMovieColumns.title, kMovieColumns.facets});
    for (const Movie& movie : movies_) write_tsv_row(out, {movie.id, movie.title, movie.genres});
    return static_cast<int64_t>(movies_.size());
  }

 protected:
  Files read(PreprocessReport& report) override {
    movies_ = read_movies(job().metadata_path, job().dataset.limits.malformed, report);
    Files files;
    for (const Movie& movie : movies_) files.items.ids.intern(movie.id);
    files.items.described.resize(movies_.size());
    files.ratings = read_movielens_ratings(job().interactions_path, job().dataset, report);
    return files;
  }
  int64_t ticks_per_second() const override {
    return job().dataset.time_unit == TimeUnit::file_order ? 0 : kTicksPerSecond;
  }

 private:
  std::vector<Movie> movies_;
};

void check_movielens(const DatasetOptions& options) {
  if (options.item_filter == ItemFilter::description)
    throw config_error("datasets.item_filter=description does not fit MovieLens, whose movies have no descriptions");
}

}  // namespace

constinit const RawFormat kMovieLensFormat = {
    .name = "movielens",
    .where_to_get = "https://grouplens.org/datasets/movielens/1m/ (ml-1m.zip: ratings.dat, movies.dat)",
    .columns = kMovieColumns,
    .check = check_movielens,
    .open = [](const PreprocessJob& job) -> std::unique_ptr<RawDataset> {
      return std::make_unique<MovieLensDataset>(job);
    },
};

}  // namespace latentcrs
