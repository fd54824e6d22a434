// Tables of published datasets, which their headers or the forms of their columns give away.
#include <fmt/format.h>

#include <algorithm>

#include "base/util/text.h"
#include "datasets/data/column_profile.h"
#include "datasets/data/recogniser.h"
#include "datasets/data/record_times.h"

namespace latentcrs {
namespace {

using Names = std::vector<std::string>;

bool has_all(const Names& header, std::initializer_list<const char*> names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const char* name) { return std::find(header.begin(), header.end(), name) != header.end(); });
}

Names header_of(const FileSample& sample, std::string_view separator) {
  FileSample first = sample;
  first.lines.resize(std::min<size_t>(1, sample.lines.size()));
  const SampleTable table = split_sample(first, separator, Quoting::doubled);
  return table.rows.empty() ? Names() : table.rows[0];
}

Reading table_reading(const char* format, std::string meaning) {
  Reading reading{.role = FileRole::interactions, .meaning = std::move(meaning)};
  reading.options.format = format;
  return reading;
}

Reading ignored(std::string meaning) { return {.role = FileRole::ignored, .meaning = std::move(meaning)}; }

std::vector<ColumnProfile> profiles_of(const SampleTable& table) {
  std::vector<ColumnProfile> columns;
  for (size_t c = 0; c < table.width(); ++c) columns.push_back(profile_column(column_of(table, c, 0)));
  return columns;
}

void recognise_movielens_csv(const FileSample& sample, std::vector<Reading>& readings) {
  const Names header = header_of(sample, ",");
  if (has_all(header, {"userId", "movieId", "rating", "timestamp"}))
    readings.push_back(table_reading("movielens-csv", "ratings.csv of MovieLens (20M, 25M, 32M, latest)"));
  else if (has_all(header, {"movieId", "title", "genres"}))
    readings.push_back({.role = FileRole::items,
                        .meaning = "movies.csv of MovieLens: genres between |, quotes around titles with commas",
                        .goes_with = {"movielens-csv"}});
  else if (has_all(header, {"movieId", "tag"}) || has_all(header, {"movieId", "imdbId"}) ||
           has_all(header, {"movieId", "tagId"}) || header == Names{"tagId", "tag"})
    readings.push_back(ignored("tags, links or genome scores of MovieLens"));
}

/// u.data and its splits, u.item, u.genre, u.user.
void recognise_movielens_100k(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleTable ratings = split_sample(sample, "\t", Quoting::none);
  if (ratings.is_regular(4) && ratings.width() == 4) {
    const std::vector<ColumnProfile> columns = profiles_of(ratings);
    const bool named =
        sample.name.starts_with("u") &&
        (sample.name.ends_with(".data") || sample.name.ends_with(".base") || sample.name.ends_with(".test"));
    const bool fits =
        columns[0].is_whole() && columns[1].is_whole() && columns[2].may_be_rating() && columns[3].may_be_time();
    if (named && fits)
      readings.push_back(table_reading("movielens-100k", "ratings of MovieLens 100K: tabs, no header"));
  }
  const SampleTable bars = split_sample(sample, "|", Quoting::none);
  constexpr size_t kFilmFields = 24, kUserFields = 5;
  if (bars.is_regular(2) && bars.width() == kFilmFields)
    readings.push_back({.role = FileRole::items,
                        .meaning = "u.item of MovieLens 100K: 24 fields between |, ISO-8859-1",
                        .goes_with = {"movielens-100k"}});
  else if (sample.name == "u.genre")
    readings.push_back({.role = FileRole::genres, .meaning = "names of the genre flags of MovieLens 100K"});
  else if (sample.name == "u.user" || sample.name == "u.occupation" || sample.name == "u.info" ||
           (bars.width() == kUserFields && sample.name.starts_with("u.")))
    readings.push_back(ignored("users and counts of MovieLens 100K"));
}

