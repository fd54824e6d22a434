#include "config/nearest.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace latentcrs {

namespace {

/// Edits that turn `a` into `b`: insert, delete, replace, or swap two neighbours (optimal string alignment).
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

int difference(std::string_view word, std::string_view known) {
  constexpr int kWrongSection = 2;
  return std::min(edit_distance(word, known), edit_distance(last_part(word), last_part(known)) + kWrongSection);
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  int least = std::numeric_limits<int>::max();
  std::string best;
  for (const std::string& candidate : known) {
    const int d = difference(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  const int allowed = std::max(2, static_cast<int>(last_part(word).size()) / 3);
  return least <= allowed ? best : "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string best = nearest(word, known);
  return best.empty() ? "" : "did you mean " + best + "?";
}

}  // namespace latentcrs
