#include "base/util/edit_distance.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace latentcrs;

TEST_CASE("insertions, deletions and replacements are counted", "[edit_distance]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);   // k/s, e/i, + g
  CHECK(edit_distance("sunday", "saturday") == 3);  // + a, + t, n/r
  CHECK(edit_distance("abcd", "bcda") == 2);        // - a, + a
  CHECK(edit_distance("ab", "ba") == 2);
}

TEST_CASE("above the limit any larger number is returned, up to it the distance", "[edit_distance]") {
  CHECK(edit_distance("kitten", "sitting", 3) == 3);
  CHECK(edit_distance("kitten", "sitting", 2) > 2);
  CHECK(edit_distance("abcdef", "ghijkl", 0) > 0);
  CHECK(edit_distance("abcd", "bcda", 0) > 0);  // the same letters in another order
  CHECK(edit_distance("abc", "abc", 0) == 0);
}

namespace {

/// The definition: the fewest edits that make the ends of both texts alike.
size_t defined_distance(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return std::max(a.size(), b.size());
  const size_t replaced = defined_distance(a.substr(1), b.substr(1)) + (a[0] != b[0] ? 1 : 0);
  return std::min({replaced, defined_distance(a.substr(1), b) + 1, defined_distance(a, b.substr(1)) + 1});
}

/// All texts of at most `length` letters out of a and b.
std::vector<std::string> texts_up_to(size_t length) {
  std::vector<std::string> texts{""};
  for (size_t i = 0; texts[i].size() < length; ++i) {
    texts.push_back(texts[i] + "a");
    texts.push_back(texts[i] + "b");
  }
  return texts;
}

}  // namespace

TEST_CASE("every limit gives the distance or more than the limit", "[edit_distance]") {
  for (const std::string& a : texts_up_to(4))
    for (const std::string& b : texts_up_to(4)) {
      const size_t distance = defined_distance(a, b);
      INFO("'" << a << "' and '" << b << "', " << distance);
      for (size_t limit = 0; limit < 6; ++limit) {
        const size_t found = edit_distance(a, b, limit);
        CHECK((distance <= limit ? found == distance : found > limit));
      }
      CHECK(edit_distance(a, b) == distance);
    }
}

TEST_CASE("for typing mistakes two letters exchanged are one edit", "[edit_distance]") {
  CHECK(typing_distance("ab", "ba") == 1);
  CHECK(typing_distance("flase", "false") == 1);
  CHECK(typing_distance("epohcs", "epochs") == 1);
  CHECK(typing_distance("kitten", "sitting") == 3);
  CHECK(typing_distance("abcd", "badc") == 2);
  CHECK(typing_distance("ca", "abc") == 3);  // no part is edited twice: not swap (1) and insert between (1)
  CHECK(typing_distance("", "ab") == 2);
  CHECK(typing_distance("ab", "") == 2);
}