/// ratings.dat, movies.dat: MovieLens 1M has whole stars and numbers as ids, and its movies are ISO-8859-1.
void recognise_movielens_dat(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleTable table = split_sample(sample, "::", Quoting::none);
  if (!table.is_regular(3)) return;
  const std::vector<ColumnProfile> columns = profiles_of(table);
  if (table.width() == 4 && columns[2].may_be_rating() && columns[3].is_number()) {
    constexpr double kFiveStars = 5;
    if (columns[2].highest > kFiveStars) {
      Reading reading =
          table_reading("csv", "ratings between :: on a scale beyond 5, as MovieTweetings has them; no header");
      reading.options.separator = "::";
      reading.options.columns = {.user = "1", .item = "2", .rating = "3", .time = "4"};
      reading.options.time_unit = TimeUnit::seconds;
      readings.push_back(reading);
      return;
    }
    const bool million = columns[2].is_whole() && columns[0].is_whole() && columns[1].is_whole();
    Reading reading = table_reading(million ? "movielens" : "movielens-10m",
                                    million ? "ratings.dat of MovieLens (user::item::rating::time, whole stars)"
                                            : "ratings.dat of MovieLens 10M (user::item::rating::time, half stars)");
    if (million) reading.without_items = "movielens-10m";
    readings.push_back(reading);
  } else if (table.width() == 3 && !columns[1].is_number()) {
    readings.push_back({.role = FileRole::items,
                        .meaning = "movies.dat of MovieLens (movie::title::genres)",
                        .goes_with = {"movielens", "movielens-10m", "csv"}});
    readings.back().options.columns = {.item = "1", .title = "2", .genres = "3"};
  } else {
    readings.push_back(ignored("users or tags of MovieLens"));
  }
}

void recognise_recbole(const FileSample& sample, std::vector<Reading>& readings) {
  const std::string header = sample.lines.empty() ? "" : sample.lines[0];
  if (header.find(":token") == std::string::npos) return;
  const bool tabs = header.find('\t') != std::string::npos;
  const Names columns = header_of(sample, tabs ? "\t" : header.find(',') != std::string::npos ? "," : " ");
  if (columns.empty()) return;  // a quote that does not end
  const auto has = [&](std::string_view end) {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      return std::string_view(column).substr(0, column.find(':')).ends_with(end);
    });
  };
  if (tabs && columns.size() == 3 && has("_list")) {
    readings.push_back(
        table_reading("recbole-lists",
                      "lists as RecBole's benchmark files have them: user, earlier items, item; no rating, no time"));
  } else if (has("head_id") || has("entity_id") || has("source_id")) {
    readings.push_back(ignored("a .kg, .link or .net file of RecBole"));
  } else if (!tabs) {
    readings.push_back({.role = FileRole::unreadable,
                        .meaning = "a RecBole header whose columns are not separated by tabs: RecBole stops at it too; "
                                   "put tabs between the fields"});
  } else if (columns.size() > 1 && has("user_id") && !sample.name.ends_with(".user")) {
    readings.push_back(table_reading("recbole", "a RecBole .inter file: tabs, header name:type, quotes are letters"));
  } else if (sample.name.ends_with(".user") || columns[0].starts_with("user")) {
    readings.push_back(ignored("the users of a RecBole dataset"));
  } else {
    readings.push_back({.role = FileRole::items,
                        .meaning = "a RecBole .item file: tabs, header name:type, genres between blanks",
                        .goes_with = {"recbole"}});
  }
}

bool all_texts(const std::vector<std::string>& texts, bool (*fits)(const std::string&)) {
  return !texts.empty() && std::all_of(texts.begin(), texts.end(), fits);
}

