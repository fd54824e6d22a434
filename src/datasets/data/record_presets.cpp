// The published formats whose files are records.
#include <array>

#include "datasets/data/record_items.h"
#include "datasets/data/record_preset.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

using namespace std::string_view_literals;

constexpr std::array kRatingNames = {"user"sv, "item"sv, "rating"sv, "time"sv};
constexpr std::array kSwappedRatingNames = {"item"sv, "user"sv, "rating"sv, "time"sv};
constexpr std::array kPairNames = {"user"sv, "item"sv};
constexpr std::array kAmazon2023Names = {"user_id"sv, "parent_asin"sv, "rating"sv, "timestamp"sv};
constexpr std::array kTitleAndGenres = {"item"sv, "title"sv, "genres"sv};
constexpr std::array kFilms100K = {"item"sv,      "title"sv,    "release date"sv, "video date"sv, "URL"sv,
                                   "unknown"sv,   "Action"sv,   "Adventure"sv,    "Animation"sv,  "Children's"sv,
                                   "Comedy"sv,    "Crime"sv,    "Documentary"sv,  "Drama"sv,      "Fantasy"sv,
                                   "Film-Noir"sv, "Horror"sv,   "Musical"sv,      "Mystery"sv,    "Romance"sv,
                                   "Sci-Fi"sv,    "Thriller"sv, "War"sv,          "Western"sv};
constexpr size_t kFirstFlag100K = 5;
constexpr std::array kPlayNames = {"user"sv, "time"sv, "artist"sv, "artist name"sv, "track"sv, "track name"sv};
constexpr std::array kCheckInNames = {"user"sv, "time"sv, "latitude"sv, "longitude"sv, "place"sv};

constexpr std::array kNetflixFilms = {"item"sv, "year"sv, "title"sv};
constexpr std::array kNewsNames = {"item"sv,     "category"sv, "subcategory"sv,    "title"sv,
                                   "abstract"sv, "URL"sv,      "title entities"sv, "abstract entities"sv};

constexpr RecordForm kJson = {.lines = RecordLines::json};
constexpr RecordForm kPython = {.lines = RecordLines::python};

constexpr RecordForm plain(std::string_view separator, std::span<const std::string_view> names) {
  return {.separator = separator, .header = HeaderLine::none, .quoting = Quoting::none, .names = names};
}

constexpr RecordsPreset kCsv = {
    .expected = "a table with a header and the columns of users and items (datasets.columns)",
    .form = {.separator = ""},
    .user = kUserNames,
    .item = kItemNames,
    .rating = kRatingFields,
    .time = kTimeNames,
    .best_rating = kAnyRating,
    .columns_are_set = true,
    .items_expected = "a table with a header and a column of items (datasets.columns.item)",
    .item_form = {.separator = "", .latin1 = true},
    .item_id = kItemNames,
    .title = kTitleNames,
    .genres = kGenreNames,
    .year = kYearNames,
    .description = "description",
    .genre_separators = "|;,",
    .titles_have_years = true};

constexpr RecordForm kAtomic = {.separator = "\t", .quoting = Quoting::none, .typed_header = true};
constexpr RecordsPreset kRecBole = {
    .expected = "a RecBole .inter file (tabs, and a header user_id:token, item_id:token, …)",
    .form = kAtomic,
    .user = kUserNames,
    .item = kItemNames,
    .rating = kRatingFields,
    .time = kTimeNames,
    .best_rating = kAnyRating,
    .columns_are_set = true,
    .items_expected = "a RecBole .item file (tabs, and a header item_id:token, …)",
    .item_form = kAtomic,
    .item_id = kItemNames,
    .title = kTitleNames,
    .genres = kGenreNames,
    .year = kYearNames,
    .description = "description",
    .genre_separators = "|, "};

constexpr RecordsPreset kMovieLensCsv = {.expected = "ratings.csv of MovieLens (userId,movieId,rating,timestamp)",
                                         .user = "userId",
                                         .item = "movieId",
                                         .rating = "rating",
                                         .time = "timestamp",
                                         .time_unit = TimeUnit::seconds,
                                         .filters_items = false,
                                         .items_expected = "movies.csv of MovieLens (movieId,title,genres)",
                                         .item_id = "movieId",
                                         .title = "title",
                                         .genres = "genres",
                                         .genre_separators = "|",
                                         .titles_have_years = true};

