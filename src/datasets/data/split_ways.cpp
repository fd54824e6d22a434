#include "datasets/data/split_ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "base/util/error.h"
#include "base/util/text.h"
#include "datasets/data/record_times.h"
#include "datasets/data/targets.h"

namespace latentcrs {
namespace {

/// A user with too few items is trained on with all of them.
Divide leave_last(const SplitOptions& options, const SequencesToDivide&) {
  return [valid = int64_t{options.valid_items}, test = int64_t{options.test_items}](size_t length, auto) {
    const auto n = static_cast<int64_t>(length);
    if (n < valid + test + 1) return UserParts{n, n};
    return UserParts{n - valid - test, n - test};
  };
}

/// The share that `text` is, if it is a number in (0, 1).
std::optional<double> share_of(std::string_view text) {
  double share = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool whole = failure == std::errc{} && end == text.data() + text.size();
  return whole && share > 0 && share < 1 ? std::optional(share) : std::nullopt;
}

/// The first moment of a part, in ticks. A share is the time before which that share of the interactions lies.
int64_t moment(const std::string& setting, const std::string& text, const SequencesToDivide& all) {
  if (const auto share = share_of(text)) {
    std::vector<int64_t> times(all.times.begin(), all.times.end());
    const auto at = times.begin() + static_cast<ptrdiff_t>(std::floor(*share * static_cast<double>(times.size())));
    std::nth_element(times.begin(), at, times.end());
    return *at;
  }
  std::optional<int64_t> time = parse_iso_time(text);
  if (!time) time = parse_time(text, TimeUnit::seconds);
  if (!time)
    throw config_error(
        fmt::format("datasets.split.{}: '{}' is no time: give an ISO date (2019-01-31), seconds since "
                    "1970, or a share of all interactions between 0 and 1",
                    setting, text));
  return all.ticks_per_second >= kMicrosecondsOfSecond ? *time : *time / (kMicrosecondsOfSecond / all.ticks_per_second);
}

Divide by_time(const SplitOptions& options, const SequencesToDivide& all) {
  if (all.times.empty()) return {};
  const int64_t valid = moment("valid_from", options.valid_from, all);
  const int64_t test = moment("test_from", options.test_from, all);
  if (valid > test)
    throw config_error(fmt::format("datasets.split.valid_from={} is later than datasets.split.test_from={}",
                                   options.valid_from, options.test_from));
  return [valid, test](size_t, std::span<const int64_t> times) {
    const auto items_before_moment = [times](int64_t moment) {
      return static_cast<int64_t>(std::lower_bound(times.begin(), times.end(), moment) - times.begin());
    };
    return UserParts{items_before_moment(valid), items_before_moment(test)};
  };
}

/// Where no interaction is given to validation, it takes each user's last item of training that has one before it.
Divide as_given(const SplitOptions&, const SequencesToDivide& all) {
  const bool has_valid =
      std::any_of(all.times.begin(), all.times.end(), [](int64_t time) { return part_of(time) == Part::valid; });
  return [has_valid](size_t, std::span<const int64_t> times) {
    const auto items_until = [times](Part last) {
      return static_cast<int64_t>(
          std::partition_point(times.begin(), times.end(), [last](int64_t time) { return part_of(time) <= last; }) -
          times.begin());
    };
    UserParts parts{items_until(Part::train), items_until(Part::valid)};
    if (!has_valid && parts.train > 1) --parts.train;
    return parts;
  };
}

/// The numbers of users and distinct items are those of one part.
SplitCounts::Part count_part(const Interactions& interactions, Part part) {
  SplitCounts::Part counts;
  std::vector<bool> occurs(static_cast<size_t>(interactions.max_item_id()) + 1);
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    const std::span<const int32_t> sequence = interactions.sequence(u);
    const UserParts parts = interactions.parts_of(u);
    const int64_t begin = part == Part::train ? 0 : part == Part::valid ? parts.train : parts.valid;
    const int64_t end = part == Part::train   ? parts.train
                        : part == Part::valid ? parts.valid
                                              : static_cast<int64_t>(sequence.size());
    counts.users += end > begin;
    counts.interactions += end - begin;
    for (int64_t i = begin; i < end; ++i) {
      auto item_occurs = occurs[static_cast<size_t>(sequence[static_cast<size_t>(i)])];
      counts.items += !item_occurs;
      item_occurs = true;
    }
  }
  return counts;
}

constexpr std::array<std::pair<std::string_view, Part>, 9> kPartNames = {{{"train", Part::train},
                                                                          {"training", Part::train},
                                                                          {"valid", Part::valid},
                                                                          {"validation", Part::valid},
                                                                          {"val", Part::valid},
                                                                          {"dev", Part::valid},
                                                                          {"eval", Part::valid},
                                                                          {"test", Part::test},
                                                                          {"testing", Part::test}}};

}  // namespace

const std::array<SplitWay, kSplitNames.size()> kSplitWays = {{
    {.name = "leave_one_out"},
    {.name = "leave_last", .make = leave_last},
    {.name = "time", .needs_times = true, .make = by_time},
    {.name = "column", .parts_are_given = true, .make = as_given},
    {.name = "files", .parts_are_given = true, .make = as_given},
}};

const SplitWay& split_way(const SplitOptions& options) { return kSplitWays.at(static_cast<size_t>(options.by)); }

Divide make_divide(const SplitOptions& options, const SequencesToDivide& all) {
  const SplitWay& way = split_way(options);
  if (way.make == nullptr) return {};
  if (way.needs_times && all.ticks_per_second == 0)
    throw config_error(fmt::format("datasets.split.by={}: the dataset has no times", way.name));
  return way.make(options, all);
}

SplitCounts count_split(const Interactions& interactions) {
  SplitCounts counts{.train = count_part(interactions, Part::train),
                     .valid = count_part(interactions, Part::valid),
                     .test = count_part(interactions, Part::test)};
  const auto valid = static_cast<int64_t>(targets_of(interactions, Split::valid).size());
  const auto test = static_cast<int64_t>(targets_of(interactions, Split::test).size());
  counts.without_history = counts.valid.interactions + counts.test.interactions - valid - test;
  const char* lacking = users_to_train(interactions).empty() ? "item to train on"
                        : valid == 0                         ? "target of validation"
                        : test == 0                          ? "target of the test"
                                                             : nullptr;
  if (lacking != nullptr)
    throw data_error(
        fmt::format("datasets.split leaves no {}: {} interactions are in training, {} in validation and "
                    "{} in the test, of which {} are their user's first",
                    lacking, counts.train.interactions, counts.valid.interactions, counts.test.interactions,
                    counts.without_history));
  return counts;
}

std::optional<Part> part_named(std::string_view text) {
  const std::string name = lower_case(trimmed(text));
  const auto found =
      std::find_if(kPartNames.begin(), kPartNames.end(), [&](const auto& known) { return known.first == name; });
  return found == kPartNames.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace latentcrs
