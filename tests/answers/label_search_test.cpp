#include "language/answers/label_search.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <vector>

#include "language/answers/characters.h"

using namespace latentcrs;

namespace {

/// The table of distances, row by row.
size_t plain_distance(const std::u32string& a, const std::u32string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

NearestLabel plainly_nearest(const std::vector<std::u32string>& labels, const std::u32string& text) {
  NearestLabel best{0, plain_distance(labels[0], text)};
  for (size_t i = 1; i < labels.size(); ++i)
    if (const size_t distance = plain_distance(labels[i], text); distance < best.distance) best = {i, distance};
  return best;
}

std::u32string random_text(std::mt19937& random, size_t longest, char32_t letters) {
  std::u32string text(random() % (longest + 1), U'a');
  for (char32_t& c : text) c = U'a' + static_cast<char32_t>(random() % letters);
  return text;
}

}  // namespace

TEST_CASE("the nearest label is found by characters, ties by the first label", "[label_search]") {
  const LabelSearch search({U"heat", U"heart", U"am\u00E9lie", U"hear", U"heat"});
  CHECK(search.nearest(U"heat").label == 0);
  CHECK(search.nearest(U"heat").distance == 0);
  CHECK(search.nearest(U"hea").label == 0);  // 1 from heat and from hear
  CHECK(search.nearest(U"heaart").label == 1);
  CHECK(search.nearest(U"amelie").label == 2);
  CHECK(search.nearest(U"amelie").distance == 1);  // é is one character, of two bytes
  CHECK(search.nearest(U"").label == 0);           // 4 from heat and hear
  CHECK(search.nearest(U"").distance == 4);
  CHECK(search.nearest(std::u32string(200, U'z')).distance == 200);  // of the longest label each letter is replaced
}

TEST_CASE("every search has the distance and the label that the whole table of distances gives", "[label_search]") {
  std::mt19937 random(7);
  for (const size_t longest : {size_t{4}, size_t{20}, size_t{70}, size_t{200}}) {
    std::vector<std::u32string> labels;
    for (int i = 0; i < 60; ++i) labels.push_back(random_text(random, longest, 3 + i % 40));
    const LabelSearch search(labels);
    for (int i = 0; i < 60; ++i) {
      std::u32string text = random_text(random, longest, 30);
      if (i % 2 == 0) {  // a label with a few mistakes
        text = labels[random() % labels.size()];
        for (int mistake = 0; mistake < 3 && !text.empty(); ++mistake)
          text[random() % text.size()] = U'a' + random() % 9;
      }
      const NearestLabel found = search.nearest(text), expected = plainly_nearest(labels, text);
      CAPTURE(longest, utf8_of(text));
      CHECK(found.distance == expected.distance);
      CHECK(found.label == expected.label);
    }
  }
}

TEST_CASE("characters, lower case, spaces and brackets are those of Unicode", "[label_search]") {
  CHECK(utf8_of(characters_of("A\u00E9\u20AC\U0001F600")) == "A\u00E9\u20AC\U0001F600");
  CHECK(characters_of("a\xFF") == U"a\uFFFD");
  CHECK(lower_characters(U"\u00C9lodie \u014C \u0416 \u0394 Z9") == U"\u00E9lodie \u014D \u0436 \u03B4 z9");
  CHECK(squeezed(U"\t a \u00A0 b\n") == U"a b");
  CHECK(without_brackets(U"Heat (1995) x") == U"Heat  x");
  CHECK(without_brackets(U"a (b (c) d) e") == U"a (b  d) e");
  CHECK(without_brackets(U"a) (b") == U"a) (b");
}
