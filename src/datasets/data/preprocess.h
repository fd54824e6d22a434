// Raw datasets to user sequences and item features (docs/method.md, section 3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/compat_options.h"
#include "base/config/dataset_options.h"
#include "base/util/table.h"

namespace latentcrs {

/// The lines of a raw file that were skipped because they could not be read, or that were changed.
struct MalformedLines {
  struct Line {
    int64_t number = 0;
    std::string reason;
  };
  /// Lines whose reasons differ in numbers and quoted text only.
  struct Kind {
    std::string file;  ///< that of the first line, without the folder
    Line first;
    int64_t lines = 0;
  };
  std::string file;   ///< its name without the folder
  int64_t lines = 0;  ///< of the whole file
  int64_t malformed = 0;
  std::vector<Line> first;  ///< the first 20
  std::vector<Kind> kinds;  ///< in the order of their first lines
  int64_t repaired = 0;     ///< lines read with U+FFFD in the place of half a surrogate pair

  /// Adds those of a further file with lines of the same kind.
  void add(const MalformedLines& other);
};

/// The counts that one pass of the k-core leaves.
struct KCorePass {
  int64_t users = 0;
  int64_t items = 0;
  int64_t interactions = 0;
};

/// What a filter took away, or left out with the lines that could not count.
struct LeftOut {
  std::string why;
  int64_t lines = 0;  ///< of a raw file; 0 for a filter
  KCorePass counts;   ///< of a filter
  std::string first;  ///< file:line; empty for a filter
};

/// Lines that cannot count because a field is empty, or because an earlier one says the same.
struct DroppedLines {
  std::string file;
  std::string reason;
  int64_t lines = 0;
  int64_t first_line = 0;
};

struct ValueRange {
  double lowest = 0, highest = 0;
};

/// The parts of a split.
struct SplitCounts {
  struct Part {
    int64_t users = 0, items = 0, interactions = 0;
  };
  Part train, valid, test;
  int64_t without_history = 0;  ///< interactions of valid and test that are their user's first, and so no targets
};

struct PreprocessReport {
  std::string dataset_name;
  MalformedLines interactions_file;
  MalformedLines metadata_file;

  int64_t users_read = 0;  ///< users in the interactions file, whether or not a rating of theirs is kept
  int64_t items_read = 0;
  int64_t ratings_read = 0;
  int64_t ratings_kept = 0;  ///< of at least min_rating

  int64_t items_without_metadata = 0;         ///< items that item_filter removed; 0 for ItemFilter::none
  int64_t interactions_without_metadata = 0;  ///< their interactions
  std::vector<KCorePass> kcore_passes;        ///< the last one removes nothing, unless compat stopped after ten
  /// What each step after reading took away, in order: what was read less all of them is the result.
  std::vector<LeftOut> filtered;
  int64_t users_shortened = 0;  ///< dropped because item_filter after the k-core left them fewer than 3 items

  int64_t users = 0;  ///< of the result
  int64_t items = 0;
  int64_t interactions = 0;
  int64_t time_ties = 0;         ///< neighbours in a user's sequence with the same time (they keep their file order)
  int64_t duplicates = 0;        ///< interactions of a user with an item that came before, kept (datasets.repeats)
  int64_t repeats_left_out = 0;  ///< such interactions that were not kept
  std::optional<SplitCounts> split;  ///< nullopt: leave-one-out
  int64_t feature_rows = 0;
  int64_t metadata_duplicates = 0;  ///< further metadata entries of an item; the first one counts

  // Records only.
  std::optional<ValueRange> ratings = {};  ///< of all lines; nullopt: there are none
  std::optional<ValueRange> times = {};    ///< in seconds since 1970
  std::string tied_user = {};              ///< the first user with neighbours of the same time
  int64_t repeats_at_one_time = 0;         ///< interactions of a user with an item at a time that came before
  std::vector<DroppedLines> dropped;       ///< by file and reason, in the order of their first lines
  std::vector<std::string> remarks;        ///< what was found in the files and taken to mean
  std::vector<std::string> warnings;       ///< what may make results meaningless

  void drop(const std::string& file, std::string_view reason, int64_t line);
  /// Adds to `filtered` what a step took away, if that is anything.
  void filter_step(std::string why, const KCorePass& before, const KCorePass& after);
  /// Everything that was left out: malformed lines, dropped lines, `filtered`.
  std::vector<LeftOut> left_out() const;

  nlohmann::json to_json() const;
  Table to_table() const;
  /// left_out(); without rows if nothing was.
  Table left_out_table() const;
};

struct PreprocessJob {
  DatasetOptions dataset;
  CompatOptions compat;
  std::filesystem::path interactions_path;  ///< ratings.dat, <Category>.jsonl or a sequence file, plain or .gz
  std::vector<std::filesystem::path> more_interactions = {};  ///< read after it: datasets.more_interactions
  std::filesystem::path metadata_path;  ///< movies.dat or meta_<Category>.jsonl; `sequences`: empty or a features TSV
  std::filesystem::path output_folder;
  std::filesystem::path names_path = {};                  ///< datasets.item_names; empty: none
  std::filesystem::path valid_path = {}, test_path = {};  ///< datasets.split.valid and .test, for split.by=files
};

/// Reads the raw files, filters, and writes into the output folder:
///   <dataset_name>.csv; the features file `features_name` (for `sequences` a copy, if one was given);
///   user_id2model_id.json and item_id2model_id.json (where ids change: raw id -> id, from 1 in order of appearance);
///   <dataset_name>_parts.tsv, the parts of each user's sequence (unless datasets.split.by is leave_one_out);
///   <dataset_name>_times.tsv, the times of each user's sequence, where the dataset has times;
///   <dataset_name>_names.tsv, the names of items (datasets/data/item_names.h), where settings ask for them;
///   dataset_report.json, the returned report.
/// Nothing is put into place before everything has been read, but for the table of names, whose titles are looked up in
/// the features file; dataset_report.json comes last.
///
/// Lines that do not have the form of the format (`a::b::c::d`, a JSON object) are skipped and counted; more than 1 %
/// of the lines (and more than 10) is an error, and so is a file that looks like something else. A line that has the
/// form but wrong values (a rating outside [0, 5], a time that is not a number, a missing JSON field, bytes that are
/// not UTF-8) is an error at once. Errors are Error(data) with file:line; settings that do not fit the format are
/// Error(config).
///
/// A user whom item_filter after the k-core leaves fewer than 3 items is left out, but keeps the id that the published
/// code would have given: the ids of the others stay the published ones.
PreprocessReport preprocess(const PreprocessJob& job);

}  // namespace latentcrs