constexpr RecordsPreset kMovieLens100K = {.expected = "u.data of MovieLens 100K (tabs: user, item, rating, time)",
                                          .form = plain("\t", kRatingNames),
                                          .user = "user",
                                          .item = "item",
                                          .rating = "rating",
                                          .time = "time",
                                          .time_unit = TimeUnit::seconds,
                                          .filters_items = false,
                                          .items_expected = "u.item of MovieLens 100K (24 fields between |)",
                                          .item_form = {.separator = "|",
                                                        .header = HeaderLine::none,
                                                        .quoting = Quoting::none,
                                                        .latin1 = true,
                                                        .names = kFilms100K,
                                                        .first_flag = kFirstFlag100K},
                                          .item_id = "item",
                                          .title = "title",
                                          .genres = "flags",
                                          .year = "release date",
                                          .titles_have_years = true,
                                          .genre_names = "u.genre"};

constexpr RecordsPreset kMovieLens10M = {.expected = "ratings.dat of MovieLens 10M (user::item::rating::time)",
                                         .form = plain("::", kRatingNames),
                                         .user = "user",
                                         .item = "item",
                                         .rating = "rating",
                                         .time = "time",
                                         .time_unit = TimeUnit::seconds,
                                         .filters_items = false,
                                         .items_expected = "movies.dat of MovieLens 10M (movie::title::genres)",
                                         .item_form = plain("::", kTitleAndGenres),
                                         .item_id = "item",
                                         .title = "title",
                                         .genres = "genres",
                                         .genre_separators = "|",
                                         .titles_have_years = true};

constexpr RecordsPreset kAmazon2023Csv = {
    .expected = "ratings of Amazon Reviews 2023 (user_id,parent_asin,rating,timestamp)",
    .form = {.header = HeaderLine::optional, .names = kAmazon2023Names},
    .user = "user_id",
    .item = "parent_asin",
    .rating = "rating",
    .time = "timestamp",
    .time_unit = TimeUnit::milliseconds,
    .items_expected = "Amazon Reviews 2023 metadata, one JSON object a line",
    .item_form = kJson,
    .item_id = "parent_asin",
    .title = "title",
    .genres = "categories",
    .description = "description"};

constexpr RecordsPreset kAmazon2018 = {
    .expected = "Amazon reviews of 2018, one JSON object a line (reviewerID, asin, overall, unixReviewTime)",
    .form = kJson,
    .user = "reviewerID",
    .item = "asin",
    .rating = "overall",
    .time = "unixReviewTime",
    .time_unit = TimeUnit::seconds,
    .items_expected = "Amazon metadata of 2018, one JSON object a line (asin, title, category)",
    .item_form = kJson,
    .item_id = "asin",
    .title = "title",
    .genres = "category|categories",
    .description = "description"};

constexpr RecordsPreset kAmazon2014 = {
    .expected = "Amazon reviews of 2014, one JSON object a line (reviewerID, asin, overall, unixReviewTime)",
    .form = kPython,
    .user = "reviewerID",
    .item = "asin",
    .rating = "overall",
    .time = "unixReviewTime",
    .time_unit = TimeUnit::seconds,
    .items_expected = "Amazon metadata of 2014, one Python literal a line (asin, title, categories)",
    .item_form = kPython,
    .item_id = "asin",
    .title = "title",
    .genres = "categories|category",
    .description = "description"};

/// Ratings alone, with the metadata of `reviews`.
constexpr RecordsPreset amazon_ratings(RecordsPreset reviews, std::string_view expected,
                                       std::span<const std::string_view> names) {
  reviews.expected = expected;
  reviews.form = {.header = HeaderLine::none, .names = names};
  reviews.user = "user";
  reviews.item = "item";
  reviews.rating = "rating";
  reviews.time = "time";
  reviews.user_ids_begin_with_a = true;
  return reviews;
}

constexpr RecordsPreset kAmazon2018Csv =
    amazon_ratings(kAmazon2018, "Amazon ratings of 2018 (item,user,rating,time without a header)", kSwappedRatingNames);
constexpr RecordsPreset kAmazon2014Csv =
    amazon_ratings(kAmazon2014, "Amazon ratings of 2014 (user,item,rating,time without a header)", kRatingNames);