bool is_asin(const std::string& text) {
  constexpr size_t kLetters = 10;
  return text.size() == kLetters &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

bool begins_with_a(const std::string& text) { return text.starts_with('A'); }

void recognise_amazon_2023_csv(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleTable table = split_sample(sample, ",", Quoting::doubled);
  if (!table.is_regular(4)) return;
  const bool headed = has_all(table.rows[0], {"user_id", "parent_asin", "rating", "timestamp"});
  const auto column = [&](size_t c) { return column_of(table, c, 0); };
  const ColumnProfile times = profile_column(column(3));
  constexpr double kFirstMilliseconds = 1e11;
  const bool bare = table.width() == 4 && times.is_whole() && times.lowest > kFirstMilliseconds &&
                    all_texts(column(0), begins_with_a) && all_texts(column(1), is_asin);
  if (!headed && !bare) return;
  Reading reading =
      table_reading("amazon-2023-csv", "ratings of Amazon Reviews 2023: user, item, rating, milliseconds");
  if (bare)
    reading.findings.emplace_back(
        "no header: column 1 is the user, because its ids begin with A and those of column 2 are "
        "item numbers of ten letters");
  if (table.width() > 4) reading.findings.emplace_back("the column `history` repeats other lines and is ignored");
  readings.push_back(reading);
}

/// Nothing in a line says which column is the user; ids of users begin with A, those of items mostly do not.
void recognise_amazon_ratings(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleTable table = split_sample(sample, ",", Quoting::none);
  if (!table.is_regular(4) || table.width() != 4) return;
  const std::vector<ColumnProfile> columns = profiles_of(table);
  constexpr double kFirstMilliseconds = 1e11;
  const bool in_seconds = columns[3].may_be_time() && columns[3].highest < kFirstMilliseconds;
  const bool rated = columns[2].may_be_rating() && columns[3].is_whole() && in_seconds;
  const Names first = column_of(table, 0, 0), second = column_of(table, 1, 0);
  const bool item_second = all_texts(second, is_asin), item_first = all_texts(first, is_asin);
  if (!rated || (!item_first && !item_second)) return;
  const bool user_first = all_texts(first, begins_with_a), user_second = all_texts(second, begins_with_a);
  if (!user_first && !user_second) return;
  Reading of_2014 = table_reading("amazon-2014-csv", "ratings of Amazon 2014: user,item,rating,time without a header");
  Reading of_2018 = table_reading("amazon-2018-csv", "ratings of Amazon 2018: item,user,rating,time without a header");
  constexpr const char* kWhy =
      "no header: column {} is the user, because its ids begin with A, as Amazon's users do, and those of column {} do "
      "not";
  of_2014.findings.push_back(fmt::format(kWhy, 1, 2));
  of_2018.findings.push_back(fmt::format(kWhy, 2, 1));
  if (user_first && item_second && !user_second) {
    readings.push_back(of_2014);
  } else if (user_second && item_first && !user_first) {
    readings.push_back(of_2018);
  } else {
    of_2014.findings = of_2018.findings = {};
    readings.push_back(of_2014);
    readings.push_back(of_2018);
  }
}

/// Plays of Last.fm 1K, check-ins of Gowalla and Brightkite: a time in column 2.
void recognise_logs(const FileSample& sample, std::vector<Reading>& readings) {
  const SampleTable table = split_sample(sample, "\t", Quoting::none);
  constexpr size_t kCheckIn = 5, kPlay = 6;
  if (!table.is_regular(kCheckIn)) return;
  const std::vector<ColumnProfile> columns = profiles_of(table);
  if (columns[1].values == 0 || columns[1].iso_times != columns[1].values) return;
  if (table.width() == kPlay) {
    readings.push_back(table_reading(
        "lastfm-1k",
        "plays of Last.fm 1K (tabs: user, time, artist id, artist, track id, track); no header, no rating"));
  } else if (columns[2].is_number() && columns[3].is_number()) {
    readings.push_back(table_reading(
        "gowalla",
        "check-ins of Gowalla or Brightkite (tabs: user, time, latitude, longitude, place); no header, no rating"));
  }
}

void recognise_goodreads(const FileSample& sample, std::vector<Reading>& readings) {
  const Names header = header_of(sample, ",");
  if (has_all(header, {"user_id", "book_id", "is_read", "rating"})) {
    Reading reading = table_reading("csv", "interactions of Goodreads (user_id,book_id,is_read,rating,is_reviewed)");
    reading.options.separator = ",";
    reading.options.columns = {.user = "user_id", .item = "book_id", .rating = "rating"};
    reading.findings = {"a rating of 0 means that the user gave none",
                        "no column of times: the order of lines is taken for the order of time",
                        "ids are numbers of this file: book_id_map.csv has the ids of Goodreads"};
    readings.push_back(reading);
  } else if (has_all(header, {"book_id_csv", "book_id"}) || has_all(header, {"user_id_csv", "user_id"})) {
    readings.push_back(ignored("a map of ids of Goodreads"));
  }
}

constexpr Recogniser kTables[] = {{"recbole", recognise_recbole},
                                  {"movielens-csv", recognise_movielens_csv},
                                  {"movielens-100k", recognise_movielens_100k},
                                  {"movielens-10m", recognise_movielens_dat},
                                  {"amazon-2023-csv", recognise_amazon_2023_csv},
                                  {"amazon-2014-csv", recognise_amazon_ratings},
                                  {"lastfm-1k", recognise_logs},
                                  {"goodreads", recognise_goodreads}};

}  // namespace

constinit const std::span<const Recogniser> kTableRecognisers = kTables;

}  // namespace latentcrs
