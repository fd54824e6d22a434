// Settings of the data (config.h): its files, its filters and the examples made of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace latentcrs {

/// A raw format as the settings know it; datasets/data/raw_format.h has an object for each that reads it.
struct DatasetFormat {
  const char* name;
  bool needs_metadata;  ///< item features come with every dataset of the format
};
/// `sequences` are ICLRec's lines `user item item …`.
inline constexpr std::array kDatasetFormats = {
    DatasetFormat{"movielens", true}, DatasetFormat{"amazon", true}, DatasetFormat{"sequences", false},
    // These are presets of records (datasets/data/record_presets.cpp).
    DatasetFormat{"csv", false}, DatasetFormat{"recbole", false}, DatasetFormat{"movielens-csv", false},
    DatasetFormat{"movielens-100k", false}, DatasetFormat{"movielens-10m", false},
    DatasetFormat{"amazon-2023-csv", false}, DatasetFormat{"amazon-2018", false}, DatasetFormat{"amazon-2014", false},
    DatasetFormat{"amazon-2018-csv", false}, DatasetFormat{"amazon-2014-csv", false}, DatasetFormat{"yelp", false},
    DatasetFormat{"steam", false}, DatasetFormat{"lastfm-1k", false}, DatasetFormat{"gowalla", false},
    DatasetFormat{"pairs", false}, DatasetFormat{"lightgcn", false}, DatasetFormat{"jsonl", false},
    DatasetFormat{"netflix", false}, DatasetFormat{"recbole-lists", false}, DatasetFormat{"mind", false}};
inline constexpr size_t kFormatsOfTheirOwn = 3;  ///< the first ones; the others are presets of records

enum class ItemFilter { none, metadata, description };  ///< items without it are left out (Amazon)
enum class FilterTime { before_kcore, after_kcore };
enum class Repeats { keep, first, last };   ///< which of a user's interactions with one item remain
enum class Feedback { ratings, implicit };  ///< implicit: ratings are not read, and every line counts
enum class Ties { file_order, reversed };   ///< the order of a user's interactions at one time
enum class ShortUsers { drop, refuse };     ///< what becomes of users with too few interactions
enum class ItemsWithoutWords { neighbours, off };

/// The ways to divide sequences; datasets/data/split_ways.h has an object for each.
enum class SplitBy { leave_one_out, leave_last, time, column, files };
inline constexpr std::array kSplitNames = {"leave_one_out", "leave_last", "time", "column", "files"};

/// Which of a user's items are targets of validation and test (docs/method.md, section 3).
struct SplitOptions {
  SplitBy by = SplitBy::leave_one_out;
  int valid_items = 1, test_items = 1;  ///< leave_last: targets of each user; >= 0 and >= 1
  /// time: the first moment of either part: an ISO date, seconds since 1970, or a share of all interactions in (0, 1).
  std::string valid_from = "0.8", test_from = "0.9";
  std::string column;       ///< column: the interactions' column that says train, valid or test
  std::string valid, test;  ///< files: those of `datasets.interactions`' form; without `valid`, see docs/method.md
};

/// Whether the data say which interaction belongs to which part.
inline bool is_given_split(const SplitOptions& split) {
  return split.by == SplitBy::column || split.by == SplitBy::files;
}

/// Shares from which on a file of records is refused. Ten lines, ids or items pass whatever the share is, unless it is
/// 0.
struct BadInputLimits {
  double malformed = 0.01;      ///< lines that cannot be read, and are skipped
  double doubtful_times = 0.1;  ///< lines whose time is 0 or less, or lies in the future; they count as they are
  double alike_ids = 1;  ///< ids that are another one but for blanks and leading zeros ("7", "007"); they stay apart
  double unknown_items = 0.5;  ///< items of the interactions without an entry in the metadata, before the filters
  bool operator==(const BadInputLimits&) const = default;
};

/// Of the times in a file of records. automatic: the format's own, or found by size; file_order: times are not read;
/// day_month: 31/12/2020, month_day: 12/31/2020.
enum class TimeUnit {
  automatic,
  seconds,
  milliseconds,
  microseconds,
  nanoseconds,
  iso,
  file_order,
  day_month,
  month_day
};

/// The columns of `csv`, `jsonl` and `recbole` by name, or by number from 1 in a file without a header. Empty: found by
/// the names that are usual.
struct ColumnOptions {
  // Of the interactions; `item` is the metadata's too.
  std::string user = {}, item = {}, rating = {}, time = {};
  // Of the metadata; `metadata_item` where its column of items has another name than that of the interactions.
  std::string title = {}, genres = {}, year = {}, description = {}, metadata_item = {};
};

