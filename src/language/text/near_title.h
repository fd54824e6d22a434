// When two titles are nearly the same: the one rule of the leak check and of finding a misspelled title.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace latentcrs {

/// Bytes that a title must have to be looked for with mistakes: a shorter one has too many neighbours.
inline constexpr size_t kShortestFuzzyTitle = 8;

/// The largest edit distance at which two titles, the longer of `longer` bytes, have an edit similarity
/// 1 - distance / longer of at least `ratio`, in [0, 1].
size_t allowed_edits(size_t longer, double ratio);

/// The numbers among the words of `text`, which single spaces separate, in digits or Roman ("part 2", "part ii"): they
/// tell the parts of a series apart.
std::string numbers_of(std::string_view text);

/// The edit distance of two titles, written as TitleForm::words, if their edit similarity is at least `ratio` and their
/// numbers are the same; nullopt otherwise.
std::optional<size_t> near_title_distance(std::string_view a, std::string_view b, double ratio);

}  // namespace latentcrs
