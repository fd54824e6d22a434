#include "base/util/edit_distance.h"

#include <catch2/catch.hpp>
#include <string>

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
