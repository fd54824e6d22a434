#include "base/config/nearest.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/util/edit_distance.h"

namespace latentcrs {

namespace {

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

size_t difference(std::string_view word, std::string_view known) {
  constexpr size_t kWrongSection = 2;
  return std::min(typing_distance(word, known), typing_distance(last_part(word), last_part(known)) + kWrongSection);
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  size_t least = std::numeric_limits<size_t>::max();
  std::string best;
  for (const std::string& candidate : known) {
    const size_t distance = difference(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  const size_t allowed = std::max(size_t{2}, last_part(word).size() / 3);
  return least <= allowed ? best : "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string best = nearest(word, known);
  return best.empty() ? "" : "did you mean " + best + "?";
}

}  // namespace latentcrs
