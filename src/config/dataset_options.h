// Settings of the data (config.h): its files, its filters and the examples made of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace latentcrs {

/// A raw format as the settings know it; data/raw_format.h has an object for each that reads it.
struct DatasetFormat {
  const char* name;
  bool needs_metadata;  ///< item features come with every dataset of the format
};
/// `sequences` are ICLRec's lines `user item item …`.
inline constexpr std::array kDatasetFormats = {DatasetFormat{"movielens", true}, DatasetFormat{"amazon", true},
                                               DatasetFormat{"sequences", false}};

enum class ItemFilter { none, metadata, description };  ///< items without it are left out (Amazon)
enum class FilterTime { before_kcore, after_kcore };
enum class Repeats { keep, first, last };  ///< which of a user's interactions with one item remain

/// Group `datasets`: the files of the raw data and how it is filtered (docs/method.md, section 3).
struct DatasetOptions {
  std::string dataset_name;           ///< file stem of everything produced: ml-1m, cds, videogames, tiny-…; required
  std::string format = "movielens";   ///< one of kDatasetFormats
  std::string item_noun = "items";    ///< plural noun for items in prompts and utterances: movies, CDs, video games
  std::string interactions;           ///< ratings.dat, <Category>.jsonl or a sequence file; .gz allowed; required
  std::string metadata;               ///< movies.dat or meta_<Category>.jsonl; empty for `sequences`
  std::string features_name;          ///< file name of the item features written: movie_features.csv, CDs_features.csv
  std::string id_column = "MovieID";  ///< header of the id column of that file: MovieID, CDsID, GamesID
  bool with_features_column = false;  ///< games: the metadata's `features` are written as a column too
  double min_rating = 4.0;            ///< keep ratings of at least this, in [0, 5]
  int min_interactions = 5;           ///< users (and items, Amazon) need this many kept interactions; >= 3
  bool sort_by_time = true;           ///< stable sort of each user's interactions by time; false keeps file order
  /// A user's repeated interactions with one item. keep: all of them remain, as published; first, last: only that one
  /// remains, and the others are left out before the k-core.
  Repeats repeats = Repeats::keep;
  ItemFilter item_filter = ItemFilter::metadata;
  FilterTime item_filter_time = FilterTime::before_kcore;
  std::string root_category;  ///< category of the whole shop, which is not used as a facet ("CDs & Vinyl")
  int max_history = 25;       ///< items of a prompt, target included; in [3, 1000]
  /// Embedding tasks whose mean is the model input. A name becomes part of file names; the prompt of a task is in its
  /// file of embed.prompt_templates.
  std::vector<std::string> meta_task_keys = {"raw"};
  /// Training splits: `raw` and the seeds of the `selection` splits (docs/method.md, section 5).
  std::vector<std::string> filter_keys = {"raw", "1755", "2097", "3068", "6868", "7702"};
  int multi_turn_users = 500;  ///< test users drawn for dialogues (fewer if there are fewer); >= 1
  int64_t multi_turn_seed = 1024;
};

/// Whether the dataset's format always has a metadata file.
inline bool needs_metadata(const DatasetOptions& options) {
  return std::any_of(kDatasetFormats.begin(), kDatasetFormats.end(), [&](const DatasetFormat& format) {
    return format.needs_metadata && options.format == format.name;
  });
}

}  // namespace latentcrs
