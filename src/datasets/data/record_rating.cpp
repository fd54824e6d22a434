#include "datasets/data/record_rating.h"

#include <charconv>
#include <cmath>
#include <string>

#include "base/util/text.h"

namespace latentcrs {

std::optional<double> parse_rating(std::string_view text) {
  std::string number(trimmed(text));
  const size_t comma = number.find(',');
  if (comma != std::string::npos && number.size() - comma <= 3) number[comma] = '.';
  double rating = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), rating);
  const bool whole = failure == std::errc{} && end == number.data() + number.size();
  return whole && std::isfinite(rating) ? std::optional(rating) : std::nullopt;
}

}  // namespace latentcrs
