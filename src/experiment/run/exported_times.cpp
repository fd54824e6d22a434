#include "experiment/run/exported_times.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace latentcrs {
namespace {

constexpr int64_t kMicroseconds = 1'000'000;
constexpr int64_t kFloatHolds = int64_t{1} << 24;
/// pandas counts nanoseconds in 64 bits: it holds the years 1678 to 2261.
constexpr int64_t kLargestDate = int64_t{9'000'000'000} * kMicroseconds;

/// Calls visit(begin, end) for the interactions of every user.
template <class Visit>
void for_each_sequence(const Interactions& interactions, Visit visit) {
  for (size_t u = 0; u + 1 < interactions.offsets.size(); ++u)
    visit(static_cast<size_t>(interactions.offsets[u]), static_cast<size_t>(interactions.offsets[u + 1]));
}

std::vector<int64_t> places(const Interactions& interactions) {
  std::vector<int64_t> numbers;
  for_each_sequence(interactions, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) numbers.push_back(static_cast<int64_t>(i - begin) + 1);
  });
  return numbers;
}

/// Whether there are times, and users' sequences are in their order.
bool times_are_in_order(const ExportedRun& run) {
  bool in_order = !run.times.empty();
  for_each_sequence(run.interactions, [&](size_t begin, size_t end) {
    in_order = in_order && std::is_sorted(run.times.begin() + static_cast<ptrdiff_t>(begin),
                                          run.times.begin() + static_cast<ptrdiff_t>(end));
  });
  return in_order;
}

/// Makes the numbers of a user grow: one that does not becomes the one before and 1 more.
void make_grow(std::vector<int64_t>& numbers, const Interactions& interactions) {
  for_each_sequence(interactions, [&](size_t begin, size_t end) {
    for (size_t i = begin + 1; i < end; ++i) numbers[i] = std::max(numbers[i], numbers[i - 1] + 1);
  });
}

}  // namespace

RecBoleTimes recbole_times(const ExportedRun& run) {
  if (!times_are_in_order(run)) return {.numbers = places(run.interactions)};
  const auto [first, last] = std::minmax_element(run.times.begin(), run.times.end());
  const int64_t first_second = *first / kMicroseconds - (*first % kMicroseconds < 0);
  const int64_t span = *last / kMicroseconds - first_second;
  for (int64_t unit = span / kFloatHolds + 1; unit <= 2 * (span + 1); unit *= 2) {
    RecBoleTimes times{.numbers = {}, .seconds_of_unit = unit, .first_second = first_second};
    for (const int64_t time : run.times)
      times.numbers.push_back((time - first_second * kMicroseconds) / (unit * kMicroseconds) + 1);
    make_grow(times.numbers, run.interactions);
    if (*std::max_element(times.numbers.begin(), times.numbers.end()) < kFloatHolds) return times;
  }
  return {.numbers = places(run.interactions)};
}

std::vector<std::string> dates_for_pandas(const ExportedRun& run) {
  std::vector<int64_t> times = run.times;
  const bool can_be_held =
      std::all_of(times.begin(), times.end(), [](int64_t time) { return time > -kLargestDate && time < kLargestDate; });
  if (!times_are_in_order(run) || !can_be_held) {
    constexpr int64_t kSecondsOf2000 = 946'684'800;
    times = places(run.interactions);
    for (int64_t& time : times) time = (kSecondsOf2000 + time) * kMicroseconds;
  }
  make_grow(times, run.interactions);
  // pandas takes the form of the first date for that of all.
  const bool whole = std::all_of(times.begin(), times.end(), [](int64_t time) { return time % kMicroseconds == 0; });
  std::vector<std::string> dates;
  for (const int64_t time : times) {
    const int64_t rest = (time % kMicroseconds + kMicroseconds) % kMicroseconds;
    std::string date = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime((time - rest) / kMicroseconds));
    if (!whole) date += fmt::format(".{:06}", rest);
    dates.push_back(std::move(date));
  }
  return dates;
}

}  // namespace latentcrs