constexpr RecordsPreset kYelp = {
    .expected = "reviews of Yelp, one JSON object a line (user_id, business_id, stars, date)",
    .form = kJson,
    .user = "user_id",
    .item = "business_id",
    .rating = "stars",
    .time = "date",
    .time_unit = TimeUnit::iso,
    .items_expected = "businesses of Yelp, one JSON object a line (business_id, name, categories)",
    .item_form = kJson,
    .item_id = "business_id",
    .title = "name",
    .genres = "categories",
    .genre_separators = ","};

constexpr RecordsPreset kSteam = {
    .expected = "reviews of Steam, one Python literal a line (username, product_id, date)",
    .form = kPython,
    .user = "username",
    .item = "product_id",
    .time = "date",
    .time_unit = TimeUnit::iso,
    .items_expected = "games of Steam, one Python literal a line (id, title, genres)",
    .item_form = kPython,
    .item_id = "id",
    .title = "title|app_name",
    .genres = "genres",
    .year = "release_date"};

constexpr RecordsPreset kLastFm1K = {
    .expected = "plays of Last.fm 1K (tabs: user, time, artist id, artist, track id, track)",
    .form = plain("\t", kPlayNames),
    .user = "user",
    .item = "artist",
    .time = "time",
    .time_unit = TimeUnit::iso,
    .items_expected = "plays of Last.fm 1K, whose lines name the artists",
    .item_form = plain("\t", kPlayNames),
    .item_id = "artist",
    .title = "artist name"};

constexpr RecordsPreset kGowalla = {
    .expected = "check-ins of Gowalla or Brightkite (tabs: user, time, latitude, longitude, place)",
    .form = plain("\t", kCheckInNames),
    .user = "user",
    .item = "place",
    .time = "time",
    .time_unit = TimeUnit::iso,
    .items_expected = "a table with a header and a column of places",
    .item_form = {.separator = ""},
    .item_id = "place|item|item_id",
    .title = kTitleNames,
    .genres = kGenreNames};

constexpr RecordsPreset kPairs = {.expected = "lines `user item` in order of time",
                                  .form = plain(" ", kPairNames),
                                  .user = "user",
                                  .item = "item",
                                  .items_expected = "a table with a header and a column of items",
                                  .item_form = {.separator = ""},
                                  .item_id = kItemNames,
                                  .title = kTitleNames,
                                  .genres = kGenreNames,
                                  .year = kYearNames,
                                  .description = "description",
                                  .genre_separators = "|;,"};

constexpr RecordsPreset kLightGcn = {.expected = "lines `user item item …` without an order",
                                     .form = {.lines = RecordLines::lists, .separator = " "},
                                     .user = "user",
                                     .item = "item",
                                     .in_order = false,
                                     .items_expected = kPairs.items_expected,
                                     .item_form = {.separator = ""},
                                     .item_id = kItemNames,
                                     .title = kTitleNames,
                                     .genres = kGenreNames,
                                     .year = kYearNames,
                                     .description = "description",
                                     .genre_separators = "|;,"};

constexpr RecordsPreset kNetflix = {.expected = "ratings of the Netflix Prize (`item:`, below it user,rating,date)",
                                    .form = {.lines = RecordLines::groups},
                                    .user = "user",
                                    .item = "item",
                                    .rating = "rating",
                                    .time = "time",
                                    .time_unit = TimeUnit::iso,
                                    .filters_items = false,
                                    .items_expected = "movie_titles of the Netflix Prize (item,year,title)",
                                    .item_form = {.header = HeaderLine::none,
                                                  .quoting = Quoting::none,
                                                  .latin1 = true,
                                                  .last_takes_rest = true,
                                                  .names = kNetflixFilms},
                                    .item_id = "item",
                                    .title = "title",
                                    .year = "year"};

constexpr RecordsPreset kRecBoleLists = [] {
  RecordsPreset preset = kRecBole;
  preset.expected = "RecBole's lists (tabs, and a header user_id:token, item_id_list:token_seq, item_id:token)";
  preset.form = {.lines = RecordLines::histories, .separator = "\t"};
  preset.rating = preset.time = {};
  preset.columns_are_set = false;
  return preset;
}();

