#include "datasets/data/ratings_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/part_times.h"
#include "datasets/data/printable.h"
#include "datasets/data/sequence_times.h"
#include "datasets/data/split_ways.h"

namespace latentcrs {
namespace {

int64_t to_number(std::string_view id) {
  int64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

/// Applies item_filter. Users keep what is left of their sequence.
void drop_items_without_metadata(Sequences& sequences, const std::vector<bool>& has_metadata,
                                 PreprocessReport& report) {
  std::vector<bool> dropped(has_metadata.size());
  for (const uint32_t item : sequences.items) {
    if (has_metadata[item]) continue;
    ++report.interactions_without_metadata;
    dropped[item] = true;
  }
  report.items_without_metadata = std::count(dropped.begin(), dropped.end(), true);
  filter(sequences, has_metadata, 0);
}

std::vector<bool> items_with_metadata(const StringTable& items, const KnownItems& known, ItemFilter wanted) {
  std::vector<bool> keep(items.size(), true);
  if (wanted == ItemFilter::none) return keep;
  for (uint32_t item = 0; item < items.size(); ++item) {
    const uint32_t entry = known.ids.find(items[item]);
    keep[item] = entry != StringTable::kNone && (wanted == ItemFilter::metadata || known.described[entry]);
  }
  return keep;
}

std::vector<uint32_t> users_with_items(const Sequences& sequences) {
  std::vector<uint32_t> users;
  for (uint32_t u = 0; u < sequences.num_users(); ++u) {
    if (sequences.offsets[u + 1] > sequences.offsets[u]) users.push_back(u);
  }
  return users;
}

/// Counts neighbours of one time, and the repeats of an item among all that have one time.
void count_ties(std::span<const uint32_t> items, std::span<const int64_t> times, PreprocessReport& report) {
  std::vector<uint32_t> tied;
  for (size_t begin = 0, end = 0; begin < times.size(); begin = end) {
    while (end < times.size() && times[end] == times[begin]) ++end;
    if (end - begin == 1) continue;
    report.time_ties += static_cast<int64_t>(end - begin - 1);
    tied.assign(items.begin() + static_cast<ptrdiff_t>(begin), items.begin() + static_cast<ptrdiff_t>(end));
    std::sort(tied.begin(), tied.end());
    report.repeats_at_one_time += tied.end() - std::unique(tied.begin(), tied.end());
  }
}

/// {"raw": id, ...} as Python's json.dump writes it.
template <class Id>
void write_id_map(const fs::path& path, const std::vector<std::pair<std::string_view, Id>>& ids) {
  AtomicFile file(path);
  file.stream() << '{';
  const char* separator = "";
  for (const auto& [raw, id] : ids) {
    constexpr bool kAsciiOnly = true;
    file.stream() << separator << nlohmann::json(raw).dump(-1, ' ', kAsciiOnly) << ": " << id;
    separator = ", ";
  }
  file.stream() << '}';
  file.commit();
}

std::string kcore_step(const KCoreOptions& options) {
  const std::string users = fmt::format("users with fewer than {} interactions", options.min_user);
  return options.min_item == 0 ? users + " (min_interactions)"
                               : fmt::format("{}, items with fewer than {} (k-core)", users, options.min_item);
}

}  // namespace

KCoreOptions kcore_options(const DatasetOptions& options, int usual_min_item) {
  const int min_item = options.min_item_interactions < 0 ? usual_min_item : options.min_item_interactions;
  return {.min_user = options.min_interactions, .min_item = min_item, .max_passes = min_item > 0 ? 0 : 1};
}

Interactions RatingsDataset::interactions(PreprocessReport& report) {
  Files files = read(report);
  ratings_ = std::move(files.ratings);
  select(files.items, report);
  if (id_kind_ == ResultIdKind::order_of_appearance)
    number_by_appearance();
  else
    keep_numbers();
  Interactions result = make_interactions(report);
  report.filter_step(fmt::format("users with fewer than {} items after item_filter", kMinItems), left_,
                     {result.num_users(), static_cast<int64_t>(result.distinct_items().size()),
                      static_cast<int64_t>(result.items.size())});
  return result;
}

void RatingsDataset::select(const KnownItems& known, PreprocessReport& report) {
  report.users_read = ratings_.users.size();
  report.items_read = ratings_.items.size();
  report.ratings_kept = static_cast<int64_t>(ratings_.kept.size());
  selection_.sequences = group_by_user(std::move(ratings_.kept), ratings_.users.size());
  Sequences& sequences = selection_.sequences;
  const DatasetOptions& dataset = job_.dataset;
  left_ = {report.users_read, report.items_read, report.ratings_read};
  end_step(fmt::format("ratings below {} (min_rating)", dataset.min_rating), report);
  const bool sorts_first = dataset.repeats != Repeats::keep;  // first and last in time
  if (sorts_first) {
    if (sorts_by_time()) sort_by_time(sequences, dataset.ties);
    report.repeats_left_out = drop_repeats(sequences, dataset.repeats);
    end_step("repeats of an item by the same user (repeats)", report);
  }
  const ItemFilter wanted = job_.metadata_path.empty() ? ItemFilter::none : dataset.item_filter;
  const std::vector<bool> keep = items_with_metadata(ratings_.items, known, wanted);
  const auto filter_items = [&] {
    drop_items_without_metadata(sequences, keep, report);
    end_step(wanted == ItemFilter::description ? "items without a description (item_filter)"
                                               : "items without metadata (item_filter)",
             report);
  };
  const bool filter_first = dataset.item_filter_time == FilterTime::before_kcore;
  if (filter_first) filter_items();
  report.kcore_passes = kcore(sequences, ratings_.items.size(), kcore_);
  end_step(kcore_step(kcore_), report);
  selection_.users = users_with_items(sequences);
  if (dataset.short_users == ShortUsers::refuse) refuse_short_users(report);
  if (!filter_first) filter_items();
  if (sorts_by_time() && !sorts_first) sort_by_time(sequences, dataset.ties);
}

bool RatingsDataset::parts_are_given() const { return split_way(job_.dataset.split).parts_are_given; }

/// The parts of a given split stand one after another in any case.
bool RatingsDataset::sorts_by_time() const { return job_.dataset.sort_by_time || parts_are_given(); }

/// Within a part of a given split that keeps its order, the numbers of lines stand for times.
bool RatingsDataset::has_times() const {
  return ticks_per_second() > 0 && (job_.dataset.sort_by_time || !parts_are_given());
}

/// A split that is given says itself what each user has in each part.
bool RatingsDataset::is_too_short(size_t row) const { return !parts_are_given() && length_of(row) < kMinItems; }

void RatingsDataset::end_step(std::string why, PreprocessReport& report) {
  const KCorePass before = std::exchange(left_, count_sequences(selection_.sequences, ratings_.items.size()));
  report.filter_step(std::move(why), before, left_);
}

void RatingsDataset::number_by_appearance() {
  ids_ = {.users = std::vector<int64_t>(selection_.users.size()), .items = std::vector<int32_t>(ratings_.items.size())};
  std::iota(ids_.users.begin(), ids_.users.end(), 1);
  int32_t next = 1;
  for (const uint32_t item : selection_.sequences.items) {
    if (ids_.items[item] == 0) ids_.items[item] = next++;
  }
}

void RatingsDataset::keep_numbers() {
  const auto number = [&](uint32_t user) { return to_number(ratings_.users[user]); };
  std::sort(selection_.users.begin(), selection_.users.end(),
            [&](uint32_t a, uint32_t b) { return number(a) < number(b); });
  for (const uint32_t user : selection_.users) ids_.users.push_back(number(user));
  for (uint32_t item = 0; item < ratings_.items.size(); ++item) {
    ids_.items.push_back(static_cast<int32_t>(to_number(ratings_.items[item])));
  }
}

/// `selection_.users` are ascending.
void RatingsDataset::refuse_short_users(const PreprocessReport& report) const {
  const int64_t lost = report.users_read - static_cast<int64_t>(selection_.users.size());
  if (lost == 0) return;
  uint32_t first = 0;
  while (first < selection_.users.size() && selection_.users[first] == first) ++first;
  throw data_error(fmt::format(
      "{}: {} of {} users have fewer than {} interactions that pass the filters, the first is '{}'; "
      "datasets.short_users=drop leaves them out",
      job_.interactions_path.string(), lost, report.users_read, kcore_.min_user, printable(ratings_.users[first])));
}

Interactions RatingsDataset::make_interactions(PreprocessReport& report) const {
  const Divide divide =
      make_divide(job_.dataset.split, {.times = selection_.sequences.times, .ticks_per_second = ticks_per_second()});
  Interactions result;
  result.items.reserve(selection_.sequences.items.size());
  std::vector<size_t> last_row(ratings_.items.size(), SIZE_MAX);  // of each item: the row that had it last
  std::vector<int32_t> sequence;
  for (size_t row = 0; row < selection_.users.size(); ++row) {
    if (is_too_short(row)) {
      ++report.users_shortened;
      continue;
    }
    const size_t begin = begin_of(row), length = length_of(row);
    const std::span items(selection_.sequences.items.data() + begin, length);
    sequence.clear();
    for (const uint32_t item : items) {
      sequence.push_back(ids_.items[item]);
      report.duplicates += std::exchange(last_row[item], row) == row;
    }
    result.add_user(ids_.users[row], sequence);
    const std::span times(selection_.sequences.times.data() + begin, length);
    if (divide) result.parts.push_back(divide(length, times));
    const int64_t ties_before = report.time_ties;
    count_ties(items, times, report);
    if (ties_before == 0 && report.time_ties > 0) report.tied_user = ratings_.users[selection_.users[row]];
  }
  return result;
}

bool RatingsDataset::write_times(const fs::path& path) const {
  if (!has_times()) return false;
  AtomicFile file(path);
  std::string line;
  for (size_t row = 0; row < selection_.users.size(); ++row) {
    if (is_too_short(row)) continue;
    line = std::to_string(ids_.users[row]);
    for (size_t i = 0; i < length_of(row); ++i) {
      const int64_t time = selection_.sequences.times[begin_of(row) + i];
      line += i == 0 ? '\t' : ' ';
      line += seconds_text(parts_are_given() ? plain_time(time) : time, ticks_per_second());
    }
    file.stream() << line << '\n';
  }
  file.commit();
  return true;
}

std::vector<std::string> RatingsDataset::raw_item_ids() const {
  if (id_kind_ != ResultIdKind::order_of_appearance) return {};
  std::vector<std::string> raw;
  for (uint32_t item = 0; item < ratings_.items.size(); ++item) {
    const auto id = static_cast<size_t>(ids_.items[item]);
    if (id == 0) continue;
    if (raw.size() <= id) raw.resize(id + 1);
    raw[id] = ratings_.items[item];
  }
  return raw;
}

void RatingsDataset::write_id_maps(const fs::path& folder) const {
  if (id_kind_ != ResultIdKind::order_of_appearance) return;
  std::vector<std::pair<std::string_view, int64_t>> users;
  for (size_t row = 0; row < selection_.users.size(); ++row) {
    users.emplace_back(ratings_.users[selection_.users[row]], ids_.users[row]);
  }
  std::vector<std::pair<std::string_view, int32_t>> items;
  for (uint32_t item = 0; item < ratings_.items.size(); ++item) {
    if (ids_.items[item] > 0) items.emplace_back(ratings_.items[item], ids_.items[item]);
  }
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  write_id_map(folder / "user_id2model_id.json", users);
  write_id_map(folder / "item_id2model_id.json", items);
}

}  // namespace latentcrs
