#include "datasets/data/id_survey.h"

#include <fmt/format.h>

#include <optional>

#include "base/util/error.h"
#include "datasets/data/printable.h"
#include "datasets/data/raw_reader.h"

namespace latentcrs {
namespace {

void check_alike_ids(const AlikeIds& alike, const StringTable& ids, const char* what, const FileLines& places,
                     double accepted, PreprocessReport& report) {
  const std::optional<AlikeIds::Found> found = alike.find(ids);
  if (!found) return;
  const std::string said = fmt::format(
      "{} of {} {} ids are another one but for blanks and zeros, the first is '{}' beside '{}' ({})", found->ids,
      ids.size(), what, printable(found->id), printable(found->other), places.place(found->line));
  if (too_many(found->ids, ids.size(), accepted))
    throw data_error(fmt::format("{}: more than datasets.limits.alike_ids={:g} allows", said, accepted));
  report.warnings.push_back(said + "; they stay apart");
}

}  // namespace

uint32_t IdSurvey::intern_user(StringTable& users, std::string_view id, uint64_t hash, int64_t line) {
  const uint32_t before = users.size(), user = users.intern(id, hash);
  if (user == before) users_.add(user, id, line);
  return user;
}

uint32_t IdSurvey::intern_item(StringTable& items, std::string_view id, uint64_t hash, int64_t line) {
  const uint32_t before = items.size(), item = items.intern(id, hash);
  if (item != before) return item;
  items_.add(item, id, line);
  item_lines_.push_back(line);
  return item;
}

void IdSurvey::check_alike(const RawRatings& ratings, const FileLines& places, const BadInputLimits& limits,
                           PreprocessReport& report) const {
  check_alike_ids(users_, ratings.users, "user", places, limits.alike_ids, report);
  check_alike_ids(items_, ratings.items, "item", places, limits.alike_ids, report);
}

void IdSurvey::check_unknown_items(const RawRatings& ratings, const KnownItems& known, const FileLines& places,
                                   const PreprocessJob& job, PreprocessReport& report) const {
  if (job.metadata_path.empty()) return;
  int64_t unknown = 0;
  uint32_t first = 0;
  for (uint32_t item = 0; item < ratings.items.size(); ++item) {
    if (known.ids.find(ratings.items[item]) != StringTable::kNone) continue;
    if (unknown++ == 0) first = item;
  }
  if (unknown == 0) return;
  const std::string said = fmt::format("{} of {} items have no entry in {}, the first is '{}' ({})", unknown,
                                       ratings.items.size(), job.metadata_path.filename().string(),
                                       printable(ratings.items[first]), places.place(item_lines_[first]));
  if (too_many(unknown, ratings.items.size(), job.dataset.limits.unknown_items))
    throw data_error(
        fmt::format("{}: more than datasets.limits.unknown_items={:g} allows; is it the file of these "
                    "items, and are ids written alike in both?",
                    said, job.dataset.limits.unknown_items));
  const bool stay = job.dataset.item_filter == ItemFilter::none;
  report.warnings.push_back(said + (stay ? "; they stay without words" : "; datasets.item_filter leaves them out"));
}

}  // namespace latentcrs