constexpr RecordsPreset kMind = {.expected = "behaviors.tsv of MIND (tabs: number, user, time, history, impressions)",
                                 .form = {.lines = RecordLines::impressions, .separator = "\t"},
                                 .user = "user",
                                 .item = "item",
                                 .time = "time",
                                 .time_unit = TimeUnit::month_day,
                                 .items_expected = "news.tsv of MIND (tabs: news, category, subcategory, title, …)",
                                 .item_form = plain("\t", kNewsNames),
                                 .item_id = "item",
                                 .title = "title",
                                 .genres = "category",
                                 .description = "abstract"};

constexpr RecordsPreset kJsonLines = [] {
  RecordsPreset preset = kCsv;
  preset.expected = "a JSON object a line, with fields of users and items (datasets.columns)";
  preset.items_expected = "a JSON object a line, with a field of items (datasets.columns.item)";
  preset.form = preset.item_form = kPython;
  return preset;
}();

template <const RecordsPreset& preset>
constexpr RawFormat records_format(std::string_view name, std::string_view where_to_get) {
  FeatureColumns columns = kRecordColumns;
  columns.year_in_title = preset.titles_have_years;
  return {.name = name,
          .where_to_get = where_to_get,
          .columns = columns,
          .file_beside_items = preset.genre_names,
          .check = nullptr,
          .open = [](const PreprocessJob& job) { return open_records_dataset(job, preset); }};
}

constexpr std::string_view kAmazonPage = "https://cseweb.ucsd.edu/~jmcauley/datasets/amazon_v2/";

}  // namespace

constinit const RawFormat kRecordFormats[kNumRecordFormats] = {
    records_format<kCsv>("csv", "a file of your own with a header; datasets.columns names its columns"),
    records_format<kRecBole>("recbole", "https://recbole.io/dataset_list.html (<name>.inter and <name>.item)"),
    records_format<kMovieLensCsv>(
        "movielens-csv", "https://grouplens.org/datasets/movielens/ (20M, 25M, 32M, latest: ratings.csv, movies.csv)"),
    records_format<kMovieLens100K>("movielens-100k",
                                   "https://grouplens.org/datasets/movielens/100k/ (ml-100k.zip: u.data, u.item)"),
    records_format<kMovieLens10M>("movielens-10m",
                                  "https://grouplens.org/datasets/movielens/10m/ (ratings.dat, movies.dat)"),
    records_format<kAmazon2023Csv>("amazon-2023-csv",
                                   "https://amazon-reviews-2023.github.io/ (benchmark, rating_only; the metadata)"),
    records_format<kAmazon2018>("amazon-2018", kAmazonPage),
    records_format<kAmazon2014>("amazon-2014", "https://cseweb.ucsd.edu/~jmcauley/datasets/amazon/links.html"),
    records_format<kAmazon2018Csv>("amazon-2018-csv", kAmazonPage),
    records_format<kAmazon2014Csv>("amazon-2014-csv", "https://cseweb.ucsd.edu/~jmcauley/datasets/amazon/links.html"),
    records_format<kYelp>("yelp",
                          "https://www.yelp.com/dataset (yelp_academic_dataset_review.json and _business.json)"),
    records_format<kSteam>("steam", "https://cseweb.ucsd.edu/~jmcauley/datasets.html#steam_data"),
    records_format<kLastFm1K>("lastfm-1k",
                              "http://ocelma.net/MusicRecommendationDataset/lastfm-1K.html (set datasets.metadata to "
                              "the same file: its lines name the artists)"),
    records_format<kGowalla>("gowalla", "https://snap.stanford.edu/data/loc-gowalla.html"),
    records_format<kPairs>("pairs",
                           "lines `user item` in order of time, as in https://github.com/pmixer/SASRec.pytorch"),
    records_format<kLightGcn>("lightgcn", "https://github.com/gusye1234/LightGCN-PyTorch (data/<name>/train.txt)"),
    records_format<kJsonLines>("jsonl", "a file of your own, a JSON object a line; datasets.columns names its fields"),
    records_format<kNetflix>("netflix",
                             "the Netflix Prize data: combined_data_1.txt to _4.txt and movie_titles.csv (of the first "
                             "edition, `cat training_set/mv_*.txt > ratings.txt`)"),
    records_format<kRecBoleLists>("recbole-lists",
                                  "files user_id, item_id_list, item_id for RecBole's benchmark_filename"),
    records_format<kMind>("mind", "https://msnews.github.io (behaviors.tsv and news.tsv)"),
};

}  // namespace latentcrs
