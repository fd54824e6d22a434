#include "datasets/data/sequence_times.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "datasets/data/printable.h"
#include "datasets/data/record_times.h"

namespace latentcrs {
namespace {

/// Takes the text up to the next of `separators` off `rest`.
std::string_view take_word(std::string_view& rest, std::string_view separators) {
  const std::string_view word = rest.substr(0, rest.find_first_of(separators));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

[[noreturn]] void throw_other_users(const std::string& where) {
  throw data_error(fmt::format(
      "{}: the times are not those of the dataset's users and their items: run `latentcrs preprocess`", where));
}

}  // namespace

std::string seconds_text(int64_t time, int64_t ticks_per_second) {
  const int64_t whole = time / ticks_per_second, part = time % ticks_per_second;
  if (part == 0) return std::to_string(whole);
  constexpr int64_t kMicroseconds = 1'000'000;
  std::string text = fmt::format("{}{}.{:06}", time < 0 ? "-" : "", std::abs(whole),
                                 std::abs(part) * (kMicroseconds / ticks_per_second));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::vector<int64_t> read_sequence_times(const fs::path& path, const Interactions& interactions) {
  LineReader lines(path);
  std::vector<int64_t> times;
  times.reserve(interactions.items.size());
  int64_t user = 0;
  for (std::string_view line; lines.next(line); ++user) {
    std::string_view rest = line;
    const std::string_view id = take_word(rest, "\t");
    if (user == interactions.num_users() || id != std::to_string(interactions.user_ids[static_cast<size_t>(user)]))
      throw_other_users(lines.where());
    while (!rest.empty()) {
      const std::string_view word = take_word(rest, " ");
      const std::optional<int64_t> time = parse_time(word, TimeUnit::seconds);
      if (!time) throw data_error(fmt::format("{}: '{}' is no time in seconds", lines.where(), printable(word)));
      times.push_back(*time);
    }
    if (static_cast<int64_t>(times.size()) != interactions.offsets[static_cast<size_t>(user) + 1])
      throw_other_users(lines.where());
  }
  if (user != interactions.num_users()) throw_other_users(path.string());
  return times;
}

}  // namespace latentcrs
