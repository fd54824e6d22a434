// The format of ICLRec: a line `user item item …` for each user, oldest item first, without ratings and times.
#include <unordered_set>

#include "base/util/files.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/kcore.h"
#include "datasets/data/raw_format.h"
#include "datasets/data/split_ways.h"

namespace latentcrs {
namespace {

/// One interaction of a user with an item each, in the order of the file; users left with too few are dropped.
Interactions without_repeats(const Interactions& read, Repeats which, PreprocessReport& report) {
  if (which == Repeats::keep) return read;
  Sequences sequences;
  for (const int32_t item : read.items) sequences.items.push_back(static_cast<uint32_t>(item));
  sequences.offsets.assign(read.offsets.begin(), read.offsets.end());
  sequences.times.resize(read.items.size());
  report.repeats_left_out = drop_repeats(sequences, which);
  Interactions result;
  for (size_t u = 0; u < sequences.num_users(); ++u) {
    const std::vector<int32_t> items(sequences.items.begin() + static_cast<ptrdiff_t>(sequences.offsets[u]),
                                     sequences.items.begin() + static_cast<ptrdiff_t>(sequences.offsets[u + 1]));
    if (items.size() < kMinItems)
      ++report.users_shortened;
    else
      result.add_user(read.user_ids[u], items);
  }
  return result;
}

KCorePass counts_of(const Interactions& interactions) {
  return {interactions.num_users(), static_cast<int64_t>(interactions.distinct_items().size()),
          static_cast<int64_t>(interactions.items.size())};
}

class SequenceLists : public RawDataset {
 public:
  explicit SequenceLists(const PreprocessJob& job) : job_(job) {}

  Interactions interactions(PreprocessReport& report) override {
    const Interactions read = read_interactions(job_.interactions_path);
    Interactions result = without_repeats(read, job_.dataset.repeats, report);
    if (const Divide divide = make_divide(job_.dataset.split, {}))
      for (int64_t u = 0; u < result.num_users(); ++u) result.parts.push_back(divide(result.sequence(u).size(), {}));
    report.users_read = report.interactions_file.lines = read.num_users();
    report.items_read = static_cast<int64_t>(read.distinct_items().size());
    report.ratings_read = report.ratings_kept = static_cast<int64_t>(read.items.size());
    report.filter_step("repeats of an item by the same user (repeats)", counts_of(read), counts_of(result));
    for (int64_t u = 0; u < result.num_users(); ++u) {
      const std::span<const int32_t> items = result.sequence(u);
      report.duplicates +=
          static_cast<int64_t>(items.size() - std::unordered_set<int32_t>(items.begin(), items.end()).size());
    }
    return result;
  }

  int64_t write_features(std::ostream& out, PreprocessReport&) override {
    const auto rows = static_cast<int64_t>(read_item_catalogue(job_.metadata_path, job_.dataset).items().size());
    out << read_file(job_.metadata_path);
    return rows;
  }

  void write_id_maps(const std::filesystem::path&) const override {}

 private:
  const PreprocessJob& job_;
};

}  // namespace

constinit const RawFormat kSequencesFormat = {
    .name = "sequences",
    .where_to_get =
        "a file of lines `user item item …`, oldest item first; Beauty.txt is in "
        "https://github.com/salesforce/ICLRec",
    .columns = {},
    .check = nullptr,
    .open = [](const PreprocessJob& job) -> std::unique_ptr<RawDataset> {
      return std::make_unique<SequenceLists>(job);
    },
};

}  // namespace latentcrs