/// Group `datasets`: the files of the raw data and how it is filtered (docs/method.md, section 3).
struct DatasetOptions {
  std::string dataset_name;           ///< file stem of everything produced: ml-1m, cds, videogames, tiny-…; required
  std::string format = "movielens";   ///< one of kDatasetFormats
  std::string item_noun = "items";    ///< plural noun for items in prompts and utterances: movies, CDs, video games
  std::string interactions;           ///< ratings.dat, <Category>.jsonl or a sequence file; .gz allowed; required
  std::string metadata;               ///< movies.dat or meta_<Category>.jsonl; empty for `sequences`
  std::string features_name;          ///< file name of the item features written: movie_features.csv, CDs_features.csv
  std::string id_column = "MovieID";  ///< header of the id column of that file: MovieID, CDsID, GamesID
  /// What an item is called in prompts: "{title} by {artist}, {tags}", of fields of the metadata; empty: the format's
  /// own description. The simulated user may speak of each field.
  std::string item_text;
  /// Of a dataset without metadata. neighbours: its items are described by those that users had beside them in
  /// training; off: the stages that need words do not run.
  ItemsWithoutWords items_without_words = ItemsWithoutWords::neighbours;
  /// A table of the people and makers that items belong to (cast, director, author, brand), by which users may ask for
  /// them (datasets/data/item_names.h); empty: none.
  std::string item_names;
  /// Fields of the metadata that hold such names: "brand", "author.name" of an object in an object.
  std::vector<std::string> names_from;
  bool with_features_column = false;  ///< games: the metadata's `features` are written as a column too
  /// Records only: files of the same form as `interactions` that are read after it, such as the parts of a split.
  std::vector<std::string> more_interactions;
  ColumnOptions columns;  ///< for `csv`, `jsonl` and `recbole`
  std::string separator;  ///< of the interactions of `csv`: `,`, `tab`, …; empty: found in the header
  TimeUnit time_unit = TimeUnit::automatic;  ///< of the times of records
  // Of a split that is given, the defaults keep everything (derived_defaults.h).
  double min_rating = 4.0;   ///< keep ratings of at least this; >= 0, at most 5 where the format's scale ends
  int min_interactions = 5;  ///< users (and items, Amazon) need so many; >= 3, with a given split >= 1
  // The next five count for rows: records, `movielens` and `amazon`.
  int min_item_interactions = -1;  ///< items need this many; 0: no minimum; -1: min_interactions, MovieLens none
  Feedback feedback = Feedback::ratings;
  Ties ties =
      Ties::file_order;  ///< reversed is for logs that are newest first; without times it turns whole users round
  ShortUsers short_users = ShortUsers::drop;
  BadInputLimits limits;
  bool sort_by_time = true;  ///< stable sort of each user's interactions by time; false keeps file order
  /// A user's repeated interactions with one item. keep: all of them remain, as published; first, last: only that one
  /// remains, and the others are left out before the k-core.
  Repeats repeats = Repeats::keep;
  ItemFilter item_filter = ItemFilter::metadata;
  FilterTime item_filter_time = FilterTime::before_kcore;
  std::string root_category;  ///< category of the whole shop, which is not used as a facet ("CDs & Vinyl")
  SplitOptions split;
  int max_history = 25;  ///< items of a prompt, target included; in [3, 1000]
  /// Embedding tasks whose mean is the model input. A name becomes part of file names; the prompt of a task is in its
  /// file of embed.prompt_templates.
  std::vector<std::string> meta_task_keys = {"raw"};
  /// Training splits: `raw` and the seeds of the `selection` splits (docs/method.md, section 5).
  std::vector<std::string> filter_keys = {"raw", "1755", "2097", "3068", "6868", "7702"};
  int multi_turn_users = 500;  ///< test users drawn for dialogues (fewer if there are fewer); >= 1
  int64_t multi_turn_seed = 1024;
};

/// Whether the format is a preset of records, to which `columns`, `separator` and `time_unit` belong.
inline bool is_records_format(const std::string& format) {
  return std::any_of(kDatasetFormats.begin() + kFormatsOfTheirOwn, kDatasetFormats.end(),
                     [&](const DatasetFormat& known) { return format == known.name; });
}

/// Whether the dataset's format always has a metadata file.
inline bool needs_metadata(const DatasetOptions& options) {
  return std::any_of(kDatasetFormats.begin(), kDatasetFormats.end(), [&](const DatasetFormat& format) {
    return format.needs_metadata && options.format == format.name;
  });
}

/// Whether preprocessing writes words about items of its own, because the dataset comes without any. A name of the item
/// features without metadata says that the user puts the file there.
inline bool describes_by_neighbours(const DatasetOptions& options) {
  return !needs_metadata(options) && options.metadata.empty() && options.features_name.empty() &&
         options.items_without_words == ItemsWithoutWords::neighbours;
}

/// Whether users may ask for items by the names of people and makers.
inline bool has_item_names(const DatasetOptions& options) {
  return !options.item_names.empty() || !options.names_from.empty();
}

/// The file name of the item features; empty if there are none.
inline std::string features_name(const DatasetOptions& options) {
  if (options.features_name.empty() && describes_by_neighbours(options)) return options.dataset_name + "_items.tsv";
  return options.features_name;
}

}  // namespace latentcrs
