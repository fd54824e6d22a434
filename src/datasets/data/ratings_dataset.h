// Datasets of ratings: records of a user, an item, a rating and a time, and a file about the items.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/data/kcore.h"
#include "datasets/data/raw_format.h"
#include "datasets/data/raw_ratings.h"

namespace latentcrs {

/// The ids that users and items have in the result.
enum class ResultIdKind {
  numbers_of_dataset,   ///< the dataset's own, which are numbers; users come in their order
  order_of_appearance,  ///< from 1 in the order in which users and items are met; the maps of ids are written
};

/// The ratings that pass all filters.
struct SelectedRatings {
  Sequences sequences;
  std::vector<uint32_t> users;  ///< raw users that are left, in the order of the result
};

/// The ids of the result; 0 for an item without one.
struct ResultIds {
  std::vector<int64_t> users;  ///< [SelectedRatings::users.size()]
  std::vector<int32_t> items;  ///< [raw items]
};

/// The k-core of the settings. `usual_min_item`: where min_item_interactions is not set.
KCoreOptions kcore_options(const DatasetOptions& options, int usual_min_item);

/// The filters and ids of docs/method.md, section 3. A format derives from it and reads its files.
class RatingsDataset : public RawDataset {
 public:
  RatingsDataset(const PreprocessJob& job, const KCoreOptions& kcore, ResultIdKind ids)
      : job_(job), kcore_(kcore), id_kind_(ids) {}

  Interactions interactions(PreprocessReport& report) final;
  bool write_times(const std::filesystem::path& path) const final;
  void write_id_maps(const std::filesystem::path& folder) const final;
  std::vector<std::string> raw_item_ids() const final;

 protected:
  struct Files {
    RawRatings ratings;
    KnownItems items;
  };
  /// Fills the counts of `report` that are about the files: lines, ratings_read, metadata_duplicates.
  virtual Files read(PreprocessReport& report) = 0;
  /// The unit of Rating::time; 0: the numbers are no times.
  virtual int64_t ticks_per_second() const = 0;

  const PreprocessJob& job() const { return job_; }
  /// Times are those of datasets/data/part_times.h.
  bool parts_are_given() const;
  /// After interactions(): the id of each raw item, 0 for one that is not in the result.
  const StringTable& raw_items() const { return ratings_.items; }
  const std::vector<int32_t>& item_ids() const { return ids_.items; }

 private:
  void select(const KnownItems& known, PreprocessReport& report);
  void end_step(std::string why, PreprocessReport& report);
  void refuse_short_users(const PreprocessReport& report) const;
  void number_by_appearance();
  void keep_numbers();
  Interactions make_interactions(PreprocessReport& report) const;
  bool sorts_by_time() const;
  /// Whether the times that sort the interactions are times.
  bool has_times() const;
  /// The interactions of a row of the result, in the sequences.
  size_t begin_of(size_t row) const { return selection_.sequences.offsets[selection_.users[row]]; }
  size_t length_of(size_t row) const { return selection_.sequences.offsets[selection_.users[row] + 1] - begin_of(row); }
  bool is_too_short(size_t row) const;

  const PreprocessJob& job_;
  KCoreOptions kcore_;
  ResultIdKind id_kind_;
  RawRatings ratings_;
  SelectedRatings selection_;
  KCorePass left_;  ///< after the last step of select()
  ResultIds ids_;
};

}  // namespace latentcrs
